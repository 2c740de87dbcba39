"""Faults, limits, hang-ups: what the caller hears and what is recorded when something is wrong."""

from __future__ import annotations

from typing import Any

import pytest

from callplans.engine.applet import Applet, register
from callplans.engine.step import APOLOGY, take_step
from callplans.engine.words import Answered, DialEnded, Fetched, Gather, HangUp, HungUp, Keys, Silence, Trouble
from tests.engine.tiny import (
    Ask,
    Broken,
    BrokenForGood,
    Copy,
    Get,
    Ring,
    Rotate,
    Say,
    Spend,
    draw,
    go,
    kinds,
    of_kind,
    said,
    start,
)

# ---- trouble and faults ---------------------------------------------------------------------------------------------


def test_trouble_leaves_by_the_first_failure_exit() -> None:
    plan = draw({"a": (Ask(), {"silent": "b"}), "b": (Say("Then."), {"next": None})})
    step = go(plan, start(plan), Trouble(101.0, "callback_lost"))
    assert said(step) == ["Then."] and of_kind(step, "left")[0]["exit"] == "silent"
    assert of_kind(step, "heard") == [{"what": "trouble", "why": "callback_lost"}]


def test_trouble_without_a_failure_exit_apologises_and_ends() -> None:
    plan = draw({"a": (BrokenForGood("x"), {"next": "b"}), "b": (Say("Never"), {})})
    step = go(plan, start(plan), Trouble(101.0, "callback_lost"))
    assert said(step) == ["Sorry."] and step.commands[-1] == HangUp(reason="trouble")


def test_trouble_at_a_failure_exit_without_a_wire_apologises_too() -> None:
    plan = draw({"a": (Ask(), {})}, apology="")
    step = go(plan, start(plan), Trouble(101.0, "refused"))
    assert said(step) == [APOLOGY] and step.state.ended == "open_exit"


@pytest.mark.parametrize(
    ("how", "why"), [("enter", "ZeroDivisionError"), ("exit", "unknown_exit"), ("nothing", "no_answer")]
)
def test_a_fault_leaves_by_the_failure_exit_or_apologises(how: str, why: str) -> None:
    plan = draw({"a": (Broken(how), {"failed": "b"}), "b": (Say("Then."), {"next": None})})
    step = start(plan)
    assert said(step) == ["Then."] and of_kind(step, "fault")[0]["why"] == why
    assert "4111111111111111" not in repr(step.events)
    for_good = start(draw({"a": (BrokenForGood(how), {})}))
    assert said(for_good) == ["Sorry."] and for_good.state.ended == "fault"


def test_a_fault_while_resuming_tells_the_applet_and_goes_on() -> None:
    plan = draw({"a": (Broken("resume"), {"failed": "b"}), "b": (Say("Then."), {"next": None})})
    step = go(plan, start(plan), Silence(101.0))
    assert said(step) == ["Then."] and step.state.sources["Cut"].value == "fault"
    fault = of_kind(step, "fault")[0]
    assert fault["why"] == "KeyError" and fault["where"].startswith("tiny.py:")


def test_a_fault_in_cut_off_is_recorded_and_no_more() -> None:
    plan = draw({"a": (Broken("cut_off"), {})})
    step = go(plan, start(plan), HungUp(101.0))
    assert step.state.ended == "hung_up" and of_kind(step, "fault")[0]["where"] == "cut_off"


# ---- applets that cannot run ----------------------------------------------------------------------------------------


def test_an_incomplete_applet_says_so_and_ends_the_call(monkeypatch: pytest.MonkeyPatch) -> None:
    known: dict[str, type[Applet[Any]]] = {"unknown": Say}
    monkeypatch.setattr(register, "_types", known)
    plan = draw({"a": (Say("One."), {"next": "menu 1"}), "menu 1": (None, {})})
    plan.applets["menu 1"].trouble = "Menu 1: choices are missing."
    step = start(plan)
    assert said(step) == ["One.", "The applet Menu 1 is incomplete.", "Sorry."]
    assert of_kind(step, "issue") == [{"code": "incomplete_applet", "words": "Menu 1: choices are missing."}]
    assert step.state.ended == "incomplete" and kinds(step)[-1] == "ended"


def test_an_applet_whose_type_is_gone_ends_the_call_without_telling_the_caller_why() -> None:
    step = start(draw({"a": (None, {})}))
    assert said(step) == ["Sorry."] and step.commands[-1] == HangUp(reason="incomplete")
    assert of_kind(step, "issue") == [{"code": "missing_type", "words": "There is no applet type 'unknown'."}]


def test_an_applet_that_is_gone_while_it_was_waited_for() -> None:
    step = start(draw({"a": (Ask(), {})}))
    after = go(draw({"b": (Ask(), {})}), step, Keys(101.0, "1"))
    assert after.state.ended == "missing_applet" and said(after) == ["Sorry."]


# ---- limits ---------------------------------------------------------------------------------------------------------


def test_a_plan_that_never_asks_the_caller_is_stopped() -> None:
    plan = draw({"a": (Copy(to="X"), {"next": "b"}), "b": (Copy(to="Y"), {"next": "a"})})
    step = start(plan)
    assert kinds(step).count("entered") == 100 and said(step) == ["Sorry."]
    assert of_kind(step, "issue")[0]["code"] == "too_many_applets" and step.state.ended == "limit"


def test_the_caller_begins_the_count_anew_and_silence_does_not() -> None:
    plan = draw({"a": (Ask(to="X"), {"next": "a", "silent": "a"})})
    step = start(plan)
    for n in range(250):
        step = go(plan, step, Keys(101.0 + n, "1"))
    assert step.state.walked == 1 and step.state.total == 251
    for n in range(99):
        step = go(plan, step, Silence(400.0 + n))
    assert not step.state.ended
    assert go(plan, step, Silence(500.0)).state.ended == "limit"


def test_a_connect_router_wired_to_itself_comes_to_an_end() -> None:
    plan = draw({"a": (Ring(to="+442079460001"), {"failed": "a"})})
    step = start(plan)
    for n in range(99):
        step = go(plan, step, DialEnded(101.0 + n, "busy"))
    assert go(plan, step, DialEnded(300.0, "busy")).state.ended == "limit"


def test_a_call_may_go_through_a_thousand_applets() -> None:
    plan = draw({"a": (Ask(to="X"), {"next": "a"})})
    step = start(plan)
    for n in range(999):
        step = go(plan, step, Keys(101.0 + n, "1"))
    assert step.state.total == 1000 and not step.state.ended
    over = go(plan, step, Keys(2000.0, "1"))
    assert over.state.ended == "limit" and said(over) == ["Sorry."]


def test_a_turn_may_have_ten_effects() -> None:
    plan = draw({"a": (Get(), {"next": "a"})})
    step = start(plan)
    for n in range(9):
        step = go(plan, step, Fetched(101.0, n + 1, 200))
    assert step.state.effects_turn == 10
    over = go(plan, step, Fetched(101.0, 10, 200))
    assert over.state.ended == "limit" and of_kind(over, "issue")[0]["code"] == "too_many_effects"
    assert over.effects == [] and over.state.sources["Cut"].value == "fault"


def test_effects_nobody_waits_for_count_and_local_ones_too() -> None:
    many = start(draw({"a": (Spend(times=11), {"next": None})}))
    assert many.state.ended == "limit" and len(many.effects) == 10
    plan = draw({"a": (Rotate(), {"next": "a"})})
    step = start(plan)
    for n in range(9):
        step = go(plan, step, Answered(101.0, n + 1, {"n": 0}))
    assert go(plan, step, Answered(101.0, 10, {"n": 0})).state.ended == "limit"


def test_the_caller_begins_a_new_turn() -> None:
    plan = draw({"a": (Spend(times=10), {"next": "b"}), "b": (Ask(to="X"), {"next": "a", "silent": "a"})})
    step = start(plan)
    for heard in (Keys(101.0, "1"), Silence(102.0), Keys(103.0, "1")):
        step = go(plan, step, heard)
        assert len(step.effects) == 10 and not step.state.ended
    assert step.state.effects == 40


# ---- hang-up --------------------------------------------------------------------------------------------------------


def test_a_hang_up_ends_the_wait_and_runs_the_hang_up_applet() -> None:
    plan = draw(
        {
            "a": (Get("http://a"), {"next": None}),
            "after": (Say("To nobody."), {"next": "result"}),
            "result": (Get("http://b", to="Result"), {"next": "ask"}),
            "ask": (Ask("Anyone?"), {"next": None}),
        },
        hangup="after",
    )
    step = start(plan)
    gone = go(plan, step, HungUp(101.0))
    assert kinds(gone) == ["hung_up", "set", "left", "entered", "left", "entered", "asked"]
    assert gone.state.sources["Cut"].value == "hung_up" and gone.commands == []
    assert gone.state.caller == "gone" and not gone.state.ended and gone.effects[0].n == 2
    assert not take_step(plan, gone.state, HungUp(102.0)).took
    assert not take_step(plan, gone.state, Fetched(102.0, 1, 200)).took  # the answer of the wait that was cut off
    done = go(plan, gone, Fetched(103.0, 2, 200, ["PAID"]))
    assert done.state.sources["Result"].value == "PAID" and done.commands == []
    assert done.state.ended == "hung_up" and done.events[-1].data == {"why": "hung_up", "then": "nobody_on_the_line"}


def test_a_hang_up_without_a_hang_up_applet_ends_the_call() -> None:
    plan = draw({"a": (Ask(), {"next": None})})
    step = go(plan, start(plan), HungUp(101.0, "provider"))
    assert step.state.ended == "hung_up" and step.commands == [] and step.waits is None
    assert kinds(step) == ["hung_up", "left", "ended"] and of_kind(step, "hung_up") == [{"by": "provider"}]


def test_the_hang_up_turn_has_its_own_limits_and_is_silent_when_it_fails() -> None:
    plan = draw({"a": (Ask(to="X"), {"next": "a"}), "b": (Broken("enter"), {})}, hangup="b")
    step = start(plan)
    step.state.walked, step.state.effects_turn = 100, 10
    gone = go(plan, step, HungUp(101.0))
    assert gone.commands == [] and gone.events[-1].data == {"why": "hung_up", "then": "open_exit"}


def test_a_hang_up_applet_that_is_missing_ends_the_call() -> None:
    plan = draw({"a": (Ask(), {})}, hangup="nowhere")
    step = go(plan, start(plan), HungUp(101.0))
    assert step.state.ended == "hung_up" and of_kind(step, "issue")[0]["code"] == "missing_applet"


def test_a_wait_is_json_in_the_state() -> None:
    step = start(draw({"a": (Ask("Key"), {})}))
    assert isinstance(step.waits, Gather) and step.state.wait is not None
    assert step.state.wait["kind"] == "gather" and step.state.wait["prompts"][0]["text"] == "Key"
