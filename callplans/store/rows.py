"""What the statements take and give. Ids are UUIDs, times seconds since the epoch; sealed columns stay sealed here."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID


@dataclass(slots=True)
class CallRecord:
    """`awaits`: start, the live token, effect:<no>, hangup, stopped, or empty. `key`: wrapped, None once deleted."""

    id: UUID
    account: UUID
    plan: UUID | None
    version: UUID | None
    connection: UUID | None
    from_trial: UUID | None
    provider: str
    provider_call_id: str
    leg: dict[str, Any]
    clid: str | None
    dialled: str
    seq: int
    last_event: int
    awaits: str
    key: str | None
    state: str | None
    memo: str | None
    troubles: int
    due_at: float | None
    ended: bool
    end_reason: str
    at_key: str
    at_name: str

    @property
    def line(self) -> UUID | None:
        """What stands in its addresses: the connection, or the trial."""
        return self.connection or self.from_trial


@dataclass(slots=True)
class TurnRecord:
    id: UUID
    token: str
    input: str | None
    status: str
    parts: str | None
    next_token: str
    attempt: int
    heard_at: float
    due_at: float | None


@dataclass(slots=True)
class EffectRecord:
    """The effect a call awaits."""

    id: UUID
    no: int
    kind: str
    status: str
    answer: str | None
    made_at: float
    due_at: float


@dataclass(slots=True)
class Claimed:
    """An effect that is now ours to carry out, until `due_at`."""

    id: UUID
    call: UUID
    turn: UUID
    no: int
    kind: str
    attempt: int
    request: str
    due_at: float


@dataclass(slots=True)
class NewCall:
    """A call as its first hook tells it. `version` None: an event came before the answer webhook."""

    id: UUID
    account: UUID
    provider: str
    provider_call_id: str
    key: str
    started_at: float
    plan: UUID | None = None
    version: UUID | None = None
    connection: UUID | None = None
    from_trial: UUID | None = None
    trial: bool = False
    leg: dict[str, Any] = field(default_factory=dict)
    clid: str | None = None
    dialled: str = ""


@dataclass(slots=True)
class NewEffect:
    """`seconds`: how long it may take once begun; `due_at`: when it must have been begun."""

    id: UUID
    no: int
    kind: str
    awaited: bool
    repeatable: bool
    seconds: float
    request: str
    due_at: float


@dataclass(slots=True)
class NewEvent:
    at: float
    kind: str
    applet: str | None
    data: dict[str, Any]


@dataclass(slots=True)
class NewNote:
    """A status. `own`: of the caller's leg, so that it is the call's status when it outranks the last one.
    `event`: None where nothing may be told of it."""

    key: str
    status: str
    rank: int
    own: bool
    event: NewEvent | None


@dataclass(slots=True)
class Move:
    """One step's outcome: moves the call from `seq` to the next, only if it is still there.

    `heard`: None when the turn's row exists; else (token, sealed input, heard_at) and the row is made by the same
    statement. `over`: the call ends here, for `reason`.
    """

    call: UUID
    seq: int
    turn: UUID
    status: str
    parts: str
    next_token: str
    awaits: str
    state: str | None
    memo: str | None
    troubles: int
    due_at: float | None
    over: bool
    reason: str
    at_key: str
    at_name: str
    now: float
    effects: list[NewEffect] = field(default_factory=list)
    events: list[NewEvent] = field(default_factory=list)
    heard: tuple[str, str, float] | None = None


Found = tuple[CallRecord, TurnRecord | None, EffectRecord | None]
