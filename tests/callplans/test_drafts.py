"""Drafts: edited by batches, published, called, copied, deleted."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from callplans import drafts, plans
from callplans.engine.applet import register
from callplans.models import (
    Call,
    Destination,
    Mapping,
    Operation,
    PlacedApplet,
    Plan,
    PlanVersion,
    VersionState,
    Wire,
)
from callplans.operations import Invalid
from tests.callplans.people import People, applet, menu, new_id, op, place, publishable, say, wire


def rows() -> tuple[Any, ...]:
    """Everything a draft is made of, for `nothing was changed`."""
    return (
        list(PlanVersion.objects.order_by("pk").values()),
        list(PlacedApplet.objects.order_by("pk").values()),
        list(Wire.objects.order_by("pk").values()),
        list(Operation.objects.order_by("pk").values()),
    )


def fresh(plan: Plan) -> Plan:
    return Plan.objects.select_related("draft", "live").get(pk=plan.pk)


def draft(plan: Plan) -> dict[str, Any]:
    return plans.draft_json(fresh(plan))


def refused(plan: Plan, people: People, revision: int, *operations: Any) -> Invalid:
    before = rows()
    with pytest.raises(Invalid) as caught:
        drafts.apply(plan, people.owner, revision, list(operations))
    assert rows() == before
    return caught.value


class TestBatches:
    def test_a_drawing_is_stored_and_read_back(self, people: People) -> None:
        plan = drafts.create(people.account, people.owner, "Water")
        hello, ask = say("Hello."), menu("1", "2")
        batch = [
            *place(hello, ask),
            wire(hello, "next", ask),
            wire(ask, "key:1", hello),
            wire(ask, "key:2", None),
            op("set_plan", field="initial", value=hello["key"]),
            op("set_plan", field="seeds", value=[{"id": "s", "name": "Brand", "value": "Harbour"}]),
            op("set_plan", field="apology", value="Sorry."),
        ]
        assert drafts.apply(plan, people.editor, 0, batch).revision == 1
        drawn = draft(plan)
        assert {a["key"] for a in drawn["applets"]} == {hello["key"], ask["key"]}
        assert {(w["exit"], w["target"]) for w in drawn["wires"]} == {
            ("next", ask["key"]), ("key:1", hello["key"]), ("key:2", None),
        }  # fmt: skip
        assert drawn["version"]["initial"] == hello["key"]
        assert drawn["version"]["seeds"][0]["name"] == "Brand"
        assert drawn["version"]["apology"] == "Sorry."
        assert drawn["revision"] == 1
        assert "Brand" in drawn["names"]["sources"]
        assert fresh(plan).modified_by == people.editor

    def test_removing_an_applet_removes_its_wires_and_the_start(self, people: People) -> None:
        plan = drafts.create(people.account, people.owner, "Water")
        one, two = say("One."), say("Two.")
        start = [op("set_plan", field=field, value=two["key"]) for field in ("initial", "hangup")]
        drafts.apply(plan, people.owner, 0, [*place(one, two), wire(one, "next", two), wire(two, "next", one), *start])
        drafts.apply(plan, people.owner, 1, [op("remove", key=two["key"])])
        drawn = draft(plan)
        assert drawn["wires"] == []
        assert drawn["version"]["initial"] is None
        assert drawn["version"]["hangup"] is None
        assert Operation.objects.get(revision=2).removed["applets"][0]["name"] == two["name"]

    def test_a_wire_is_led_elsewhere(self, people: People) -> None:
        plan = drafts.create(people.account, people.owner, "Water")
        one, two, three = say("One."), say("Two."), say("Three.")
        drafts.apply(plan, people.owner, 0, [*place(one, two, three), wire(one, "next", two), wire(two, "next", None)])
        drafts.apply(plan, people.owner, 1, [wire(one, "next", three), wire(two, "next", one)])
        found = {(w["source"], w["target"]) for w in draft(plan)["wires"]}
        assert found == {(one["key"], three["key"]), (two["key"], one["key"])}

    def test_settings_by_path(self, people: People) -> None:
        plan = drafts.create(people.account, people.owner, "Water")
        ask = menu("1", "2")
        first, second = (choice["id"] for choice in ask["settings"]["choices"])
        drafts.apply(plan, people.owner, 0, place(ask))
        batch = [
            op("set", key=ask["key"], path=["choices", first, "label"], value="Pay"),
            op("set", key=ask["key"], path=["choices", second]),
            op("set", key=ask["key"], path=["choices", "new"], value={"id": "new", "key": "9", "label": "Agent"}),
            op("set", key=ask["key"], path=["no_input_prompt", "text"], value="Nothing heard."),
            op("set", key=ask["key"], path=["seconds"], value=7),
            op("set", key=ask["key"], path=["prompt"]),
        ]
        drafts.apply(plan, people.owner, 1, batch)
        settings = draft(plan)["applets"][0]["settings"]
        assert settings == {
            "choices": [{"id": first, "key": "1", "label": "Pay"}, {"id": "new", "key": "9", "label": "Agent"}],
            "no_input_prompt": {"text": "Nothing heard."},
            "seconds": 7,
        }

    def test_an_incomplete_applet_is_stored_and_listed(self, people: People) -> None:
        plan = drafts.create(people.account, people.owner, "Water")
        drafts.apply(plan, people.owner, 0, place(applet("menu")))
        assert any(p["grade"] == "error" and p["applet"] for p in draft(plan)["problems"])
        assert fresh(plan).draft.problem_counts["errors"] > 0

    def test_the_same_batch_twice_is_applied_once(self, people: People) -> None:
        plan = drafts.create(people.account, people.owner, "Water")
        batch = place(say("One."))
        drafts.apply(plan, people.owner, 0, batch)
        again = drafts.apply(plan, people.owner, 0, batch)
        assert (again.revision, again.repeated) == (1, True)
        assert PlacedApplet.objects.count() == 1
        assert drafts.apply(plan, people.owner, 1, batch).repeated

    def test_a_repeated_batch_with_more_behind_it_applies_only_the_rest(self, people: People) -> None:
        plan = drafts.create(people.account, people.owner, "Water")
        first, second = place(say("One.")), place(say("Two."))
        drafts.apply(plan, people.owner, 0, first)
        assert drafts.apply(plan, people.owner, 0, first + second).revision == 2
        assert PlacedApplet.objects.count() == 2
        bad = op("move", key=new_id(), x=0, y=0)
        assert refused(plan, people, 0, *first, *second, bad).fields[0].path == "operations.2.key"

    def test_a_stale_revision_brings_what_was_changed(self, people: People) -> None:
        plan = drafts.create(people.account, people.owner, "Water")
        batch = place(say("One."))
        drafts.apply(plan, people.editor, 0, batch)
        before = rows()
        with pytest.raises(drafts.Stale) as stale:
            drafts.apply(plan, people.owner, 0, place(say("Two.")))
        assert rows() == before
        assert stale.value.revision == 1
        assert [o["author"] for o in stale.value.operations] == ["Editor"]
        assert stale.value.operations[0]["operations"][0]["id"] == batch[0]["id"]
        with pytest.raises(drafts.Stale):
            drafts.apply(plan, people.owner, 7, place(say("Two.")))

    def test_swapping_two_keys_in_one_batch(self, people: People) -> None:
        plan = drafts.create(people.account, people.owner, "Water")
        ask = menu("1", "2")
        one, two = (choice["id"] for choice in ask["settings"]["choices"])
        drafts.apply(plan, people.owner, 0, place(ask))
        swap = [op("set", key=ask["key"], path=["choices", i, "key"], value=k) for i, k in ((one, "2"), (two, "1"))]
        drafts.apply(plan, people.owner, 1, swap)
        assert [c["key"] for c in draft(plan)["applets"][0]["settings"]["choices"]] == ["2", "1"]

    def test_an_orphaned_wire_can_be_brought_back_but_not_invented(self, people: People) -> None:
        plan = drafts.create(people.account, people.owner, "Water")
        ask = menu("1", "2")
        second = ask["settings"]["choices"][1]["id"]
        drafts.apply(plan, people.owner, 0, [*place(ask), wire(ask, "key:2", None)])
        drafts.apply(plan, people.owner, 1, [op("set", key=ask["key"], path=["choices", second])])
        assert [w["exit"] for w in draft(plan)["wires"]] == ["key:2"]
        drafts.apply(plan, people.owner, 2, [op("unwire", source=ask["key"], exit="key:2")])
        drafts.apply(plan, people.owner, 3, [wire(ask, "key:2", None)])
        assert refused(plan, people, 4, wire(ask, "key:3", None)).fields[0].code == "unknown_exit"

    def test_a_type_that_is_gone_keeps_its_settings(self, people: People, monkeypatch: pytest.MonkeyPatch) -> None:
        plan = drafts.create(people.account, people.owner, "Water")
        hello = say("Hello.")
        drafts.apply(plan, people.owner, 0, [*place(hello), wire(hello, "next", None)])
        monkeypatch.delitem(register._types, "announcement")
        error = refused(plan, people, 1, op("set", key=hello["key"], path=["prompt", "text"], value="x")).fields[0]
        assert (error.code, error.applet) == ("type_gone", hello["key"])
        drafts.apply(plan, people.owner, 1, [op("move", key=hello["key"], x=1, y=2)])
        assert draft(plan)["applets"][0]["settings"]["prompt"]["text"] == "Hello."
        placed = plans.load(plan.draft_id).applets[hello["key"]]
        assert placed.applet is None
        assert "no longer exists" in placed.trouble
        drafts.apply(plan, people.owner, 2, [op("remove", key=hello["key"])])
        drafts.apply(plan, people.owner, 3, [*place(hello), wire(hello, "next", None)])
        assert len(draft(plan)["applets"]) == 1
        assert refused(plan, people, 4, *place(say("New."))).fields[0].code == "unknown_type"


BAD = [
    ("unknown exit", lambda a, b: wire(a, "nowhere", b), "operations.0.exit", "unknown_exit"),
    ("missing source", lambda a, b: wire({"key": new_id()}, "next", b), "operations.0.source", "missing_applet"),
    ("missing target", lambda a, b: wire(a, "next", {"key": new_id()}), "operations.0.target", "missing_applet"),
    ("moving nothing", lambda a, b: op("move", key=new_id(), x=0, y=0), "operations.0.key", "missing_applet"),
    ("removing nothing", lambda a, b: op("remove", key=new_id()), "operations.0.key", "missing_applet"),
    (
        "starting nowhere",
        lambda a, b: op("set_plan", field="initial", value=new_id()),
        "operations.0.value",
        "missing_applet",
    ),
    (
        "starting at nonsense",
        lambda a, b: op("set_plan", field="initial", value="x"),
        "operations.0.value",
        "uuid_parsing",
    ),
    ("duplicate applet", lambda a, b: place(a)[0], "operations.0.applet.key", "duplicate_key"),
    ("no such type", lambda a, b: place(applet("fax"))[0], "operations.0.applet.type", "unknown_type"),
    (
        "settings from the future",
        lambda a, b: op("place", applet=say("x") | {"settings_version": 99}),
        "operations.0.applet.settings_version",
        "too_new",
    ),
    (
        "wrong type",
        lambda a, b: op("set", key=b["key"], path=["seconds"], value="soon"),
        "operations.0.value",
        "int_type",
    ),
    (
        "text for a number",
        lambda a, b: op("set", key=b["key"], path=["seconds"], value="5"),
        "operations.0.value",
        "int_type",
    ),
    (
        "too many seconds",
        lambda a, b: op("set", key=b["key"], path=["seconds"], value=61),
        "operations.0.value",
        "less_than_equal",
    ),
    (
        "unknown field",
        lambda a, b: op("set", key=a["key"], path=["colour"], value="red"),
        "operations.0.value",
        "extra_forbidden",
    ),
    (
        "huge label",
        lambda a, b: op(
            "set", key=b["key"], path=["choices", b["settings"]["choices"][0]["id"], "label"], value="x" * 2**20
        ),
        "operations.0.value",
        "string_too_long",
    ),
    ("huge name", lambda a, b: op("rename", key=a["key"], name="x" * 2**20), "operations.0.name", "string_too_long"),
    (
        "settings that are none",
        lambda a, b: op("set", key=a["key"], path=[], value=5),
        "operations.0.value",
        "dict_type",
    ),
    (
        "no such item",
        lambda a, b: op("set", key=b["key"], path=["choices", "nobody", "label"], value="x"),
        "operations.0.path.1",
        "no_item",
    ),
    (
        "below a text",
        lambda a, b: op("set", key=a["key"], path=["prompt", "text", "deep"], value="x"),
        "operations.0.path.2",
        "no_field",
    ),
    ("nowhere to be", lambda a, b: op("move", key=a["key"], x=float("inf"), y=0), "operations.0.x", "finite_number"),
    ("unknown operation", lambda a, b: op("paint"), "operations.0", "union_tag_invalid"),
    ("not an operation", lambda a, b: 5, "operations.0", "model_attributes_type"),
    ("seeds that are none", lambda a, b: op("set_plan", field="seeds", value="x"), "operations.0.value", "list_type"),
    (
        "an apology too long",
        lambda a, b: op("set_plan", field="apology", value="x" * 2000),
        "operations.0.value",
        "string_too_long",
    ),
]


@pytest.mark.parametrize(("make", "path", "code"), [bad[1:] for bad in BAD], ids=[bad[0] for bad in BAD])
def test_what_a_draft_refuses(people: People, make: Any, path: str, code: str) -> None:
    plan = drafts.create(people.account, people.owner, "Water")
    a, b = say("Hello."), menu("1", "2")
    drafts.apply(plan, people.owner, 0, place(a, b))
    error = refused(plan, people, 1, make(a, b)).fields[0]
    assert (error.path, error.code) == (path, code)


def test_a_batch_fails_as_a_whole(people: People) -> None:
    plan = drafts.create(people.account, people.owner, "Water")
    error = refused(plan, people, 0, *place(say("Good.")), op("move", key=new_id(), x=0, y=0)).fields[0]
    assert error.path == "operations.1.key"


def test_a_duplicate_key_names_applet_and_field(people: People) -> None:
    plan = drafts.create(people.account, people.owner, "Water")
    ask = menu("1", "2")
    drafts.apply(plan, people.owner, 0, place(ask))
    second = ask["settings"]["choices"][1]["id"]
    again = op("set", key=ask["key"], path=["choices", second, "key"], value="1")
    error = refused(plan, people, 1, again).fields[0]
    assert error.applet == ask["key"]
    assert (error.field or "").startswith("choices")
    assert error.path.startswith("operations.0.value")
    twice = menu("1", "1")
    assert refused(plan, people, 1, *place(twice)).fields[0].path.startswith("operations.0.applet.settings.choices")


def test_no_plan_grows_beyond_its_limit(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("callplans.editing.MOST_APPLETS", 3)
    plan = drafts.create(people.account, people.owner, "Water")
    assert refused(plan, people, 0, *place(*(say("x") for _ in range(4)))).fields[0].code == "too_many"
    drafts.apply(plan, people.owner, 0, place(*(say("x") for _ in range(3))))


class TestPublishing:
    def test_publishing_freezes_the_rows(self, people: People) -> None:
        plan = publishable(people)
        version = drafts.publish(plan, people.editor, "First")
        assert (version.number, version.state, version.note, version.author) == (1, "published", "First", people.editor)
        key = draft(plan)["applets"][0]["key"]
        drafts.apply(plan, people.owner, 1, [op("rename", key=key, name="Later")])
        assert [a.name for a in plans.load(version.pk).applets.values()] == ["announcement"]
        assert plans.load(version.pk).applets is plans.load(version.pk).applets
        assert [a.name for a in plans.load(plan.draft_id).applets.values()] == ["Later"]
        assert drafts.publish(plan, people.owner).number == 2
        assert plans.changes_since_live(fresh(plan)) == 0

    def test_errors_block_it(self, people: People) -> None:
        plan = publishable(people)
        drafts.apply(plan, people.owner, 1, place(applet("menu")))
        with pytest.raises(drafts.NotReady) as refused:
            drafts.publish(plan, people.owner, accept_open_exits=True)
        assert refused.value.problems
        assert not PlanVersion.objects.filter(state=VersionState.PUBLISHED).exists()

    def test_open_exits_are_asked_about_once(self, people: People) -> None:
        plan = publishable(people)
        key = draft(plan)["applets"][0]["key"]
        drafts.apply(plan, people.owner, 1, [op("unwire", source=key, exit="next")])
        with pytest.raises(drafts.OpenExits) as asked:
            drafts.publish(plan, people.owner)
        assert [problem.exit for problem in asked.value.problems] == ["next"]
        assert drafts.publish(plan, people.owner, accept_open_exits=True).number == 1

    def test_only_what_was_seen_is_published(self, people: People) -> None:
        plan = publishable(people)
        with pytest.raises(drafts.Stale):
            drafts.publish(plan, people.owner, revision=0)

    def test_a_trial_is_reused_while_the_draft_is_unchanged(self, people: People) -> None:
        plan = publishable(people)
        trial = drafts.freeze_trial(plan, people.editor, revision=1)
        assert drafts.freeze_trial(plan, people.owner) == trial
        assert (trial.state, trial.number, trial.revision) == ("trial", None, 1)
        drafts.apply(plan, people.owner, 1, place(say("More.")))
        assert drafts.freeze_trial(plan, people.owner) != trial
        PlanVersion.objects.filter(pk=trial.pk).update(created=timezone.now() - timezone.timedelta(days=1))
        assert drafts.drop_trials() == 1
        assert not PlanVersion.objects.filter(pk=trial.pk).exists()


def live_call(plan: Plan, version: PlanVersion, **fields: Any) -> Call:
    values = {"provider": "vonage", "provider_call_id": new_id(), "started_at": timezone.now()} | fields
    return Call.objects.create(account=plan.account, plan=plan, version=version, **values)


class TestCopyingAndDeleting:
    def test_a_copy_has_the_drawing_and_nothing_published(self, people: People) -> None:
        plan = publishable(people)
        drafts.publish(plan, people.owner)
        copy = drafts.duplicate(fresh(plan), people.editor)
        assert (copy.name, copy.live, copy.draft.revision) == ("Copy of Greeting", None, 0)
        ours, theirs = draft(plan), draft(copy)
        assert theirs["applets"] == ours["applets"]
        assert theirs["wires"] == ours["wires"]
        assert theirs["version"] == ours["version"]

    def test_what_would_break_is_told_first(self, people: People) -> None:
        plan = publishable(people)
        version = drafts.publish(plan, people.owner)
        destination = Destination.objects.create(account=people.account, address="+441632960100", name="Payments")
        mapping = Mapping.objects.create(account=people.account, live_plan=plan)
        mapping.destinations.add(destination)
        call = live_call(plan, version)
        found = drafts.impact(plan)
        assert (found.calls_live, found.calls_past) == (1, 0)
        assert found.destinations == [{"id": str(destination.pk), "name": "Payments", "address": "+441632960100"}]
        with pytest.raises(drafts.CallsLive):
            drafts.delete(plan, confirmed=True)
        Call.objects.filter(pk=call.pk).update(ended_at=timezone.now())
        with pytest.raises(drafts.InUse):
            drafts.delete(plan)
        drafts.delete(plan, confirmed=True)
        assert not Plan.objects.exists()
        assert not Call.objects.exists()
        assert Destination.objects.exists()


def test_a_batch_costs_the_same_for_few_and_many_applets(
    people: People, django_assert_num_queries: Any, django_assert_max_num_queries: Any
) -> None:
    plan = drafts.create(people.account, people.owner, "Water")
    with django_assert_max_num_queries(14, connection=connection):
        drafts.apply(plan, people.owner, 0, place(*(say("x") for _ in range(5))))
    with django_assert_max_num_queries(14, connection=connection):
        drafts.apply(plan, people.owner, 1, place(*(say("x") for _ in range(50))))
