from __future__ import annotations

from typing import Any, get_args

import pytest

from callplans.engine import words
from callplans.engine.words import (
    Answered,
    Dial,
    DialEnded,
    Event,
    Fetch,
    Fetched,
    Gather,
    HangUp,
    Hidden,
    Input,
    Keys,
    Locate,
    Silence,
    Sound,
    TakeNext,
    Trouble,
    Wait,
    clean,
)

INPUTS: list[Input] = [
    words.CallStarted(1.0, "c", None, "+441632960100", {"a": "b"}, 7, card={"n": 1}),
    Keys(1.0, "12#", "pause"),
    Silence(1.0),
    words.Speech(1.0, "yes", 0.5),
    words.Played(1.0),
    words.Recorded(1.0, "r", 2.5, 100),
    words.RecordingChanged(1.0, False),
    DialEnded(1.0, "talked", 2.0, "ok"),
    words.LegAnswered(1.0),
    Fetched(1.0, 1, 200, ["a", None], ["odd"]),
    Answered(1.0, 2, {"n": 3}),
    words.Moved(1.0, "a", "Olive"),
    words.Stopped(1.0, "Olive"),
    words.HungUp(1.0, "provider"),
    Trouble(1.0, "lost"),
]
WAITS: list[Wait] = [
    Gather(prompts=[Sound("Key")], most=4, sealed=True, hints=["yes"]),
    words.Record(name="r"),
    Dial(to="+442079460001", present="+441632960700", private=True, headers={"X": "y"}, whisper=Sound("psst")),
    words.Drain(open_to=("moved",)),
    words.Recording(do="pause"),
    Fetch(
        n=3, method="GET", url=["http://x/", Hidden("secret", "K")], headers=[(["A"], [Hidden("sealed", "P")])],
        body=["{}"], locate=[Locate("a.b", "number")], label="GET http://x",
    ),
    TakeNext(n=4, counter="c", of=2),
]  # fmt: skip


@pytest.mark.parametrize("heard", INPUTS, ids=lambda heard: type(heard).__name__)
def test_inputs_go_through_json_and_back(heard: Input) -> None:
    assert words.inputs.validate_json(words.inputs.dump_json(heard)) == heard


@pytest.mark.parametrize("wait", WAITS, ids=lambda wait: type(wait).__name__)
def test_waits_go_through_json_and_back(wait: Wait) -> None:
    assert words.waits.validate_json(words.waits.dump_json(wait)) == wait


def test_every_kind_of_input_and_wait_is_here() -> None:
    def kinds(union: Any) -> set[type]:
        return set(get_args(get_args(union)[0]))

    assert kinds(words.AnyInput) == {type(heard) for heard in INPUTS}
    assert kinds(words.AnyWait) == {type(wait) for wait in WAITS}
    assert {cls.__name__ for cls in kinds(words.AnyEffect)} == {"Fetch", "TakeNext"}


def test_commands_and_events_go_through_json_and_back() -> None:
    commands = [Sound("Hello"), WAITS[0], HangUp(reason="end_of_plan")]
    assert words.commands.validate_json(words.commands.dump_json(commands)) == commands
    events = [Event("said", "a", {"text": "Hello", "seconds": 1.0}, 5.0)]
    assert words.events.validate_json(words.events.dump_json(events)) == events


@pytest.mark.parametrize("wait", WAITS, ids=lambda wait: type(wait).__name__)
def test_what_ends_a_wait(wait: Wait) -> None:
    taken = {heard.kind for heard in INPUTS if wait.takes(heard)}  # type: ignore[attr-defined]  # every input has it
    expected = {*wait.answers, *wait.open_to, "trouble"}
    if isinstance(wait, words.Effect):
        expected = {"trouble"}  # the answers above carry other numbers
    assert taken == expected


def test_an_effect_takes_only_its_own_answer() -> None:
    fetch, take = Fetch(n=3, method="GET", url=[]), TakeNext(n=4, counter="c", of=2)
    assert fetch.takes(Fetched(1.0, 3)) and not fetch.takes(Fetched(1.0, 4)) and not fetch.takes(Answered(1.0, 3))
    assert take.takes(Answered(1.0, 4)) and not take.takes(Answered(1.0, 3))
    assert not fetch.needs_caller and take.local and not fetch.local and Gather().needs_caller


def test_what_no_database_takes_is_replaced() -> None:
    assert clean("a\x00b\ud800c") == "a�b�c"
    assert clean("plain – text") == "plain – text"
