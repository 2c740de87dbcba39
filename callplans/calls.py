"""The life of a call: heard, taken, held, hung up, ended. All synchronous, thread safe, one transaction per turn.

`designer.hooks` brings hooks and sends what `Told` says; tasks, rescue and sweeper bring the ids of turns and effects.
Nothing outside is touched before the commit; only after it bells are rung and effects handed out.
"""

from __future__ import annotations

import hashlib
import logging
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from callplans import dispatch
from callplans.engine.adapter import Again, Document, Gone, Heard, Hook, Malformed, Noted, Read, Start, adapters
from callplans.engine.words import CallStarted, Dial, HungUp, Input, Stopped, Trouble, inputs
from callplans.feed import feed
from callplans.lines import Line, begin, begin_trial
from callplans.models.callkeys import CallBox, wrap_new_key
from callplans.store import Found, NewCall, NewEvent, NewNote, store
from callplans.store.rows import CallRecord, TurnRecord
from callplans.taking import (
    HANGUP,
    MOST_ATTEMPTS,
    STOPPED,
    Dropped,
    Task,
    Worked,
    another_round,
    decide,
    failure,
    inline,
    memo_of,
    wait_of,
    work_out,
)
from callplans.waiting import POLL_GRACE, START, Asked, hold_of, last_words, next_links, open_parts, reply_of

__all__ = ["Told", "answer", "begin_trial", "end_call", "event", "hear", "look", "lose_callback", "refused", "take"]

log = logging.getLogger(__name__)

TRIES = 8
"""Lost compare-and-sets in a row. Each means that the call got on, so there is no livelock; this is for bugs."""
SOON, LATER = 1.0, 2.0
"""Seconds after which a turn counts as untaken: the first time, and when it was handed out again."""
BEFORE_START = 120.0
MOST_BEGUN = 2


@dataclass(slots=True)
class Told:
    """What the hook's sender gets. `document`: at once. Else `turn` is to be waited for, in `call` under `token`.
    `refused`: a reason to count, with this status. `publish`: the turn needs handing out."""

    document: Document | None = None
    call: UUID | None = None
    turn: UUID | None = None
    token: str = ""
    refused: str = ""
    status: int = 200
    publish: bool = False


def refused(line: str, provider: str, reason: str) -> None:
    """Count a refusal; of what was refused nothing else is kept."""
    store().refuse(provider, line, reason, datetime.now(UTC).date())


# ---- hooks ----------------------------------------------------------------------------------------------------------


def answer(line: Line, hook: Hook) -> Told:
    """The first webhook of a call (also the fallback one)."""
    start = line.adapter.start(hook)
    if isinstance(start, Malformed):
        return Told(refused="malformed", status=400)
    provider_id = str(line.call) if line.call is not None else start.provider_call_id
    call = store().find_call(line.account, line.provider, provider_id)
    begun = None
    if call is None or call.version is None:
        begun = begin(line, start.dialled, start.clid or line.clid)
        if begun is None:
            refused(str(line.id), line.provider, "not_mapped")
            return Told(line.fallback_document())
        new = _new_call(line, provider_id, hook.now, start)
        new.plan, new.version, new.trial = begun.plan, begun.version, begun.trial
        call = store().open_call(new, hook.now + BEFORE_START)
    if call.line != line.id:
        return Told(refused="other_line", status=403)
    if begun is None and call.awaits != START:
        return _copy(line, call, START)
    seeds = begun.seeds if begun is not None else (begin(line, start.dialled, call.clid) or _NOTHING).seeds
    seed = int.from_bytes(hashlib.sha256(call.id.bytes).digest()[:6], "big")
    heard = CallStarted(at=hook.now, call=str(call.id), clid=call.clid, dialled=call.dialled, seeds=seeds, seed=seed)
    return _heard(line, call, START, heard)


class _NOTHING:
    seeds: dict[str, str] = {}


def _new_call(line: Line, provider_id: str, now: float, start: Start | None = None) -> NewCall:
    id = line.call or uuid4()
    new = NewCall(id, line.account, line.provider, provider_id[:120], wrap_new_key(id), now)
    if line.version is not None:
        new.from_trial, new.plan, new.version, new.trial = line.id, line.plan, line.version, True
        new.clid = line.clid
    else:
        new.connection = line.id
    if start is not None:
        new.leg = {"id": start.leg.id, "data": start.leg.data}
        new.clid, new.dialled = (start.clid or line.clid or "")[:64] or None, start.dialled[:64]
    return new


def hear(line: Line, hook: Hook, call_id: UUID, token: str) -> Told:
    """A callback of a wait. The token was found to be one of ours."""
    for _ in range(TRIES):
        found = store().read_token(call_id, token)
        if found is None or found[0].line != line.id:
            return Told(refused="unknown_call", status=403)
        call, turn, _effect = found
        live = call.awaits == token and call.key is not None and turn is None
        wait = wait_of(call) if live else None
        read = line.adapter.read(hook, wait, memo_of(call) if live else {}, next_links(call))
        if isinstance(read, Malformed):
            return Told(refused="malformed", status=400)
        if isinstance(read, Noted | Gone):
            _told_status(line, call, read, private=isinstance(wait, Dial) and wait.private)
            return Told(line.adapter.carry_on())
        if not live:
            return _copy(line, call, token, found)
        if isinstance(read, Heard):
            return _heard(line, call, token, read.input)
        if not isinstance(read, Again):
            return Told(line.adapter.carry_on())
        worked = another_round(_unheard(call, token, Trouble(at=hook.now, why="")), read.document, read.memo)
        if store().write(worked.move) is not None:
            return Told(read.document)
    raise RuntimeError(f"call {call_id} moved {TRIES} times under one hook")


def event(line: Line, hook: Hook) -> Told:
    """A webhook at the connection's event address."""
    read = line.adapter.event(hook)
    if isinstance(read, Malformed):
        return Told(refused="malformed", status=400)
    if isinstance(read, Noted | Gone) and read.call:
        note = read if isinstance(read, Noted) else read.note
        provider_id = str(line.call) if line.call is not None else read.call
        call = store().find_call(line.account, line.provider, provider_id)
        if call is None:
            # Whoever is first makes the call; but only the caller's own leg does.
            if note is None or note.other_leg or not note.inbound:
                refused(str(line.id), line.provider, "unknown_leg")
                return Told(line.adapter.carry_on())
            call = store().open_call(_new_call(line, provider_id, hook.now), hook.now + BEFORE_START)
        if call.line == line.id:
            _told_status(line, call, read, private=False)
    return Told(line.adapter.carry_on())


def _copy(line: Line, call: CallRecord, token: str, found: Found | None = None) -> Told:
    """A hook whose token is not awaited: the turn it once made, or carry on; the same bytes each time."""
    turn = (found or store().read_token(call.id, token) or (call, None, None))[1]
    if turn is None:
        heard = store().hear(call.id, uuid4(), token, "", time.time(), time.time())
        if heard is not None and heard[1] == "new":
            raise RuntimeError("a token is awaited that was not a moment ago")
        return Told(_carry_on(line, call))
    if turn.status in ("late", "dropped", "noted"):
        return Told(_carry_on(line, call))
    return Told(call=call.id, turn=turn.id, token=token)


def _carry_on(line: Line, call: CallRecord) -> Document:
    """A leg whose call an operator has ended is told to hang up, whatever it asks."""
    if call.end_reason == STOPPED:
        return last_words(line.adapter, line.settings, call, STOPPED)
    return line.adapter.carry_on()


def _unheard(call: CallRecord, token: str, heard: Input) -> Task:
    """A turn without a row of its own yet."""
    box = CallBox(call.key or "", call.id)
    sealed = box.seal(inputs.dump_python(heard, mode="json"), f"turn.input.{token}")
    return Task(call, TurnRecord(uuid4(), token, sealed, "new", None, "", 0, heard.at, None), heard, made=sealed)


def _heard(line: Line, call: CallRecord, token: str, heard: Input) -> Told:
    """An input for the live token: taken here, or written down for a worker."""
    if call.key is None:
        return Told(_carry_on(line, call))
    task = _unheard(call, token, heard)
    if inline() and call.awaits == token:
        worked = _worked_out(task)
        if store().write(worked.move) is not None:
            _after(task, worked)
            if worked.move.status == "done":
                turn = TurnRecord(task.turn.id, token, None, "done", None, worked.move.next_token, 0, heard.at, None)
                return Told(reply_of(line.adapter, line.settings, call, turn, worked.parts, Asked()))
            return Told(call=call.id, turn=task.turn.id, token=token)
        return _copy(line, call, token)
    made = store().hear(call.id, task.turn.id, token, task.made or "", heard.at, heard.at + SOON)
    if made is None or made[1] in ("late", "dropped"):
        return Told(_carry_on(line, call))
    return Told(call=call.id, turn=made[0], token=token, publish=made[0] == task.turn.id)


def _worked_out(task: Task) -> Worked:
    """The step, or the apology: inline there is no worker to try it again."""
    try:
        return work_out(task, store(), adapters.get(task.call.provider))
    except Exception:
        log.exception("call %s: its turn cannot be taken", task.call.id)
        return failure(task, "turn_failed")


# ---- status and ends ------------------------------------------------------------------------------------------------


def _told_status(line: Line, call: CallRecord, read: Read, private: bool) -> None:
    note, told_now = (read if isinstance(read, Noted) else getattr(read, "note", None)), False
    if note is not None:
        told: dict[str, Any] = {"status": note.status, "leg": "other" if note.other_leg else "caller"}
        if not note.other_leg:
            told |= {k: v for k, v in note.data.items() if k in ("duration", "detail", "sip_code", "disconnected_by")}
        key = f"status:{note.key}"
        if len(key) > 150:
            key = f"status:{hashlib.sha256(note.key.encode()).hexdigest()}"
        now = time.time()
        # Of a private leg nothing is told but its times, which are those of the wait.
        row = None if note.other_leg and private else NewEvent(now, "leg", None, told)
        told_now = store().note(call.id, uuid4(), NewNote(key, note.status, note.rank, not note.other_leg, row), now)
    if isinstance(read, Gone):
        hang_up(call, read.by)
    if told_now:  # only now: who looks after the last event must find the values gone
        feed.call_moved(call.id, call.account, call.plan, 0)


def hang_up(call: CallRecord, by: Any) -> bool:
    """The caller is gone: whatever the plan was doing is over; what is left to do is done with nobody on the line."""
    return _end(call, HANGUP, HungUp(at=time.time(), by=by), by)


def end_call(call_id: UUID | str, by: str) -> bool:
    """An operator's order. False: no such call, or it is over."""
    call = store().call(UUID(str(call_id)))
    return call is not None and _end(call, STOPPED, Stopped(at=time.time(), by=by), STOPPED)


def _end(call: CallRecord, token: str, heard: Input, reason: str) -> bool:
    if call.key is None:
        return False
    box = CallBox(call.key, call.id)
    sealed = box.seal(inputs.dump_python(heard, mode="json"), f"turn.input.{token}")
    turn = uuid4()
    if not store().end(call.id, turn, token, sealed, reason, heard.at):
        store().forget(call.id)  # it had ended by itself; the provider says now that the caller heard the last of it
        return False
    go_on(turn)
    return True


def lose_callback(call_id: UUID, awaits: str, why: str) -> None:
    """A callback that never came: the wait cannot be kept, the applet's failure exit is taken."""
    call = store().call(call_id)
    if call is None or call.ended or call.key is None or call.awaits != awaits:
        return
    task = _unheard(call, awaits, Trouble(at=time.time(), why=why))
    made = store().hear(call.id, task.turn.id, awaits, task.made or "", task.heard.at, task.heard.at + SOON)
    if made is not None and made[1] == "new":
        go_on(made[0])


# ---- take -----------------------------------------------------------------------------------------------------------


def go_on(turn: UUID) -> None:
    """See to it that a turn is taken: by a worker, or here and now."""
    if inline():
        take(turn)
    else:
        dispatch.publish(dispatch.TAKE_TURN, turn)


def take(turn_id: UUID, again: bool = False) -> bool:
    """Take a turn, if it needs a taker. `again`: it was handed out before. True: this one wrote its step."""
    attempt = 0
    if again:
        counted = store().count_attempt(turn_id, time.time() + LATER)
        if counted is None:
            return False
        attempt = counted
    for _ in range(TRIES):
        found = store().read_turn(turn_id)
        if found is None or found[1] is None:
            return False
        try:
            heard = decide(found, time.time())
        except Dropped:
            store().drop(turn_id)
            feed.ring(turn_id)
            return False
        if heard is None:
            return False
        task = Task(found[0], found[1], heard)
        if attempt > MOST_ATTEMPTS:
            log.error("call %s: a turn was given up after %d attempts", task.call.id, MOST_ATTEMPTS)
            worked = failure(task, "turn_failed")
        else:
            worked = work_out(task, store(), adapters.get(task.call.provider))
        if store().write(worked.move) is not None:
            _after(task, worked)
            feed.ring(turn_id)
            return True
    raise RuntimeError(f"turn {turn_id} lost {TRIES} times in a row")


def expire(effect: UUID, now: float) -> None:
    """An effect's time is over and nobody answered: begun again once if it may be repeated, else given up."""
    if store().requeue(effect, now - POLL_GRACE, now, MOST_BEGUN):
        dispatch.publish(dispatch.RUN_EFFECT, effect)
        return
    turn = store().lose(effect, now - POLL_GRACE, now)
    if turn is not None:
        go_on(turn)


def _after(task: Task, worked: Worked) -> None:
    """After the commit: watchers are told, effects handed out, and the key goes with the last turn."""
    call, move = task.call, worked.move
    if move.awaits == "" and call.ended:
        store().forget(call.id)
    feed.call_moved(call.id, call.account, call.plan, call.last_event + len(move.events))
    for effect in worked.effects:
        dispatch.publish(dispatch.RUN_EFFECT, effect)


# ---- what a waiting hook sees ---------------------------------------------------------------------------------------


@dataclass(slots=True)
class Look:
    """`document`: the answer; `held`: it is what was said so far, and "ask again". Else `hold`: what to answer when
    patience ends. `take`, `run`: what nobody took so far, for rescue."""

    document: Document | None = None
    held: bool = False
    hold: Document | None = None
    take: bool = False
    run: UUID | None = None
    turn: UUID | None = None


def look(line: Line, call_id: UUID, token: str, asked: Asked, now: float) -> Look:
    """How a turn stands, for the hook that waits for it."""
    found = store().read_token(call_id, token)
    if found is None or found[0].line != line.id:
        return Look(line.adapter.carry_on())
    call, turn, effect = found
    if turn is None or call.key is None or turn.status in ("late", "dropped", "noted"):
        return Look(_carry_on(line, call))
    if turn.status == "waiting" and effect is None:  # the call awaits something else by now: it went on without it
        return Look(_carry_on(line, call))
    parts = open_parts(CallBox(call.key, call.id), turn)
    if turn.status == "done":
        return Look(reply_of(line.adapter, line.settings, call, turn, parts, asked))
    if effect is not None and effect.status in ("new", "running") and effect.due_at + POLL_GRACE < now:
        expire(effect.id, now)
    hold = hold_of(line.adapter, line.settings, call, turn, parts, asked)
    if turn.status == "waiting" and len(parts) > asked.heard:
        return Look(hold, True, run=_untaken(effect, now))  # something was said: it is heard at once
    untaken = turn.status == "new" and turn.due_at is not None and turn.due_at <= now
    return Look(None, False, hold, untaken, _untaken(effect, now), turn.id)


def _untaken(effect: Any, now: float) -> UUID | None:
    return effect.id if effect is not None and effect.status == "new" and effect.made_at + SOON <= now else None


def note_hold(call_id: UUID) -> None:
    """For the record: the caller hears a hold."""
    store().append(call_id, NewEvent(time.time(), "hold", None, {}))
    call = store().call(call_id)
    if call is not None:
        feed.call_moved(call.id, call.account, call.plan, call.last_event)
