"""Everybody who looks on while card numbers are keyed: a signed-in person with the API, the console's pages and a
websocket, and a caller with a card. What each of them was shown is kept, to be searched."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.error import HTTPError

import httpx
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from designer.sandbox.carrier import Account, Carrier, CarrierError, Script
from designer.sandbox.demo import DESTINATION
from tests.stories.canary import Canary
from tests.stories.canary_plan import NUMBER

MOMENTS = 15.0  # seconds in which what was told must have arrived everywhere


class Onlooker:
    """A person signed in, and every byte the server answered."""

    def __init__(self, address: str, manage: Callable[..., str]) -> None:
        self.http = httpx.Client(base_url=address, timeout=30, trust_env=False)
        self.answers: dict[str, list[str]] = {}
        self.frames: list[str] = []
        self.calls: list[str] = []  # ids of those that were followed
        link = re.search(r"/signin/\S+", manage("signin", "owner"))
        assert link
        csrf = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.http.get(link[0]).text)
        assert csrf
        self.http.post(link[0], data={"csrfmiddlewaretoken": csrf[1]}, headers={"Origin": address})
        assert self.http.get("/api/v1/session").status_code == 200
        cookies = "; ".join(f"{name}={value}" for name, value in self.http.cookies.items())
        self._open = ExitStack()
        self.socket = self._open.enter_context(
            connect(
                address.replace("http", "ws", 1) + "/ws/", origin=address, proxy=None, max_size=None,
                additional_headers={"Cookie": cookies},
            )
        )  # fmt: skip
        self._asked = ["calls"]
        self._say("calls")
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def close(self) -> None:
        self._open.close()
        self._listener.join(5)
        self.http.close()

    def get(self, sink: str, address: str, status: int = 200) -> Any:
        """Fetch it and keep the answer; its JSON where it has one."""
        answer = self.http.get(address, follow_redirects=True)
        assert answer.status_code == status, f"{address}: {answer.status_code} {answer.text[:500]}"
        self.answers.setdefault(sink, []).append(f"{answer.headers}\n{answer.text}")
        return answer.json() if "json" in answer.headers.get("content-type", "") else answer.text

    def live(self) -> list[str]:
        """Ids of the calls that are live."""
        return [row["id"] for row in self.get("api: calls", "/api/v1/calls?state=live")["results"]]

    def watch(self, call: str) -> None:
        """Follow this call as well."""
        topic = f"call:{call}"
        if topic not in self._asked:
            self._asked.append(topic)
            self.calls.append(call)
            self._say(topic)

    def saw(self, call: str, kind: str) -> bool:
        """Whether a frame told this event of the call."""
        return any(f'"call:{call}"' in frame and f'"kind":"{kind}"' in frame for frame in list(self.frames))

    def _say(self, topic: str) -> None:
        self.socket.send(json.dumps({"type": "subscribe", "topic": topic, "after": 0}))

    def _listen(self) -> None:
        try:
            for frame in self.socket:
                self.frames.append(frame if isinstance(frame, str) else frame.decode())
        except ConnectionClosed:
            return

    def sinks(self) -> dict[str, str]:
        """Everything shown so far, by where."""
        calls = [frame for frame in self.frames if '"topic":"calls"' in frame]
        shown = {name: "\n".join(answers) for name, answers in self.answers.items()}
        others = [frame for frame in self.frames if '"topic":"calls"' not in frame]
        return {**shown, "socket: call": "\n".join(others), "socket: calls": "\n".join(calls)}


class Caller(Carrier):
    """A caller who is looked at whenever the line gets a new document, and keys a card number on the payment system's
    handset that it does not take, before the one that pays."""

    def __init__(self, account: Account, onlooker: Onlooker, dialled: str, keys: list[str], card: str = "") -> None:
        super().__init__(account, dialled, Script(keys), inspect=lambda ncco: self.looked_at())
        self.onlooker, self.card = onlooker, card
        self.call = ""
        self.refused = 0

    def looked_at(self) -> None:
        """While the call waits: followed over the socket, and its picture fetched."""
        if not self.call:
            # One call at a time is live here: it is this one.
            (self.call,) = self.onlooker.live()
            self.onlooker.watch(self.call)
        self.onlooker.get("api: call", f"/api/v1/calls/{self.call}")
        self.onlooker.get("admin", f"/admin/callplans/call/{self.call}/change/")

    def _pay(self, number: str, clid: str) -> None:
        line = f"{self.account.base_url}/sandbox/line"
        opened = self._send(f"{line}/open", json.dumps({"number": number, "clid": clid}).encode(), {})
        try:
            self._send(f"{line}/{opened['line']}", json.dumps({"do": "card", "number": self.card}).encode(), {})
        except HTTPError as error:
            error.close()
            self.refused += 1
        self.looked_at()
        super()._pay(number, clid)

    def play(self) -> Any:
        """The call, and until the onlooker has seen its end."""
        moments = super().play()
        until = time.monotonic() + MOMENTS
        while not (self.onlooker.saw(self.call, "ended") and self.call not in self.onlooker.live()):
            assert time.monotonic() < until, f"the end of the call was not told: {self.onlooker.frames[-3:]}"
            time.sleep(0.1)
        return moments


@dataclass
class Canaries:
    """One number for each way in, so that a finding says which way it came."""

    whole: Canary  # into a prompt that takes 16 digits
    parts: Canary  # over two prompts that take 8
    again: Canary  # 16 digits into the demo plan's prompt of 8: the rest answers the next time it asks
    safe: Canary  # collected securely
    leg: Canary  # on the payment line's handset
    strange: Canary  # in requests that are refused, and in addresses that do not exist
    said: dict[str, list[str]] = field(default_factory=dict)

    def all(self) -> dict[str, Canary]:
        return {name: value for name, value in vars(self).items() if isinstance(value, Canary)}


def play_all(account: Account, onlooker: Onlooker, canaries: Canaries) -> None:
    """Every way a card number comes in, one call after the other."""
    first, second = canaries.parts.halves
    whole = Caller(account, onlooker, NUMBER, ["1", f"{canaries.whole.number}#", "1"])
    parts = Caller(account, onlooker, NUMBER, ["2", f"{first}#", f"{second}#", "1"])
    gone = Caller(account, onlooker, NUMBER, ["1", f"{canaries.whole.number}#", "hangup"])
    safe = Caller(account, onlooker, NUMBER, ["3", f"{canaries.safe.number}#", "1"])
    again = Caller(account, onlooker, DESTINATION, [f"{canaries.again.number}#", "hangup"])
    leg = Caller(account, onlooker, DESTINATION, ["44170921#", "1"], card=canaries.leg.spaced)
    for caller, name in (
        (whole, "whole"),
        (parts, "parts"),
        (gone, "gone"),
        (safe, "safe"),
        (again, "again"),
        (leg, "leg"),
    ):
        caller.play()
        canaries.said[name] = caller.said
        onlooker.get("api: call", f"/api/v1/calls/{caller.call}")
        onlooker.get("admin", f"/admin/callplans/call/{caller.call}/change/")
    assert leg.refused == 1, "the card was to be keyed on the handset, and not taken"


def refused(account: Account, onlooker: Onlooker, canary: Canary) -> None:
    """The number in what is refused: forged, malformed and unknown addresses, and what people type into the address.
    The answers are kept."""
    number = canary.number
    hooks = f"/hooks/vonage/{account.connection}"
    keyed = {"dtmf": {"digits": number, "timed_out": False}, "from": number, "uuid": number, "status": number}
    asked: list[tuple[str, Any]] = [
        (f"{hooks}/answer", keyed),
        (f"{hooks}/event?card={number}", keyed),
        (f"{hooks}/{onlooker.calls[0]}/{number}", keyed),
        (f"/hooks/vonage/{number}/answer", keyed),
        (f"/hooks/{number}/{account.connection}/answer", keyed),
        (f"/sandbox/line/{number}", {"do": "card", "number": number}),
        (f"/api/v1/plans/{number}/operations", {"card": number}),
        (f"/sandbox/nothing/{number}", None),
        (f"/{number}", None),
        (f"/nothing/{canary.spaced}", None),
        (f"/api/v1/nothing/{number}", None),
    ]
    for address, body in asked:
        answer = onlooker.http.get(address) if body is None else onlooker.http.post(address, json=body)
        assert answer.status_code in (403, 404), f"{address}: {answer.status_code}"
        onlooker.answers.setdefault("refusals", []).append(f"{answer.headers}\n{answer.text}")
    caller = Carrier(account, DESTINATION, Script())
    signed: list[Any] = [{"from": number, "to": number, "uuid": "1"}, {"uuid": {"card": number}}, {"uuid": number}]
    for said in signed:  # and still no call of ours
        with suppress(CarrierError):
            caller.post(f"{account.base_url}{hooks}/answer", said)
            caller.post(f"{account.base_url}{hooks}/event", said)


def pages(onlooker: Onlooker, plan: str, version: str) -> None:
    """What else the product shows of plans and calls, and of what is not there."""
    get = onlooker.get
    for address in ("", f"/{plan}", f"/{plan}/draft", f"/{plan}/versions", f"/{plan}/impact"):
        get("api: plans", f"/api/v1/plans{address}")
    for address in ("versions/" + version, "destinations", "session"):
        get("api: plans", f"/api/v1/{address}")
    get("api: calls", "/api/v1/calls")
    for address in ("", "callplans/call/", "callplans/refusal/", "callplans/plan/"):
        get("admin: lists", f"/admin/{address}")
    get("error pages", "/calls-that-are-not", 404)
    get("error pages", f"/api/v1/calls/{version}", 404)
    get("error pages", "/api/v1/calls/nothing", 404)
