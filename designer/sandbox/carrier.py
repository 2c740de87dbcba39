"""A pretend Vonage: signs webhooks, plays the NCCO it gets, and lets a scripted caller key, pay, wait or hang up.

`manage.py dial` talks through it, and so do the tests that play whole calls over HTTP. It speaks to the server only as
Vonage would: by webhooks to the connection's addresses, repeated on time-outs and 429, 503, 504, then the fallback.
"""

from __future__ import annotations

import hashlib
import json
import re
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html import unescape
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import ProxyHandler, Request, build_opener

import jwt

from designer.sandbox.demo import CALLER, PAYMENT_LINE

TIMEOUT = 5.0  # seconds Vonage waits for an answer
MOST_ACTIONS = 500
CARDS = {"paid": "4111111111111111", "declined": "4000000000000002"}
PAYMENTS = ("paid", "declined", "abandoned", "fails", "hangup")
AGENTS = ("answered", "busy", "no_answer")
_BREAK = re.compile(r'<speak><break time="(\d+)ms"/></speak>')


class CarrierError(Exception):
    """The call could not be played: the server is not there, refused the signature, or gave no document."""


class _HungUp(Exception):
    """The caller put the receiver down."""


@dataclass(slots=True)
class Moment:
    """Something that happened on the line. kind: said, keyed, silent, connecting, leg, payment, ended."""

    kind: str
    text: str


@dataclass(slots=True)
class Script:
    """What the caller does. keys: one entry per time the plan listens, "44170921#", "" for silence, "hangup".
    payment: what happens on each visit to the payment line, the last one for ever; agent: the other people's lines."""

    keys: list[str] = field(default_factory=list)
    payment: list[str] = field(default_factory=lambda: ["paid"])
    agent: str = "answered"
    clid: str | None = CALLER


@dataclass(slots=True)
class Account:
    """The connection as Vonage knows it. base_url: where the server is reached, whatever its documents call it."""

    base_url: str
    connection: str
    secret: str
    api_key: str = ""


class Carrier:
    """One call. `watch` hears every Moment as it happens, `inspect` sees every NCCO; `pace` 1 waits out pauses."""

    def __init__(
        self,
        account: Account,
        dialled: str,
        script: Script,
        watch: Callable[[Moment], None] = lambda moment: None,
        inspect: Callable[[list[Any]], None] = lambda ncco: None,
        pace: float = 1.0,
    ) -> None:
        self.account, self.script, self.pace = account, script, pace
        self.watch, self.inspect = watch, inspect
        self.uuid, self.conversation = uuid.uuid4().hex, f"CON-{uuid.uuid4()}"
        self.parties = {"from": (script.clid or "anonymous").lstrip("+"), "to": dialled.lstrip("+")}
        self.hooks = f"{account.base_url.rstrip('/')}/hooks/vonage/{account.connection}"
        self.moments: list[Moment] = []
        self._keys: Iterator[str] = iter(script.keys)
        self._left = ""  # keys pressed that no input has taken yet
        self._payments = 0
        self._open = build_opener(ProxyHandler({}))  # the server is near: no proxy of the environment

    # ---- the call ---------------------------------------------------------------------------------------------------

    def play(self) -> list[Moment]:
        """The whole call: what happened on the line, in order. Raises CarrierError."""
        began = time.monotonic()
        by = "platform"
        for status in ("started", "ringing"):
            self._status(status)
        try:
            ncco = self._first()
            self._status("answered")
            self._run(ncco)
        except _HungUp:
            by = "user"
        self._note("ended", "the caller hung up" if by == "user" else "the call ended")
        self._status("completed", disconnected_by=by, duration=str(int(time.monotonic() - began)), sip_code=200)
        return self.moments

    @property
    def said(self) -> list[str]:
        return [moment.text for moment in self.moments if moment.kind == "said"]

    def _first(self) -> list[Any]:
        fields = {
            **self.parties,
            "uuid": self.uuid,
            "conversation_uuid": self.conversation,
            "region_url": "https://api-eu-3.vonage.com",
        }
        try:
            ncco = self.post(f"{self.hooks}/answer", fields)
        except TimeoutError:
            original = {"url": f"{self.hooks}/answer", "type": "answer"}
            ncco = self.post(f"{self.hooks}/fallback", {**fields, "reason": "timeout", "original_request": original})
        if not isinstance(ncco, list) or not ncco:
            raise CarrierError("The server answered the call without a document.")
        return ncco

    def _run(self, ncco: list[Any]) -> None:
        """Play actions until they run out: that is how a call ends at Vonage."""
        self.inspect(ncco)
        actions, done = list(ncco), 0
        while actions:
            action = actions.pop(0)
            done += 1
            if done > MOST_ACTIONS:
                raise CarrierError("The call does not end.")
            match action["action"]:
                case "talk":
                    self._talk(action["text"])
                    continue
                case "stream":
                    self._note("said", f"({action['streamUrl'][0]})")
                    continue
                case "input":
                    new = self._input(action)
                case "notify":
                    new = self._ask(action, {"payload": action["payload"]})
                case "connect":
                    new = self._connect(action)
                case other:
                    raise CarrierError(f"The document has an action that is not played here: {other}")
            if isinstance(new, list) and new:
                self.inspect(new)
                actions = list(new)

    # ---- actions ----------------------------------------------------------------------------------------------------

    def _talk(self, text: str) -> None:
        if pause := _BREAK.fullmatch(text):
            time.sleep(int(pause[1]) / 1000 * self.pace)
            return
        self._note("said", unescape(text.removeprefix("<speak>").removesuffix("</speak>")))

    def _input(self, action: dict[str, Any]) -> Any:
        dtmf = action.get("dtmf", {})
        most, on_hash = dtmf.get("maxDigits", 4), dtmf.get("submitOnHash", False)
        fresh = not self._left
        pressed = self._left or next(self._keys, "")
        if pressed == "hangup":
            raise _HungUp
        digits, rest, timed_out = pressed[:most], pressed[most:], len(pressed) < most
        if on_hash and "#" in digits:
            digits, _, rest = pressed.partition("#")
            timed_out = False
        self._left = "" if rest == "#" else rest  # a hash after the last digit falls into the silence behind it
        if digits or (pressed and not timed_out):
            self._note("keyed", pressed if fresh else digits)
        else:
            self._note("silent", "says nothing")
        return self._ask(action, {"dtmf": {"digits": digits, "timed_out": timed_out}, "speech": {"results": []}})

    def _connect(self, action: dict[str, Any]) -> Any:
        endpoint = action["endpoint"][0]
        to, shown = "+" + str(endpoint.get("number", endpoint.get("uri"))), "+" + str(action.get("from", ""))
        leg = {"from": shown[1:], "to": to[1:], "uuid": uuid.uuid4().hex, "direction": "outbound"}
        private = to == PAYMENT_LINE
        self._note("connecting", f"to {'the payment line' if private else to}")
        for status in ("started", "ringing"):
            self._ask(action, {**leg, "status": status})
        if not private and self.script.agent != "answered":
            self._note("leg", self.script.agent.replace("_", " "))
            status = {"busy": "busy", "no_answer": "unanswered"}[self.script.agent]
            return self._ask(action, {**leg, "status": status})
        self._ask(action, {**leg, "status": "answered"})
        if private:
            self._pay(to, shown)
        self._note("leg", "they talked")
        self._ask(action, {**leg, "status": "completed", "duration": "12", "sip_code": 200})
        return None

    def _pay(self, number: str, clid: str) -> None:
        """The caller on the payment system's own handset: nothing of it passes through our webhooks."""
        visits = self.script.payment or ["paid"]
        what = visits[min(self._payments, len(visits) - 1)]
        self._payments += 1
        if what == "hangup":
            self._note("payment", "the caller hangs up in the payment")
            raise _HungUp
        line = f"{self.account.base_url.rstrip('/')}/sandbox/line"
        try:
            opened = self._send(f"{line}/open", json.dumps({"number": number, "clid": clid}).encode(), {})
        except HTTPError as error:
            error.close()
            self._note("payment", f"the payment line does not know a call from {clid} ({error.code})")
            return
        do = (
            {"do": "card", "number": CARDS[what]}
            if what in CARDS
            else {"do": {"abandoned": "give_up"}.get(what, "fail")}
        )
        ended = self._send(f"{line}/{opened['line']}", json.dumps(do).encode(), {})
        self._note("payment", f"{opened['amount']} {opened['currency']}: {ended['outcome'].lower()}")

    # ---- webhooks ---------------------------------------------------------------------------------------------------

    def _status(self, status: str, **more: Any) -> None:
        said = {**self.parties, "uuid": self.uuid, "status": status, "direction": "inbound", **more}
        with suppress(TimeoutError):  # a status that does not arrive stops no call
            self.post(f"{self.hooks}/event", said)

    def _ask(self, action: dict[str, Any], said: dict[str, Any]) -> Any:
        """Post to the action's address; its answer, a new NCCO or nothing."""
        target = urlsplit(action["eventUrl"][0])
        base = urlsplit(self.account.base_url)
        url = target._replace(scheme=base.scheme, netloc=base.netloc).geturl()
        try:
            return self.post(url, {"uuid": self.uuid, **said})
        except TimeoutError:
            raise CarrierError("The server was asked three times and did not answer in 5 s.") from None

    def post(self, url: str, said: dict[str, Any]) -> Any:
        """A signed webhook, repeated as Vonage does. Raises TimeoutError when the server stays silent."""
        stamp = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        body = json.dumps({**said, "conversation_uuid": self.conversation, "timestamp": stamp}).encode()
        for _ in range(3):
            try:
                return self._send(url, body, {"Authorization": f"Bearer {self.token(body)}"})
            except TimeoutError:
                continue
            except HTTPError as error:
                if error.code not in (429, 503, 504):
                    raise CarrierError(self._refusal(url, error)) from None
                time.sleep(0.2)
        raise TimeoutError

    def token(self, body: bytes) -> str:
        claims = {
            "iat": int(time.time()),
            "jti": str(uuid.uuid4()),
            "iss": "Vonage",
            "payload_hash": hashlib.sha256(body).hexdigest(),
            "api_key": self.account.api_key,
            "application_id": "00000000-0000-0000-0000-000000000000",
        }
        return jwt.encode(claims, self.account.secret, algorithm="HS256")

    def _send(self, url: str, body: bytes, headers: dict[str, str]) -> Any:
        if not url.startswith(("http://", "https://")):
            raise CarrierError(f"{url} is no web address.")
        request = Request(url, body, {"Content-Type": "application/json", **headers}, method="POST")  # noqa: S310 - checked above
        try:
            with self._open.open(request, timeout=TIMEOUT) as answer:
                text = answer.read()
        except HTTPError:
            raise
        except TimeoutError:
            raise
        except (URLError, HTTPException, ConnectionError) as error:
            if isinstance(getattr(error, "reason", None), TimeoutError):
                raise TimeoutError from None
            raise CarrierError(f"Nothing answers at {self.account.base_url}: is the server running?") from None
        try:
            return json.loads(text) if text.strip() else None
        except ValueError:
            raise CarrierError(f"{urlsplit(url).path} answered with something that is not JSON.") from None

    @staticmethod
    def _refusal(url: str, error: HTTPError) -> str:
        error.close()
        path = urlsplit(url).path
        words = {403: "refused the signature", 404: "does not exist", 400: "did not understand the webhook"}
        return f"{path} {words.get(error.code, f'answered {error.code}')} ({error.code})."

    def _note(self, kind: str, text: str) -> None:
        moment = Moment(kind, text)
        self.moments.append(moment)
        self.watch(moment)
