"""The pretend billing service, and who sees it."""

from __future__ import annotations

import time
from typing import Any

import pytest
from django.test import AsyncClient, Client

from designer.sandbox import billing

HOST = {"headers": {"host": "billing.sandbox"}}


class Billing(AsyncClient):
    """Calls the server by the service's name; the asynchronous client has no other way to say it."""

    def _base_scope(self, **request: Any) -> Any:
        request["headers"] = [(n, b"billing.sandbox" if n == b"host" else v) for n, v in request["headers"]]
        return super()._base_scope(**request)


@pytest.mark.parametrize(
    ("number", "status", "holds"),
    [
        ("44170921", 200, {"number": "44170921", "name": "Alex Rivers", "balance": "82.40", "currency": "GBP"}),
        ("44170922", 200, {"number": "44170922", "name": "Sam Brook", "balance": "19.05", "currency": "GBP"}),
        ("44170923", 200, {"number": "44170923", "name": "Robin Lake", "balance": "0.00", "currency": "GBP"}),
        ("50000003", 500, None),
        ("12345678", 404, None),
    ],
)
async def test_accounts(number: str, status: int, holds: Any) -> None:
    answer = await Billing().get(f"/v2/accounts/{number}")
    assert answer.status_code == status
    body = answer.json()
    assert body["account"] == holds if holds else "error" in body


async def test_wrong_type() -> None:
    answer = await Billing().get("/v2/accounts/50000004")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.content.startswith(b"<!doctype html>")


@pytest.mark.parametrize("number", ["50000001", "50000002"])
async def test_slow_ones_answer_late(number: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert billing.DELAYS == {"50000001": 4.0, "50000002": 30.0}
    monkeypatch.setitem(billing.DELAYS, number, 0.2)
    began = time.monotonic()
    answer = await Billing().get(f"/v2/accounts/{number}")
    assert answer.status_code == 200
    assert time.monotonic() - began >= 0.2


async def test_endless_goes_on_but_not_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(billing, "ENDLESS_BYTES", 100_000)
    answer = await Billing().get("/v2/accounts/50000005")
    assert answer.streaming
    sent = sum([len(piece) async for piece in answer])
    assert 100_000 <= sent < 200_000


def test_only_get() -> None:
    assert Client().post("/v2/accounts/44170921", **HOST).status_code == 405


def test_the_name_counts_whatever_its_port_and_case() -> None:
    assert Client().get("/v2/accounts/44170921", headers={"host": "Billing.Sandbox:8123"}).status_code == 200


@pytest.mark.parametrize("path", ["/", "/admin/", "/api/v1/plans", "/sandbox/line/open", "/v1/sessions"])
def test_by_that_name_nothing_else_is_seen(path: str) -> None:
    assert Client().get(path, **HOST).status_code == 404


def test_by_our_own_name_the_services_are_not_seen() -> None:
    assert Client().get("/v2/accounts/44170921").status_code == 404


def test_without_the_sandbox_there_is_none(settings: Any) -> None:
    settings.SANDBOX = False
    assert Client().get("/v2/accounts/44170921", **HOST).status_code == 404
    assert Client().post("/sandbox/line/open", {}, content_type="application/json").status_code == 404
    assert Client().get("/v1/sessions", headers={"host": "pay.sandbox"}).status_code == 404


@pytest.mark.parametrize("host", ["billing.sandbox.", "BILLING.sandbox", "pay.sandbox.", "billing.sandbox:8000"])
@pytest.mark.parametrize("path", ["/signin", "/api/v1/session", "/admin/login/", "/sandbox/line/open"])
def test_every_spelling_of_the_services_names_sees_only_the_services(host: str, path: str) -> None:
    answer = Client(headers={"host": host}).get(path)
    assert answer.status_code == 404
    assert "set-cookie" not in answer.headers
