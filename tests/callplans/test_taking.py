"""What becomes of one turn, worked out without a database: decisions, steps, local answers, limits."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from callplans import taking
from callplans.engine.applet import Applet, Exit, Settings
from callplans.engine.plan import PlacedApplet, Plan
from callplans.engine.words import Answered, CallStarted, Event, Fetched, Gather, HungUp, Keys, Sound, TakeNext, Trouble
from callplans.engine.words import inputs as input_json
from callplans.models.callkeys import CallBox
from callplans.store.rows import CallRecord, EffectRecord
from callplans.taking import Dropped, Task, Worked, cleaned, decide, failure, fit, lost, state_of, wait_of, work_out
from callplans.waiting import open_parts, said_in
from tests.callplans.rows import VERSION, call_record, turn_record

NOW = 1000.0


class Rotary(Applet[Any]):
    """Asks for a number twice, then for keys."""

    type, title, family = "rotary_test", "Rotary", "route"
    exits = (Exit("next", "Next"), Exit("failure", "Failure", kind="failure"))

    def enter(self, call: Any) -> Any:
        return TakeNext(counter="agents", of=3)

    def resume(self, call: Any, heard: Any) -> Any:
        if isinstance(heard, Keys | Trouble):
            return "next"
        numbers = [*call.scraps.get("numbers", []), heard.value["n"]]
        call.scraps["numbers"] = numbers
        call.say(f"Number {numbers[-1]}.")
        return TakeNext(counter="agents", of=3) if len(numbers) < 2 else Gather(most=1)


@pytest.fixture(autouse=True)
def plan(monkeypatch: pytest.MonkeyPatch) -> Plan:
    placed = PlacedApplet("a1", "rotary_test", "Rotary", {}, applet=Rotary(Settings()))
    made = Plan(
        "p", str(VERSION), initial="a1", apology="We are sorry.", applets={"a1": placed}, wires={"a1": {"next": None}}
    )
    monkeypatch.setattr(taking, "load", lambda version: made)
    return made


class Numbers:
    """The one statement a step may make before its write."""

    def __init__(self) -> None:
        self.given: list[str] = []

    def next_number(self, name: str) -> int:
        self.given.append(name)
        return len(self.given) + 3


def start(call: CallRecord) -> Task:
    heard = CallStarted(at=NOW, call=str(call.id), clid="+44", dialled="")
    return Task(call, turn_record(), heard)


def step(task: Task, numbers: Any = None) -> Worked:
    return work_out(task, numbers or Numbers(), None)


def begun() -> CallRecord:
    """A call that waits for keys."""
    call = call_record()
    move = step(start(call)).move
    return replace(call, seq=1, awaits=move.awaits, state=move.state, due_at=move.due_at)


def effect(status: str, answer: str | None = None, kind: str = "fetch") -> EffectRecord:
    return EffectRecord(call_record().id, 4, kind, status, answer, NOW, NOW + 10)


# ---- decide ---------------------------------------------------------------------------------------------------------


def heard_turn(call: CallRecord, **fields: Any) -> Any:
    sealed = CallBox(call.key or "", call.id).seal(
        input_json.dump_python(Keys(at=NOW, digits="12"), mode="json"), "turn.input.1.x"
    )
    return turn_record(token="1.x", input=sealed, **fields)


def test_a_new_turn_whose_token_is_awaited_hears_its_input() -> None:
    call = call_record(awaits="1.x")
    assert decide((call, heard_turn(call), None), NOW) == Keys(at=NOW, digits="12")


@pytest.mark.parametrize("status", ["waiting", "done", "dropped", "late", "noted"])
def test_other_turns_need_no_taker(status: str) -> None:
    call = call_record(awaits="1.x")
    assert decide((call, heard_turn(call, status=status), None), NOW) is None


def test_a_turn_whose_effect_was_answered_hears_the_answer() -> None:
    call = call_record(awaits="effect:4")
    answer = input_json.dump_python(Fetched(at=NOW, effect=4, status=200), mode="json")
    sealed = CallBox(call.key or "", call.id).seal(answer, "effect.answer.4")
    assert decide((call, heard_turn(call), effect("answered", sealed)), NOW) == Fetched(at=NOW, effect=4, status=200)


def test_a_turn_whose_effect_was_given_up_hears_that_it_is_lost() -> None:
    call = call_record(awaits="effect:4")
    assert decide((call, heard_turn(call), effect("lost")), NOW) == Fetched(at=NOW, effect=4, error="lost")
    assert lost(effect("lost", kind="send_sms"), NOW) == Answered(at=NOW, effect=4, error="lost")


@pytest.mark.parametrize("status", ["new", "running"])
def test_a_turn_whose_effect_is_under_way_needs_no_taker_yet(status: str) -> None:
    call = call_record(awaits="effect:4")
    assert decide((call, heard_turn(call), effect(status)), NOW) is None


def test_a_turn_the_call_went_on_without_is_dropped() -> None:
    call = call_record(awaits="2.y")
    with pytest.raises(Dropped):
        decide((call, heard_turn(call), None), NOW)
    call = call_record(awaits="1.x")
    with pytest.raises(Dropped):
        decide((replace(call, key=None), heard_turn(call), None), NOW)


# ---- steps ----------------------------------------------------------------------------------------------------------


def test_local_effects_are_answered_inside_the_step() -> None:
    call, numbers = call_record(), Numbers()
    worked = step(start(call), numbers)
    assert numbers.given == [f"{call.plan}:agents"] * 2
    said = said_in(worked.parts)
    assert [command.text for command in said if isinstance(command, Sound)] == ["Number 1.", "Number 2."]
    assert isinstance(said[-1], Gather) and worked.move.effects == []
    assert worked.move.status == "done" and worked.move.awaits == worked.move.next_token != ""


def test_the_same_turn_worked_out_twice_is_the_same() -> None:
    call = call_record()
    first = step(start(call))
    second = step(start(call))
    assert first.parts == second.parts and first.move.events == second.move.events
    assert (first.move.awaits, first.move.due_at) == (second.move.awaits, second.move.due_at)


def test_what_a_call_waits_for_is_read_from_its_state() -> None:
    call = begun()
    assert isinstance(wait_of(call), Gather)
    state = state_of(call)
    assert state is not None and state.applet == "a1"
    assert wait_of(call_record()) is None and state_of(replace(call, key=None)) is None


def test_hanging_up_before_anything_began() -> None:
    call = call_record(version=None, plan=None, awaits="hangup")
    worked = step(Task(call, turn_record(token="hangup"), HungUp(at=NOW)))
    assert worked.move.over and worked.move.awaits == ""
    assert [event.kind for event in worked.move.events] == ["hung_up", "ended"]


def test_an_input_out_of_place_asks_again_and_changes_nothing() -> None:
    call = begun()
    heard = Fetched(at=NOW + 1, effect=99, status=200)
    worked = step(Task(call, turn_record(token=call.awaits), heard))
    assert [type(command) for command in said_in(worked.parts)] == [Gather]
    assert not worked.move.over and [event.kind for event in worked.move.events] == ["ignored"]


def test_lost_callbacks_are_counted_until_the_caller_is_heard() -> None:
    call = replace(begun(), troubles=1)
    trouble = step(Task(call, turn_record(token=call.awaits), Trouble(at=NOW, why="lost")))
    assert trouble.move.troubles == 2
    keys = step(Task(call, turn_record(token=call.awaits), Keys(at=NOW, digits="1")))
    assert keys.move.troubles == 0 and keys.move.over


def test_a_step_that_takes_too_long_is_on_the_record(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(taking, "CPU_BUDGET", 0.0)
    worked = step(start(call_record()))
    issues = [event.data["code"] for event in worked.move.events if event.kind == "issue"]
    assert "slow_step" in issues


def test_the_failure_document_keeps_what_was_said_and_ends_the_call() -> None:
    call = call_record()
    worked = failure(start(call), "turn_failed")
    assert [getattr(command, "text", command.kind) for command in said_in(worked.parts)] == ["We are sorry.", "hang_up"]
    assert worked.move.over and worked.move.reason == "failed" and worked.move.awaits == ""
    turn = replace(turn_record(), parts=worked.move.parts)
    assert open_parts(CallBox(call.key or "", call.id), turn) == worked.parts


def test_the_failure_document_needs_no_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(taking, "load", lambda version: 1 // 0)
    assert said_in(failure(start(call_record()), "x").parts)[0].text.startswith("We are sorry")


# ---- the boundary ---------------------------------------------------------------------------------------------------


def test_events_are_made_fit_for_every_database() -> None:
    data = {"text": "a\x00b\ud800", "deep": [{"x\x00": "\udfff"}], "none": None, "number": 1.5, "yes": True}
    (event,) = fit([Event("said", "a1", data, NOW)])
    replacement = "\N{REPLACEMENT CHARACTER}"
    assert event.data == {
        "text": f"a{replacement}b{replacement}", "deep": [{f"x{replacement}": replacement}], "none": None,
        "number": 1.5, "yes": True,
    }  # fmt: skip
    plain = {"text": "as it is"}
    assert fit([Event("said", "a1", plain, NOW)])[0].data is plain
    assert cleaned(("a", 1)) == ["a", 1]
