"""What is too long for a case file: many numbers, many attempts, many rounds."""

from __future__ import annotations

from typing import Any

from callplans.applets.ccr import MOST_ATTEMPTS
from callplans.engine.applet import register
from callplans.engine.words import Dial
from tests.applets.running import Ran, plan_around, run


def ran(type: str, settings: dict[str, Any], inputs: list[dict[str, Any]], **given: Any) -> Ran:
    cls = register.get(type)
    assert cls is not None
    return run(plan_around(cls, settings, given), inputs)


def dialled(ran: Ran) -> list[str]:
    return [command.to for step in ran.steps for command in step.commands if isinstance(command, Dial)]


def numbers(count: int, **settings: Any) -> dict[str, Any]:
    rows = [{"id": f"n{n}", "number": f"+4420794600{n:02}"} for n in range(count)]
    return {"numbers": rows, **settings}


def ended(outcome: str, after: float) -> dict[str, Any]:
    return {"kind": "dial_ended", "outcome": outcome, "after": after}


def test_thirty_numbers_are_tried_once_each_in_their_order() -> None:
    call = ran("ccr", numbers(30), [ended("no_answer", 15)] * 30)
    assert dialled(call) == [f"+4420794600{n:02}" for n in range(30)]
    assert call.exits == ["not_connected"]


def test_engaged_numbers_are_not_called_all_the_group_time_long() -> None:
    call = ran("ccr", numbers(2, again=True, group_seconds=3600), [ended("busy", 0)] * MOST_ATTEMPTS)
    assert len(dialled(call)) == MOST_ATTEMPTS
    assert call.exits == ["not_connected"]


def test_a_rotary_of_thirty_never_uses_up_the_effects_of_its_turn() -> None:
    inputs: list[dict[str, Any]] = []
    for n in range(7):
        inputs += [{"kind": "answered", "value": {"n": n}, "after": 0}, ended("no_answer", 15)]
    call = ran("ccr", numbers(30, distribution="rotary"), inputs + [ended("no_answer", 15)] * 23)
    assert sorted(dialled(call)) == [f"+4420794600{n:02}" for n in range(30)]
    assert call.exits == ["not_connected"]


def test_a_value_that_doubles_on_every_round_stays_small() -> None:
    rows = {"rows": [{"id": "a", "name": "A", "value": "$(A)$(A)"}]}
    value = "x" * 3000
    for _ in range(3):
        call = ran("set_data_source", rows, [], sources={"A": value})
        value = call.state.sources["A"].value or ""
    assert len(value) == 4000


def test_ten_times_no_input_is_the_most() -> None:
    settings = {"most": 4, "slot": "A", "max_no_input": 10}
    call = ran("collect_input", settings, [{"kind": "silence", "after": 6}] * 10)
    assert call.exits == ["no_input"]
    assert ran("collect_input", settings, [{"kind": "silence", "after": 6}] * 9).exits == []
