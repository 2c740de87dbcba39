"""Records as the store gives them, for tests that need no database."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

from callplans.models.callkeys import wrap_new_key
from callplans.store.rows import CallRecord, TurnRecord

VERSION = UUID("00000000-0000-4000-8000-00000000000a")


def call_record(**fields: Any) -> CallRecord:
    id = fields.pop("id", None) or uuid4()
    made = CallRecord(
        id=id, account=uuid4(), plan=uuid4(), version=VERSION, connection=None, from_trial=uuid4(), provider="browser",
        provider_call_id=str(id), leg={}, clid="+447700900123", dialled="", seq=0, last_event=0, awaits="start",
        key=wrap_new_key(id), state=None, memo=None, troubles=0, due_at=None, ended=False, end_reason="", at_key="",
        at_name="",
    )  # fmt: skip
    return replace(made, **fields)


def turn_record(**fields: Any) -> TurnRecord:
    made = TurnRecord(uuid4(), "start", None, "new", None, "", 0, 1000.0, 1001.0)
    return replace(made, **fields)
