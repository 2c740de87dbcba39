from __future__ import annotations

import pytest

from callplans.engine.record import asked_data, heard_data
from callplans.engine.words import (
    Answered,
    Dial,
    DialEnded,
    Drain,
    Fetch,
    Fetched,
    Gather,
    Input,
    Keys,
    Record,
    Recorded,
    Recording,
    RecordingChanged,
    Silence,
    Sound,
    Speech,
    TakeNext,
    Trouble,
    Wait,
)
from tests.engine.tiny import state_after

ACCOUNT = "44170921"
PRIVATE = Dial(to="+441632960900", present="+441632960777", ring=15, talk=600, private=True)


@pytest.mark.parametrize(
    ("wait", "expected"),
    [
        (
            Gather(prompts=[Sound("a" * 14)], most=8),
            {"what": "gather", "seconds": 26.0, "first": 5.0, "most": 8, "sealed": False, "speaking": 2.0},
        ),
        (Dial(to="+442079460001", ring=15), {"what": "dial", "seconds": 15, "to": "+442079460001", "speaking": 1.0}),
        (Dial(to=ACCOUNT, ring=15), {"what": "dial", "seconds": 15, "to": "••••••••", "speaking": 1.0}),
        (PRIVATE, {"what": "dial", "seconds": 615, "private": True, "to": "payment line"}),
        (
            Fetch(method="GET", url=[], seconds=7, label=f"GET /{ACCOUNT}", n=2),
            {"what": "fetch", "seconds": 7, "label": "GET /••••••••", "effect": 2},
        ),
        (Record(name="r", seconds=20), {"what": "record", "seconds": 20, "speaking": 1.0}),
        (Recording(do="pause"), {"what": "recording", "do": "pause"}),
        (Drain(), {"what": "drain"}),
        (TakeNext(counter="c", of=2), {"what": "take_next"}),
    ],
)
def test_what_a_wait_says_of_itself(wait: Wait, expected: dict[str, object]) -> None:
    _, call = state_after(("Account", ACCOUNT, False, True))
    call.say("b" * 14)
    assert asked_data(call, wait) == expected


@pytest.mark.parametrize(
    ("heard", "expected"),
    [
        (Keys(105.0, ACCOUNT, "full"), {"what": "keys", "length": 8, "ended_by": "full"}),
        (Silence(105.0), {"what": "silence"}),
        (Speech(105.0, "my secret", 0.5), {"what": "speech", "length": 9, "confidence": 0.5}),
        (Recorded(105.0, "r", 12.5), {"what": "recorded", "seconds": 12.5}),
        (RecordingChanged(105.0, True), {"what": "recording_changed", "ok": True}),
        (DialEnded(105.0, "busy", 3.0, "486"), {"what": "dial_ended", "outcome": "busy", "seconds": 3.0}),
        (
            Fetched(105.0, 1, 200, ["value"], [f"{ACCOUNT} is odd"]),
            {"what": "fetched", "status": 200, "error": "", "issues": ["•••••••• is odd"], "seconds": 5.0, "effect": 1},
        ),
        (Answered(105.0, 1, {"n": 1}), {"what": "answered", "error": ""}),
        (Trouble(105.0, "callback_lost"), {"what": "trouble", "why": "callback_lost"}),
    ],
)
def test_what_is_kept_of_an_input(heard: Input, expected: dict[str, object]) -> None:
    _, call = state_after(("Account", ACCOUNT, False, True))
    assert heard_data(call, Gather(), heard, 100.0) == expected


def test_of_a_payment_leg_only_its_time_is_kept() -> None:
    _, call = state_after()
    kept = heard_data(call, PRIVATE, DialEnded(700.0, "talked", 95.0, "4111111111111111"), 100.0)
    assert kept == {"what": "dial_ended", "private": True, "seconds": 95.0}
