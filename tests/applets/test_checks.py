"""What each type finds wrong with its own settings, and that it finds nothing wrong with good ones."""

from __future__ import annotations

from typing import Any

import pytest

from callplans.engine.applet import register
from callplans.engine.checks import Problem
from tests.applets.running import cases_of


def problems(type: str, settings: dict[str, Any]) -> list[Problem]:
    cls = register.get(type)
    assert cls is not None
    return cls(cls.Settings.model_validate(settings)).check()


def codes(type: str, settings: dict[str, Any]) -> list[tuple[str, str, str | None]]:
    return [(problem.grade, problem.code, problem.field) for problem in problems(type, settings)]


def prompt(text: str = "", file: str = "") -> dict[str, Any]:
    return {"prompt": {"text": text, "file": file}}


def rule(n: int = 1, **settings: Any) -> dict[str, Any]:
    return {"id": f"r{n}", "source": "A", **settings}


def numbers(*found: str, **settings: Any) -> dict[str, Any]:
    return {"numbers": [{"id": f"n{n}", "number": number} for n, number in enumerate(found)], **settings}


MENU = {"choices": [{"id": "a", "key": "1"}]}
HASH = "Key the number, then press hash."
GOOD: list[tuple[str, dict[str, Any]]] = [
    ("announcement", prompt("Hello")),
    ("announcement", prompt(file="hello.wav")),
    ("announcer", {"text": "Hello"}),
    ("announcer", {"kind": "money", "source": "Balance"}),
    ("menu", {**MENU, **prompt("Press 1.")}),
    ("collect_input", {**prompt(HASH), "most": 12, "slot": "A"}),
    ("collect_input", {**prompt("Key it and end with #."), "most": 12, "slot": "A"}),
    ("collect_input", {**prompt("Key your 8-digit account number."), "most": 8, "slot": "A"}),
    ("collect_input", {**prompt("Key the four digits."), "most": 4, "slot": "A"}),
    ("collect_input", {**prompt(HASH), "most": 16, "secure": True, "source": "A"}),
    ("collect_input", {**prompt(file="ask.wav"), "most": 8, "slot": "A"}),
    ("collect_digit", {**prompt("Rate us from 1 to 5."), "slot": "A"}),
    ("set_data_source", {"rows": [{"id": "a", "name": "A"}, {"id": "b", "name": "B", "value": "$(A)"}]}),
    ("data_router", {"rules": [rule(value="x"), rule(2, operator="is_null"), rule(3, datatype="number", value="5")]}),
    ("data_router", {"rules": [rule(datatype="datetime", operator="less", value="$(Now)")]}),
    ("data_router", {"rules": [rule(n) for n in range(50)]}),
    ("pci_transfer", {"number": "PayLine", "clid": "PayClid"}),
    ("ccr", numbers("+442079460001", "$(Agent)", "+44$(Rest)")),
]


@pytest.mark.parametrize(("type", "settings"), GOOD)
def test_nothing_is_wrong(type: str, settings: dict[str, Any]) -> None:
    assert codes(type, settings) == []


WRONG: list[tuple[str, dict[str, Any], list[tuple[str, str, str | None]]]] = [
    ("announcement", {}, [("warning", "silent", "prompt")]),
    ("announcement", prompt("  "), [("warning", "silent", "prompt")]),
    ("announcer", {}, [("warning", "silent", "text")]),
    ("menu", MENU, [("warning", "silent", "prompt")]),
    ("collect_digit", {"slot": "A"}, [("warning", "silent", "prompt")]),
    ("collect_input", {"most": 8, "slot": "A"}, [("warning", "silent", "prompt")]),
    (
        "collect_input",
        {**prompt("Key your account number."), "most": 8, "slot": "A"},
        [("warning", "hash_not_mentioned", "prompt.text")],
    ),
    ("collect_input", {**prompt(HASH), "most": 13, "slot": "A"}, [("warning", "many_digits_unsecured", "secure")]),
    (
        "set_data_source",
        {"rows": [{"id": "a", "name": "Account"}, {"id": "b", "name": "ACCOUNT"}]},
        [("error", "duplicate_name", "rows.1.name")],
    ),
    ("data_router", {}, [("warning", "no_rules", "rules")]),
    ("data_router", {"rules": [rule(n) for n in range(51)]}, [("warning", "many_rules", "rules")]),
    (
        "data_router",
        {"rules": [rule(), rule(2, operator="greater", value="5")]},
        [("error", "operator_does_not_fit", "rules.1.operator")],
    ),
    (
        "data_router",
        {"rules": [rule(datatype="boolean", operator="is_null")]},
        [("error", "operator_does_not_fit", "rules.0.operator")],
    ),
    (
        "data_router",
        {"rules": [rule(datatype="date", value="09/11/2026")]},
        [("error", "comparison_unreadable", "rules.0.value")],
    ),
    ("pci_transfer", {"number": "Pay", "clid": "PAY"}, [("error", "same_source", "clid")]),
    (
        "ccr",
        numbers("020 7946 0001", "+442079460001", "+442079460001"),
        [("error", "not_e164", "numbers.0.number"), ("warning", "duplicate_number", "numbers.2.number")],
    ),
]


@pytest.mark.parametrize(("type", "settings", "expected"), WRONG)
def test_what_is_wrong(type: str, settings: dict[str, Any], expected: list[tuple[str, str, str | None]]) -> None:
    found = problems(type, settings)
    assert [(problem.grade, problem.code, problem.field) for problem in found] == expected
    for problem in found:
        assert problem.words.endswith("."), problem.words
        assert problem.applet is None


def test_reads_and_writes() -> None:
    found = {}
    for type, settings in [
        ("collect_input", {"most": 4, "slot": "Old", "source": "New", "to_source": True}),
        ("collect_input", {"most": 4, "slot": "Old", "source": "New", **prompt("$(Name), key it.")}),
        ("collect_digit", {"secure": True, "source": "Pin"}),
        ("set_menu_string", {"slot": "Reason", "text": "$(Constant)"}),
        ("set_menu_digit", {"slot": "Choice", "digit": "1"}),
        ("set_data_source", {"rows": [{"id": "a", "name": "A", "value": "$(B)$(C)"}]}),
        ("announcer", {"kind": "money", "source": "Balance", "text": "$(Hidden)"}),
        ("announcer", {"kind": "text", "source": "Hidden", "text": "$(Shown)"}),
        ("data_router", {"rules": [rule(value="$(B)"), rule(2, source="C", operator="is_null", value="$(Hidden)")]}),
        ("pci_transfer", {"number": "PayLine", "clid": "PayClid"}),
        ("ccr", numbers("$(Agent)")),
        ("menu", {**MENU, "store": "Key"}),
    ]:
        cls = register.get(type)
        assert cls is not None
        applet = cls(cls.Settings.model_validate(settings))
        found[f"{len(found)} {type}"] = (applet.reads(), applet.writes())
    assert found == {
        "0 collect_input": (set(), {"New"}),
        "1 collect_input": ({"Name"}, {"IVRSlot|Old"}),
        "2 collect_digit": (set(), {"Pin"}),
        "3 set_menu_string": (set(), {"IVRSlot|Reason"}),
        "4 set_menu_digit": (set(), {"IVRSlot|Choice"}),
        "5 set_data_source": ({"B", "C"}, {"A"}),
        "6 announcer": ({"Balance"}, set()),
        "7 announcer": ({"Shown"}, set()),
        "8 data_router": ({"A", "B", "C"}, set()),
        "9 pci_transfer": ({"PayLine", "PayClid"}, set()),
        "10 ccr": ({"Agent"}, set()),
        "11 menu": (set(), {"Key"}),
    }


@pytest.mark.parametrize("cls", register.all(), ids=lambda cls: cls.type)
def test_checks_take_every_case(cls: Any) -> None:
    for case in cases_of(cls.type):
        for problem in cls(cls.Settings.model_validate(case["settings"])).check():
            assert problem.grade in ("error", "warning")
            assert problem.words
