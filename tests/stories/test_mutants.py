"""A check must be able to fail: what is broken on purpose must break a story."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from typing import Any

import pytest

from callplans.engine import masking
from callplans.engine.call import CallView
from callplans.engine.plan import PlacedApplet, Plan
from callplans.engine.words import Event
from designer.sandbox import demo
from tests.stories.demo import drawn, plan
from tests.stories.test_cases import broken
from tests.stories.test_payment_call import leaky, test_what_the_caller_keyed_is_never_in_the_record

SPEAKING = {applet["name"]: applet for applet in demo.DRAFT["applets"] if applet["type"] in ("announcement", "menu")}


def swaps() -> list[tuple[str, str, str]]:
    """Every two exits of an applet that lead to different applets."""
    return [
        (placed.name, one, two)
        for key, placed in plan().applets.items()
        for one, two in combinations(placed.exit_kinds(), 2)
        if plan().target(key, one) != plan().target(key, two)
    ]


def swapped(name: str, one: str, two: str) -> Plan:
    key = demo.key(name)
    wires = dict(plan().wires[key])
    wires[one], wires[two] = wires[two], wires[one]
    return replace(plan(), wires={**plan().wires, key: wires})


@pytest.mark.parametrize(("name", "one", "two"), swaps())
def test_swapped_exits_break_a_story(name: str, one: str, two: str) -> None:
    assert broken(swapped(name, one, two))


@pytest.mark.parametrize("name", SPEAKING)
def test_a_prompt_that_is_dropped_breaks_a_story(name: str) -> None:
    draft = demo.draft()
    applet = next(applet for applet in draft["applets"] if applet["name"] == name)
    applet["settings"]["prompt"]["text"] = ""
    assert broken(drawn(draft))


def test_speech_that_is_dropped_breaks_a_story(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(CallView, "say", lambda self, *what, **how: None)
    assert broken(plan())


def test_no_hang_up_applet_breaks_a_story() -> None:
    assert broken(replace(plan(), hangup=None))


@pytest.mark.parametrize("name", [placed.name for placed in plan().applets.values()])
def test_an_applet_that_cannot_run_breaks_a_story(name: str) -> None:
    key = demo.key(name)
    gone = PlacedApplet(key, "gone", name, {})
    assert broken(replace(plan(), applets={**plan().applets, key: gone}))


def test_masking_off_breaks_a_story() -> None:
    masking.set_masking(False)
    try:
        with pytest.raises(AssertionError):
            test_what_the_caller_keyed_is_never_in_the_record()
    finally:
        masking.set_masking(True)


@pytest.mark.parametrize("what", ["shown", "scrub"])
def test_masking_left_out_in_one_place_breaks_a_story(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(CallView, what, CallView.fill if what == "shown" else lambda self, text: text)
    if what == "scrub":
        monkeypatch.setattr(CallView, "shown", CallView.fill)
    with pytest.raises(AssertionError):
        test_what_the_caller_keyed_is_never_in_the_record()


def test_a_value_that_forgets_it_was_keyed_breaks_a_story(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = CallView.set

    def forgetful(self: CallView, key: str, value: str | None, sealed: bool = False, collected: bool = False) -> None:
        kept(self, key, value, sealed=sealed)

    monkeypatch.setattr(CallView, "set", forgetful)
    with pytest.raises(AssertionError):
        test_what_the_caller_keyed_is_never_in_the_record()


def test_values_in_events_break_a_story(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = CallView.set

    def talkative(self: CallView, key: str, value: str | None, **how: Any) -> None:
        kept(self, key, value, **how)
        self.events.append(Event("set", None, {"value": value}))

    monkeypatch.setattr(CallView, "set", talkative)
    assert "Card" in repr(leaky().events)
    with pytest.raises(AssertionError):
        test_what_the_caller_keyed_is_never_in_the_record()


def test_the_plan_as_it_is_breaks_none() -> None:
    assert broken(plan()) == broken(drawn(demo.draft())) == []
