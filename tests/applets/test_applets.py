"""Every applet type proves itself by its cases: one at least for each exit, and every wait it says it uses.

`pytest tests/applets --rewrite-cases` writes what the code gives today; the diff is what is reviewed.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from callplans.engine.applet import Applet, ExitPerItem, register
from tests.applets.running import CASES, cases_of, run_case, written

TYPES = register.all()
EVERY_CASE = [pytest.param(cls, case, id=f"{cls.type}: {case['name']}") for cls in TYPES for case in cases_of(cls.type)]


@pytest.fixture(scope="session", autouse=True)
def _rewritten(request: pytest.FixtureRequest) -> None:
    """With --rewrite-cases: bring every file up to date before anything is compared."""
    if not request.config.getoption("--rewrite-cases"):
        return
    for cls in TYPES:
        cases = cases_of(cls.type)
        for case in cases:
            case["expect"] = run_case(cls, case).to_json()
        if cases:
            (CASES / f"{cls.type}.json").write_text(written({"cases": cases}) + "\n")


def test_the_register_is_filled_and_no_file_is_left_over() -> None:
    assert {path.stem for path in CASES.glob("*.json")} == {cls.type for cls in TYPES}
    assert len(TYPES) >= 12


@pytest.mark.parametrize(("cls", "case"), EVERY_CASE)
def test_case(cls: type[Applet[Any]], case: dict[str, Any], rewrite_cases: bool) -> None:
    ran = run_case(cls, case)
    found = ran.to_json()
    if rewrite_cases:
        case = next(c for c in cases_of(cls.type) if c["name"] == case["name"])
    assert found == case["expect"]
    assert [event for step in ran.steps for event in step.events if event.kind == "fault"] == []


@pytest.mark.parametrize(("cls", "case"), EVERY_CASE)
def test_no_event_holds_what_was_collected(cls: type[Applet[Any]], case: dict[str, Any]) -> None:
    ran = run_case(cls, case)
    record = json.dumps([event.data for step in ran.steps for event in step.events])
    for part in (ran.state.sources, ran.state.sealed):
        for name, source in part.items():
            if source.collected and source.value and len(source.value) >= 4:
                assert source.value not in record, name


@pytest.mark.parametrize("cls", TYPES, ids=lambda cls: cls.type)
def test_every_exit_has_a_case(cls: type[Applet[Any]]) -> None:
    cases = cases_of(cls.type)
    assert len({case["name"] for case in cases}) == len(cases), "two cases have the same name"
    left = {exit for case in cases for exit in run_case(cls, case).exits}
    for exit in cls.exits:
        if isinstance(exit, ExitPerItem):
            assert any(name.startswith(f"{exit.prefix}:") for name in left), f"no case leaves by a {exit.prefix} exit"
        else:
            assert exit.name in left, f"no case leaves by {exit.name}"


@pytest.mark.parametrize("cls", TYPES, ids=lambda cls: cls.type)
def test_uses_is_what_it_waits_for(cls: type[Applet[Any]]) -> None:
    waited: set[type] = set()
    for case in cases_of(cls.type):
        waited |= run_case(cls, case).waits()
    assert waited == set(cls.uses)
