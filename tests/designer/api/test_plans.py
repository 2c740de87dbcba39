"""Call plans at the API: list, make, rename, copy, delete."""

from __future__ import annotations

from collections.abc import Callable

from django.utils import timezone

from callplans import drafts
from callplans.models import Call, Destination, Mapping, Plan
from tests.callplans.people import People, new_id
from tests.designer.api.conftest import Caller


def test_a_plan_is_made_renamed_copied_and_deleted(owner: Caller) -> None:
    made = owner.post("plans", {"name": "Water", "description": "Pay a bill."}, 201)
    assert (made["name"], made["revision"], made["live_version"], made["status"]) == ("Water", 0, None, "Unmapped")
    assert made["problems"] is None
    path = f"plans/{made['id']}"
    assert owner.patch(path, {"name": "Water bill"})["description"] == "Pay a bill."
    copy = owner.post(f"{path}/duplicate", {}, 201)
    assert copy["name"] == "Copy of Water bill"
    assert [p["name"] for p in owner.get("plans")["results"]] == ["Copy of Water bill", "Water bill"]
    assert [p["name"] for p in owner.get("plans?order=-modified")["results"]] == ["Copy of Water bill", "Water bill"]
    owner.delete(path)
    owner.get(path, 404)


def test_the_row_tells_how_things_stand(owner: Caller, people: People, plan: Plan) -> None:
    version = drafts.publish(plan, people.owner)
    Mapping.objects.create(account=people.account, live_plan=plan)
    for ended in (None, None, timezone.now()):
        Call.objects.create(
            account=people.account, plan=plan, version=version, provider="vonage", provider_call_id=new_id(),
            started_at=timezone.now(), ended_at=ended,
        )  # fmt: skip
    row = owner.get("plans")["results"][0]
    assert row["live_version"] == 1
    assert row["live_version_id"] == str(version.pk)
    assert row["changes_since_live"] == 0
    assert row["status"] == "Mapped"
    assert row["calls_live"] == 2
    assert row["modified_by"] == "Owner"
    assert row["problems"] == {"errors": 0, "warnings": 0}


def test_search_and_pages(owner: Caller, people: People) -> None:
    for name in ("Water", "Gas", "Water meter"):
        drafts.create(people.account, people.owner, name)
    assert [p["name"] for p in owner.get("plans?search=water")["results"]] == ["Water", "Water meter"]
    first = owner.get("plans?size=2")
    assert (first["count"], first["next"], len(first["results"])) == (3, 2, 2)
    last = owner.get("plans?size=2&page=2")
    assert (last["next"], [p["name"] for p in last["results"]]) == (None, ["Water meter"])
    owner.get("plans?page=9", 404)
    owner.get("plans?page=x&size=-1&order=;drop", 404)


def test_names_are_needed_and_bounded(owner: Caller) -> None:
    for body in (
        {},
        {"name": ""},
        {"name": "x" * 2**20},
        {"name": 5},
        {"name": "A", "colour": "red"},
        [],
        "text",
        None,
    ):
        answer = owner("POST", "plans", body)
        assert answer.status_code == 400, body
    assert owner.get("plans")["count"] == 0


def test_deleting_tells_what_would_break(owner: Caller, editor: Caller, people: People, plan: Plan) -> None:
    destination = Destination.objects.create(account=people.account, name="Payments", address="+441632960100")
    mapping = Mapping.objects.create(account=people.account, live_plan=plan)
    mapping.destinations.add(destination)
    impact = owner.get(f"plans/{plan.pk}/impact")
    assert impact == {
        "destinations": [{"id": str(destination.pk), "name": "Payments", "address": "+441632960100"}],
        "mappings": [{"id": str(mapping.pk), "live": True, "priority": 1}],
        "calls_live": 0,
        "calls_past": 0,
    }
    refused = owner.delete(f"plans/{plan.pk}", 409)["error"]
    assert (refused["code"], refused["impact"]) == ("in_use", impact)
    assert editor.delete(f"plans/{plan.pk}?confirm=true", 409)["error"]["code"] == "needs_owner"
    owner.delete(f"plans/{plan.pk}?confirm=true")
    assert not Mapping.objects.exists()


def test_a_plan_with_live_calls_stays(owner: Caller, people: People, plan: Plan) -> None:
    Call.objects.create(
        account=people.account, plan=plan, version=plan.draft, provider="browser", provider_call_id="1",
        started_at=timezone.now(),
    )  # fmt: skip
    refused = owner.delete(f"plans/{plan.pk}?confirm=true", 409)["error"]
    assert (refused["code"], refused["calls"]) == ("calls_live", 1)


def test_a_list_costs_the_same_for_5_rows_and_for_50(
    owner: Caller, people: People, queries: Callable[[Caller, str], int]
) -> None:
    def more(number: int) -> None:
        for index in range(number):
            plan = drafts.create(people.account, people.owner, f"Plan {index}")
            Mapping.objects.create(account=people.account, live_plan=plan)

    more(5)
    few = queries(owner, "plans")
    more(45)
    assert queries(owner, "plans") == few
    assert few <= 6
