"""What every address of the API answers to what nobody should send: the one error shape, and nothing changed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.apps import apps
from django.db import DataError
from django.urls import URLPattern

from callplans.models import Connection, Operation, PlacedApplet, Plan, Wire
from designer.api.urls import urlpatterns
from tests.callplans.people import People, new_id, op, place, say
from tests.designer.api.conftest import Caller

PATHS = sorted(
    {str(p.pattern) for p in urlpatterns if isinstance(p, URLPattern) and str(p.pattern) not in ("", "schema")}
)
DEEP = 10_000
WRONG_EVERYWHERE = {
    "xml": 5, "settings": [], "values": [], "name": {}, "key": [], "value": {}, "number": [], "caller_ids": {},
    "provider": {}, "connection": [], "address": {}, "seeds": "x", "sources": 5, "destinations": [None],
    "live_plan": {}, "priority": "x", "revision": [], "operations": {}, "note": [], "clid": [],
}  # fmt: skip
BODIES: dict[str, bytes] = {
    "nothing": b"",
    "null": b"null",
    "a list": b"[]",
    "text": b'"x"',
    "a number": b"5",
    "cut off": b'{"name": "x"',
    "no utf-8": b"\xff\xfe\x00",
    "a byte order mark": b'\xef\xbb\xbf{"name": "x"}',
    "NaN": b'{"name": NaN}',
    "1e400": b'{"name": 1e400}',
    "5000 digits": b'{"name": ' + b"9" * 5000 + b"}",
    "2**63": b'{"revision": 9223372036854775809}',
    "deep lists": b"[" * DEEP + b"]" * DEEP,
    "deep objects": b'{"a":' * DEEP + b"1" + b"}" * DEEP,
    "__proto__": b'{"__proto__": {"a": 1}, "constructor": 1}',
    "1 MiB": json.dumps({"name": "x" * 2**20, "key": "x" * 2**20, "address": "x" * 2**20, "xml": "x" * 2**20}).encode()[
        : 2 * 2**20
    ],
    "3 MiB": b'{"name": "' + b"x" * 3 * 2**20 + b'"}',
    "wrong types": json.dumps(WRONG_EVERYWHERE).encode(),
}
TYPES = (
    "text/plain", "text/xml", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "multipart/x",
    "application/jsonx", "", "x/",
)  # fmt: skip
MAY_IGNORE = ("calls/<uuid:pk>/end",)
"""Takes no body at all."""


def counts() -> dict[str, int]:
    return {model.__name__: model.objects.count() for model in apps.get_app_config("callplans").get_models()}


def judged(answer: Any) -> int:
    """The status, once the answer was seen to be an error of the one shape."""
    assert 400 <= answer.status_code < 500, (answer.status_code, answer.content[:300])
    error = answer.json()["error"]
    assert error["code"], error
    assert error["message"], error
    assert all({"path", "code", "message"} <= set(field) for field in error["fields"]), error
    assert len(answer.content) < 20_000  # what was sent does not come back
    return int(answer.status_code)


@pytest.mark.parametrize("path", [path for path in PATHS if path not in MAY_IGNORE])
def test_bodies_that_nobody_should_send(owner: Caller, plan: Plan, path: str) -> None:
    before = counts()
    for id in (str(plan.pk), new_id()):
        address = "/api/v1/" + path.replace("<uuid:pk>", id)
        for method in ("POST", "PATCH"):
            for name, body in BODIES.items():
                answer = owner.client.generic(method, address, body, content_type="application/json")
                if answer.status_code < 300 and name in ("nothing", "__proto__"):
                    assert method == "PATCH" or path.endswith("/duplicate")  # nothing is asked for
                else:
                    assert judged(answer), name
            for kind in TYPES:
                answer = owner.client.generic(method, address, b'{"name": "x"}', content_type=kind)
                assert judged(answer) in (400, 404, 405, 415), kind
    after = counts()
    if not path.endswith("/duplicate"):
        assert after == before


@pytest.mark.parametrize("path", [*PATHS, "schema", "nothing"])
def test_methods_that_are_not_meant(owner: Caller, plan: Plan, path: str) -> None:
    address = "/api/v1/" + path.replace("<uuid:pk>", str(plan.pk))
    for method in ("PUT", "OPTIONS", "TRACE", "PROPFIND"):
        assert judged(owner.client.generic(method, address)) in (404, 405), method


@pytest.mark.parametrize("accept", ["*/*", "application/json", "application/vnd.oai.openapi+json"])
def test_the_schema_s_errors_have_the_one_shape(owner: Caller, accept: str) -> None:
    for body in (BODIES["deep lists"], BODIES["NaN"], b"{}"):
        answer = owner.client.generic("POST", "/api/v1/schema", body, "application/json", headers={"accept": accept})
        assert judged(answer) in (400, 405)


@pytest.mark.parametrize(
    "name", ["plans", "calls", "destinations", "mappings", "connections", "secrets", "payment-lines"]
)
def test_questions_that_make_no_sense(owner: Caller, plan: Plan, name: str) -> None:
    for query in (
        "page=0", "page=-1", "page=x", f"page={'9' * 40}", "page=%00", "size=0", "size=-5", f"size={'9' * 40}",
        "size=x", "search=%00", "search=%ff", "search=%25_", "search=" + "x" * 5000, "search=__proto__", "order=pk",
        "order=;drop", "state=x", "plan=x", "plan=%00", "page=%D9%A1", "page=1&page=2", "format=xml", "confirm=x",
    ):  # fmt: skip
        answer = owner.client.get(f"/api/v1/{name}?{query}")
        assert answer.status_code == 200 or judged(answer) == 404, query


def test_text_that_a_database_does_not_take_is_no_fault_of_ours(
    owner: Caller, plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: Any) -> None:
        raise DataError("PostgreSQL text fields cannot contain NUL (0x00) bytes")

    monkeypatch.setattr("designer.api.plans.plan_row", refuse)
    assert judged(owner.client.get("/api/v1/plans?search=%00")) == 400


def test_connections_have_an_order(owner: Caller, people: People) -> None:
    for name in "bca":
        Connection.objects.create(account=people.account, provider="vonage", name=name)
    assert [row["name"] for row in owner.get("connections")["results"]] == ["a", "b", "c"]


def test_a_batch_is_applied_whole_or_not_at_all(editor: Caller, plan: Plan) -> None:
    """The last operation is wrong, each time in another way; the first ones are good."""
    good = say("Good.")
    for wrong in (
        op("wire", source=good["key"], exit="nonesuch", target=None),
        op("wire", source=good["key"], exit="next", target=new_id()),
        op("wire", source=new_id(), exit="next", target=None),
        op("remove", key=new_id()),
        op("set", key=good["key"], path=["prompt", "text"], value="x" * 2**20),
        op("set", key=good["key"], path=["__proto__", "x"], value=1),
        op("set", key=good["key"], path=["prompt"] * 20, value=1),
        op("set_plan", field="hangup", value=new_id()),
        op("place", applet=say("Again.", key=good["key"])),
        op("place", applet=say("x") | {"type": "__proto__"}),
        op("place", applet=say("x") | {"settings_version": 99}),
        op("move", key=good["key"], x="far", y=0),
    ):
        error = editor.post(f"plans/{plan.pk}/operations", {"revision": 1, "operations": [*place(good), wrong]}, 400)
        assert error["error"]["fields"][0]["path"].startswith("operations.1."), error
        assert (PlacedApplet.objects.count(), Wire.objects.count(), Operation.objects.count()) == (1, 1, 1)
    assert editor.post(f"plans/{plan.pk}/operations", {"revision": 1, "operations": place(good)})["revision"] == 2


def test_a_plan_of_2001_applets(editor: Caller, plan: Plan) -> None:
    batch = place(*(say("x") for _ in range(2000)))
    error = editor.post(f"plans/{plan.pk}/operations", {"revision": 1, "operations": batch}, 400)["error"]
    assert error["fields"][0]["code"] == "too_many"
    assert PlacedApplet.objects.count() == 1
