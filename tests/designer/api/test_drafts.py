"""The drawing at the API: edits, publishing, versions, trials, and what bad input gets."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from callplans import drafts
from callplans.engine.applet import register
from callplans.models import Operation, PlacedApplet, Plan, PlanVersion, Wire
from tests.callplans.people import People, applet, menu, new_id, op, place, say, wire
from tests.designer.api.conftest import Caller


def send(caller: Caller, plan: Plan, revision: int, operations: Any, status: int = 200) -> Any:
    return caller.post(f"plans/{plan.pk}/operations", {"revision": revision, "operations": operations}, status)


def test_the_drawing_there_and_back(editor: Caller, people: People) -> None:
    made = editor.post("plans", {"name": "Water"}, 201)
    hello, ask = say("Hello."), menu("1")
    batch = [*place(hello, ask), wire(hello, "next", ask), op("set_plan", field="initial", value=hello["key"])]
    answer = editor.post(f"plans/{made['id']}/operations", {"revision": 0, "operations": batch})
    assert answer["revision"] == 1
    draft = editor.get(f"plans/{made['id']}/draft")
    assert {a["key"]: a["settings"] for a in draft["applets"]} == {a["key"]: a["settings"] for a in (hello, ask)}
    assert draft["wires"] == [{"source": hello["key"], "exit": "next", "target": ask["key"]}]
    assert draft["version"]["initial"] == hello["key"]
    assert draft["problems"] == answer["problems"]
    assert (draft["role"], draft["state"], draft["number"], draft["live_version"]) == ("editor", "draft", None, None)
    assert {"CLID", "CallGuid", "DialledNumber"} <= set(draft["names"]["sources"])


def test_a_batch_sent_again_gets_the_same_answer(editor: Caller, plan: Plan) -> None:
    batch = place(say("More."))
    first = send(editor, plan, 1, batch)
    assert send(editor, plan, 1, batch) == first
    assert PlacedApplet.objects.count() == 2


def test_a_stale_batch_is_told_what_changed(owner: Caller, editor: Caller, plan: Plan) -> None:
    theirs = place(say("Theirs."))
    send(editor, plan, 1, theirs)
    error = send(owner, plan, 1, place(say("Mine.")), 409)["error"]
    assert (error["code"], error["revision"]) == ("stale_revision", 2)
    assert [(o["revision"], o["author"], o["operations"][0]["id"]) for o in error["operations"]] == [
        (2, "Editor", theirs[0]["id"])
    ]
    assert send(owner, plan, 2, place(say("Mine.")))["revision"] == 3


BAD_BODIES: list[Any] = [
    None, [], "text", 5, {}, {"revision": 1}, {"revision": "1", "operations": []}, {"revision": -1, "operations": []},
    {"revision": True, "operations": []}, {"revision": 1, "operations": {}}, {"revision": 1, "operations": [None]},
    {"revision": 1, "operations": [[]]}, {"revision": 1, "operations": [{"op": []}]},
    {"revision": 1, "operations": [{"op": "place"}]}, {"revision": 1, "operations": [{"op": "place", "id": 5}]},
    {"revision": 1, "operations": [op("place", applet=5)]}, {"revision": 1, "operations": [op("place", applet={})]},
    {"revision": 1, "operations": [op("place", applet=say("x") | {"settings": []})]},
    {"revision": 1, "operations": [op("place", applet=say("x") | {"name": "x" * 2**20})]},
    {"revision": 1, "operations": [op("place", applet=say("x" * 2**20))]},
    {"revision": 1, "operations": [op("place", applet=applet("menu", choices=[{"label": "x" * 2**20}]))]},
    {"revision": 1, "operations": [op("place", applet=menu("1", "1"))]},
    {"revision": 1, "operations": [op("place", applet=applet("menu", choices="all"))]},
    {"revision": 1, "operations": [op("place", applet=applet("menu", choices=[5, None, [], "x"]))]},
    {"revision": 1, "operations": [op("place", applet=applet("data_router", rules=[{"id": None}]))]},
    {"revision": 1, "operations": [op("place", applet=applet("no_such_type"))]},
    {"revision": 1, "operations": [op("place", applet=say("x") | {"x": 1e300})]},
    {"revision": 1, "operations": [op("place", applet=say("x") | {"settings_version": 2**62})]},
    {"revision": 1, "operations": [op("set", key=new_id(), path=["a"], value=1)]},
    {"revision": 1, "operations": [op("wire", source=new_id(), exit="next", target=None)]},
    {"revision": 1, "operations": [op("wire", source=new_id(), exit="x" * 2**20, target=None)]},
    {"revision": 1, "operations": [op("set_plan", field="initial", value={"a": 1})]},
    {"revision": 1, "operations": [op("set_plan", field="seeds", value=[{"id": 1, "name": None, "value": []}])]},
    {"revision": 1, "operations": [op("set_plan", field="apology", value=["x"])]},
    {"revision": 1, "operations": [op("set_plan", field="live", value=1)]},
    {"revision": 1, "operations": [{"id": "00000000-0000-0000-0000-000000000001", "op": "remove", "key": "x"}] * 2},
]  # fmt: skip


@pytest.mark.parametrize("body", BAD_BODIES, ids=range(len(BAD_BODIES)))
def test_bad_batches_leave_nothing(editor: Caller, plan: Plan, body: Any) -> None:
    before = _everything()
    answer = editor("POST", f"plans/{plan.pk}/operations", body)
    assert answer.status_code == 400
    assert answer.data_["error"]["fields"]
    assert _everything() == before
    assert len(editor.get(f"plans/{plan.pk}/draft")["applets"]) == 1


def _everything() -> list[Any]:
    return [list(model.objects.order_by("pk").values()) for model in (PlacedApplet, Wire, Operation)]


RAW = [
    (b"", 400), (b"{", 400), (b"\xff\xfe", 400), (b"nothing", 400), (b'{"revision": NaN}', 400), (b"[" * 100_000, 400),
    (b'{"revision": 1, "operations": ' + b"[" * 60 + b"]" * 60 + b"}", 400), (b'{"revision": 1e999}', 400),
    (b'{"revision": ' + b"9" * 5000 + b"}", 400), (b'"' + b"x" * (2 * 2**20) + b'"', 413),
]  # fmt: skip


@pytest.mark.parametrize(("raw", "status"), RAW, ids=range(len(RAW)))
def test_what_is_no_json(editor: Caller, plan: Plan, raw: bytes, status: int) -> None:
    path = f"/api/v1/plans/{plan.pk}/operations"
    answer = editor.client.generic("POST", path, raw, content_type="application/json")
    assert answer.status_code == status
    assert answer.json()["error"]["code"] in ("malformed", "too_large", "invalid")


def test_another_content_type(editor: Caller, plan: Plan) -> None:
    answer = editor.client.generic("POST", f"/api/v1/plans/{plan.pk}/operations", b"<x/>", content_type="text/xml")
    assert (answer.status_code, answer.json()["error"]["code"]) == (415, "unsupported_media_type")


def test_text_no_database_takes_is_cleaned(editor: Caller, plan: Plan) -> None:
    raw = {"revision": 1, "operations": place(say("a\x00b"))}
    body = json.dumps(raw).replace("a\\u0000b", "a\\u0000b\\ud800")
    answer = editor.client.generic("POST", f"/api/v1/plans/{plan.pk}/operations", body, content_type="application/json")
    assert answer.status_code == 200
    texts = {a["settings"]["prompt"]["text"] for a in editor.get(f"plans/{plan.pk}/draft")["applets"]}
    assert "a\ufffdb\ufffd" in texts


def test_an_error_names_applet_and_field(editor: Caller, plan: Plan) -> None:
    ask = menu("1", "2")
    ask["settings"]["choices"][1]["key"] = "12"
    error = send(editor, plan, 1, place(ask), 400)["error"]
    field = error["fields"][0]
    assert field["path"] == "operations.0.applet.settings.choices.1.key"
    assert (field["applet"], field["field"]) == (ask["key"], "choices.1.key")


def test_a_plan_of_another_account(stranger: Caller, plan: Plan) -> None:
    send(stranger, plan, 1, place(say("x")), 404)
    assert PlacedApplet.objects.count() == 1


def test_a_type_that_is_gone_still_opens(editor: Caller, plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(register._types, "announcement")
    draft = editor.get(f"plans/{plan.pk}/draft")
    assert draft["applets"][0]["settings"]["prompt"]["text"] == "Hello."
    assert any(p["grade"] == "error" and p["applet"] == draft["applets"][0]["key"] for p in draft["problems"])
    key = draft["applets"][0]["key"]
    error = send(editor, plan, 1, [op("set", key=key, path=["prompt"], value={})], 400)["error"]
    assert (error["fields"][0]["code"], error["fields"][0]["applet"]) == ("type_gone", key)
    assert send(editor, plan, 1, [op("move", key=key, x=5, y=5)])["revision"] == 2


class TestPublishing:
    def test_published_versions_are_listed_and_open_as_they_were(self, editor: Caller, plan: Plan) -> None:
        made = editor.post(f"plans/{plan.pk}/publish", {"revision": 1, "note": "First"}, 201)
        assert (made["number"], made["note"], made["author"], made["live"]) == (1, "First", "Editor", True)
        key = editor.get(f"plans/{plan.pk}/draft")["applets"][0]["key"]
        send(editor, plan, 1, [op("rename", key=key, name="Later")])
        frozen = editor.get(f"versions/{made['id']}")
        assert (frozen["state"], frozen["number"], frozen["applets"][0]["name"]) == ("published", 1, "announcement")
        assert frozen["changes_since_live"] == 1
        second = editor.post(f"plans/{plan.pk}/publish", {"revision": 2}, 201)
        rows = editor.get(f"plans/{plan.pk}/versions")
        assert [(r["number"], r["live"]) for r in rows] == [(2, True), (1, False)]
        assert rows[0]["id"] == second["id"]

    def test_only_a_plan_without_errors(self, editor: Caller, plan: Plan) -> None:
        send(editor, plan, 1, place(applet("menu")))
        error = editor.post(f"plans/{plan.pk}/publish", {"revision": 2, "accept_open_exits": True}, 409)["error"]
        assert error["code"] == "has_errors"
        assert all(problem["grade"] == "error" for problem in error["problems"])
        assert editor.get(f"plans/{plan.pk}/versions") == []

    def test_open_exits_want_one_tick(self, editor: Caller, plan: Plan) -> None:
        key = editor.get(f"plans/{plan.pk}/draft")["applets"][0]["key"]
        send(editor, plan, 1, [op("unwire", source=key, exit="next")])
        error = editor.post(f"plans/{plan.pk}/publish", {"revision": 2}, 409)["error"]
        assert (error["code"], [p["exit"] for p in error["problems"]]) == ("open_exits", ["next"])
        editor.post(f"plans/{plan.pk}/publish", {"revision": 2, "accept_open_exits": True}, 201)

    @pytest.mark.parametrize(
        "body", [{}, {"revision": "x"}, {"revision": 1, "note": 5}, {"revision": 1, "force": True}]
    )
    def test_bad_bodies(self, editor: Caller, plan: Plan, body: Any) -> None:
        editor.post(f"plans/{plan.pk}/publish", body, 400)

    def test_an_older_revision(self, editor: Caller, plan: Plan) -> None:
        assert editor.post(f"plans/{plan.pk}/publish", {"revision": 0}, 409)["error"]["code"] == "stale_revision"


class TestTrials:
    def test_calling_the_draft(self, editor: Caller, plan: Plan) -> None:
        trial = editor.post(f"plans/{plan.pk}/trials", {"revision": 1, "clid": "+441632960001"}, 201)
        assert trial["revision"] == 1
        assert trial["key"]
        assert trial["answer"].startswith("/hooks/browser/")
        assert trial["answer"].endswith("/answer")
        assert PlanVersion.objects.filter(state="trial").count() == 1
        again = editor.post(f"plans/{plan.pk}/trials", {"revision": 1}, 201)
        assert again["key"] != trial["key"]
        assert PlanVersion.objects.filter(state="trial").count() == 1

    def test_only_as_it_is_shown(self, editor: Caller, plan: Plan) -> None:
        assert editor.post(f"plans/{plan.pk}/trials", {"revision": 0}, 409)["error"]["code"] == "stale_revision"
        editor.post(f"plans/{plan.pk}/trials", {"revision": 1, "clid": "me"}, 400)


def test_a_draft_costs_the_same_for_5_applets_and_for_50(
    editor: Caller, people: People, plan: Plan, queries: Callable[[Caller, str], int]
) -> None:
    drafts.apply(plan, people.owner, 1, place(*(say("x") for _ in range(5))))
    queries(editor, f"plans/{plan.pk}/draft")  # the account's own data is in memory from here on
    few = queries(editor, f"plans/{plan.pk}/draft")
    drafts.apply(plan, people.owner, 2, place(*(say("x") for _ in range(45))))
    editor.get(f"plans/{plan.pk}/draft")  # notes the new counts of problems
    assert queries(editor, f"plans/{plan.pk}/draft") == few
    assert few <= 10


def test_changes_need_the_csrf_token(people: People, plan: Plan) -> None:
    from rest_framework.test import APIClient

    client = APIClient(enforce_csrf_checks=True)
    client.force_login(people.editor)
    path, body = f"/api/v1/plans/{plan.pk}/operations", {"revision": 1, "operations": place(say("x"))}
    refused = client.post(path, body, format="json")
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "csrf")
    token = client.get("/api/v1/session").json()["csrf"]
    assert client.post(path, body, format="json", HTTP_X_CSRFTOKEN=token).status_code == 200
