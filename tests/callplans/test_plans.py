"""Rows, drawings and the engine's plan; what the account adds to them."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from callplans import drafts, plans
from callplans.applets.announcement import Announcement
from callplans.engine.applet import register
from callplans.models import (
    Connection,
    Destination,
    Mapping,
    PaymentLine,
    PlacedApplet,
    Plan,
    PlanVersion,
    Secret,
    Wire,
    placed_id,
)
from tests.callplans.people import People, applet, menu, new_id, op, place, publishable, say, wire


class TestConstraints:
    """The database itself refuses what no code of ours should write."""

    @pytest.fixture
    def two(self, people: People) -> tuple[PlacedApplet, PlacedApplet]:
        placed = [drafts.create(people.account, people.owner, name) for name in ("One", "Two")]
        one, two = (
            PlacedApplet.objects.create(version=plan.draft, key=uuid.uuid4(), type="menu", name="x") for plan in placed
        )
        return one, two

    def refused(self, write: Any) -> None:
        with pytest.raises(IntegrityError), transaction.atomic():
            write()
            connection.check_constraints()

    def test_a_wire_stays_on_its_version(self, two: tuple[PlacedApplet, PlacedApplet]) -> None:
        one, other = two
        self.refused(lambda: Wire.objects.create(version=one.version, source=one, exit="next", target=other))
        self.refused(lambda: Wire.objects.create(version=other.version, source=one, exit="next"))
        gone = placed_id(one.version_id, uuid.uuid4())
        self.refused(lambda: Wire.objects.create(version=one.version, source=one, exit="next", target_id=gone))
        Wire.objects.create(version=one.version, source=one, exit="next", target=one)
        self.refused(lambda: Wire.objects.create(version=one.version, source=one, exit="next"))

    def test_a_version_starts_on_itself(self, two: tuple[PlacedApplet, PlacedApplet]) -> None:
        one, other = two
        for field in ("initial", "hangup"):
            rows = PlanVersion.objects.filter(pk=one.version_id)
            self.refused(lambda rows=rows, field=field: rows.update(**{field: other}))
            rows.update(**{field: one})

    def test_an_applet_is_once_on_a_version(self, two: tuple[PlacedApplet, PlacedApplet]) -> None:
        one, other = two
        self.refused(lambda: PlacedApplet.objects.create(version=one.version, key=one.key, type="menu", name="x"))
        wrong = placed_id(other.version_id, one.key)
        self.refused(
            lambda: PlacedApplet.objects.create(id=wrong, version=one.version, key=one.key, type="menu", name="x")
        )

    def test_removing_an_applet_removes_the_wires_to_it(self, two: tuple[PlacedApplet, PlacedApplet]) -> None:
        one, _ = two
        second = PlacedApplet.objects.create(version=one.version, key=uuid.uuid4(), type="menu", name="y")
        Wire.objects.create(version=one.version, source=one, exit="next", target=second)
        second.delete()
        assert not Wire.objects.exists()

    def test_versions(self, people: People) -> None:
        plan = publishable(people)
        version = drafts.publish(plan, people.owner)
        self.refused(lambda: PlanVersion.objects.create(plan=plan))
        self.refused(lambda: PlanVersion.objects.create(plan=plan, state="published", number=version.number))
        self.refused(lambda: PlanVersion.objects.create(plan=plan, state="published"))
        self.refused(lambda: PlanVersion.objects.create(plan=plan, state="trial", number=7))

    def test_secrets_and_priorities(self, people: People) -> None:
        Secret.objects.create(account=people.account, key="PayKey")
        self.refused(lambda: Secret.objects.create(account=people.account, key="PAYKEY"))
        Secret.objects.create(account=people.other_account, key="PAYKEY")
        plan = publishable(people)
        for priority in (0, 10_001):
            self.refused(
                lambda priority=priority: Mapping.objects.create(
                    account=people.account, live_plan=plan, priority=priority
                )
            )


class TestLoading:
    def test_the_engine_s_plan(self, people: People) -> None:
        plan = drafts.create(people.account, people.owner, "Water")
        hello, ask = say("Hello."), menu("1", "2")
        seeds = [{"id": "1", "name": "Brand", "value": "A"}, {"id": "2", "name": "brand", "value": "B"}]
        batch = [
            *place(hello, ask),
            wire(hello, "next", ask),
            wire(ask, "key:1", None),
            op("set_plan", field="initial", value=hello["key"]),
            op("set_plan", field="hangup", value=hello["key"]),
            op("set_plan", field="seeds", value=[*seeds, {"id": "3", "name": "", "value": "nobody"}]),
            op("set_plan", field="apology", value="Sorry."),
        ]
        drafts.apply(plan, people.owner, 0, batch)
        PaymentLine.objects.create(account=people.account, number="+441632960900", caller_ids=["+441632960700"])
        plans.forget_account(people.account.pk)
        loaded = plans.load(plan.draft_id)
        assert (loaded.id, loaded.version, loaded.name) == (str(plan.pk), str(plan.draft_id), "Water")
        assert (loaded.initial, loaded.hangup, loaded.apology) == (hello["key"], hello["key"], "Sorry.")
        assert loaded.seeds == {"Brand": "A"}
        assert (loaded.zone, loaded.language) == ("Europe/London", "en-GB")
        assert loaded.payment_lines == {"+441632960900": ["+441632960700"]}
        assert loaded.target(hello["key"], "next") == ask["key"]
        assert loaded.wired(ask["key"], "key:1")
        assert loaded.target(ask["key"], "key:1") is None
        assert not loaded.wired(ask["key"], "key:2")
        assert isinstance(loaded.applets[hello["key"]].applet, Announcement)

    def test_what_cannot_run_says_why(self, people: People) -> None:
        plan = drafts.create(people.account, people.owner, "Water")
        empty = applet("menu")
        drafts.apply(plan, people.owner, 0, place(empty))
        placed = plans.load(plan.draft_id).applets[empty["key"]]
        assert placed.applet is None
        assert placed.trouble.startswith("Menu is incomplete: choices")
        PlacedApplet.objects.update(settings_version=99)
        assert "newer version" in plans.load(plan.draft_id).applets[empty["key"]].trouble
        PlacedApplet.objects.update(type="gone", settings_version=1)
        assert "no longer exists" in plans.load(plan.draft_id).applets[empty["key"]].trouble

    def test_older_settings_are_lifted(self, people: People, monkeypatch: pytest.MonkeyPatch) -> None:
        plan = publishable(people)
        kind = register.get("announcement")
        assert kind is not None
        PlacedApplet.objects.update(settings={"words": "Old."})
        monkeypatch.setattr(kind, "version", 2)
        monkeypatch.setattr(kind, "lift", classmethod(lambda cls, data, version: {"prompt": {"text": data["words"]}}))
        placed = next(iter(plans.load(plan.draft_id).applets.values()))
        assert placed.settings == {"prompt": {"text": "Old."}}
        assert placed.applet is not None
        drawn = plans.draft_json(plan)["applets"][0]
        assert (drawn["settings"], drawn["settings_version"]) == ({"prompt": {"text": "Old."}}, 2)
        drafts.apply(plan, people.owner, 1, [op("set", key=drawn["key"], path=["prompt", "text"], value="New.")])
        stored = PlacedApplet.objects.get()
        assert (stored.settings, stored.settings_version) == ({"prompt": {"text": "New."}}, 2)
        drafts.apply(plan, people.owner, 2, place(applet("announcement", words="Pasted.")))
        unfit = applet("announcement", other=1)
        with pytest.raises(drafts.Invalid):
            drafts.apply(plan, people.owner, 3, place(unfit))

    def test_frozen_versions_come_from_memory(self, people: People, django_assert_num_queries: Any) -> None:
        version = drafts.publish(publishable(people), people.owner)
        plans.load(version.pk)
        with django_assert_num_queries(0):
            assert plans.load(str(version.pk)).applets
        with pytest.raises(PlanVersion.DoesNotExist):
            plans.load(new_id())

    def test_the_account_s_own_data_is_never_old_for_long(
        self, people: People, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        version = drafts.publish(publishable(people), people.owner)
        clock = [1000.0]
        monkeypatch.setattr("callplans.plans.time.monotonic", lambda: clock[0])
        plans.forget_account(people.account.pk)
        assert plans.load(version.pk).payment_lines == {}
        PaymentLine.objects.create(account=people.account, number="+441632960900")
        clock[0] += plans.FRESH - 0.1
        assert plans.load(version.pk).payment_lines == {}
        clock[0] += 0.2
        assert plans.load(version.pk).payment_lines == {"+441632960900": []}


class TestTheWorldAround:
    def test_secrets_connections_and_seeds(self, people: People) -> None:
        plan = publishable(people)
        for key, value in (("Set", "x"), ("Null", None), ("Empty", "")):
            Secret.objects.create(account=people.account, key=key, value=value)
        Secret.objects.create(account=people.other_account, key="Theirs", value="x")
        vonage = Connection.objects.create(
            account=people.account, provider="vonage", name="V", settings={"own_numbers": ["+441632960100"]}
        )
        Connection.objects.create(account=people.account, provider="vonage", name="Elsewhere")
        destination = Destination.objects.create(
            account=people.account, address="+441632960100", connection=vonage, seeds=[{"name": "Desk", "value": "1"}]
        )
        mapping = Mapping.objects.create(
            account=people.account, live_plan=plan, seeds=[{"name": "Brand", "value": "1"}]
        )
        mapping.destinations.add(destination)
        world = plans.world_of(plan)
        assert (world.secrets, world.secrets_empty) == ({"Set", "Null"}, {"Empty"})
        assert world.seeds == {"Desk", "Brand"}
        assert [(p.connection, p.own_numbers) for p in world.providers] == [("V", ["+441632960100"])]
        destination.connection = None
        destination.save()
        assert len(plans.world_of(plan).providers) == 2
        assert plans.world_of(publishable(people, "Other")).providers == []

    def test_names_for_the_pickers(self, people: People) -> None:
        plan = drafts.create(people.account, people.owner, "Water")
        Secret.objects.create(account=people.account, key="PayKey", value="x")
        ask = applet("collect_input", prompt={"text": "Key it."}, most=8, slot="AccountNumber")
        values = [{"id": new_id(), "name": "Owner|Item", "value": "1"}]
        drafts.apply(plan, people.owner, 0, place(ask, applet("set_data_source", rows=values)))
        names = plans.draft_json(plan)["names"]
        assert {"CLID", "IVRSlot|AccountNumber", "Owner|Item"} <= set(names["sources"])
        assert names["slots"] == ["AccountNumber"]
        assert names["secrets"] == ["PayKey"]

    def test_an_unknown_secret_is_a_problem(self, people: People) -> None:
        plan = drafts.create(people.account, people.owner, "Water")
        request = {
            "method": "GET",
            "url": "https://example.com/",
            "headers": [{"id": "h", "key": "X", "value": "#(PayKey)"}],
        }
        fetch = applet("data_connector", request=request, response={"type": "JSON", "fields": []})
        drafts.apply(plan, people.owner, 0, [*place(fetch), op("set_plan", field="initial", value=fetch["key"])])
        before = {p.code for p in plans.check(plan.draft)}
        Secret.objects.create(account=people.account, key="paykey", value="x")
        assert len(before - {p.code for p in plans.check(plan.draft)}) == 1


def test_the_same_drawing_before_and_after_publishing(people: People) -> None:
    plan = publishable(people)
    version = drafts.publish(plan, people.owner)
    ours, theirs = (
        plans.draft_json(Plan.objects.get(pk=plan.pk)),
        plans.version_json(
            PlanVersion.objects.select_related("plan__draft", "plan__live").get(pk=version.pk), "viewer"
        ),
    )
    for part in ("applets", "wires", "version", "name"):
        assert ours[part] == theirs[part]
    assert (theirs["state"], theirs["role"], theirs["problems"]) == ("published", "viewer", [])
