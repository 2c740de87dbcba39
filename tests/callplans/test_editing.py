"""Random batches against a reference of a few lines: the same drawing, or the same refusal with nothing changed."""

from __future__ import annotations

import contextlib
import copy
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from callplans import drafts, plans
from callplans.editing import Drawing, edit
from callplans.models import PlanVersion
from callplans.operations import Invalid, parse
from tests.callplans.people import People, new_id, op, place, say
from tests.callplans.test_drafts import rows

KEYS = [f"00000000-0000-4000-8000-00000000000{n}" for n in range(5)]
NOWHERE = "00000000-0000-4000-8000-0000000000ff"

anywhere = st.sampled_from([*KEYS, NOWHERE])
exits = st.sampled_from(["next", "key:1", "key:2", "no_input", "invalid", "bogus"])
spots = st.sampled_from([0, 12.5, -300])
pads = st.lists(st.sampled_from(["1", "2", "3"]), max_size=3)
KINDS = ["place", "remove", "move", "rename", "seconds", "pad", "pad", "wire", "wire", "wire", "unwire", "start"]


def choices(pad: list[str]) -> list[dict[str, str]]:
    return [{"id": f"c{i}", "key": key, "label": ""} for i, key in enumerate(pad)]


def rarely(draw: Any) -> bool:
    return bool(draw(st.integers(0, 19)) == 13)


def operation(draw: Any, now: Reference) -> dict[str, Any]:
    """An operation that mostly fits the drawing as it stands, and now and then does not."""

    def some_key() -> str:
        return str(draw(anywhere if rarely(draw) else st.sampled_from(sorted(now.applets))))

    kind = draw(st.sampled_from(KINDS)) if len(now.applets) > 1 else "place"
    if kind == "place":
        type = draw(st.sampled_from(["menu", "announcement"]))
        what = {"choices": choices(draw(pads))} if type == "menu" else {"prompt": {"file": "", "text": "Hello."}}
        free = sorted(set(KEYS) - now.applets.keys())
        key = draw(st.sampled_from(KEYS if rarely(draw) or not free else free))
        made = {"key": key, "type": type, "name": type, "settings": what, "settings_version": 1}
        return op("place", applet=made | {"x": draw(spots), "y": 0.0})
    key = some_key()
    menus = [key for key, applet in sorted(now.applets.items()) if applet["type"] == "menu"]
    match kind:
        case "move":
            return op("move", key=key, x=draw(spots), y=draw(spots))
        case "rename":
            return op("rename", key=key, name=draw(st.sampled_from(["One", "Two"])))
        case "seconds" | "pad" if menus and not rarely(draw):
            key = draw(st.sampled_from(menus))
    match kind:
        case "seconds":
            value = draw(st.sampled_from([0, 61, "soon"] if rarely(draw) else [1, 60]))
            return op("set", key=key, path=["seconds"], value=value)
        case "pad":
            return op("set", key=key, path=["choices"], value=choices(draw(pads)))
        case "wire" | "unwire":
            has = now.exits(key) if key in now.applets else []
            exit = draw(exits if rarely(draw) or not has else st.sampled_from(has))
            if kind == "unwire":
                return op("unwire", source=key, exit=exit)
            return op("wire", source=key, exit=exit, target=some_key() if draw(st.booleans()) else None)
        case "start":
            return op("set_plan", field=draw(st.sampled_from(["initial", "hangup"])), value=some_key())
    return op("remove", key=key)


def batch_for(draw: Any, reference: Reference) -> list[dict[str, Any]]:
    now, batch = copy.deepcopy(reference), []
    for _ in range(draw(st.integers(1, 5))):
        batch.append(operation(draw, now))
        with contextlib.suppress(Refused):
            now.one(batch[-1])
    return batch


class Refused(Exception):
    pass


class Reference:
    """What a batch does, as plainly as it can be said."""

    def __init__(self) -> None:
        self.applets: dict[str, dict[str, Any]] = {}
        self.wires: dict[tuple[str, str], str | None] = {}
        self.start: dict[str, str | None] = {"initial": None, "hangup": None}
        self.taken_away: set[tuple[str, str]] = set()

    def apply(self, batch: list[dict[str, Any]]) -> None:
        before, now = dict(self.wires), copy.deepcopy(self)
        for one in batch:
            now.one(one)
        for touched in {one["key"] for one in batch if one["op"] == "set"} | {
            one["applet"]["key"] for one in batch if one["op"] == "place"
        }:
            if touched in now.applets:
                now.judge(now.applets[touched])
        for source, exit in now.wires.keys() - before.keys():
            if exit not in now.exits(source) and (source, exit) not in now.taken_away:
                raise Refused
        now.taken_away |= before.keys() - now.wires.keys()
        self.__dict__ = now.__dict__

    def one(self, one: dict[str, Any]) -> None:
        match one["op"]:
            case "place":
                if one["applet"]["key"] in self.applets:
                    raise Refused
                self.applets[one["applet"]["key"]] = copy.deepcopy(one["applet"])
            case "remove":
                del self.applets[self.there(one["key"])]
                self.wires = {w: t for w, t in self.wires.items() if one["key"] not in (w[0], t)}
                self.start = {name: None if key == one["key"] else key for name, key in self.start.items()}
            case "move":
                self.applets[self.there(one["key"])].update(x=one["x"], y=one["y"])
            case "rename":
                self.applets[self.there(one["key"])]["name"] = one["name"]
            case "set":
                self.applets[self.there(one["key"])]["settings"][one["path"][0]] = one["value"]
            case "wire":
                self.there(one["source"])
                self.wires[one["source"], one["exit"]] = one["target"] and self.there(one["target"])
            case "unwire":
                self.wires.pop((self.there(one["source"]), one["exit"]), None)
            case "set_plan":
                self.start[one["field"]] = one["value"] and self.there(one["value"])

    def there(self, key: str) -> str:
        if key not in self.applets:
            raise Refused
        return key

    def judge(self, applet: dict[str, Any]) -> None:
        what = applet["settings"]
        allowed = {"choices", "seconds"} if applet["type"] == "menu" else {"prompt"}
        pad = [choice["key"] for choice in what.get("choices", [])]
        seconds = what.get("seconds", 5)
        if set(what) - allowed or len(pad) != len(set(pad)) or not isinstance(seconds, int) or not 1 <= seconds <= 60:
            raise Refused

    def exits(self, key: str) -> list[str]:
        applet = self.applets[key]
        if applet["type"] == "announcement":
            return ["next"]
        return [*(f"key:{choice['key']}" for choice in applet["settings"].get("choices", [])), "no_input", "invalid"]


def picture(version: PlanVersion) -> Any:
    drawn = plans.drawing_of(version)
    return drawn.applets, drawn.wires, {"initial": drawn.initial, "hangup": drawn.hangup}


seen = {"applied": 0, "refused": 0}


@pytest.mark.django_db
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_random_batches(people: People, data: st.DataObject) -> None:
    plan = drafts.create(people.account, people.owner, "Random")
    reference, revision = Reference(), 0
    for _ in range(10):
        batch = batch_for(data.draw, reference)
        before = rows()
        try:
            reference.apply(batch)
        except Refused:
            with pytest.raises(Invalid) as refused:
                drafts.apply(plan, people.owner, revision, batch)
            assert refused.value.fields
            assert rows() == before
            seen["refused"] += 1
        else:
            revision += 1
            assert drafts.apply(plan, people.owner, revision - 1, batch).revision == revision
            seen["applied"] += 1
        version = PlanVersion.objects.get(pk=plan.draft_id)
        assert picture(version) == (reference.applets, reference.wires, reference.start)
        assert version.revision == revision
    drafts.delete(plan)


def test_both_happened_often_enough() -> None:
    """The test above would prove little if nearly everything were refused, or nothing."""
    assert seen["applied"] > 40
    assert seen["refused"] > 20


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=4) | st.sampled_from(KEYS),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "op", "key", "applet", "path", "value", "settings", "type"]), inner, max_size=4
        )
    ),
    max_leaves=8,
)
wild = st.fixed_dictionaries(
    {
        "id": st.uuids().map(str),
        "op": st.sampled_from(["place", "remove", "move", "rename", "set", "wire", "unwire", "set_plan"]),
    },
    optional={
        "key": anywhere | json_values,
        "applet": json_values,
        "path": st.lists(st.sampled_from(["choices", "c0", "key", "prompt", "0", "text"]), max_size=4) | json_values,
        "value": json_values,
        "source": anywhere,
        "exit": exits | json_values,
        "target": st.none() | anywhere | json_values,
        "field": st.sampled_from(["initial", "hangup", "seeds", "apology"]),
        "x": json_values,
        "y": spots,
        "name": json_values,
    },
)


@settings(max_examples=400, deadline=None)
@given(operations=st.lists(wild | json_values, max_size=4))
def test_wild_operations_are_applied_or_refused_and_nothing_else(operations: Any) -> None:
    """No other exception, and the drawing that was given is never changed."""
    menu = {"choices": choices(["1", "2"]), "prompt": {"text": "x"}}
    drawing = Drawing(initial=KEYS[0], wires={(KEYS[0], "next"): KEYS[1]})
    for key, type, what in ((KEYS[0], "announcement", {"prompt": {"text": "x"}}), (KEYS[1], "menu", menu)):
        drawing.applets[key] = {
            "key": key, "type": type, "name": type, "settings": what, "settings_version": 1, "x": 0.0, "y": 0.0,
        }  # fmt: skip
    before = copy.deepcopy(drawing)
    try:
        after = edit(drawing, parse(operations))
    except Invalid as refused:
        assert all(field.path.startswith("operations") and field.code and field.message for field in refused.fields)
    else:
        assert all(
            source in after.applets and (t is None or t in after.applets) for (source, _), t in after.wires.items()
        )
        assert after.initial is None or after.initial in after.applets
    assert drawing == before


def test_a_whole_plan_can_be_pasted_at_once(people: People) -> None:
    plan = drafts.create(people.account, people.owner, "Large")
    drafts.apply(plan, people.owner, 0, place(*(say("x", key=new_id()) for _ in range(300))))
    assert len(plans.load(plan.draft_id).applets) == 300
