"""Lines: fresh from the database, from memory when it is down."""

from __future__ import annotations

import time
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError
from pytest_django import Settings

from callplans import lines as module
from callplans.lines import FRESH, Lines, begin, begin_trial
from callplans.models import Connection, Trial
from tests.callplans.rig import CALLER, NUMBER, Rig, make_rig

pytestmark = pytest.mark.django_db


@pytest.fixture
def rig(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Rig:
    return make_rig(monkeypatch)


@pytest.fixture
def lines() -> Lines:
    return Lines()


def down(*_: Any) -> Any:
    raise DatabaseError("down")


def test_a_connection_with_its_keys(rig: Rig, lines: Lines) -> None:
    row = rig.vonage()
    line = lines.get("vonage", row.pk)
    assert line is not None
    assert (line.provider, line.account, line.secrets) == (
        "vonage",
        rig.people.account.pk,
        {"signature_secret": "s" * 32},
    )
    assert line.settings["own_numbers"] == [NUMBER] and line.version is None
    assert lines.get("vonage", uuid4()) is None
    assert lines.get("nobody", row.pk) is None
    assert lines.get("browser", row.pk) is None


def test_a_trial_stands_where_a_connection_stands(rig: Rig, lines: Lines) -> None:
    made = begin_trial(rig.version, rig.people.editor, CALLER)
    trial = Trial.objects.get()
    assert made.answer == f"/hooks/browser/{trial.pk}/answer" and len(made.key) >= 40
    line = lines.get("browser", trial.pk)
    assert line is not None
    assert (line.call, line.version, line.plan) == (made.call, rig.version.pk, rig.version.plan_id)
    assert line.secrets == {"key": made.key} and line.clid == CALLER
    begun = begin(line, "", None)
    assert begun is not None and (begun.version, begun.trial) == (rig.version.pk, True)


def test_the_key_of_a_trial_is_stored_encrypted(rig: Rig) -> None:
    from django.db import connection

    made = begin_trial(rig.version, None)
    with connection.cursor() as cursor:
        cursor.execute("SELECT key FROM callplans_trial")
        (stored,) = cursor.fetchone()
    assert stored.startswith("v1.") and made.key not in stored


def test_a_mapped_number_leads_to_its_live_plan(rig: Rig, lines: Lines) -> None:
    line = lines.get("vonage", rig.vonage().pk)
    assert line is not None
    begun = begin(line, NUMBER, CALLER)
    assert begun is not None and begun.plan == rig.version.plan_id and not begun.trial
    assert begin(line, "+440000000000", CALLER) is None


def test_changed_keys_count_within_seconds(rig: Rig, lines: Lines, monkeypatch: pytest.MonkeyPatch) -> None:
    row = rig.vonage()
    first = lines.get("vonage", row.pk)
    assert first is not None
    row.secrets = {"signature_secret": "n" * 32}
    row.save()
    assert lines.get("vonage", row.pk) is first
    first.read_at -= FRESH + 1
    second = lines.get("vonage", row.pk)
    assert second is not None and second.secrets["signature_secret"] == "n" * 32


def test_memory_serves_while_the_database_is_down(rig: Rig, lines: Lines, monkeypatch: pytest.MonkeyPatch) -> None:
    row = rig.vonage()
    lines.refresh()
    kept = lines.remembered("vonage", row.pk)
    assert kept is not None and lines.saw_database
    kept.read_at = time.monotonic() - 3600
    monkeypatch.setattr(module, "_connection", down)
    assert lines.get("vonage", row.pk) is kept
    monkeypatch.setattr(Connection.objects, "all", down)
    lines.refresh()
    assert lines.remembered("vonage", row.pk) is kept
    with pytest.raises(DatabaseError):
        Lines().get("vonage", row.pk)


def test_a_deleted_connection_is_forgotten(rig: Rig, lines: Lines) -> None:
    row = rig.vonage()
    line = lines.get("vonage", row.pk)
    assert line is not None
    id: UUID = row.pk
    row.delete()
    line.read_at -= FRESH + 1
    assert lines.get("vonage", id) is None and lines.remembered("vonage", id) is None


def test_memory_is_bounded(rig: Rig, lines: Lines, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_KEPT", 3)
    for _ in range(5):
        made = begin_trial(rig.version, None)
        lines.get("browser", UUID(made.answer.split("/")[3]))
    assert len(lines._kept) == 3


def test_the_fallback_document(rig: Rig, lines: Lines) -> None:
    row = rig.vonage()
    line = lines.get("vonage", row.pk)
    assert line is not None and line.fallback_document().body == row.fallback.encode()
    line.fallback = "  "
    assert b"We are sorry" in line.fallback_document().body
