from __future__ import annotations

import copy

import pytest

from callplans.engine.call import CallState, Source
from callplans.engine.step import ENDINGS, take_step
from callplans.engine.words import (
    Answered,
    CallStarted,
    DialEnded,
    Fetched,
    Gather,
    HangUp,
    HungUp,
    Keys,
    LegAnswered,
    Moved,
    Played,
    RecordingChanged,
    Silence,
    Stopped,
)
from tests.engine.tiny import (
    Ask,
    AskSafely,
    Copy,
    Dice,
    Get,
    Pay,
    Ring,
    Rotate,
    Say,
    Tape,
    draw,
    go,
    kinds,
    of_kind,
    said,
    start,
)


def test_a_call_begins_with_its_data_sources_the_first_to_set_one_wins() -> None:
    plan = draw({"ask": (Ask(), {})}, seeds={"B": "plan", "c": "plan", "CallGuid": "plan"})
    step = start(plan, seeds={"A": "destination", "b": "mapping"}, card={"priority": 1})
    assert {name: source.value for name, source in step.state.sources.items()} == {
        "CallGuid": "call-1",
        "CLID": "+447700900123",
        "DialledNumber": "plan-1",  # the plan's id, as in VCC
        "A": "destination",
        "b": "mapping",
        "c": "plan",
    }
    assert step.state.card == {"priority": 1}
    assert step.events[0].data == {"clid": "+447700900123", "dialled": "+441632960100", "caller": "present"}
    assert kinds(step) == ["started", "entered", "asked"]
    assert all(event.at == 100.0 for event in step.events)


def test_a_withheld_number_is_null() -> None:
    step = start(draw({"ask": (Ask(), {})}), clid=None)
    assert step.state.sources["CLID"] == Source(None)


def test_a_call_may_begin_at_another_applet() -> None:
    plan = draw({"a": (Ask(), {}), "b": (Ask(), {})})
    assert start(plan, applet="b").state.applet == "b"
    nowhere = start(plan, applet="x")
    assert nowhere.state.ended == "missing_applet" and said(nowhere) == ["Sorry."]


def test_a_plan_without_an_initial_applet_apologises() -> None:
    step = start(draw({}))
    assert (step.state.ended, said(step)) == ("missing_applet", ["Sorry."])
    assert of_kind(step, "issue")[0]["code"] == "no_initial"


def test_sounds_go_out_in_the_background_and_before_what_needs_the_caller() -> None:
    plan = draw({"a": (Say("One"), {"next": "b"}), "b": (Say("Two"), {"next": "c"}), "c": (Ask("Three", to="X"), {})})
    step = start(plan)
    assert said(step) == ["One", "Two"]
    gather = step.commands[-1]
    assert isinstance(gather, Gather) and [p.text for p in gather.prompts] == ["Three"]
    assert step.waits == gather and step.state.talking
    assert kinds(step) == ["started", "entered", "said", "left", "entered", "said", "left", "entered", "said", "asked"]
    assert of_kind(step, "left")[0] == {"exit": "next", "to": "b", "seconds": 0.0}


def test_what_is_said_before_a_fetch_is_a_part_of_its_own() -> None:
    plan = draw({"a": (Say("One"), {"next": "b"}), "b": (Get("http://x"), {"next": "c"}), "c": (Ask("Two"), {})})
    first = start(plan)
    assert said(first) == ["One"] and first.waits is first.effects[0] and len(first.commands) == 1
    second = go(plan, first, Fetched(101.0, 1, 200, ["v"]))
    assert said(second) == [] and isinstance(second.commands[0], Gather) and second.effects == []


def test_a_collected_value_goes_on_but_is_never_in_an_event() -> None:
    plan = draw(
        {
            "ask": (Ask(to="Account", most=8), {"next": "copy"}),
            "copy": (Copy("$(Account)", to="Copied"), {"next": "say"}),
            "say": (Say("You keyed $(Account), $(Copied)."), {"next": "get"}),
            "get": (Get("http://x/$(Account)", to="Echo"), {"next": "again"}),
            "again": (Say("The echo is $(Echo)."), {"next": None}),
        }
    )
    step = start(plan)
    keyed = go(plan, step, Keys(103.0, "44170921"))
    assert of_kind(keyed, "heard") == [{"what": "keys", "length": 8, "ended_by": "full"}]
    assert said(keyed) == ["You keyed 44170921, 44170921."]
    assert keyed.effects[0].url == ["http://x/44170921"]  # type: ignore[attr-defined]  # it is a Fetch
    done = go(plan, keyed, Fetched(104.0, 1, 200, ["44170921"]))
    assert said(done) == ["The echo is 44170921."]
    assert of_kind(done, "said")[0]["text"] == "The echo is ••••••••."
    assert done.state.sources["Copied"] == Source("44170921", True, "copy")
    assert "44170921" not in repr([s.events for s in (step, keyed, done)])


def test_a_sealed_value_is_kept_apart_and_so_is_its_copy() -> None:
    plan = draw(
        {
            "ask": (AskSafely(to="Pin"), {"next": "copy"}),
            "copy": (Copy("$(Pin)", to="Copied"), {"next": "say"}),
            "say": (Say("Pin $(Pin) $(Copied)"), {"next": "get"}),
            "get": (Get("http://x/$(Copied)"), {}),
        }
    )
    step = go(plan, start(plan), Keys(101.0, "1234"))
    assert set(step.state.sealed) == {"Pin", "Copied"} and not {"Pin", "Copied"} & set(step.state.sources)
    assert said(step) == ["Pin •••• ••••"]
    assert "1234" not in repr((step.events, step.effects, step.commands))


def test_card_numbers_from_a_web_service_are_not_in_events() -> None:
    plan = draw({"get": (Get("http://x", to="Card"), {"next": "say"}), "say": (Say("It is $(Card)"), {"next": None})})
    step = go(plan, start(plan), Fetched(101.0, 1, 200, ["4111 1111 1111 1111"]))
    assert said(step) == ["It is 4111 1111 1111 1111"]
    assert of_kind(step, "said")[0]["text"] == "It is •••• •••• •••• ••••"


def test_the_ends_of_a_plan() -> None:
    wired_to_nothing = start(draw({"a": (Say("Bye"), {"next": None})}))
    open_exit = start(draw({"a": (Say("Bye"), {})}))
    plan = draw({"a": (Ring(to="+442079460001"), {"connected": "a"})})
    connected = go(plan, start(plan), DialEnded(130.0, "talked", 20.0))
    for step, why in ((wired_to_nothing, "end_of_plan"), (open_exit, "open_exit"), (connected, "left_plan")):
        assert step.state.ended == why and step.waits is None and step.state.wait is None
        assert step.commands[-1] == HangUp(reason=why)
        assert step.events[-1].kind == "ended" and step.events[-1].data == {"why": why}
        assert step.state.applet is None
    assert {"end_of_plan", "open_exit", "left_plan"} <= set(ENDINGS)


def test_what_ends_no_wait_is_ignored_and_changes_nothing() -> None:
    plan = draw({"ask": (Ask(to="X"), {"next": None}), "get": (Get(), {})})
    step = start(plan)
    for heard in (Played(101.0), DialEnded(101.0, "busy"), Fetched(101.0, 1, 200), CallStarted(101.0, "c", None, "")):
        after = take_step(plan, step.state, heard)
        assert not after.took and after.state == step.state and after.commands == [] and kinds(after) == ["ignored"]
    ended = go(plan, step, Keys(102.0, "1"))
    for late in (Keys(103.0, "1"), HungUp(103.0), Stopped(103.0, "op"), Moved(103.0, "ask", "op")):
        after = take_step(plan, ended.state, late)
        assert not after.took and after.state == ended.state and after.commands == []


def test_the_answer_of_another_effect_is_ignored() -> None:
    plan = draw({"a": (Get(), {"next": "b"}), "b": (Get(to="X"), {"next": None})})
    step = go(plan, start(plan), Fetched(101.0, 1, 200, ["1"]))
    assert step.effects[0].n == 2
    late = take_step(plan, step.state, Fetched(102.0, 1, 200, ["late"]))
    assert not late.took
    assert go(plan, step, Fetched(103.0, 2, 200, ["2"])).state.sources["X"].value == "2"


def test_a_local_question_is_answered_by_the_next_step() -> None:
    plan = draw({"a": (Say("One"), {"next": "b"}), "b": (Rotate(), {"next": None})})
    step = start(plan)
    assert step.waits is step.effects[0] and step.effects[0].local and said(step) == ["One"]
    done = go(plan, step, Answered(100.0, 1, {"n": 2}))
    assert done.state.sources["N"].value == "2" and done.state.ended == "end_of_plan"


def test_recording_waits_until_everything_was_heard() -> None:
    plan = draw({"a": (Say("One"), {"next": "b"}), "b": (Tape("start"), {"next": "c"}), "c": (Tape("pause"), {})})
    step = start(plan)
    assert of_kind(step, "asked") == [{"what": "drain"}] and step.state.talking
    step = go(plan, step, Played(103.0))
    assert of_kind(step, "asked") == [{"what": "recording", "do": "start"}] and not step.state.talking
    step = go(plan, step, RecordingChanged(104.0, True))
    assert step.state.recording == "on"
    refused = go(plan, step, RecordingChanged(105.0, False))
    assert refused.state.recording == "on"
    assert go(plan, step, RecordingChanged(105.0, True)).state.recording == "paused"


def test_of_a_payment_leg_only_times_are_recorded() -> None:
    plan = draw({"a": (Pay(to="+441632960900"), {"next": None})})
    step = start(plan)
    assert of_kind(step, "asked") == [{"what": "dial", "private": True, "to": "payment line", "seconds": 75}]
    done = go(plan, step, DialEnded(190.0, "talked", 90.0, "paid by 4111111111111111"))
    assert of_kind(done, "heard") == [{"what": "dial_ended", "private": True, "seconds": 90.0}]


def test_an_absent_caller_hears_and_is_asked_nothing() -> None:
    plan = draw({"a": (Say("Hello"), {"next": "b"}), "b": (Ask("Key"), {})})
    step = start(plan, caller="absent")
    assert step.state.ended == "nobody_on_the_line" and step.commands == [HangUp(reason="nobody_on_the_line")]


def test_a_callback_that_is_answered_is_a_present_caller() -> None:
    plan = draw({"a": (Get(), {})})
    step = start(plan, caller="absent")
    assert step.state.wait is not None
    step.state.wait["open_to"] = ["leg_answered"]
    assert go(plan, step, LegAnswered(101.0)).state.caller == "present"


def test_an_operator_moves_a_call() -> None:
    plan = draw({"a": (Get(), {}), "b": (Ask("Key"), {})})
    step = start(plan)
    moved = go(plan, step, Moved(110.0, "b", "Olive"))
    assert moved.state.applet == "b" and moved.state.sources["Cut"].value == "moved"
    assert kinds(moved) == ["moved", "set", "left", "entered", "said", "asked"]
    assert of_kind(moved, "moved") == [{"to": "b", "by": "Olive"}]
    assert of_kind(moved, "left") == [{"exit": None, "to": "b", "seconds": 10.0}]
    assert not take_step(plan, step.state, Moved(110.0, "nowhere", "Olive")).took


def test_an_operator_stops_a_call() -> None:
    plan = draw({"a": (Get(), {}), "b": (Get(), {})}, hangup="b")
    step = go(plan, start(plan), Stopped(110.0, "Olive"))
    assert step.state.ended == "stopped" and step.commands == [HangUp(reason="stopped")]
    assert step.state.sources["Cut"].value == "stopped" and kinds(step) == ["stopped", "set", "ended"]


def test_an_input_for_a_call_that_never_began() -> None:
    plan = draw({"a": (Ask(), {})}, hangup="a")
    gone = take_step(plan, None, HungUp(1.0))
    assert (gone.state.ended, gone.state.caller, gone.commands) == ("hung_up", "gone", [])
    stray = take_step(plan, None, Silence(1.0))
    assert stray.state.ended == "never_started" and not stray.took


def test_chance_depends_on_the_call_alone() -> None:
    plan = draw({"a": (Dice(to="A"), {"next": "b"}), "b": (Dice(to="B"), {"next": None})})
    one, same, other = (start(plan, seed=seed).state.sources for seed in (1, 1, 2))
    assert one == same and one["A"] != other["A"] and one["A"].value != one["B"].value


def test_the_state_given_is_left_as_it_is() -> None:
    plan = draw({"a": (Ask(to="X"), {"next": "b"}), "b": (Ask(to="Y"), {})})
    state = start(plan, card={"deep": {"n": 1}}).state
    before = copy.deepcopy(state)
    after = go(plan, take_step(plan, state, Keys(101.0, "1"))).state
    assert state == before and after != before
    assert CallState.from_json(after.to_json()) == after


@pytest.mark.parametrize("seconds", [0.0, 5.25])
def test_how_long_the_call_was_at_an_applet(seconds: float) -> None:
    plan = draw({"a": (Ask(to="X"), {"next": None})})
    step = go(plan, start(plan), Keys(100.0 + seconds, "1"))
    assert of_kind(step, "left")[0]["seconds"] == seconds
