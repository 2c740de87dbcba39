"""The lines calls come in on: a provider's connection, or a draft's trial. Kept in memory, so that hooks can be judged
and answered with the fallback document while the database is down."""

from __future__ import annotations

import logging
import os
import secrets
import threading
import time
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import DatabaseError, close_old_connections, connections

from callplans import routing
from callplans.engine.adapter import Adapter, Document, Links, adapters
from callplans.engine.step import APOLOGY
from callplans.engine.words import HangUp, Sound
from callplans.models import Connection, PlanVersion, Trial
from callplans.plans import load

log = logging.getLogger(__name__)

FRESH = 5.0
"""Seconds for which a line is taken from memory; after a change of its keys the old ones may count that long."""
MOST_KEPT = 2000


@dataclass(slots=True)
class Line:
    """`fallback`: the document for when all else fails. `version`, `call`, `clid`: of a trial only."""

    id: UUID
    account: UUID
    adapter: Adapter
    secrets: dict[str, Any]
    settings: dict[str, Any]
    fallback: str = ""
    active: bool = True
    version: UUID | None = None
    plan: UUID | None = None
    call: UUID | None = None
    clid: str | None = None
    read_at: float = field(default_factory=time.monotonic)

    @property
    def provider(self) -> str:
        return self.adapter.provider

    def fallback_document(self) -> Document:
        """What a caller hears while nothing works."""
        if self.fallback.strip():
            return Document(self.fallback.encode())
        said = [Sound(text=APOLOGY, masked=APOLOGY), HangUp(reason="unavailable")]
        return self.adapter.reply(said, Links(), self.settings)


@dataclass(slots=True)
class Begun:
    """Where a new call goes. `seeds`: data sources it begins with."""

    plan: UUID
    version: UUID
    seeds: dict[str, str]
    trial: bool


class Lines:
    """Lines by (provider, id). Thread safe; one per process."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, UUID], Line] = {}
        self._lock = threading.Lock()
        self._saw_database = False

    def get(self, provider: str, id: UUID) -> Line | None:
        """The line, at most FRESH seconds old; the one kept in memory while the database is down. None: no such line.
        Raises DatabaseError where it was never seen and cannot be read."""
        kept = self._kept.get((provider, id))
        if kept is not None and time.monotonic() - kept.read_at < FRESH:
            return kept
        adapter = adapters.get(provider)
        if adapter is None:
            return None
        try:
            found = _trial(adapter, id) if provider == "browser" else _connection(adapter, id)
        except DatabaseError:
            if kept is None:
                raise
            return kept
        finally:
            _tidy()
        with self._lock:
            self._saw_database = True
            if found is None:
                self._kept.pop((provider, id), None)
            else:
                self._kept.pop((provider, id), None)
                self._kept[provider, id] = found
                while len(self._kept) > MOST_KEPT:
                    self._kept.pop(next(iter(self._kept)))
        return found

    def remembered(self, provider: str, id: UUID) -> Line | None:
        """The line as memory has it, however old."""
        return self._kept.get((provider, id))

    def refresh(self) -> None:
        """Read every connection again. Called each minute; while the database is down memory stays as it is."""
        try:
            for row in Connection.objects.all():
                adapter = adapters.get(row.provider)
                if adapter is not None:
                    with self._lock:
                        self._kept[row.provider, row.pk] = _of_connection(adapter, row)
            self._saw_database = True
        except DatabaseError as error:
            log.warning("connections could not be read again (%s)", type(error).__name__)
        finally:
            _tidy()

    @property
    def saw_database(self) -> bool:
        return self._saw_database

    def forget(self) -> None:
        with self._lock:
            self._kept.clear()
            self._saw_database = False


lines = Lines()


def _after_fork() -> None:
    """A child must not wait for a lock that one of its parent's threads held."""
    lines._lock = threading.Lock()


os.register_at_fork(after_in_child=_after_fork)


def _tidy() -> None:
    """Hand Django's connection back, unless a transaction is open on this thread (tests)."""
    if not connections["default"].in_atomic_block:
        close_old_connections()


def _connection(adapter: Adapter, id: UUID) -> Line | None:
    row = Connection.objects.filter(pk=id, provider=adapter.provider).first()
    return None if row is None else _of_connection(adapter, row)


def _of_connection(adapter: Adapter, row: Connection) -> Line:
    return Line(row.pk, row.account_id, adapter, row.secrets, row.settings, row.fallback, row.active)


def _trial(adapter: Adapter, id: UUID) -> Line | None:
    row = Trial.objects.select_related("version").filter(pk=id).first()
    if row is None:
        return None
    return Line(
        row.pk, row.account_id, adapter, {"key": row.key}, {}, version=row.version_id, plan=row.version.plan_id,
        call=row.call_id, clid=row.clid,
    )  # fmt: skip


def begin(line: Line, dialled: str, clid: str | None) -> Begun | None:
    """Where a call on this line goes; None: nothing answers that number."""
    try:
        if line.version is not None and line.plan is not None:
            return Begun(line.plan, line.version, dict(load(line.version).seeds), True)
        route = routing.resolve(Connection(pk=line.id, account_id=line.account), dialled, clid)
        return None if route is None else Begun(route.plan_id, route.plan_version_id, route.seeds, False)
    finally:
        _tidy()


@dataclass(frozen=True, slots=True)
class BegunTrial:
    """`call`: the id the call will have; `key`: signs its hooks; `answer`: path to post its first hook to."""

    call: UUID
    key: str
    answer: str


def begin_trial(version: PlanVersion, user: Any, clid: str | None = None) -> BegunTrial:
    """Make a frozen draft callable, once, from the browser."""
    key = secrets.token_urlsafe(32)
    trial = Trial(
        account_id=version.plan.account_id, version=version, user=user if user and user.pk else None, clid=clid, key=key
    )
    trial.save(force_insert=True)
    return BegunTrial(trial.call_id, key, f"/hooks/browser/{trial.pk}/answer")
