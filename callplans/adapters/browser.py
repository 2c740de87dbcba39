"""The browser phone: a provider like the others, whose telephone is the page.

Every webhook is signed with the call's own key: `X-Phone-Signature: hex(HMAC-SHA256(key, METHOD + "\\n" + path with
query + "\\n" + raw body))`. A document is {"call": id, "commands": [...]}; addresses in it are paths of the same
origin. The phone keeps the times of a gather itself and sends whole answers. A connection's secrets: {key}.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import math
import re
from typing import Any, ClassVar, Literal, TypeGuard, get_args
from urllib.parse import urlsplit

from callplans.engine.adapter import (
    TERMINAL,
    Adapter,
    Document,
    Gone,
    Heard,
    Hook,
    Leg,
    Links,
    Malformed,
    Noted,
    Nothing,
    Read,
    Request,
    Start,
    Status,
    Verdict,
    adapters,
)
from callplans.engine.call import seconds_to_say
from callplans.engine.words import (
    Dial,
    DialEnded,
    Drain,
    Gather,
    HangUp,
    Keys,
    Outcome,
    Played,
    Record,
    Recording,
    Silence,
    Sound,
    Trouble,
    Wait,
    clean,
)

_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_RANKS: dict[str, int] = {"initiated": 1, "ringing": 2, "answered": 3}
CANNOT_RECORD = "The browser phone does not record."


@adapters.add
class Browser(Adapter):
    """The phone in the page."""

    provider: ClassVar[str] = "browser"
    title: ClassVar[str] = "Browser phone"
    can: ClassVar[dict[str, str]] = {
        "dtmf": "yes",
        "barge_in": "yes",
        "present_own": "yes",
        "present_any": "yes",
        "speech": "The browser phone has a keypad, but does not listen.",
        "pause_recording": CANNOT_RECORD,
        "record": CANNOT_RECORD,
        "whisper": "The browser phone has nobody to whisper to.",
    }
    hold_after: ClassVar[float] = 2.0

    def check(self, hook: Hook, secrets: dict[str, Any], settings: dict[str, Any]) -> Verdict:
        stated = hook.headers.get("x-phone-signature", "")
        if not stated:
            return Verdict(False, "unsigned")
        key = str(secrets.get("key") or "")
        if not key or not hmac.compare_digest(signature(key, hook).encode(), stated.encode("utf-8", "replace")):
            return Verdict(False, "bad_signature")
        return Verdict(True)

    def start(self, hook: Hook) -> Start | Malformed:
        said = _fields(hook)
        if isinstance(said, Malformed):
            return said
        id = _text(said.get("call"))
        if not re.fullmatch(r"[0-9A-Za-z-]{8,64}", id):
            return Malformed("The webhook names no call.")
        clid = _text(said.get("from"))
        return Start(id, clid if _E164.fullmatch(clid) else None, _text(said.get("to")), Leg(id))

    def event(self, hook: Hook) -> Read:
        """{call, status, by, at}: the phone's own call only."""
        said = _fields(hook)
        if isinstance(said, Malformed):
            return said
        call, status = _text(said.get("call")), _text(said.get("status"))
        if not _is_status(status):
            return Nothing(f"status {status}")
        note = Noted(key=f"{call}:{status}", status=status, rank=_RANKS.get(status, 9), call=call)
        return Gone("caller", call, note) if status in TERMINAL else note

    def read(self, hook: Hook, wait: Wait | None, memo: dict[str, Any], links: Links) -> Read:
        said = _fields(hook)
        if isinstance(said, Malformed):
            return said
        what = said.get("input")
        if isinstance(wait, Gather) and what == "silence":
            return Heard(Silence(at=hook.now))
        if isinstance(wait, Gather) and what == "keys":
            return _keys(said, wait, hook.now)
        if isinstance(wait, Dial) and what == "dial_ended":
            return _dial_ended(said, hook.now)
        if isinstance(wait, Drain) and what == "played":
            return Heard(Played(at=hook.now))
        if isinstance(wait, (Record, Recording)) and what == "played":
            return Heard(Trouble(at=hook.now, why=CANNOT_RECORD))
        if what in ("keys", "silence", "dial_ended", "played", "again"):
            return Nothing(str(what))
        return Malformed("The phone said something that is no input.")

    def reply(self, commands: list[Any], links: Links, settings: dict[str, Any]) -> Document:
        made: list[dict[str, Any]] = []
        for command in commands:
            made += _commands(command, links)
        return _document(made, links)

    def hold(self, commands: list[Any], links: Links, settings: dict[str, Any]) -> Document:
        said = [_say(command, command.barge_in) for command in commands if isinstance(command, Sound)]
        return _document([*said, {"do": "again", "after": links.after, "url": _path(links.again)}], links)

    def carry_on(self) -> Document:
        return _document([{"do": "carry_on"}], Links())

    def act(self, command: Any, leg: Leg, settings: dict[str, Any]) -> list[Request]:
        """The page is told by the websocket it watches; there is nobody to send a request to."""
        return []


def signature(key: str, hook: Hook) -> str:
    """Hex of the HMAC that this webhook must carry."""
    signed = f"{hook.method}\n{_path(hook.url)}\n".encode("utf-8", "surrogatepass") + hook.body
    return hmac.new(key.encode(), signed, hashlib.sha256).hexdigest()


def _path(url: str) -> str:
    """Path with query: what both sides know, whatever name the page calls the server by."""
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def _document(commands: list[dict[str, Any]], links: Links) -> Document:
    """The call's id is the last but one part of its own callback addresses."""
    parts = urlsplit(links.wait or links.again).path.split("/")
    body = {"call": parts[-2] if len(parts) > 2 else "", "commands": commands}
    return Document(json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode())


def _commands(command: Any, links: Links) -> list[dict[str, Any]]:
    url = _path(links.wait)
    match command:
        case Sound():
            return [_say(command, command.barge_in)]
        case Gather():
            said = [_say(prompt, prompt.barge_in or command.barge_in) for prompt in command.prompts]
            asked = ("most", "least", "finish", "first", "between", "barge_in", "sealed")
            return [*said, {"do": "gather", **{name: getattr(command, name) for name in asked}, "url": url}]
        case Dial():
            whom = ("to", "present", "via", "ring", "talk", "private")
            return [{"do": "dial", **{name: getattr(command, name) for name in whom}, "url": url}]
        case HangUp():
            return [{"do": "hang_up", "reason": command.reason}]
    # Drain; and what the phone cannot do: that comes straight back, and `read` makes the wait's failure of it.
    return [{"do": "drain", "url": url}]


def _say(sound: Sound, barge_in: bool) -> dict[str, Any]:
    """`seconds`: about how long it takes to say; the phone goes on by it, never by the browser's speech events."""
    text = clean(sound.text or "")
    return {
        "do": "say",
        "text": text,
        "file": sound.file,
        "seconds": sound.seconds if sound.seconds is not None else seconds_to_say(text),
        "barge_in": barge_in,
        "language": sound.language,
        "voice": sound.voice,
    }


def _fields(hook: Hook) -> dict[str, Any] | Malformed:
    if hook.method != "POST":
        return Malformed("The browser phone posts.")
    try:
        said = json.loads(hook.body)
    except (ValueError, RecursionError):
        return Malformed("The body is not JSON.")
    return said if isinstance(said, dict) else Malformed("The body is not a JSON object.")


def _keys(said: dict[str, Any], gather: Gather, now: float) -> Read:
    digits, ended_by = said.get("digits"), said.get("ended_by", "full")
    if not isinstance(digits, str) or not re.fullmatch(r"[0-9*#]*", digits):
        return Malformed("digits may hold 0-9, * and # only.")
    if ended_by not in ("full", "finish_key", "pause"):
        return Malformed("ended_by is full, finish_key or pause.")
    digits = digits[: gather.most]
    if len(digits) < gather.least:
        return Heard(Silence(at=now))
    ends: Literal["full", "finish_key", "pause"] = ended_by
    return Heard(Keys(at=now, digits=digits, ended_by=ends))


def _dial_ended(said: dict[str, Any], now: float) -> Read:
    outcome, seconds = said.get("outcome"), said.get("seconds", 0)
    if not _is_outcome(outcome):
        return Malformed(f"outcome is one of {', '.join(get_args(Outcome))}.")
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)) or not math.isfinite(seconds):
        seconds = 0.0
    seconds = min(max(float(seconds), 0.0), 86_400.0)
    return Heard(DialEnded(at=now, outcome=outcome, seconds=seconds, reason=_text(said.get("reason"))))


def _is_status(value: object) -> TypeGuard[Status]:
    return value in get_args(Status)


def _is_outcome(value: object) -> TypeGuard[Outcome]:
    return value in get_args(Outcome)


def _text(value: Any) -> str:
    return clean(value).strip()[:500] if isinstance(value, str) else ""
