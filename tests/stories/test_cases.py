"""The calls in cases/*.json: what the caller hears, the way through the plan, what is asked of web services."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from callplans.applets.data_connector.locators import read_answer
from callplans.engine.errors import BadStory
from callplans.engine.plan import Plan
from callplans.engine.story import Story, Told, tell
from tests.stories.demo import plan

CASES = Path(__file__).parent / "cases"
AT_THE_START = {"CallGuid", "CLID", "DialledNumber"}


def expectation(told: Told) -> dict[str, Any]:
    """What a case keeps of a call."""
    return {
        "said": told.said,
        "route": told.route,
        "requests": [f"{request.method} {request.url}" for request in told.requests],
        "issues": told.issues(),
        "sources": {name: value for name, value in told.sources.items() if name not in AT_THE_START},
        "ended": told.ended,
    }


def all_stories() -> dict[str, Story]:
    """The stories of the cases, by name."""
    return {path.stem: Story.from_json(json.loads(path.read_text())["story"]) for path in CASES.glob("*.json")}


def broken(on: Plan) -> list[str]:
    """The first case that does not go as it should on this plan; empty when all do."""
    for path in sorted(CASES.glob("*.json")):
        case = json.loads(path.read_text())
        try:
            told = tell(on, Story.from_json(case["story"]), read_answer)
        except BadStory:
            return [path.stem]
        if expectation(told) != case["expect"]:
            return [path.stem]
    return []


@pytest.mark.parametrize("path", sorted(CASES.glob("*.json")), ids=lambda path: path.stem)
def test_case(path: Path, rewrite_cases: bool) -> None:
    case = json.loads(path.read_text())
    told = tell(plan(), Story.from_json(case["story"]), read_answer)
    found = expectation(told)
    if rewrite_cases:
        path.write_text(json.dumps(case | {"expect": found}, indent=1, ensure_ascii=False) + "\n")
    assert found == case["expect"] or rewrite_cases
    assert case["what"] and told.route


def test_the_calls_together_go_everywhere() -> None:
    """Every applet of the plan is entered by some call, and every exit that can be left is left by one."""
    entered: set[str] = set()
    left: set[tuple[str, str | None]] = set()
    for story in all_stories().values():
        told = tell(plan(), story, read_answer)
        entered |= set(told.route)
        left |= set(told.left)
    placed = plan().applets.values()
    assert {applet.name for applet in placed} - entered == set()
    never = {(applet.name, exit) for applet in placed for exit in applet.exit_kinds()} - left
    # What a router has read as an amount can be spoken, and a receipt that is there can be spelled.
    assert never == {("Say the balance", "failure"), ("Read receipt", "failure")}
