"""Four people at the API: owner, editor and viewer of one account, and a stranger who owns another."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from callplans.models import EventRow, Plan
from tests.callplans.people import People, make_people, publishable


class Caller:
    """The API as one person sees it. Every answer is checked: JSON, and never a 500."""

    def __init__(self, user: Any) -> None:
        self.client = APIClient()
        if user is not None:
            self.client.force_login(user)

    def __call__(self, method: str, path: str, body: Any = None, status: int | None = None) -> Any:
        send = getattr(self.client, method.lower())
        answer = send(f"/api/v1/{path}", body, format="json") if body is not None else send(f"/api/v1/{path}")
        assert answer.status_code < 500, answer.content
        if answer.status_code >= 400:
            error = answer.json()["error"]
            assert isinstance(error["code"], str)
            assert error["message"]
            assert all({"path", "code", "message"} <= set(field) for field in error["fields"])
        if status is not None:
            assert answer.status_code == status, answer.content
        answer.data_ = answer.json() if answer.content and "json" in answer["Content-Type"] else None
        return answer

    def get(self, path: str, status: int = 200) -> Any:
        return self("GET", path, status=status).data_

    def post(self, path: str, body: Any = None, status: int = 200) -> Any:
        return self("POST", path, {} if body is None else body, status=status).data_

    def patch(self, path: str, body: Any, status: int = 200) -> Any:
        return self("PATCH", path, body, status=status).data_

    def delete(self, path: str, status: int = 204) -> Any:
        return self("DELETE", path, status=status).data_


@pytest.fixture
def people(db: None) -> People:
    return make_people()


@pytest.fixture
def owner(people: People) -> Caller:
    return Caller(people.owner)


@pytest.fixture
def editor(people: People) -> Caller:
    return Caller(people.editor)


@pytest.fixture
def viewer(people: People) -> Caller:
    return Caller(people.viewer)


@pytest.fixture
def stranger(people: People) -> Caller:
    return Caller(people.stranger)


@pytest.fixture
def nobody(db: None) -> Caller:
    return Caller(None)


@pytest.fixture
def plan(people: People) -> Plan:
    return publishable(people)


@pytest.fixture
def queries(db: None) -> Callable[[Caller, str], int]:
    """How many queries a GET costs."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def count(caller: Caller, path: str) -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            caller.get(path)
        return len(captured)

    return count


class Rows:
    """The events of a call, read inside the test's transaction."""

    def events_after(self, call: Any, after: int, most: int) -> list[dict[str, Any]]:
        rows = EventRow.objects.filter(call=call, no__gt=after).order_by("no")[:most]
        return [
            {"no": row.no, "at": row.at.isoformat(), "kind": row.kind, "applet": row.applet, "data": row.data}
            for row in rows
        ]


@pytest.fixture(autouse=True)
def events(monkeypatch: pytest.MonkeyPatch) -> None:
    """The runtime's statements go past the test's transaction; they have tests of their own."""
    monkeypatch.setattr("callplans.watching.store", Rows)


@pytest.fixture(autouse=True)
def ended(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, str]]:
    """Orders to end calls."""
    orders: list[tuple[Any, str]] = []
    monkeypatch.setattr("callplans.calls.end_call", lambda call, by: orders.append((call, by)))
    return orders
