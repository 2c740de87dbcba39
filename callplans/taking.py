"""One turn worked out: what is to be done with it, the engine's step, and the one write that follows from it.

Nothing here writes, but for the numbers of counters, which are handed out before the step they serve is written.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import orjson
from django.conf import settings

from callplans.engine.adapter import Adapter
from callplans.engine.call import CallState
from callplans.engine.plan import Plan
from callplans.engine.step import APOLOGY, Step, take_step
from callplans.engine.words import (
    Answered,
    Effect,
    Event,
    Fetch,
    Fetched,
    HangUp,
    Input,
    Sound,
    TakeNext,
    Trouble,
    Wait,
    clean,
    effects,
    inputs,
    waits,
)
from callplans.models.callkeys import CallBox
from callplans.plans import load
from callplans.store import Found, Move, NewEffect, NewEvent, Store
from callplans.store.rows import CallRecord, EffectRecord, TurnRecord
from callplans.waiting import callback_due, document_part, open_parts, say_part, sealed_parts, token_of

log = logging.getLogger(__name__)

CPU_BUDGET = 0.25
MOST_ATTEMPTS = 3
SAFE_METHODS = ("GET", "HEAD")
STOPPED, HANGUP = "stopped", "hangup"
NO_PLAN = Plan("", "")


@dataclass(slots=True)
class Task:
    """A turn that needs a taker now: the call's row, the turn's, and what was heard. `made`: the turn has no row yet,
    the write makes it with this sealed input."""

    call: CallRecord
    turn: TurnRecord
    heard: Input
    made: str | None = None


@dataclass(slots=True)
class Worked:
    """The write, and what it holds in the open, for whoever answers a hook with it."""

    move: Move
    parts: list[dict[str, Any]]
    effects: list[UUID] = field(default_factory=list)


def decide(found: Found, now: float) -> Input | None:
    """What this turn's next step hears; None: it needs no taker now. Raises Dropped when it never will again."""
    call, turn, effect = found
    if turn is None or turn.status != "new":
        return None
    if call.key is None:
        raise Dropped
    box = CallBox(call.key, call.id)
    if call.awaits == turn.token:
        return inputs.validate_python(box.open(turn.input, f"turn.input.{turn.token}"))
    if effect is not None:
        if effect.status == "answered":
            return inputs.validate_python(box.open(effect.answer, f"effect.answer.{effect.no}"))
        return lost(effect, now) if effect.status in ("lost", "cancelled") else None
    raise Dropped


class Dropped(Exception):
    """The call went on without this turn."""


def lost(effect: EffectRecord, now: float) -> Input:
    """What the plan hears of an effect that was given up."""
    if effect.kind == "fetch":
        return Fetched(at=now, effect=effect.no, error="lost")
    return Answered(at=now, effect=effect.no, error="lost")


def state_of(call: CallRecord) -> CallState | None:
    if call.state is None or call.key is None:
        return None
    return CallState.from_json(CallBox(call.key, call.id).open(call.state, "call.state"))


def wait_of(call: CallRecord) -> Wait | None:
    """What the call waits for from its caller."""
    state = state_of(call)
    if state is None or state.wait is None:
        return None
    wait: Wait = waits.validate_python(state.wait)
    return wait


def memo_of(call: CallRecord) -> dict[str, Any]:
    if call.memo is None or call.key is None:
        return {}
    return CallBox(call.key, call.id).open(call.memo, "call.memo") or {}


# ---- the step -------------------------------------------------------------------------------------------------------


def work_out(task: Task, store: Store, adapter: Adapter | None) -> Worked:
    """The engine's step on this turn, local effects answered on the way. Pure but for counters: whoever else takes
    the same turn works out the same."""
    call = task.call
    plan = load(call.version) if call.version is not None else NO_PLAN
    state, heard = state_of(call), task.heard
    said: list[Any] = []
    events: list[Event] = []
    asked: list[Effect] = []
    while True:
        before = time.thread_time()
        step = take_step(plan, state, heard)
        used = time.thread_time() - before
        said += step.commands
        events += step.events
        asked += [effect for effect in step.effects if not effect.local]
        if used > CPU_BUDGET:
            log.warning("a step of call %s took %d ms of CPU", call.id, used * 1000)
            events.append(Event("issue", step.state.applet, {"code": "slow_step", "words": SLOW}, step.at))
        state = step.state
        if not (isinstance(step.waits, Effect) and step.waits.local):
            break
        heard = _answer_locally(step.waits, call, store, heard.at)
    if not step.took and not said and not state.ended:
        said = _asked_again(state)  # heard out of place: the wait stands, and is asked again
    return _written(task, plan, step, said, events, asked, adapter)


SLOW = "This step took longer than a step may take."


def _answer_locally(wait: Effect, call: CallRecord, store: Store, now: float) -> Input:
    """The answer from our own rows: here only the numbers of counters, handed out for good at once."""
    if isinstance(wait, TakeNext):
        number = store.next_number(f"{call.plan}:{wait.counter}") % max(wait.of, 1)
        return Answered(at=now, effect=wait.n, value={"n": number})
    return Answered(at=now, effect=wait.n, error="unknown")


def _asked_again(state: CallState) -> list[Any]:
    wait = None if state.wait is None else waits.validate_python(state.wait)
    return [] if wait is None or isinstance(wait, Effect) else [wait]


def _written(
    task: Task, plan: Plan, step: Step, said: list[Any], events: list[Event], asked: list[Effect],
    adapter: Adapter | None,
) -> Worked:  # fmt: skip
    call, turn, state, now = task.call, task.turn, step.state, task.heard.at
    box = CallBox(call.key or "", call.id)
    parts = open_parts(box, turn)
    over = bool(state.ended)
    for_effect = isinstance(step.waits, Effect)
    if not over and not for_effect and not said:
        raise RuntimeError("a step that neither ends the call nor waits")
    if said or not for_effect:
        parts = [*parts, say_part(said)]
    rows = [_effect_row(box, effect, effect is step.waits, now) for effect in asked]
    unheard = turn.token == STOPPED or isinstance(task.heard, Trouble)
    if over and unheard and adapter is not None and any(isinstance(c, HangUp) for c in said):
        rows.append(_hang_up_row(box, state.effects + 1, now))
    token = token_of(call.id, call.seq + 1)
    if over:
        awaits = ""
    else:
        awaits = f"effect:{step.waits.n}" if isinstance(step.waits, Effect) else token
    wait = said[-1] if said and isinstance(said[-1], Wait) else None
    placed = plan.applets.get(state.applet or "")
    move = Move(
        call=call.id, seq=call.seq, turn=turn.id, status="waiting" if for_effect else "done",
        parts=sealed_parts(box, turn.token, parts), next_token="" if for_effect else token, awaits=awaits,
        state=box.seal(state.to_json(), "call.state"), memo=None, troubles=_troubles(call, task.heard),
        due_at=None if over or wait is None else callback_due(now, said, wait, call.from_trial is not None),
        over=over, reason=state.ended,
        at_key="" if over or placed is None else placed.key, at_name="" if over or placed is None else placed.name,
        now=now, effects=rows, events=fit(events), heard=_heard(task),
    )  # fmt: skip
    return Worked(move, parts, [row.id for row in rows])


def _heard(task: Task) -> tuple[str, str, float] | None:
    return None if task.made is None else (task.turn.token, task.made, task.turn.heard_at)


def _troubles(call: CallRecord, heard: Input) -> int:
    """How many callbacks in a row were lost."""
    if isinstance(heard, Trouble):
        return call.troubles + 1
    return call.troubles if isinstance(heard, Fetched | Answered) else 0


def _effect_row(box: CallBox, effect: Effect, awaited: bool, now: float) -> NewEffect:
    seconds, repeatable = 10.0, False
    if isinstance(effect, Fetch):
        seconds = min(max(effect.seconds, 0.5), 30.0)
        repeatable = effect.repeatable or effect.method.upper() in SAFE_METHODS
    request = box.seal(effects.dump_python(effect, mode="json"), f"effect.request.{effect.n}")
    kind: str = effect.kind  # type: ignore[attr-defined]  # every concrete Effect has it
    return NewEffect(uuid4(), effect.n, kind, awaited, repeatable, seconds, request, now + seconds)


def _hang_up_row(box: CallBox, no: int, now: float) -> NewEffect:
    """Nobody's hook is there to take the hang-up: the provider is asked to end the leg."""
    request = box.seal({"kind": "hang_up"}, f"effect.request.{no}")
    return NewEffect(uuid4(), no, "hang_up", False, True, 10.0, request, now + 10)


# ---- turns without a step of the plan -------------------------------------------------------------------------------


def failure(task: Task, why: str) -> Worked:
    """The turn could not be taken three times: the caller hears the apology, and the call ends."""
    call, turn, now = task.call, task.turn, task.heard.at
    box = CallBox(call.key or "", call.id)
    try:
        apology = load(call.version).apology if call.version is not None else ""
    except Exception:  # whatever keeps the plan from being loaded must not keep the caller on the line
        apology = ""
    gone = turn.token == HANGUP
    said = [] if gone else [Sound(text=apology or APOLOGY, masked=apology or APOLOGY), HangUp(reason="failed")]
    parts = [*open_parts(box, turn), say_part(said)]
    events = [Event("fault", None, {"why": why}, now), Event("ended", None, {"why": "failed"}, now)]
    token = token_of(call.id, call.seq + 1)
    move = Move(
        call=call.id, seq=call.seq, turn=turn.id, status="done", parts=sealed_parts(box, turn.token, parts),
        next_token=token, awaits="", state=call.state, memo=None, troubles=call.troubles, due_at=None, over=True,
        reason="failed", at_key="", at_name="", now=now, events=fit(events), heard=_heard(task),
    )  # fmt: skip
    return Worked(move, parts)


def another_round(task: Task, document: Any, memo: dict[str, Any]) -> Worked:
    """A wait that takes several rounds: the call moves, the wait stays, the adapter's memo is kept."""
    call, turn = task.call, task.turn
    box = CallBox(call.key or "", call.id)
    parts = [document_part(document)]
    token, now = token_of(call.id, call.seq + 1), task.turn.heard_at
    move = Move(
        call=call.id, seq=call.seq, turn=turn.id, status="done", parts=sealed_parts(box, turn.token, parts),
        next_token=token, awaits=token, state=call.state, memo=box.seal(memo, "call.memo"), troubles=0,
        due_at=max(call.due_at or 0.0, now + 60), over=False, reason="", at_key=call.at_key, at_name=call.at_name,
        now=now, heard=_heard(task),
    )  # fmt: skip
    return Worked(move, parts)


# ---- the boundary ---------------------------------------------------------------------------------------------------


def fit(events: list[Event]) -> list[NewEvent]:
    """Events as every database takes them: no NUL, no lone surrogate, no number that is not finite."""
    made = []
    for event in events:
        data = event.data
        try:
            if b"\\u0000" in orjson.dumps(data):
                data = cleaned(data)
        except TypeError:
            data = cleaned(data)
        made.append(NewEvent(event.at, event.kind, event.applet, data))
    return made


def cleaned(value: Any) -> Any:
    """JSON without NUL and lone surrogates."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {clean(str(name)): cleaned(v) for name, v in value.items()}
    if isinstance(value, list | tuple):
        return [cleaned(v) for v in value]
    return value if isinstance(value, bool | int | float | None) else clean(str(value))


def inline() -> bool:
    """Whether whoever hears a turn takes it."""
    return bool(settings.TURN_EXECUTION == "inline")
