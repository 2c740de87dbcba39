"""The pretend payment system: sessions, the line that finds them by caller id, results for 15 minutes."""

from __future__ import annotations

import logging
import uuid
import xml.etree.ElementTree as ET
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from designer.models import SandboxPayment
from designer.sandbox import payments
from designer.sandbox.demo import PAY_KEY, PAYMENT_CLIDS, PAYMENT_LINE

pytestmark = pytest.mark.django_db
ASKED = {"callId": "c1", "callerNumber": "+447700900123", "account": "44170921", "amount": "82.40", "currency": "GBP"}
PAID, DECLINED = "4111 1111 1111 1111", "4000-0000-0000-0002"


def pay(method: str, path: str, body: Any = None, key: str = PAY_KEY) -> Any:
    headers = {"host": "pay.sandbox", "x-api-key": key}
    return Client(headers=headers).generic(method, path, body if isinstance(body, str) else "", "application/json")


def begin(**change: Any) -> dict[str, Any]:
    import json

    answer = pay("POST", "/v1/sessions", json.dumps(ASKED | change))
    assert answer.status_code == 201, answer.content
    return answer.json()


def result(id: str) -> dict[str, str]:
    answer = pay("GET", f"/v1/sessions/{id}/result")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/xml"
    return {child.tag: child.text or "" for child in ET.fromstring(answer.content)}


def line(path: str, **body: Any) -> Any:
    return Client(enforce_csrf_checks=True).post(f"/sandbox/line/{path}", body, content_type="application/json")


def opened(started: dict[str, Any]) -> str:
    answer = line("open", **started["transfer"])
    assert answer.status_code == 200, answer.content
    assert answer.json()["amount"] == "82.40"
    assert answer.json()["currency"] == "GBP"
    return answer.json()["line"]


def test_a_session_gives_number_and_caller_id() -> None:
    one, other = begin(), begin()
    assert one["transfer"]["number"] == PAYMENT_LINE
    assert {one["transfer"]["clid"], other["transfer"]["clid"]} <= set(PAYMENT_CLIDS)
    assert one["transfer"]["clid"] != other["transfer"]["clid"]
    assert result(one["session"]["id"]) == {"outcome": "PENDING", "receipt": "", "amount": "82.40", "currency": "GBP"}


@pytest.mark.parametrize("key", ["", "wrong", "é"])
def test_only_with_the_key(key: str) -> None:
    id = begin()["session"]["id"]
    assert pay("POST", "/v1/sessions", "{}", key).status_code == 401
    assert pay("GET", f"/v1/sessions/{id}", key=key).status_code == 401
    assert pay("GET", f"/v1/sessions/{id}/result", key=key).status_code == 401


@pytest.mark.parametrize(
    "body",
    [
        "", "[]", "{}", '{"account": "1"}', '{"account": "1", "amount": "x"}', '{"account": "1", "amount": "NaN"}',
        '{"account": "1", "amount": "0"}', '{"account": "1", "amount": "-1"}', '{"account": "1", "amount": "1e9"}',
        '{"account": "<b>", "amount": "1"}', '{"account": "1", "amount": "1", "currency": "pounds"}', '"x"', "null",
    ],
)  # fmt: skip
def test_what_it_does_not_understand(body: str) -> None:
    assert pay("POST", "/v1/sessions", body).status_code == 400
    assert not SandboxPayment.objects.exists()


@pytest.mark.parametrize(
    ("do", "outcome", "kept"),
    [
        ({"do": "card", "number": PAID}, "PAID", "PAID"),
        ({"do": "card", "number": DECLINED}, "DECLINED", "DECLINED"),
        ({"do": "declined"}, "DECLINED", "DECLINED"),
        ({"do": "give_up"}, "ABANDONED", "ABANDONED"),
        ({"do": "fail"}, "FAILED", "PENDING"),
    ],
)
def test_what_comes_of_the_payment(do: dict[str, str], outcome: str, kept: str) -> None:
    started = begin()
    id = started["session"]["id"]
    assert pay("GET", f"/v1/sessions/{id}").json() == {"session": {"id": id, "state": "Open"}}
    answer = line(opened(started), **do)
    assert answer.status_code == 200
    assert (answer.json()["outcome"], answer.json()["ended"]) == (outcome, True)
    assert pay("GET", f"/v1/sessions/{id}").json() == {"session": {"id": id, "state": "Finished"}}
    found = result(id)
    assert found["outcome"] == kept
    assert found["receipt"].startswith("R-") == (kept == "PAID")


def test_a_line_that_is_over_is_closed() -> None:
    started = begin()
    address = opened(started)
    assert line(address, do="card", number=PAID).status_code == 200
    assert line(address, do="give_up").status_code == 404
    assert line("open", **started["transfer"]).status_code == 404
    assert result(started["session"]["id"])["outcome"] == "PAID"


def test_the_line_knows_only_calls_that_were_announced() -> None:
    clid = begin()["transfer"]["clid"]
    assert line("open", number="+441632960999", clid=clid).status_code == 404
    assert line("open", number=PAYMENT_LINE, clid="+447700900123").status_code == 404
    assert line("open", number=PAYMENT_LINE).status_code == 404
    assert line("nothing", do="give_up").json()["error"]["code"] == "no_session"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"do": "card", "number": "4929 0000 0000 6"}, 422, "not_a_test_card"),
        ({"do": "card"}, 422, "not_a_test_card"),
        ({"do": "dance"}, 400, "unknown_do"),
        ({"do": ["card"]}, 400, "unknown_do"),
        ({}, 400, "unknown_do"),
    ],
)
def test_what_the_line_does_not_understand(body: dict[str, Any], status: int, code: str) -> None:
    started = begin()
    answer = line(opened(started), **body)
    assert answer.status_code == status
    assert answer.json()["error"]["code"] == code
    assert result(started["session"]["id"])["outcome"] == "PENDING"


def test_a_form_of_another_site_is_not_heard() -> None:
    answer = Client().post("/sandbox/line/open", begin()["transfer"])
    assert answer.json()["error"]["code"] == "not_json"


def test_a_result_is_readable_for_15_minutes() -> None:
    started = begin()
    id = started["session"]["id"]
    line(opened(started), do="card", number=PAID)
    row = SandboxPayment.objects.filter(pk=id)
    row.update(completed=timezone.now() - timedelta(minutes=14, seconds=50))
    assert result(id)["outcome"] == "PAID"
    row.update(completed=timezone.now() - timedelta(minutes=15, seconds=1))
    assert pay("GET", f"/v1/sessions/{id}/result").status_code == 410


def test_an_unknown_session() -> None:
    assert pay("GET", f"/v1/sessions/{uuid.uuid4()}/result").status_code == 404
    assert pay("GET", f"/v1/sessions/{uuid.uuid4()}").status_code == 404
    assert pay("GET", "/v1/sessions/none/result").status_code == 404


def test_when_all_caller_ids_are_taken_the_oldest_session_gives_up_its_own() -> None:
    ids = [begin()["session"]["id"] for _ in range(len(PAYMENT_CLIDS) + 1)]
    assert SandboxPayment.objects.filter(open=True).count() == len(PAYMENT_CLIDS)
    assert result(ids[0])["outcome"] == "ABANDONED"
    assert result(ids[-1])["outcome"] == "PENDING"


def test_old_sessions_go() -> None:
    old = begin()["session"]["id"]
    SandboxPayment.objects.update(created=timezone.now() - payments.KEPT - timedelta(seconds=1))
    begin()
    assert not SandboxPayment.objects.filter(pk=old).exists()


def test_of_two_endings_the_first_counts() -> None:
    payment = SandboxPayment.objects.get(pk=begin()["session"]["id"])
    late = SandboxPayment.objects.get(pk=payment.pk)
    payments.finish(payment, "PAID")
    payments.finish(late, "DECLINED")
    assert result(str(payment.pk))["outcome"] == "PAID"


def test_of_the_card_nothing_is_kept(caplog: pytest.LogCaptureFixture) -> None:
    """The same search finds the account number, so it can find what is there."""
    caplog.set_level(logging.DEBUG)
    for card in (PAID, DECLINED, "4929123412341234"):
        line(opened(begin()), do="card", number=card)
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM designer_sandboxpayment")
        kept = repr(cursor.fetchall()) + caplog.text
    assert "44170921" in kept
    for card in (PAID, DECLINED, "4929123412341234"):
        assert card not in kept
        assert "".join(c for c in card if c.isdigit()) not in kept


@pytest.mark.parametrize("text", ["\ud800", "\x00", "x" * 10_000])
def test_text_no_database_takes(text: str) -> None:
    assert begin(callId=text)["session"]["id"]
    assert line("open", number=PAYMENT_LINE, clid=text).status_code == 404
    assert line("open", number=text, clid=text).status_code == 404
    assert line(opened(begin()), do="card", number=text).status_code == 422
    assert line("%00", do="card", number=text).status_code == 404
