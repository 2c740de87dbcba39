"""The operator's console: what is read-only stays so, secrets are set and never shown, lists ask few questions."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from callplans import drafts
from callplans.models import Call, Connection, Destination, EventRow, Mapping, PaymentLine, Plan, Secret
from tests.callplans.people import People

LISTS = [
    "account", "plan", "planversion", "secret", "connection", "paymentline", "destination", "mapping", "call",
    "refusal",
]  # fmt: skip


@pytest.fixture
def operator(people: People) -> Client:
    user = User.objects.create_superuser("operator")
    client = Client()
    client.force_login(user)
    return client


def add_rows(people: People, most: int) -> None:
    line = Connection.objects.create(account=people.account, provider="vonage", name=f"Line {uuid.uuid4()}")
    for _ in range(most):
        mark = uuid.uuid4().hex[:8]
        plan = drafts.create(people.account, people.owner, f"Plan {mark}")
        number = f"+44163296{int(mark, 16) % 10_000:04}{mark[:2]}"
        destination = Destination.objects.create(
            account=people.account, connection=line, address=number, name=f"Number {mark}"
        )
        mapping = Mapping.objects.create(account=people.account, live_plan=plan)
        mapping.destinations.add(destination)
        Secret.objects.create(account=people.account, key=f"Key{mark}", value="x")
        PaymentLine.objects.create(account=people.account, number=f"+4416{mark}", name=mark)
        call = Call.objects.create(
            account=people.account, plan=plan, version=plan.draft, provider="vonage", provider_call_id=mark,
            clid="+447700900123", dialled=number, awaits="3.live-token", started_at=datetime.now(UTC),
        )  # fmt: skip
        EventRow.objects.create(call=call, no=1, at=datetime.now(UTC), kind="started", data={"clid": "+447700900123"})


@pytest.mark.parametrize("name", LISTS)
def test_a_list_asks_as_much_for_many_rows_as_for_few(name: str, people: People, operator: Client) -> None:
    counts = []
    for most in (2, 12):
        add_rows(people, most)
        with CaptureQueriesContext(connection) as asked:
            answer = operator.get(f"/admin/callplans/{name}/")
        assert answer.status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1], f"{counts[0]} queries for few rows, {counts[1]} for many"


def test_plans_and_calls_can_be_looked_at_and_not_changed(people: People, operator: Client) -> None:
    add_rows(people, 1)
    plan, call = Plan.objects.get(), Call.objects.get()
    for name, row in (("plan", plan), ("planversion", plan.draft), ("call", call)):
        page = operator.get(f"/admin/callplans/{name}/{row.pk}/change/")
        assert page.status_code == 200
        assert 'name="_save"' not in page.content.decode()
        assert operator.post(f"/admin/callplans/{name}/{row.pk}/delete/", {"post": "yes"}).status_code == 403
        assert operator.get(f"/admin/callplans/{name}/add/").status_code == 403


def test_a_call_leads_to_its_live_page_and_a_plan_to_its_canvas(people: People, operator: Client) -> None:
    add_rows(people, 1)
    plan, call = Plan.objects.get(), Call.objects.get()
    assert f'href="/calls/{call.pk}"' in operator.get("/admin/callplans/call/").content.decode()
    assert f'href="/plans/{plan.pk}"' in operator.get("/admin/callplans/plan/").content.decode()
    page = operator.get(f"/admin/callplans/call/{call.pk}/change/").content.decode()
    assert "started" in page and "+447700900123" in page


def test_a_live_token_is_not_shown(people: People, operator: Client) -> None:
    add_rows(people, 1)
    page = operator.get(f"/admin/callplans/call/{Call.objects.get().pk}/change/").content.decode()
    assert "live-token" not in page and "the caller" in page


def test_calls_are_found_by_number_and_filtered_by_state(people: People, operator: Client) -> None:
    add_rows(people, 1)
    call = Call.objects.get()
    for query, found in (("q=900123", True), ("q=nobody", False), ("live=1", True), ("live=0", False)):
        page = operator.get(f"/admin/callplans/call/?{query}").content.decode()
        assert (f"/calls/{call.pk}" in page) is found, query


def test_a_secret_is_set_kept_and_never_shown(people: People, operator: Client) -> None:
    address = "/admin/callplans/secret/add/"
    operator.post(address, {"account": people.account.pk, "key": "PayKey", "new_value": "hush-hush-7"})
    secret = Secret.objects.get()
    assert secret.value == "hush-hush-7"
    page = f"/admin/callplans/secret/{secret.pk}/change/"
    assert "hush-hush-7" not in operator.get(page).content.decode()
    operator.post(page, {"account": people.account.pk, "key": "PayKeyNew", "new_value": ""})
    secret.refresh_from_db()
    assert (secret.key, secret.value) == ("PayKeyNew", "hush-hush-7")


def test_a_connections_keys_are_set_and_never_shown(people: People, operator: Client) -> None:
    line = Connection.objects.create(account=people.account, provider="vonage", name="Line", secrets={"a": "old-key-1"})
    page = f"/admin/callplans/connection/{line.pk}/change/"
    form = {
        "account": people.account.pk, "provider": "vonage", "name": "Line", "settings": "{}", "fallback": "",
        "active": "on",
    }  # fmt: skip
    assert "old-key-1" not in operator.get(page).content.decode()
    broken = operator.post(page, {**form, "new_keys": "{not json"})
    assert "This is not JSON" in broken.content.decode()
    operator.post(page, {**form, "new_keys": '{"signature_secret": "new-key-2"}'})
    line.refresh_from_db()
    assert line.secrets == {"signature_secret": "new-key-2"}


def test_people_without_the_operators_right_do_not_get_in(people: People) -> None:
    for user in (people.owner, people.editor, people.viewer, people.stranger):
        client = Client()
        client.force_login(user)
        assert client.get("/admin/callplans/call/").status_code == 302
