"""What owners keep: destinations, mappings, connections, secrets, payment lines."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from callplans import drafts, plans
from callplans.models import Connection, Destination, Mapping, PaymentLine, Plan, Secret
from tests.callplans.people import People
from tests.designer.api.conftest import Caller


class TestDestinations:
    def test_there_and_back(self, owner: Caller, people: People, plan: Plan) -> None:
        connection = Connection.objects.create(account=people.account, provider="vonage", name="Vonage")
        body = {
            "name": "Payments", "address": "+44 1632 960-100", "connection": str(connection.pk),
            "seeds": [{"name": "Brand", "value": " Harbour "}],
        }  # fmt: skip
        made = owner.post("destinations", body, 201)
        assert (made["address"], made["kind"], made["connection_name"]) == ("+441632960100", "pstn", "Vonage")
        assert made["seeds"] == [{"name": "Brand", "value": " Harbour "}]
        assert made["mappings"] == []
        mapping = owner.post("mappings", {"destinations": [made["id"]], "live_plan": str(plan.pk)}, 201)
        row = owner.get("destinations")["results"][0]
        assert row["mappings"] == [
            {"id": mapping["id"], "priority": 1, "live_plan": str(plan.pk), "live_plan_name": "Greeting"}
        ]
        changed = owner.patch(f"destinations/{made['id']}", {"description": "Bills", "connection": None})
        assert (changed["description"], changed["connection"], changed["connection_name"]) == ("Bills", None, None)
        assert owner.get("destinations?search=bill")["count"] == 1
        assert owner.get("destinations?search=gas")["count"] == 0
        owner.delete(f"destinations/{made['id']}")

    def test_a_named_route(self, owner: Caller) -> None:
        assert owner.post("destinations", {"name": "Web", "kind": "api", "address": "web.pay"}, 201)["kind"] == "api"

    BAD: list[tuple[dict[str, Any], str]] = [
        ({"address": "01632 960100"}, "address"),
        ({"address": "+44"}, "address"),
        ({"address": "x" * 2**20}, "address"),
        ({"kind": "api", "address": "a b"}, "address"),
        ({"kind": "fax", "address": "+441632960100"}, "kind"),
        ({"address": "+441632960100", "seeds": [{"name": "A", "value": "1"}, {"name": "a", "value": "2"}]}, "seeds"),
        ({"address": "+441632960100", "seeds": [{"name": "", "value": "1"}]}, "seeds.0.name"),
        ({"address": "+441632960100", "seeds": "all"}, "seeds"),
        ({"address": "+441632960100", "connection": "00000000-0000-0000-0000-000000000001"}, "connection"),
        ({"address": "+441632960100", "connection": 5}, "connection"),
    ]

    @pytest.mark.parametrize(("more", "path"), BAD, ids=range(len(BAD)))
    def test_bad_input(self, owner: Caller, more: dict[str, Any], path: str) -> None:
        error = owner.post("destinations", {"name": "Payments"} | more, 400)["error"]
        assert error["fields"][0]["path"].startswith(path)
        assert not Destination.objects.exists()

    def test_a_number_only_once(self, owner: Caller, stranger: Caller) -> None:
        body = {"name": "Payments", "address": "+441632960100"}
        owner.post("destinations", body, 201)
        assert owner.post("destinations", body, 400)["error"]["fields"][0]["code"] == "duplicate_key"
        stranger.post("destinations", body, 201)

    def test_somebody_else_s_connection(self, owner: Caller, people: People) -> None:
        theirs = Connection.objects.create(account=people.other_account, provider="vonage", name="Theirs")
        body = {"name": "Payments", "address": "+441632960100", "connection": str(theirs.pk)}
        assert owner.post("destinations", body, 400)["error"]["fields"][0]["path"] == "connection"


class TestMappings:
    @pytest.fixture
    def destination(self, people: People) -> Destination:
        return Destination.objects.create(account=people.account, name="Payments", address="+441632960100")

    def test_there_and_back(self, owner: Caller, people: People, plan: Plan, destination: Destination) -> None:
        test = drafts.create(people.account, people.owner, "Next version")
        body = {
            "destinations": [str(destination.pk)], "live_plan": str(plan.pk), "test_plan": str(test.pk),
            "sources": ["+44 7700 900123"], "seeds": [{"name": "Brand", "value": ""}], "priority": 10,
        }  # fmt: skip
        made = owner.post("mappings", body, 201)
        assert (made["sources"], made["live_plan_name"], made["test_plan_name"]) == (
            ["+447700900123"], "Greeting", "Next version",
        )  # fmt: skip
        assert made["live_published"] is False
        drafts.publish(plan, people.owner)
        assert owner.get(f"mappings/{made['id']}")["live_published"] is True
        changed = owner.patch(f"mappings/{made['id']}", {"test_plan": None, "priority": 10_000})
        assert (changed["test_plan"], changed["test_plan_name"], changed["priority"]) == (None, None, 10_000)
        assert changed["destinations"] == [str(destination.pk)]
        assert owner.get("plans")["results"][0]["status"] == "Mapped"

    @pytest.mark.parametrize("priority", [0, 10_001, "high", None, 2**70])
    def test_priorities(self, owner: Caller, plan: Plan, destination: Destination, priority: Any) -> None:
        body = {"destinations": [str(destination.pk)], "live_plan": str(plan.pk), "priority": priority}
        owner.post("mappings", body, 400)
        assert not Mapping.objects.exists()

    def test_plans_and_destinations_of_the_same_account(
        self, owner: Caller, people: People, plan: Plan, destination: Destination
    ) -> None:
        theirs = drafts.create(people.other_account, people.stranger, "Theirs")
        for body, path in (
            ({"live_plan": str(theirs.pk), "destinations": [str(destination.pk)]}, "live_plan"),
            (
                {"live_plan": str(plan.pk), "test_plan": str(theirs.pk), "destinations": [str(destination.pk)]},
                "test_plan",
            ),
            ({"live_plan": str(plan.pk), "destinations": []}, "destinations"),
            ({"live_plan": "x", "destinations": ["y"]}, "destinations"),
        ):
            fields = owner.post("mappings", body, 400)["error"]["fields"]
            assert path in {field["path"].split(".")[0] for field in fields}
        assert not Mapping.objects.exists()


class TestConnections:
    def test_keys_go_in_and_never_come_out(self, owner: Caller, people: People) -> None:
        body = {
            "name": "Vonage", "provider": "vonage", "secrets": {"signature_secret": "hush-1", "api_key": "abc"},
            "settings": {"own_numbers": ["+44 1632 960100"], "unsigned": "retry"},
            "fallback": '[{"action":"talk","text":"Sorry."}]',
        }  # fmt: skip
        answer = owner("POST", "connections", body, 201)
        assert b"hush-1" not in answer.content
        made = answer.data_
        assert made["secrets_set"] == ["api_key", "signature_secret"]
        assert made["settings"] == {"own_numbers": ["+441632960100"], "unsigned": "retry", "region": "", "language": ""}
        assert made["addresses"]["answer"].endswith(f"/hooks/vonage/{made['id']}/answer")
        assert set(made["addresses"]) == {"answer", "event", "fallback"}
        path = f"connections/{made['id']}"
        changed = owner.patch(path, {"secrets": {"api_key": None, "private_key": "pem"}, "active": False})
        assert changed["secrets_set"] == ["private_key", "signature_secret"]
        assert changed["active"] is False
        assert Connection.objects.get().secrets == {"signature_secret": "hush-1", "private_key": "pem"}
        assert owner.patch(path, {"settings": {"language": "de-DE"}})["settings"]["own_numbers"] == ["+441632960100"]
        for caller in ("connections", path):
            assert b"hush-1" not in owner("GET", caller, status=200).content
        owner.delete(path)

    BAD: list[tuple[dict[str, Any], str]] = [
        ({"provider": "carrier-pigeon"}, "provider"),
        ({"provider": "browser"}, "provider"),
        ({"fallback": "{"}, "fallback"),
        ({"fallback": "[" * 5000}, "fallback"),
        ({"settings": {"unsigned": "accept"}}, "settings.unsigned"),
        ({"settings": {"own_numbers": ["one"]}}, "settings.own_numbers.0"),
        ({"settings": []}, "settings"),
        ({"secrets": {"a b": "c"}}, "secrets"),
        ({"secrets": {"key": {"deep": 1}}}, "secrets.key"),
        ({"secrets": "all"}, "secrets"),
    ]

    @pytest.mark.parametrize(("more", "path"), BAD, ids=range(len(BAD)))
    def test_bad_input(self, owner: Caller, more: dict[str, Any], path: str) -> None:
        error = owner.post("connections", {"name": "Vonage", "provider": "vonage"} | more, 400)["error"]
        assert error["fields"][0]["path"].startswith(path)
        assert not Connection.objects.exists()

    def test_it_stays_with_its_provider(self, owner: Caller, people: People) -> None:
        made = Connection.objects.create(account=people.account, provider="other", name="Old")
        owner.patch(f"connections/{made.pk}", {"provider": "vonage"}, 400)


class TestSecrets:
    def test_write_only(self, owner: Caller, viewer: Caller) -> None:
        answer = owner("POST", "secrets", {"key": "PayKey", "value": " hush-2 "}, 201)
        assert b"hush-2" not in answer.content
        assert (answer.data_["has_value"], answer.data_["is_null"]) == (True, False)
        assert Secret.objects.get().value == " hush-2 "
        path = f"secrets/{answer.data_['id']}"
        assert b"hush-2" not in viewer("GET", path, status=200).content
        assert b"hush-2" not in viewer("GET", "secrets", status=200).content
        emptied = owner.patch(path, {"value": ""})
        assert (emptied["has_value"], emptied["is_null"]) == (False, False)
        nothing = owner.patch(path, {"value": None})
        assert (nothing["has_value"], nothing["is_null"]) == (False, True)
        assert owner.post("secrets", {"key": "Later"}, 201)["has_value"] is False

    def test_a_key_only_once_whatever_its_case(self, owner: Caller, stranger: Caller) -> None:
        owner.post("secrets", {"key": "PayKey"}, 201)
        assert owner.post("secrets", {"key": "PAYKEY"}, 400)["error"]["fields"][0]["code"] == "duplicate_key"
        stranger.post("secrets", {"key": "PAYKEY"}, 201)

    @pytest.mark.parametrize("key", ["", "a)b", "(", " ", "x" * 300, 5.5e300, None, ["a"], {"a": 1}])
    def test_bad_keys(self, owner: Caller, key: Any) -> None:
        if not isinstance(key, float):
            owner.post("secrets", {"key": key, "value": "x"}, 400)
            assert not Secret.objects.exists()


class TestPaymentLines:
    def test_there_and_back_and_plans_know_at_once(self, owner: Caller, people: People, plan: Plan) -> None:
        assert plans.load(plan.draft_id).payment_lines == {}
        body = {"name": "Pay", "number": "+44 1632 960900", "caller_ids": ["+441632960700"]}
        made = owner.post("payment-lines", body, 201)
        assert plans.load(plan.draft_id).payment_lines == {"+441632960900": ["+441632960700"]}
        owner.patch(f"payment-lines/{made['id']}", {"caller_ids": []})
        assert plans.load(plan.draft_id).payment_lines == {"+441632960900": []}
        owner.delete(f"payment-lines/{made['id']}")
        assert plans.load(plan.draft_id).payment_lines == {}

    def test_what_a_connection_cannot_show_is_said(self, owner: Caller, people: People) -> None:
        Connection.objects.create(
            account=people.account, provider="vonage", name="Vonage", settings={"own_numbers": ["+441632960700"]}
        )
        body = {"name": "Pay", "number": "+441632960900", "caller_ids": ["+441632960700", "+441632960701"]}
        warnings = owner.post("payment-lines", body, 201)["warnings"]
        assert len(warnings) == 1
        assert warnings[0].startswith("Vonage cannot show +441632960701: ")

    @pytest.mark.parametrize(
        "more", [{"number": "five"}, {"caller_ids": ["five"]}, {"caller_ids": "+441632960700"}, {"caller_ids": [None]}]
    )
    def test_bad_input(self, owner: Caller, more: dict[str, Any]) -> None:
        owner.post("payment-lines", {"name": "Pay", "number": "+441632960900"} | more, 400)
        assert not PaymentLine.objects.exists()


def test_lists_cost_the_same_for_5_rows_and_for_50(
    owner: Caller, people: People, plan: Plan, queries: Callable[[Caller, str], int]
) -> None:
    account = people.account

    def more(first: int, number: int) -> None:
        for i in range(first, first + number):
            connection = Connection.objects.create(account=account, provider="vonage", name=f"C{i}", secrets={"k": "v"})
            destination = Destination.objects.create(
                account=account, name=f"D{i}", address=f"+4416329{60000 + i}", connection=connection
            )
            mapping = Mapping.objects.create(account=account, live_plan=plan, test_plan=plan)
            mapping.destinations.add(destination)
            Secret.objects.create(account=account, key=f"S{i}", value="v")
            PaymentLine.objects.create(account=account, name=f"P{i}", number=f"+4416328{60000 + i}", caller_ids=["+44"])

    paths = ("connections", "destinations", "mappings", "secrets", "payment-lines")
    more(0, 5)
    few = {path: queries(owner, path) for path in paths}
    more(5, 45)
    assert {path: queries(owner, path) for path in paths} == few
    assert max(few.values()) <= 8
