"""Vonage's webhooks read: the first one of a call, inputs, the ends of what was asked, and status events."""

from __future__ import annotations

import json
import math
import re
from typing import Any, Literal

from callplans.adapters.vonage import ncco
from callplans.adapters.vonage.numbers import call_id, ours, region
from callplans.engine.adapter import (
    TERMINAL,
    Again,
    Gone,
    Heard,
    Hook,
    Leg,
    Links,
    Malformed,
    Noted,
    Nothing,
    Read,
    Start,
    Status,
)
from callplans.engine.words import (
    Dial,
    DialEnded,
    Drain,
    Gather,
    Keys,
    Outcome,
    Played,
    Silence,
    Speech,
    Trouble,
    Wait,
    clean,
)

STATUSES: dict[str, tuple[Status, int]] = {
    "started": ("initiated", 1),
    "ringing": ("ringing", 2),
    "answered": ("answered", 3),
    "completed": ("completed", 9),
    "busy": ("busy", 9),
    "timeout": ("no_answer", 9),
    "unanswered": ("no_answer", 9),
    "rejected": ("rejected", 9),
    "cancelled": ("cancelled", 9),
    "failed": ("failed", 9),
}
OUTCOMES: dict[str, Outcome] = {
    "busy": "busy",
    "timeout": "no_answer",
    "unanswered": "no_answer",
    "rejected": "rejected",
    "cancelled": "cancelled",
    "failed": "failed",
}
Said = dict[str, Any]


def fields(hook: Hook) -> Said | Malformed:
    """The webhook's fields: the query of a GET, the JSON object of a POST."""
    if hook.method == "GET":
        return dict(hook.query)
    try:
        said = json.loads(hook.body)
    except (ValueError, RecursionError):
        return Malformed("The body is not JSON.")
    return said if isinstance(said, dict) else Malformed("The body is not a JSON object.")


def start(hook: Hook) -> Start | Malformed:
    said = fields(hook)
    if isinstance(said, Malformed):
        return said
    id = call_id(said.get("uuid")) or _text(said.get("conversation_uuid"))[:120]
    if not id:
        return Malformed("The webhook names no call: uuid is missing.")
    leg = Leg(
        id,
        {
            "uuid": _text(said.get("uuid")),
            "conversation": _text(said.get("conversation_uuid")),
            "region": region(said.get("region_url")),
        },
    )
    return Start(id, ours(said.get("from")), ours(said.get("to")) or _text(said.get("to")), leg)


def event(hook: Hook) -> Read:
    """A webhook at the connection's event address: only what concerns a call's life is of interest there."""
    said = fields(hook)
    if isinstance(said, Malformed):
        return said
    match kind(said):
        case "status":
            return status(said)
        case "error":
            return Nothing(f"error: {_text(said.get('reason'))}")
        case other:
            return Nothing(other)


def read(hook: Hook, wait: Wait | None, memo: dict[str, Any], links: Links) -> Read:
    """A webhook at a wait's address."""
    said = fields(hook)
    if isinstance(said, Malformed):
        return said
    match kind(said):
        case "input" if isinstance(wait, Gather):
            return gathered(said, wait, memo, links, hook.now)
        case "notify":
            return notified(said["payload"], wait, hook.now)
        case "status" if isinstance(wait, Dial) and said.get("direction") != "inbound":
            return dialled(said, hook.now)
        case "status":
            return status(said)
        case "error" if wait is not None:
            return Heard(Trouble(at=hook.now, why=_text(said.get("reason"))))
        case other:
            return Nothing(other)


def kind(said: Said) -> str:
    """What a webhook is about. The order matters: an input event may carry a status beside its keys."""
    if "dtmf" in said or "speech" in said:
        return "input"
    for name, meaning in (("transcription_url", "transcription"), ("recording_url", "recording")):
        if name in said:
            return meaning
    if "conversation_uuid_to" in said or said.get("type") == "transfer":
        return "transfer"
    if isinstance(said.get("payload"), dict):
        return "notify"
    if "status" in said:
        return "status"
    return "error" if "reason" in said else "unknown"


# ---- statuses -------------------------------------------------------------------------------------------------------


def status(said: Said) -> Read:
    """A status event of any leg: noted in its order; a terminal one of the caller's own leg ends the call."""
    word = _text(said.get("status"))
    if word not in STATUSES:
        return Nothing(f"status {word}")
    meaning, rank = STATUSES[word]
    call = call_id(said.get("uuid") or said.get("call_uuid")) or _text(said.get("conversation_uuid"))[:120]
    inbound = said.get("direction") != "outbound"
    note = Noted(
        key=f"{call}:{word}",
        status=meaning,
        rank=rank,
        call=call,
        inbound=inbound,
        other_leg=not inbound,
        data=_details(said),
    )
    if inbound and meaning in TERMINAL:
        by: Literal["caller", "provider"] = "provider"
        if said.get("disconnected_by") == "user" or (meaning == "completed" and not said.get("disconnected_by")):
            by = "caller"
        return Gone(by, call, note)
    return note


def dialled(said: Said, now: float) -> Read:
    """A status event of the leg that a connect placed. Talking ends with the notify behind the connect, not here:
    an answer to `completed` is thrown away by Vonage, and when the caller hung up nobody is there to go on."""
    outcome = OUTCOMES.get(_text(said.get("status")))
    if outcome is None:
        read = status({**said, "direction": "outbound"})
        return read if isinstance(read, Noted) else Nothing("status")
    reason = _text(said.get("detail")) or _text(said.get("reason"))
    return Heard(DialEnded(at=now, outcome=outcome, seconds=_number(said.get("duration")) or 0.0, reason=reason))


def _details(said: Said) -> dict[str, Any]:
    details: dict[str, Any] = {}
    for name in ("duration", "rate", "price", "sip_code"):
        if (value := _number(said.get(name))) is not None:
            details[name] = value
    for name in ("detail", "timestamp", "start_time", "end_time", "disconnected_by", "network", "conversation_uuid"):
        if text := _text(said.get(name)):
            details[name] = text
    return details


# ---- the ends of waits ----------------------------------------------------------------------------------------------


def notified(payload: Said, wait: Wait | None, now: float) -> Read:
    """Our own notify came back: all was said, the two have talked, or we refused a command ourselves."""
    if (why := payload.get("refused")) and wait is not None:
        if isinstance(wait, Dial):
            return Heard(DialEnded(at=now, outcome="failed", reason=_text(why)))
        return Heard(Trouble(at=now, why=_text(why)))
    if isinstance(wait, Dial) and payload.get("step") == "after-dial":
        return Heard(DialEnded(at=now, outcome="talked"))
    if isinstance(wait, Drain) and payload.get("step") == "played":
        return Heard(Played(at=now))
    return Nothing("notify")


def gathered(said: Said, gather: Gather, memo: dict[str, Any], links: Links, now: float) -> Read:
    """Keys or speech of one round: the answer, or another round.

    memo: {digits: keyed so far, waited: seconds without a key at the end of the last round}.
    """
    keyed, timed_out = _dtmf(said)
    spoken = _spoken(said, now) if gather.speech and not keyed else None
    if spoken is not None:
        return Heard(spoken)

    before: str = memo.get("digits", "")
    asked = ncco.digits_asked(gather, memo)
    finish = next((place for place, digit in enumerate(keyed) if digit in gather.finish), None)
    digits = before + (keyed if finish is None else keyed[:finish])
    if len(digits) >= gather.most:
        return Heard(Keys(at=now, digits=digits[: gather.most], ended_by="full"))
    full_round = finish is None and len(keyed) >= asked
    submitted = "#" in gather.finish and not timed_out and not full_round  # the hash itself is not in the digits
    if finish is not None or submitted:
        return _enough(gather, digits, "finish_key", now)

    if keyed:
        waited = 0 if full_round else ncco.pause(gather, memo)
    else:
        waited = memo.get("waited", 0) + ncco.pause(gather, memo)
    over = waited >= (gather.between if digits else gather.first)
    if over and not full_round:
        return _enough(gather, digits, "pause", now)
    memo = {"digits": digits, "waited": waited}
    return Again(ncco.document([ncco.input_round(gather, memo, links, {})]), memo)


def _enough(gather: Gather, digits: str, ended_by: Literal["finish_key", "pause"], now: float) -> Heard:
    """Fewer keys than the plan can use count as silence; an empty finish is an answer only where none are needed."""
    if len(digits) < gather.least or (not digits and ended_by == "pause"):
        return Heard(Silence(at=now))
    return Heard(Keys(at=now, digits=digits, ended_by=ended_by))


def _dtmf(said: Said) -> tuple[str, bool]:
    """Digits, and whether the round ended by time. Old numbers send a plain string and `timed_out` beside it."""
    dtmf = said.get("dtmf")
    if isinstance(dtmf, dict):
        digits, timed_out = dtmf.get("digits"), dtmf.get("timed_out", said.get("timed_out"))
    else:
        digits, timed_out = dtmf, said.get("timed_out")
    if timed_out is None:
        timed_out = not digits
    if isinstance(timed_out, str):
        timed_out = timed_out.lower() == "true"
    return re.sub(r"[^0-9*#]", "", _text(digits))[: ncco.MOST_DIGITS], bool(timed_out)


def _spoken(said: Said, now: float) -> Speech | None:
    speech = said.get("speech")
    results = speech.get("results") if isinstance(speech, dict) else None
    found = [
        Speech(at=now, text=text, confidence=_number(result.get("confidence")) or 0.0)
        for result in (results if isinstance(results, list) else [])
        if isinstance(result, dict) and (text := _text(result.get("text")))
    ]
    return max(found, key=lambda speech: speech.confidence, default=None)


def _text(value: Any) -> str:
    return clean(str(value)).strip()[:500] if isinstance(value, (str, int, float)) else ""


def _number(value: Any) -> float | None:
    """A number that may come as a string, or not at all."""
    if isinstance(value, bool):
        return None
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None
