"""What both dialects share: the simple statements, and rows made of columns."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from callplans.store import statements as sql
from callplans.store.rows import CallRecord, Claimed, EffectRecord, Found, Move, NewCall, NewEvent, NewNote, TurnRecord

Params = Mapping[str, Any]


class Unavailable(Exception):
    """The database cannot be reached, or would not answer in time."""


def named(statement: str, style: str) -> str:
    """`:name` in the style of a driver, e.g. `%(name)s`."""
    return re.sub(r"(?<![:\w]):([a-z_]+)", style, statement)


def moment(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)


class Store(ABC):
    """The turn's statements. Every method is one round trip where the dialect allows it, and one transaction."""

    uuid_type = "uuid"

    # -- what a dialect gives --

    @abstractmethod
    def read(self, statement: str, params: Params) -> list[Sequence[Any]]:
        """Rows of a SELECT, outside any transaction. Raises Unavailable."""

    @abstractmethod
    def change(self, statement: str, params: Params) -> list[Sequence[Any]]:
        """Rows of one writing statement, committed. Raises Unavailable."""

    @abstractmethod
    def write(self, move: Move) -> int | None:
        """The compare-and-set and everything that follows from it. The number of the last event before those written;
        None: the call is no longer where the step began, nothing was written."""

    @abstractmethod
    def answer(self, effect: UUID, attempt: int, answer: str, now: float) -> tuple[bool, UUID | None]:
        """Store an effect's answer, and make its turn need a taker. (stored, that turn's id if it was waiting).
        Not stored: the effect was given up meanwhile; the answer is kept as a late one."""

    @abstractmethod
    def lose(self, effect: UUID, before: float, now: float) -> UUID | None:
        """Give up an effect whose time was over at `before`; the turn that waited for it needs a taker now."""

    @abstractmethod
    def end(self, call: UUID, turn: UUID, token: str, sealed_input: str | None, reason: str, now: float) -> bool:
        """Hang-up, or an operator's order: moves the call unconditionally, drops its open turns, and makes the turn
        `token` that is to be taken. False: the call had ended already."""

    @abstractmethod
    def note(self, call: UUID, turn: UUID, note: NewNote, now: float) -> bool:
        """A status event: kept once per key, never moves `seq`. False: a copy, or outranked; no event then."""

    @abstractmethod
    def append(self, call: UUID, event: NewEvent) -> int | None:
        """One more event that is no step of the plan; its number."""

    @abstractmethod
    def uid(self, value: Any) -> UUID:
        """An id as the driver gave it."""

    @abstractmethod
    def json(self, value: Any) -> Any:
        """A JSON column as the driver gave it."""

    @abstractmethod
    def time(self, value: Any) -> datetime:
        """A date-time column as the driver gave it."""

    @abstractmethod
    def close(self) -> None:
        """Let go of all connections."""

    # -- rows --

    def _uid(self, value: Any) -> UUID | None:
        return None if value is None else self.uid(value)

    def _call(self, row: Sequence[Any]) -> CallRecord:
        return CallRecord(
            self.uid(row[0]), self.uid(row[1]), self._uid(row[2]), self._uid(row[3]), self._uid(row[4]),
            self._uid(row[5]), row[6], row[7], self.json(row[8]), row[9], row[10], row[11], row[12], row[13], row[14],
            row[15], row[16], row[17], row[18], row[19] is not None, row[20], row[21], row[22],
        )  # fmt: skip

    def _found(self, row: Sequence[Any]) -> Found:
        a, b = sql.CALL_WIDTH, sql.CALL_WIDTH + sql.TURN_WIDTH
        t, e = row[a:b], row[b:]
        turn = None if t[0] is None else TurnRecord(self.uid(t[0]), *t[1:])
        effect = None if e[0] is None else EffectRecord(self.uid(e[0]), *e[1:])
        return self._call(row), turn, effect

    # -- statements --

    def open_call(self, new: NewCall, due: float) -> CallRecord:
        """The call's row, made or found."""
        params = {name: getattr(new, name) for name in new.__slots__}
        params["started_at"] = moment(new.started_at)
        return self._call(self.change(sql.OPEN, {**params, "due": due})[0])

    def find_call(self, account: UUID, provider: str, provider_call_id: str) -> CallRecord | None:
        rows = self.read(
            sql.FIND, {"account": account, "provider": provider, "provider_call_id": provider_call_id[:120]}
        )
        return self._call(rows[0]) if rows else None

    def call(self, call: UUID) -> CallRecord | None:
        rows = self.read(sql.CALL_BY_ID, {"call": call})
        return self._call(rows[0]) if rows else None

    def read_token(self, call: UUID, token: str) -> Found | None:
        rows = self.read(sql.READ_TOKEN, {"call": call, "token": token})
        return self._found(rows[0]) if rows else None

    def read_turn(self, turn: UUID) -> Found | None:
        rows = self.read(sql.READ_TURN, {"turn": turn})
        return self._found(rows[0]) if rows else None

    def hear(
        self, call: UUID, turn: UUID, token: str, sealed_input: str, now: float, due: float
    ) -> tuple[UUID, str] | None:
        """(the turn's id, its status); the id is `turn` if it was not heard before. None: no such call."""
        statement = sql.HEAR.format(uuid=self.uuid_type)
        rows = self.change(
            statement, {"call": call, "turn": turn, "token": token, "input": sealed_input, "now": now, "due": due}
        )
        return (self.uid(rows[0][0]), rows[0][1]) if rows else None

    def count_attempt(self, turn: UUID, due: float) -> int | None:
        """How often this turn was handed out again, this time included; None: it needs no taker any more."""
        rows = self.change(sql.COUNT_ATTEMPT, {"turn": turn, "due": due})
        return rows[0][0] if rows else None

    def drop(self, turn: UUID) -> None:
        self.change(sql.DROP, {"turn": turn})

    def claim(self, effect: UUID, now: float) -> Claimed | None:
        """Take an effect on, if it is new and still wanted."""
        rows = self.change(sql.CLAIM, {"effect": effect, "now": now})
        if not rows:
            self.change(sql.CANCEL, {"effect": effect})
            return None
        id_, call, turn, no, kind, attempt, request, due_at = rows[0]
        return Claimed(self.uid(id_), self.uid(call), self.uid(turn), no, kind, attempt, request, due_at)

    def requeue(self, effect: UUID, before: float, now: float, most: int) -> bool:
        """Make a begun effect new again if it may be repeated and its time was over at `before`."""
        params = {"effect": effect, "before": before, "now": now, "most": most}
        return bool(self.change(sql.REQUEUE, params))

    def keep_late(self, effect: UUID, answer: str) -> None:
        """An answer nobody waits for any more, kept for the record."""
        self.change(sql.LATE_ANSWER, {"effect": effect, "answer": answer})

    def next_number(self, name: str) -> int:
        """The next number of a counter; a turn that is lost afterwards wastes one, two calls never share one."""
        return int(self.change(sql.NEXT_NUMBER, {"name": name[:200]})[0][0])

    def refuse(self, provider: str, line: str, reason: str, day: date) -> int:
        params = {"provider": provider[:32], "line": line[:36], "reason": reason[:32], "day": day}
        return int(self.change(sql.REFUSE, params)[0][0])

    def forget(self, call: UUID) -> bool:
        """Delete the call's own key, if nothing is left to be done with it."""
        return bool(self.change(sql.FORGET, {"call": call}))

    def lease(self, name: str, holder: str, now: float, until: float) -> bool:
        return bool(self.change(sql.LEASE, {"name": name, "holder": holder, "now": now, "until": until}))

    def stale_turns(self, now: float, before: float, most: int = 100) -> list[UUID]:
        """Turns that are due and were not handed out again since `before`."""
        return [self.uid(row[0]) for row in self.read(sql.STALE_TURNS, {"now": now, "before": before, "most": most})]

    def hand_out(self, turn: UUID, now: float, before: float) -> bool:
        """Whether this turn is ours to hand out again (another sweep did not)."""
        return bool(self.change(sql.HAND_OUT, {"turn": turn, "now": now, "before": before}))

    def stale_effects(self, late: float, untaken: float, most: int = 100) -> list[tuple[UUID, str, bool]]:
        """(id, status, awaited) of effects that ran over their time at `late`, or made before `untaken`, not begun."""
        rows = self.read(sql.STALE_EFFECTS, {"late": late, "untaken": untaken, "most": most})
        return [(self.uid(id_), status, bool(awaited)) for id_, status, awaited in rows]

    def silent_calls(self, now: float, oldest: float, most: int = 100) -> list[tuple[UUID, str, int, bool]]:
        """(id, awaits, troubles, too old) of live calls whose callback is overdue, or that began before `oldest`."""
        rows = self.read(sql.SILENT_CALLS, {"now": now, "oldest": moment(oldest), "most": most})
        return [(self.uid(id_), awaits, troubles, bool(old)) for id_, awaits, troubles, old in rows]

    def ended_with_key(self, before: float, most: int = 100) -> list[UUID]:
        return [self.uid(row[0]) for row in self.read(sql.WITH_KEY, {"before": moment(before), "most": most})]

    def events_after(self, call: UUID, after: int, most: int = 200) -> list[dict[str, Any]]:
        rows = self.read(sql.EVENTS_AFTER, {"call": call, "after": after, "most": most})
        return [
            {"no": no, "at": self.time(at).isoformat().replace("+00:00", "Z"), "kind": kind, "applet": applet,
             "data": self.json(data)}
            for no, at, kind, applet, data in rows
        ]  # fmt: skip
