"""What the record may say of waits and inputs: kinds, lengths, times and masked labels, never a value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from callplans.engine import words
from callplans.engine.call import seconds_to_say
from callplans.engine.words import Input, Sound, Wait

if TYPE_CHECKING:
    from callplans.engine.call import CallView


def asked_data(call: CallView, wait: Wait) -> dict[str, Any]:
    """Data of an `asked` event. `seconds`: how long it may take at most, from when the caller has heard everything;
    `speaking`: about how long that is from now."""
    data: dict[str, Any] = {"what": getattr(wait, "kind", "")}
    match wait:
        case words.Gather():
            data |= {"seconds": round(wait.first + wait.between * (wait.most - 1), 1), "first": wait.first}
            data |= {"most": wait.most, "sealed": wait.sealed, "speaking": _speaking(call, wait.prompts)}
        case words.Dial():
            data["seconds"] = wait.ring + (wait.talk or 0)
            if wait.private:
                data |= {"private": True, "to": "payment line"}
            else:
                data |= {"to": call.scrub(wait.to), "speaking": _speaking(call)}
        case words.Fetch():
            data |= {"seconds": wait.seconds, "label": call.scrub(wait.label), "effect": wait.n}
        case words.Record():
            data |= {"seconds": wait.seconds, "speaking": _speaking(call)}
        case words.Recording():
            data["do"] = wait.do
    return data


def heard_data(call: CallView, wait: Wait, heard: Input, since: float) -> dict[str, Any]:
    """Data of a `heard` event. `seconds` of a web service: how long its answer took."""
    data: dict[str, Any] = {"what": getattr(heard, "kind", "")}
    match heard:
        case words.Keys():
            data |= {"length": len(heard.digits), "ended_by": heard.ended_by}
        case words.Speech():
            data |= {"length": len(heard.text), "confidence": heard.confidence}
        case words.Recorded():
            data["seconds"] = heard.seconds
        case words.RecordingChanged():
            data["ok"] = heard.ok
        case words.DialEnded():
            private = isinstance(wait, words.Dial) and wait.private
            data |= {"private": True} if private else {"outcome": heard.outcome}
            # Not every provider says how long they talked: then it is the time since the call was placed.
            unsaid = heard.outcome == "talked" and not heard.seconds
            data["seconds"] = round(max(0.0, heard.at - since), 1) if unsaid else heard.seconds
        case words.Fetched():
            data |= {"status": heard.status, "error": heard.error, "issues": [call.scrub(i) for i in heard.issues]}
            data |= {"seconds": round(max(0.0, heard.at - since), 3), "effect": heard.effect}
        case words.Answered():
            data["error"] = call.scrub(heard.error)
        case words.Trouble():
            data["why"] = call.scrub(heard.why)
    return data


def _speaking(call: CallView, prompts: list[Sound] | None = None) -> float:
    sounds = [c for c in call.commands if isinstance(c, Sound)] + (prompts or [])
    said = (s.seconds if s.seconds is not None else seconds_to_say(s.text or "") for s in sounds)
    return round(sum(said), 1)
