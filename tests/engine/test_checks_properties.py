"""Checks on plans nobody would draw: they never raise, always say the same, and every fix can be carried out."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from callplans.engine.applet import register
from callplans.engine.checks import Capabilities, World, check_plan
from tests.applets.running import cases_of
from tests.engine.plans import applied, plan_of

GOOD = [(cls.type, case["settings"]) for cls in register.all() for case in cases_of(cls.type)]
NAMES = st.sampled_from(["A", "a", "Line", "PayClid", "$(A)", "#(K)", "$(Line) #(k)", "CLID", "DialledNumber", ""])
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 99) | NAMES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=6,
)
KEYS = ["k1", "k2", "k3", "k4", "k5"]


@st.composite
def applets(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    """Settings of a case, some of them with a field changed, emptied or taken away; or of a type that is gone."""
    type, good = draw(st.sampled_from(GOOD))
    changed = json.loads(json.dumps(good))
    for name in draw(st.lists(st.sampled_from([*good, "nonsense"]), max_size=2, unique=True)):
        if draw(st.booleans()):
            changed.pop(name, None)
        else:
            changed[name] = draw(JUNK)
    return draw(st.sampled_from([type, type, type, "gone"])), changed


@st.composite
def drawings(draw: st.DrawFn) -> dict[str, Any]:
    keys = draw(st.lists(st.sampled_from(KEYS), max_size=5, unique=True))
    placed = {}
    for key in keys:
        type, data = draw(applets())
        placed[key] = {"key": key, "type": type, "name": draw(NAMES), "settings": data, "x": 0.0, "y": 0.0}
    exits = {
        key: [exit.name for exit in kind.drawn_exits(applet["settings"])]
        if (kind := register.get(applet["type"]))
        else ["next"]
        for key, applet in placed.items()
    }
    targets = st.none() | st.sampled_from(KEYS)
    wires = {
        key: draw(st.dictionaries(st.sampled_from([*names, "orphan"]), targets, max_size=4))
        for key, names in exits.items()
    }
    return {
        "initial": draw(targets), "hangup": draw(targets), "seeds": draw(st.dictionaries(NAMES, NAMES, max_size=2)),
        "applets": placed, "wires": wires,
    }  # fmt: skip


WORLDS = st.sampled_from(
    [
        World(),
        World(
            {"K"}, set(), {"+441632960900": ["+441632960700"]}, [Capabilities("V", "v", {"present_any": "No"})], {"A"}
        ),
    ]
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(drawings(), WORLDS)
def test_checks_never_raise_and_their_fixes_can_be_carried_out(drawing: dict[str, Any], world: World) -> None:
    problems = check_plan(plan_of(drawing), world)
    assert [p.to_json() for p in problems] == [p.to_json() for p in check_plan(plan_of(drawing), world)]
    for problem in problems:
        json.dumps(problem.to_json())
        assert problem.applet is None or problem.applet in drawing["applets"]
        for fix in [problem.fix, *problem.also]:
            if fix is not None:
                check_plan(plan_of(applied(drawing, fix.operations)), world)
