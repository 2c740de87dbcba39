"""Session, catalogue, Data Connector's tools, calls, errors, and the schema of it all."""

from __future__ import annotations

import json
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import OperationalError
from django.utils import timezone

from callplans import drafts
from callplans.engine.applet import register
from callplans.models import Account, Call, EventRow, Plan, Secret
from designer.api import calls, connector, shapes
from tests.callplans.people import People, new_id
from tests.designer.api.conftest import Caller


def test_the_session(viewer: Caller, people: People) -> None:
    session = viewer.get("session")
    assert session["user"]["name"] == "Viewer"
    assert session["account"] == {
        "id": str(people.account.pk), "name": "Harbour Water", "role": "viewer", "zone": "Europe/London",
        "language": "en-GB",
    }  # fmt: skip
    assert session["csrf"]
    shapes.Session.model_validate(session)


def test_the_catalogue_holds_every_type(viewer: Caller) -> None:
    types = viewer.get("applets")
    assert [kind["type"] for kind in types] == [kind.type for kind in register.all()]
    shapes.AppletTypes.model_validate(types)


def test_unknown_addresses(owner: Caller, nobody: Caller) -> None:
    for caller in (owner, nobody):
        for method in ("GET", "POST", "PUT", "DELETE", "OPTIONS"):
            assert caller(method, "nothing/here").data_["error"]["code"] == "not_found"
    assert owner("PUT", "plans", {}).status_code == 405


def test_what_goes_wrong_here_is_told_without_its_inside(
    owner: Caller, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*args: Any) -> None:
        raise RuntimeError("inner words")

    monkeypatch.setattr("designer.api.plans.plan_row", fail)
    monkeypatch.setattr("callplans.drafts.create", fail)
    answer = owner.client.post("/api/v1/plans", {"name": "x"}, format="json")
    assert answer.status_code == 500
    assert answer.json()["error"]["code"] == "internal"
    assert b"inner" not in answer.content
    assert "RuntimeError" in caplog.text


def test_a_database_that_is_down(owner: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*args: Any) -> None:
        raise OperationalError("server closed the connection")

    monkeypatch.setattr("callplans.drafts.create", gone)
    answer = owner.client.post("/api/v1/plans", {"name": "x"}, format="json")
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "unavailable")


class TestConnector:
    SETTINGS = {
        "request": {"method": "GET", "url": "http://billing.sandbox/v2/accounts/$(Account)", "headers": [], "body": ""},
        "response": {"type": "JSON", "fields": []},
    }

    def test_xml_round_trip(self, viewer: Caller) -> None:
        xml = viewer.post("connector-xml", {"settings": self.SETTINGS})["xml"]
        assert "<Url>http://billing.sandbox/v2/accounts/$(Account)</Url>" in xml
        settings = viewer.post("connector-xml", {"xml": xml})["settings"]
        assert settings["request"]["url"] == self.SETTINGS["request"]["url"]

    BOMB = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><ApiInteraction>&b;</ApiInteraction>'

    @pytest.mark.parametrize(
        "xml", ["", "<", "<ApiInteraction>", "<Other/>", BOMB, "<a>" * 5000, "x" * 2**20, "<ApiInteraction/>"]
    )
    def test_broken_definitions(self, viewer: Caller, xml: str) -> None:
        error = viewer.post("connector-xml", {"xml": xml}, 400)["error"]
        assert error["code"] == "bad_definition"
        assert error["lines"][0]["words"]
        assert {"line", "path"} <= set(error["lines"][0])

    @pytest.mark.parametrize("body", [{}, {"xml": 5}, {"settings": []}, [], {"other": 1}])
    def test_bad_bodies(self, viewer: Caller, body: Any) -> None:
        viewer.post("connector-xml", body, 400)

    def test_placeholders(self, viewer: Caller) -> None:
        assert viewer.post("connector-placeholders", {"settings": self.SETTINGS})["names"] == ["Account"]
        error = viewer.post("connector-placeholders", {"settings": {"request": 5}}, 400)["error"]
        assert error["fields"][0]["path"].startswith("settings.")

    def test_run_test(self, editor: Caller, people: People, plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
        Secret.objects.create(account=people.account, key="PayKey", value="hush")
        asked: list[Any] = []

        def run(settings: Any, values: Any, resolve: Any) -> Any:
            asked.append((settings, values, resolve("paykey")))
            request = {"method": "GET", "url": "http://x", "headers": [], "body": ""}
            answer = {"status": 200, "seconds": 0.1, "values": [], "issues": [], "body": "{}", "error": "", "words": ""}
            return {"request": request} | answer

        monkeypatch.setattr("callplans.effects.run_test", run)
        path = f"plans/{plan.pk}/connector-test"
        answer = editor.post(path, {"settings": self.SETTINGS, "values": {"Account": "1"}})
        assert asked == [(self.SETTINGS, {"Account": "1"}, "hush")]
        connector.ConnectorTestOut.model_validate(answer)

    def test_run_test_of_incomplete_settings(self, editor: Caller, plan: Plan) -> None:
        error = editor.post(f"plans/{plan.pk}/connector-test", {"settings": {}}, 400)["error"]
        assert error["fields"][0]["path"].startswith("settings.")

    def test_a_private_address_is_not_reached(self, editor: Caller, plan: Plan) -> None:
        settings = self.SETTINGS | {"request": self.SETTINGS["request"] | {"url": "http://127.0.0.1:1/"}}
        answer = editor.post(f"plans/{plan.pk}/connector-test", {"settings": settings})
        assert (answer["status"], answer["error"]) == (None, "blocked")
        connector.ConnectorTestOut.model_validate(answer)

    def test_secrets_of_the_account_only(self, people: People) -> None:
        Secret.objects.create(account=people.account, key="Null", value=None)
        resolve = connector.resolver(people.account)
        assert resolve("null") is None
        with pytest.raises(LookupError):
            resolve("other")
        Secret.objects.create(account=people.other_account, key="Theirs", value="x")
        with pytest.raises(LookupError):
            resolve("Theirs")


class TestCalls:
    def make(self, account: Account, plan: Plan | None, number: int = 1, **more: Any) -> list[Call]:
        return [
            Call.objects.create(
                account=account, plan=plan, version=plan.draft if plan else None, provider="vonage",
                provider_call_id=new_id(), clid="+447700900123", dialled="+441632960100", started_at=timezone.now(),
                **more,
            )
            for _ in range(number)
        ]  # fmt: skip

    def test_the_list(self, viewer: Caller, people: People, plan: Plan) -> None:
        live = self.make(people.account, plan, at_key=new_id(), at_name="Menu")[0]
        self.make(people.account, plan, ended_at=timezone.now(), end_reason="hung_up")
        self.make(people.other_account, None)
        assert viewer.get("calls")["count"] == 2
        answer = viewer.get(f"calls?state=live&plan={plan.pk}")
        assert [row["id"] for row in answer["results"]] == [str(live.pk)]
        assert answer["results"][0]["at_applet"]["name"] == "Menu"
        assert viewer.get("calls?state=ended")["results"][0]["end_reason"] == "hung_up"
        assert viewer.get("calls?search=900123")["count"] == 2
        assert viewer.get("calls?search=nobody")["count"] == 0
        assert viewer.get("calls?plan=nonsense")["count"] == 0
        assert viewer.get("calls?size=1&page=2")["next"] is None
        assert viewer.get("calls?size=1")["next"] == 2

    def test_one_call(self, viewer: Caller, people: People, plan: Plan) -> None:
        call = self.make(people.account, plan, last_event=1)[0]
        EventRow.objects.create(call=call, no=1, at=timezone.now(), kind="started", data={"clid": "+447700900123"})
        snapshot = viewer.get(f"calls/{call.pk}")
        calls.Snapshot.model_validate(snapshot)
        assert (snapshot["seq"], snapshot["call"]["id"]) == (1, str(call.pk))
        assert [(event["no"], event["kind"]) for event in snapshot["events"]] == [(1, "started")]
        calls.CallRow.model_validate(viewer.get("calls")["results"][0])

    def test_live_values_are_for_those_who_may_call(
        self, viewer: Caller, editor: Caller, owner: Caller, people: People, plan: Plan, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        call = self.make(people.account, plan)[0]
        asked: list[bool] = []
        real = calls.watching.snapshot
        monkeypatch.setattr(calls.watching, "snapshot", lambda pk, may: asked.append(may) or real(pk, may))
        for person in (viewer, editor, owner):
            person.get(f"calls/{call.pk}")
        assert asked == [False, True, True]

    @pytest.mark.parametrize("page", ["0", "-1", "x", "9" * 5000, ""])
    def test_odd_pages(self, viewer: Caller, page: str) -> None:
        viewer.get(f"calls?page={page}")

    def test_ending_one(self, editor: Caller, people: People, plan: Plan, ended: list[tuple[Any, str]]) -> None:
        call = self.make(people.account, plan)[0]
        editor.post(f"calls/{call.pk}/end", status=204)
        assert ended == [(call.pk, "Editor")]

    def test_a_list_costs_the_same_for_5_rows_and_for_50(
        self, viewer: Caller, people: People, plan: Plan, queries: Callable[[Caller, str], int]
    ) -> None:
        self.make(people.account, plan, 5)
        few = queries(viewer, "calls")
        self.make(people.account, plan, 45)
        assert queries(viewer, "calls") == few
        assert few <= 6


class TestSchema:
    @pytest.fixture(scope="class")
    def schema(self) -> dict[str, Any]:
        out = StringIO()
        call_command("spectacular", "--format", "openapi-json", "--validate", "--fail-on-warn", stdout=out)
        found: dict[str, Any] = json.loads(out.getvalue())
        return found

    def test_operations_are_told_apart_by_op(self, schema: dict[str, Any]) -> None:
        items = schema["components"]["schemas"]["BatchRequest"]["properties"]["operations"]["items"]
        assert items["discriminator"]["propertyName"] == "op"
        assert set(items["discriminator"]["mapping"]) == {
            "place", "remove", "move", "rename", "set", "wire", "unwire", "set_plan",
        }  # fmt: skip

    def test_every_answer_can_be_an_error(self, schema: dict[str, Any]) -> None:
        for path, methods in schema["paths"].items():
            for method, operation in methods.items():
                if path.endswith("/schema"):
                    continue
                assert "ErrorAnswer" in json.dumps(operation["responses"]["default"]), (path, method)

    def test_answers_are_what_the_schema_says(self, editor: Caller, people: People, plan: Plan) -> None:
        drafts.publish(plan, people.owner)
        shapes.Drawing.model_validate(editor.get(f"plans/{plan.pk}/draft"))
        shapes.PlanRow.model_validate(editor.get(f"plans/{plan.pk}"))
        shapes.VersionRows.model_validate(editor.get(f"plans/{plan.pk}/versions"))
        shapes.Impact.model_validate(editor.get(f"plans/{plan.pk}/impact"))
        stale = editor.post(f"plans/{plan.pk}/publish", {"revision": 0}, 409)
        shapes.ErrorAnswer.model_validate(stale)
        shapes.ErrorAnswer.model_validate(editor.post("plans", {}, 400))
