"""What is collected securely must not be spoken: found before publishing, where it can still hold there."""

from __future__ import annotations

from typing import Any

import pytest

from callplans.engine.applet import register
from callplans.engine.checks import World, check_plan
from callplans.engine.plan import PlacedApplet, Plan


def plan(middle: dict[str, Any] | None, speaker: tuple[str, dict[str, Any]], secure: bool = True) -> Plan:
    """Asks for $(Pin), perhaps sets data sources, then speaks."""
    prompt = {"text": "Key four digits.", "file": ""}
    ask = {"prompt": prompt, "most": 4, "to_source": True, "secure": secure, "source": "Pin"}
    drawn = [("ask", "collect_input", ask), ("middle", "set_data_source", middle), ("speak", *speaker)]
    applets, wires, before = {}, {}, ""
    for key, type, settings in drawn:
        if settings is None:
            continue
        cls = register.get(type)
        assert cls is not None
        applet = cls(cls.Settings.model_validate(settings))
        applets[key] = PlacedApplet(key, type, key.title(), settings, applet=applet)
        if before:
            wires[before] = {"next": key}
        before = key
    return Plan("plan", "1", initial="ask", applets=applets, wires=wires)


def found(plan: Plan) -> list[tuple[str | None, str | None, str]]:
    problems = check_plan(plan, World())
    return [(p.applet, p.field, p.grade) for p in problems if p.code == "sealed_spoken"]


SPEAKERS = [
    ("announcer", {"kind": "characters", "source": "PIN"}, "source"),
    ("announcer", {"kind": "text", "text": "You keyed $(Pin)."}, "text"),
    ("announcement", {"prompt": {"text": "You keyed $(Pin).", "file": ""}}, "prompt.text"),
]


@pytest.mark.parametrize(("type", "settings", "field"), SPEAKERS)
def test_it_is_found_with_its_field(type: str, settings: dict[str, Any], field: str) -> None:
    assert found(plan(None, (type, settings))) == [("speak", field, "error")]


def test_collected_openly_it_may_be_spoken() -> None:
    assert found(plan(None, ("announcer", {"kind": "characters", "source": "Pin"}), secure=False)) == []


def test_overwritten_since_it_may_be_spoken() -> None:
    rows = {"rows": [{"id": "a", "name": "Pin", "value": "none"}]}
    assert found(plan(rows, ("announcer", {"kind": "characters", "source": "Pin"}))) == []


@pytest.mark.parametrize(("paying", "code"), [(True, "payment_long_input"), (False, "many_digits_unsecured")])
def test_a_long_open_input_is_told_of_once(paying: bool, code: str) -> None:
    settings = {"prompt": {"text": "Key it, then press hash.", "file": ""}, "most": 16, "slot": "Long"}
    cls, last = register.get("collect_input"), register.get("pci_transfer" if paying else "announcement")
    assert cls is not None
    assert last is not None
    pay = {"number": "Line", "clid": "Clid"} if paying else {"prompt": {"text": "Bye.", "file": ""}}
    applets = {
        "ask": PlacedApplet("ask", cls.type, "Ask", settings, applet=cls(cls.Settings.model_validate(settings))),
        "last": PlacedApplet("last", last.type, "Last", pay, applet=last(last.Settings.model_validate(pay))),
    }
    drawn = Plan("plan", "1", initial="ask", applets=applets, wires={"ask": {"next": "last"}})
    problems = check_plan(drawn, World())
    assert [p.code for p in problems if p.applet == "ask" and p.field == "secure"] == [code]
