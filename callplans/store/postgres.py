"""The statements on PostgreSQL: one round trip each, READ COMMITTED, over a pool of plain connections.

Lock order is call, then turn; effect, then turn. Nothing here locks a call for reading: it would block even `hear`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
import psycopg
from psycopg.types.json import Jsonb
from psycopg_pool import ConnectionPool, PoolTimeout

from callplans.store.base import Params, Store, Unavailable, moment, named
from callplans.store.rows import CallRecord, Move, NewCall, NewEvent, NewNote

_MOVED = """
WITH moved AS (
  UPDATE callplans_call SET seq = seq + 1, last_event = last_event + :k, awaits = :awaits, state = :state, memo = :memo,
    troubles = :troubles, due_at = :due_at, at_key = :at_key, at_name = :at_name,
    end_reason = CASE WHEN :over AND ended_at IS NULL THEN :reason ELSE end_reason END,
    ended_at = CASE WHEN :over THEN COALESCE(ended_at, :ended_at) ELSE ended_at END
  WHERE id = :call AND seq = :seq RETURNING id, last_event - :k AS base),
t AS ({turn}),
f AS (INSERT INTO callplans_effect (id, call_id, turn_id, no, kind, awaited, repeatable, status, attempt, seconds,
    request, made_at, due_at)
  SELECT x.id, moved.id, :turn, x.no, x.kind, x.awaited, x.repeatable, 'new', 0, x.seconds, x.request, :now, x.due_at
  FROM moved, jsonb_to_recordset(:effects) AS x(id uuid, no int, kind text, awaited bool, repeatable bool,
    seconds float8, request text, due_at float8)),
e AS (INSERT INTO callplans_event (call_id, no, turn, at, kind, applet, data)
  SELECT moved.id, moved.base + x.n, :turn, to_timestamp(x.at), x.kind, x.applet, x.data
  FROM moved, ROWS FROM (jsonb_to_recordset(:events) AS (at float8, kind text, applet text, data jsonb))
    WITH ORDINALITY AS x(at, kind, applet, data, n))
SELECT base FROM moved"""

_OLD_TURN = """UPDATE callplans_turn SET status = :status, parts = :parts, next_token = :next_token, due_at = NULL
  FROM moved WHERE callplans_turn.id = :turn AND callplans_turn.call_id = moved.id"""

_NEW_TURN = """INSERT INTO callplans_turn (id, call_id, token, input, status, parts, next_token, attempt, copies,
    heard_at)
  SELECT :turn, moved.id, :token, :input, :status, :parts, :next_token, 0, 0, :heard_at FROM moved"""

_ANSWER = """
WITH a AS (UPDATE callplans_effect SET status = 'answered', answer = :answer
    WHERE id = :effect AND status = 'running' AND attempt = :attempt RETURNING turn_id, awaited),
t AS (UPDATE callplans_turn SET status = 'new', attempt = 0, due_at = :now + 1 FROM a
    WHERE callplans_turn.id = a.turn_id AND a.awaited AND callplans_turn.status = 'waiting'
    RETURNING callplans_turn.id)
SELECT (SELECT id FROM t) FROM a"""

_LOSE = """
WITH a AS (UPDATE callplans_effect SET status = 'lost'
    WHERE id = :effect AND status IN ('new', 'running') AND due_at <= :before RETURNING turn_id, awaited),
t AS (UPDATE callplans_turn SET status = 'new', attempt = 0, due_at = :now + 1 FROM a
    WHERE callplans_turn.id = a.turn_id AND a.awaited AND callplans_turn.status = 'waiting'
    RETURNING callplans_turn.id)
SELECT id FROM t"""

_END = """
WITH ended AS (UPDATE callplans_call SET seq = seq + 1, awaits = :token, ended_at = :ended_at, end_reason = :reason,
      due_at = NULL WHERE id = :call AND ended_at IS NULL RETURNING id),
t AS (INSERT INTO callplans_turn (id, call_id, token, input, status, next_token, attempt, copies, heard_at, due_at)
    SELECT :turn, ended.id, :token, :input, 'new', '', 0, 0, :now, :now + 1 FROM ended),
d AS (UPDATE callplans_turn SET status = 'dropped', due_at = NULL FROM ended
    WHERE callplans_turn.call_id = ended.id AND callplans_turn.status IN ('new', 'waiting'))
SELECT id FROM ended"""

# A turn that a taker made in the moment before is not seen by the statement above: its snapshot is older. Once that is
# committed nobody can make another one.
_DROP_OPEN = """
UPDATE callplans_turn SET status = 'dropped', due_at = NULL
WHERE call_id = :call AND status IN ('new', 'waiting') AND token <> :token"""

_NOTE = """
WITH n AS (INSERT INTO callplans_turn (id, call_id, token, status, next_token, attempt, copies, heard_at)
    VALUES (:turn, :call, :token, 'noted', '', 0, 0, :now)
    ON CONFLICT (call_id, token) DO NOTHING RETURNING call_id),
c AS (UPDATE callplans_call SET last_event = last_event + CASE WHEN :told THEN 1 ELSE 0 END,
      status = CASE WHEN :own THEN :status ELSE status END,
      status_rank = CASE WHEN :own THEN :rank ELSE status_rank END
    FROM n WHERE callplans_call.id = n.call_id AND (NOT :own OR callplans_call.status_rank < :rank)
    RETURNING callplans_call.id, last_event),
e AS (INSERT INTO callplans_event (call_id, no, at, kind, data)
    SELECT id, last_event, :at, :kind, :data FROM c WHERE :told)
SELECT id FROM c"""

_APPEND = """
WITH c AS (UPDATE callplans_call SET last_event = last_event + 1 WHERE id = :call RETURNING id, last_event)
INSERT INTO callplans_event (call_id, no, at, kind, applet, data)
SELECT id, last_event, :at, :kind, :applet, :data FROM c RETURNING no"""


class PostgresStore(Store):
    """`options`: connection parameters as psycopg names them."""

    def __init__(self, options: dict[str, Any], size: int = 10) -> None:
        self._pool = ConnectionPool(
            kwargs={"autocommit": True, "connect_timeout": 2, **options},
            min_size=1, max_size=size, timeout=2, max_idle=300, open=True, name="callplans",
            check=None, num_workers=2,
        )  # fmt: skip
        self._named: dict[str, str] = {}

    def close(self) -> None:
        self._pool.close()

    def _run(self, statement: str, params: Params) -> list[Sequence[Any]]:
        text = self._named.get(statement)
        if text is None:
            text = self._named[statement] = named(statement, r"%(\1)s")
        try:
            return self._once(text, params)
        except (psycopg.errors.LockNotAvailable, psycopg.errors.QueryCanceled) as error:
            raise Unavailable(str(error)) from error
        except (psycopg.OperationalError, psycopg.InterfaceError):
            # The connection had died in the pool, or two statements met in a deadlock: once more, on another.
            # A statement that had been committed unseen moves nothing the second time.
            self._pool.check()
        try:
            return self._once(text, params)
        except (psycopg.OperationalError, psycopg.InterfaceError) as error:
            raise Unavailable(str(error)) from error

    def _once(self, text: str, params: Params) -> list[Sequence[Any]]:
        try:
            with self._pool.connection() as connection:
                cursor = connection.execute(text, params)
                return cursor.fetchall() if cursor.description else []
        except PoolTimeout as error:
            raise Unavailable("no connection to the database") from error

    def read(self, statement: str, params: Params) -> list[Sequence[Any]]:
        return self._run(statement, params)

    def change(self, statement: str, params: Params) -> list[Sequence[Any]]:
        fitted = {k: Jsonb(v, dumps=orjson.dumps) if isinstance(v, dict | list) else v for k, v in params.items()}
        return self._run(statement, fitted)

    def open_call(self, new: NewCall, due: float) -> CallRecord:
        try:
            return super().open_call(new, due)
        except psycopg.errors.UniqueViolation:
            # Two copies at the same instant, of a call whose id was given beforehand (a trial's): they met on the id,
            # before either row was there to be found by its provider's call id. Now it is.
            return super().open_call(new, due)

    def write(self, move: Move) -> int | None:
        params = {name: getattr(move, name) for name in move.__slots__}
        params |= {
            "k": len(move.events),
            "ended_at": moment(move.now),
            "effects": [{name: getattr(e, name) for name in e.__slots__} for e in move.effects],
            "events": [{name: getattr(e, name) for name in e.__slots__} for e in move.events],
        }
        statement = _OLD_WRITE
        if move.heard is not None:
            statement = _NEW_WRITE
            params["token"], params["input"], params["heard_at"] = move.heard
        try:
            rows = self.change(statement, params)
        except psycopg.errors.UniqueViolation:
            return None  # somebody heard this token by the longer road
        return rows[0][0] if rows else None

    def answer(self, effect: UUID, attempt: int, answer: str, now: float) -> tuple[bool, UUID | None]:
        rows = self.change(_ANSWER, {"effect": effect, "attempt": attempt, "answer": answer, "now": now})
        if not rows:
            self.keep_late(effect, answer)
            return False, None
        return True, rows[0][0]

    def lose(self, effect: UUID, before: float, now: float) -> UUID | None:
        rows = self.change(_LOSE, {"effect": effect, "before": before, "now": now})
        return rows[0][0] if rows else None

    def end(self, call: UUID, turn: UUID, token: str, sealed_input: str | None, reason: str, now: float) -> bool:
        params = {
            "call": call, "turn": turn, "token": token, "input": sealed_input, "reason": reason, "now": now,
            "ended_at": moment(now),
        }  # fmt: skip
        if not self.change(_END, params):
            return False
        self.change(_DROP_OPEN, {"call": call, "token": token})
        return True

    def note(self, call: UUID, turn: UUID, note: NewNote, now: float) -> bool:
        event = note.event or NewEvent(now, "", None, {})
        params = {
            "call": call, "turn": turn, "token": note.key, "status": note.status, "rank": note.rank, "own": note.own,
            "now": now, "told": note.event is not None, "at": moment(event.at), "kind": event.kind,
            "data": event.data,
        }  # fmt: skip
        return bool(self.change(_NOTE, params))

    def append(self, call: UUID, event: NewEvent) -> int | None:
        params = {
            "call": call, "at": moment(event.at), "kind": event.kind, "applet": event.applet, "data": event.data,
        }  # fmt: skip
        rows = self.change(_APPEND, params)
        return rows[0][0] if rows else None

    def uid(self, value: Any) -> UUID:
        return value  # type: ignore[no-any-return]  # psycopg gives UUIDs

    def json(self, value: Any) -> Any:
        return value

    def time(self, value: Any) -> datetime:
        return value  # type: ignore[no-any-return]  # psycopg gives datetimes


_OLD_WRITE = _MOVED.format(turn=_OLD_TURN)
_NEW_WRITE = _MOVED.format(turn=_NEW_TURN)
