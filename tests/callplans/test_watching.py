"""Calls as people see them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from callplans import watching
from callplans.engine.call import CallState, Source
from callplans.models import Call
from callplans.models.callkeys import CallBox
from tests.callplans.rig import Phone, Rig, events_of, make_rig

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def rig(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Rig:
    settings.TURN_EXECUTION = "inline"
    return make_rig(monkeypatch)


def at_the_menu(rig: Rig) -> Phone:
    phone = rig.phone()
    phone.hears(phone.answer())
    told = phone.keys("1234")
    rig.hands.work()
    phone.hears(told)
    return phone


def with_sources(phone: Phone, **sources: Source) -> None:
    """Give the call these data sources."""
    row = Call.objects.get(pk=phone.call)
    box = CallBox(row.key or "", row.pk)
    state = CallState.from_json(box.open(row.state, "call.state"))
    state.sources = {name: source for name, source in sources.items() if not name.startswith("sealed")}
    state.sealed = {name: source for name, source in sources.items() if name.startswith("sealed")}
    Call.objects.filter(pk=row.pk).update(state=box.seal(state.to_json(), "call.state"))


def values(phone: Phone, may: bool = True) -> dict[str, Any]:
    found = watching.snapshot(phone.call, may)
    assert found is not None
    return {source["name"]: source["value"] for source in found["sources"]}


def test_the_picture_of_a_live_call(rig: Rig) -> None:
    phone = at_the_menu(rig)
    seen = watching.snapshot(phone.call, True)
    assert seen is not None
    assert seen["events"] == events_of(phone.call) and seen["seq"] == seen["events"][-1]["no"]
    assert seen["version_id"] == str(rig.version.pk)
    assert (seen["call"]["state"], seen["call"]["at_applet"]["name"]) == ("live", "More")
    assert seen["call"]["version"] == {"id": str(rig.version.pk), "number": None, "revision": 0}
    assert seen["waiting"]["what"] == "gather" and seen["waiting"]["applet"] == seen["call"]["at_applet"]["key"]
    assert datetime.fromisoformat(seen["waiting"]["since"]).tzinfo == UTC
    assert watching.snapshot(uuid4(), True) is None and watching.news(uuid4(), 0, True) is None


def test_an_ended_call_keeps_its_way_and_loses_its_values(rig: Rig) -> None:
    phone = at_the_menu(rig)
    phone.hang_up()
    rig.hands.work()
    seen = watching.snapshot(phone.call, True)
    assert seen is not None
    assert seen["sources"] == [] and seen["waiting"] is None and seen["call"]["state"] == "ended"
    assert seen["call"]["at_applet"] is None and seen["call"]["end_reason"] == "caller"
    assert seen["events"][-1]["kind"] == "ended"


def test_values_by_permission_sealed_ones_never(rig: Rig) -> None:
    phone = at_the_menu(rig)
    with_sources(phone, Name=Source("Ada"), Empty=Source(None), sealedPin=Source("4711", True, "a1"))
    assert values(phone) == {"Name": "Ada", "Empty": None, "sealedPin": None}
    assert values(phone, may=False) == {"Name": None, "Empty": None, "sealedPin": None}
    seen = watching.snapshot(phone.call, True)
    assert seen is not None
    sealed = next(source for source in seen["sources"] if source["name"] == "sealedPin")
    assert sealed == {
        "name": "sealedPin", "value": None, "length": 4, "sealed": True, "collected": True, "applet": "a1",
        "masked": True,
    }  # fmt: skip


def test_card_numbers_are_masked_also_across_neighbouring_values(rig: Rig) -> None:
    phone = at_the_menu(rig)
    with_sources(phone, A=Source("4111111111111111", True), B=Source("41111111", True), C=Source("11111111", True))
    shown = values(phone)
    assert "4111" not in str(shown)
    with_sources(phone, Account=Source("44170921", True), Balance=Source("82.40"))
    assert values(phone) == {"Account": "44170921", "Balance": "82.40"}


def test_news_begin_after_what_was_seen(rig: Rig) -> None:
    phone = at_the_menu(rig)
    count = len(events_of(phone.call))
    found = watching.news(phone.call, count - 1, True)
    assert found is not None and [event["no"] for event in found["events"]] == [count]


def test_a_private_leg_shows_only_that_it_lasts(rig: Rig) -> None:
    phone = at_the_menu(rig)
    row = Call.objects.get(pk=phone.call)
    box = CallBox(row.key or "", row.pk)
    state = CallState.from_json(box.open(row.state, "call.state"))
    state.wait = {"kind": "dial", "to": "+441632960900", "private": True, "ring": 30.0}
    Call.objects.filter(pk=row.pk).update(state=box.seal(state.to_json(), "call.state"))
    seen = watching.snapshot(phone.call, True)
    assert seen is not None
    assert (seen["waiting"]["what"], seen["waiting"]["seconds"]) == ("dial", None)
    assert "1632960900" not in str(seen)


def test_the_list_is_filtered_searched_and_paged(rig: Rig) -> None:
    live, over = at_the_menu(rig), at_the_menu(rig)
    over.hang_up()
    rig.hands.work()
    rig.phone().status("ringing")  # reached a draft already; a call without a plan is not listed
    account = rig.people.account.pk
    assert watching.call_rows(account)[0] == 3
    assert [row["id"] for row in watching.call_rows(account, "ended")[1]] == [str(over.call)]
    assert str(live.call) in [row["id"] for row in watching.call_rows(account, "live")[1]]
    assert watching.call_rows(account, search="+4477009")[0] == 3
    assert watching.call_rows(account, search=str(live.call))[0] == 1
    assert watching.call_rows(account, search="Test plan")[0] == 3
    assert watching.call_rows(account, search="nobody")[0] == 0
    assert watching.call_rows(account, plan=rig.version.plan_id)[0] == 3
    assert watching.call_rows(account, plan=uuid4())[0] == 0
    count, rows = watching.call_rows(account, page=2, size=2)
    assert (count, len(rows)) == (3, 1)
    assert watching.call_rows(rig.people.other_account.pk)[0] == 0


def test_a_list_asks_as_often_for_many_calls_as_for_few(rig: Rig) -> None:
    counts = []
    for _ in range(2):
        for _ in range(4):
            rig.phone().answer()
        with CaptureQueriesContext(
            connection,
        ) as queries:
            watching.call_rows(rig.people.account.pk)
        counts.append(len(queries))
    assert counts[0] == counts[1] == 2
