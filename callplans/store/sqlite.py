"""The statements on SQLite: reads outside transactions, writes in BEGIN IMMEDIATE on one connection under one lock.

A deferred read-then-write transaction fails at once whatever the time-out, and SQLite's own busy handler is unfair
between threads: so writers queue here. `synchronous=FULL`: a claim undone by a power cut would send a payment twice.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import orjson

from callplans.store import statements as sql
from callplans.store.base import Params, Store, Unavailable, moment
from callplans.store.rows import Move, NewEvent, NewNote

_PRAGMAS = "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA secure_delete=ON;PRAGMA foreign_keys=ON;"

_MOVE = """
UPDATE callplans_call SET seq = seq + 1, last_event = last_event + :k, awaits = :awaits, state = :state, memo = :memo,
  troubles = :troubles, due_at = :due_at, at_key = :at_key, at_name = :at_name,
  end_reason = CASE WHEN :over AND ended_at IS NULL THEN :reason ELSE end_reason END,
  ended_at = CASE WHEN :over THEN COALESCE(ended_at, :ended_at) ELSE ended_at END
WHERE id = :call AND seq = :seq RETURNING last_event - :k"""

_OLD_TURN = """UPDATE callplans_turn SET status = :status, parts = :parts, next_token = :next_token, due_at = NULL
WHERE id = :turn AND call_id = :call"""

_NEW_TURN = """
INSERT INTO callplans_turn (id, call_id, token, input, status, parts, next_token, attempt, copies, heard_at)
VALUES (:turn, :call, :token, :input, :status, :parts, :next_token, 0, 0, :heard_at)"""

_EFFECT = """
INSERT INTO callplans_effect (id, call_id, turn_id, no, kind, awaited, repeatable, status, attempt, seconds, request,
  made_at, due_at)
VALUES (:id, :call, :turn, :no, :kind, :awaited, :repeatable, 'new', 0, :seconds, :request, :now, :due_at)"""

_EVENT = """
INSERT INTO callplans_event (call_id, no, turn, at, kind, applet, data)
VALUES (:call, :no, :turn, :at, :kind, :applet, :data)"""

_ANSWERED = """
UPDATE callplans_effect SET status = 'answered', answer = :answer
WHERE id = :effect AND status = 'running' AND attempt = :attempt RETURNING turn_id, awaited"""

_LOST = """
UPDATE callplans_effect SET status = 'lost'
WHERE id = :effect AND status IN ('new', 'running') AND due_at <= :before RETURNING turn_id, awaited"""

_NEEDS_TAKER = """
UPDATE callplans_turn SET status = 'new', attempt = 0, due_at = :now + 1
WHERE id = :turn AND :awaited AND status = 'waiting' RETURNING id"""

_END = """
UPDATE callplans_call SET seq = seq + 1, awaits = :token, ended_at = :ended_at, end_reason = :reason, due_at = NULL
WHERE id = :call AND ended_at IS NULL RETURNING id"""

_DROP_OPEN = """
UPDATE callplans_turn SET status = 'dropped', due_at = NULL WHERE call_id = :call AND status IN ('new', 'waiting')"""

_END_TURN = """
INSERT INTO callplans_turn (id, call_id, token, input, status, next_token, attempt, copies, heard_at, due_at)
VALUES (:turn, :call, :token, :input, 'new', '', 0, 0, :now, :now + 1)"""

_NOTED = """
INSERT INTO callplans_turn (id, call_id, token, status, next_token, attempt, copies, heard_at)
VALUES (:turn, :call, :token, 'noted', '', 0, 0, :now) ON CONFLICT (call_id, token) DO NOTHING RETURNING id"""

_RANKED = """
UPDATE callplans_call SET last_event = last_event + :told, status = CASE WHEN :own THEN :status ELSE status END,
  status_rank = CASE WHEN :own THEN :rank ELSE status_rank END
WHERE id = :call AND (NOT :own OR status_rank < :rank) RETURNING last_event"""

_ONE_MORE = "UPDATE callplans_call SET last_event = last_event + 1 WHERE id = :call RETURNING last_event"


def _fit(value: Any) -> Any:
    """A parameter as Django stores it in SQLite."""
    if isinstance(value, UUID):
        return value.hex
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict | list):
        return orjson.dumps(value).decode()
    return value


def _fitted(params: Params) -> dict[str, Any]:
    return {name: _fit(value) for name, value in params.items()}


class SqliteStore(Store):
    """`path`: the database file, shared with Django."""

    uuid_type = "text"

    def __init__(self, path: str) -> None:
        self._path = path
        self._local = threading.local()
        self._lock = threading.RLock()
        self._all: list[sqlite3.Connection] = []
        self._writer: sqlite3.Connection | None = None

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._path, timeout=5, isolation_level=None, check_same_thread=False, cached_statements=256
        )
        connection.executescript(_PRAGMAS)
        return connection

    def close(self) -> None:
        with self._lock:
            if self._writer is not None:
                self._writer.close()
                self._writer = None
        self._local = threading.local()

    def read(self, statement: str, params: Params) -> list[Sequence[Any]]:
        try:
            connection = getattr(self._local, "connection", None)
            if connection is None:
                connection = self._local.connection = self._connect()
            return connection.execute(statement, _fitted(params)).fetchall()
        except sqlite3.OperationalError as error:
            raise Unavailable(str(error)) from error

    def change(self, statement: str, params: Params) -> list[Sequence[Any]]:
        with self._writing(begin=False) as connection:
            return connection.execute(statement, _fitted(params)).fetchall()

    @contextmanager
    def _writing(self, begin: bool = True) -> Iterator[sqlite3.Connection]:
        with self._lock:
            try:
                if self._writer is None:
                    self._writer = self._connect()
                if begin:
                    self._writer.execute("BEGIN IMMEDIATE")
                try:
                    yield self._writer
                    if begin:
                        self._writer.execute("COMMIT")
                except BaseException:
                    if self._writer.in_transaction:
                        self._writer.execute("ROLLBACK")
                    raise
            except sqlite3.OperationalError as error:
                raise Unavailable(str(error)) from error

    def write(self, move: Move) -> int | None:
        params = _fitted({name: getattr(move, name) for name in move.__slots__ if name not in ("effects", "events")})
        params |= {"k": len(move.events), "ended_at": _fit(moment(move.now))}
        params.pop("heard")
        if move.heard is not None:
            params["token"], params["input"], params["heard_at"] = move.heard
        own = {"call": params["call"], "turn": params["turn"], "now": move.now}
        try:
            with self._writing() as db:
                rows = db.execute(_MOVE, params).fetchall()
                if not rows:
                    return None
                base = int(rows[0][0])
                db.execute(_OLD_TURN if move.heard is None else _NEW_TURN, params)
                for effect in move.effects:
                    db.execute(_EFFECT, own | _fitted({name: getattr(effect, name) for name in effect.__slots__}))
                db.executemany(_EVENT, [own | self._event(e, base + n) for n, e in enumerate(move.events, 1)])
                return base
        except sqlite3.IntegrityError:
            return None  # somebody heard this token by the longer road

    @staticmethod
    def _event(event: NewEvent, no: int) -> dict[str, Any]:
        return {
            "no": no, "at": _fit(moment(event.at)), "kind": event.kind, "applet": event.applet, "data": _fit(event.data)
        }  # fmt: skip

    def _needs_taker(self, db: sqlite3.Connection, rows: list[Any], now: float) -> UUID | None:
        turn, awaited = rows[0]
        found = db.execute(_NEEDS_TAKER, {"turn": turn, "awaited": awaited, "now": now}).fetchall()
        return UUID(found[0][0]) if found else None

    def answer(self, effect: UUID, attempt: int, answer: str, now: float) -> tuple[bool, UUID | None]:
        params = {"effect": effect.hex, "attempt": attempt, "answer": answer}
        with self._writing() as db:
            rows = db.execute(_ANSWERED, params).fetchall()
            if rows:
                return True, self._needs_taker(db, rows, now)
            db.execute(sql.LATE_ANSWER, params).fetchall()
        return False, None

    def lose(self, effect: UUID, before: float, now: float) -> UUID | None:
        with self._writing() as db:
            rows = db.execute(_LOST, {"effect": effect.hex, "before": before}).fetchall()
            return self._needs_taker(db, rows, now) if rows else None

    def end(self, call: UUID, turn: UUID, token: str, sealed_input: str | None, reason: str, now: float) -> bool:
        params = _fitted({
            "call": call, "turn": turn, "token": token, "input": sealed_input, "reason": reason, "now": now,
            "ended_at": moment(now),
        })  # fmt: skip
        with self._writing() as db:
            if not db.execute(_END, params).fetchall():
                return False
            db.execute(_DROP_OPEN, params)
            db.execute(_END_TURN, params)
            return True

    def note(self, call: UUID, turn: UUID, note: NewNote, now: float) -> bool:
        params = {
            "call": call.hex, "turn": turn.hex, "token": note.key, "status": note.status, "rank": note.rank,
            "own": note.own, "told": note.event is not None, "now": now,
        }  # fmt: skip
        with self._writing() as db:
            if not db.execute(_NOTED, params).fetchall():
                return False
            rows = db.execute(_RANKED, params).fetchall()
            if rows and note.event is not None:
                db.execute(_EVENT, {"call": call.hex, "turn": None, **self._event(note.event, rows[0][0])})
            return bool(rows)

    def append(self, call: UUID, event: NewEvent) -> int | None:
        with self._writing() as db:
            rows = db.execute(_ONE_MORE, {"call": call.hex}).fetchall()
            if not rows:
                return None
            db.execute(_EVENT, {"call": call.hex, "turn": None, **self._event(event, rows[0][0])})
            return int(rows[0][0])

    def uid(self, value: Any) -> UUID:
        return UUID(value)

    def json(self, value: Any) -> Any:
        return orjson.loads(value)

    def time(self, value: Any) -> datetime:
        return datetime.fromisoformat(value).replace(tzinfo=UTC)
