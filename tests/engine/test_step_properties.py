"""Any plan, any inputs: the engine never raises, repeats itself exactly, and keeps its promises."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from callplans.engine import words
from callplans.engine.applet import Applet
from callplans.engine.call import CallState
from callplans.engine.plan import Plan
from callplans.engine.step import ENDINGS, MOST_IN_ALL, Step, take_step
from callplans.engine.words import Effect, HangUp, Input, Sound, Wait
from tests.engine.tiny import (
    Ask,
    AskSafely,
    Broken,
    BrokenForGood,
    Copy,
    Dice,
    Get,
    Pay,
    Ring,
    Rotate,
    Say,
    Spend,
    Tape,
    draw,
)

KEYED = "98765432"
NAMES = ["a", "b", "c", "d", "e"]
texts = st.sampled_from(["", "Hello.", "$(X) and $(y)", "#(Key) $(CLID) $(Z|z)", "$(x)$(", "http://x/$(Y)"])
sources = st.sampled_from(["x", "X", "Y", "Z|z", "CallGuid"])


def made(cls: type[Applet[Any]], **parts: st.SearchStrategy[Any]) -> st.SearchStrategy[Applet[Any]]:
    return st.builds(cls, **parts)


applets = st.one_of(
    made(Say, text=texts),
    made(Copy, text=st.sampled_from(["$(x)", "$(Y)", "$(Never)"]), to=sources),
    made(Ask, text=texts, to=sources, most=st.integers(1, 8)),
    made(AskSafely, to=sources),
    made(Get, text=texts, to=sources),
    made(Ring, to=sources.map(lambda name: f"$({name})")),
    made(Pay, to=st.just("+441632960900")),
    made(Rotate),
    made(Tape, text=st.sampled_from(["start", "pause", "resume", "stop"])),
    made(Spend, times=st.integers(0, 12)),
    made(Broken, text=st.sampled_from(["enter", "exit", "nothing", "cut_off", "resume"])),
    made(BrokenForGood, text=st.sampled_from(["enter", "exit", "nothing", "resume"])),
    made(Dice, to=sources),
    st.none(),
)
wires = st.dictionaries(
    st.sampled_from(["next", "silent", "failed", "connected", "gone"]), st.none() | st.sampled_from([*NAMES, "nowhere"])
)
plans = st.builds(
    lambda drawn, hangup, seeds: draw(dict(zip(NAMES, drawn, strict=False)), hangup=hangup, seeds=seeds),
    st.lists(st.tuples(applets, wires), max_size=5),
    st.none() | st.sampled_from([*NAMES, "nowhere"]),
    st.dictionaries(sources, texts, max_size=2),
)

at = st.integers(0, 1000).map(float)
numbers = st.integers(0, 4)
values = st.lists(st.none() | st.sampled_from(["", "v", "4111 1111 1111 1111"]), min_size=0, max_size=2)
inputs = st.one_of(
    st.builds(words.Keys, at, st.sampled_from(["", "1", KEYED, "*#\x00"]), st.sampled_from(["full", "pause"])),
    st.builds(words.Silence, at),
    st.builds(words.Speech, at, st.just(KEYED)),
    st.builds(words.Played, at),
    st.builds(words.Recorded, at, st.just("r")),
    st.builds(words.RecordingChanged, at, st.booleans()),
    st.builds(words.DialEnded, at, st.sampled_from(["talked", "busy", "failed"]), at),
    st.builds(words.LegAnswered, at),
    st.builds(words.Fetched, at, numbers, st.none() | st.just(200), values, st.just([]), st.sampled_from(["", "lost"])),
    st.builds(words.Answered, at, numbers, st.sampled_from([{}, {"n": 1}])),
    st.builds(words.Moved, at, st.sampled_from([*NAMES, "nowhere"]), st.just("op")),
    st.builds(words.Stopped, at, st.just("op")),
    st.builds(words.HungUp, at),
    st.builds(words.Trouble, at, st.just("why")),
)


def fitting(step: Step, number: int) -> Input:
    """The input that the step waits for, so that calls also get somewhere."""
    match step.waits:
        case words.Gather():
            return words.Keys(1.0, KEYED) if number % 3 else words.Silence(1.0)
        case words.Fetch() as fetch:
            return words.Fetched(1.0, fetch.n, 200, ["v"])
        case words.TakeNext() as take:
            return words.Answered(1.0, take.n, {"n": 0})
        case words.Dial():
            return words.DialEnded(1.0, "talked" if number % 3 else "busy")
        case words.Recording():
            return words.RecordingChanged(1.0, True)
    return words.Played(1.0)


def check(plan: Plan, before: CallState | None, heard: Input) -> Step:
    kept = None if before is None else before.to_json()
    step = take_step(plan, before, heard)
    assert step == take_step(plan, before, heard)
    assert kept == (None if before is None else before.to_json())
    state = step.state
    assert CallState.from_json(json.loads(json.dumps(state.to_json()))) == state
    words.commands.validate_json(words.commands.dump_json(step.commands))
    assert words.events.validate_json(words.events.dump_json(step.events)) == step.events
    assert state.total <= MOST_IN_ALL + 1
    if not step.took:
        assert before is None or (state == before and step.commands == [] and step.effects == [])
        return step
    if state.ended:
        assert state.ended in ENDINGS and step.waits is None and state.wait is None
        assert [event.kind for event in step.events].count("ended") == 1
        assert bool(step.commands and isinstance(step.commands[-1], HangUp)) == (state.caller != "gone")
    else:
        assert step.waits is not None and words.waits.validate_python(state.wait) == step.waits
        assert step.waits.needs_caller <= (state.caller == "present")
    for command in step.commands:
        assert isinstance(command, Sound | HangUp) or command is step.commands[-1] is step.waits
    assert isinstance(step.waits, Effect) <= (bool(step.effects) and step.effects[-1] is step.waits)
    assert len(step.effects) <= 20
    assert KEYED not in repr(step.events) and "4111 1111" not in repr(step.events)
    assert not isinstance(step.waits, Wait) or step.waits.takes(words.Trouble(1.0, ""))
    return step


@settings(max_examples=400, deadline=None)
@given(plans, st.lists(inputs | st.integers(0, 8), max_size=12), st.sampled_from(["present", "absent"]))
def test_any_plan_and_any_inputs(plan: Plan, script: list[Input | int], caller: Any) -> None:
    begun = words.CallStarted(0.0, "call-1", "+447700900123", "", {"x": "seed"}, 5, caller=caller)
    step = check(plan, None, begun)
    for item in script:
        step_input = fitting(step, item) if isinstance(item, int) else item
        after = check(plan, step.state, step_input)
        step = after if after.took else step


@settings(max_examples=50)
@given(plans, inputs)
def test_any_input_before_the_call_began(plan: Plan, heard: Input) -> None:
    step = take_step(plan, None, heard)
    assert step.state.ended in ("hung_up", "never_started")
