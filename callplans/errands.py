"""Effects carried out: claimed, run through `callplans.effects` with no lock held, their answer stored first of all."""

from __future__ import annotations

import logging
import time
from typing import Any
from uuid import UUID

from django.db import close_old_connections, connections

from callplans import effects
from callplans.calls import go_on
from callplans.engine.adapter import Leg
from callplans.engine.call import CallState
from callplans.engine.words import Answered, Fetched, HangUp, inputs
from callplans.lines import lines
from callplans.models import Secret
from callplans.models.callkeys import CallBox
from callplans.store import Claimed, store
from callplans.store.rows import CallRecord
from callplans.taking import cleaned, state_of

log = logging.getLogger(__name__)


def carry_out(effect: UUID) -> bool:
    """Run an effect, if it is new and its call still wants it. True: it was run here. Blocks as long as it takes."""
    claimed = store().claim(effect, time.time())
    if claimed is None:
        return False
    call = store().call(claimed.call)
    if call is None or call.key is None:
        return False
    box = CallBox(call.key, call.id)
    answer = _answer_to(claimed, call, box)
    sealed = box.seal(cleaned(answer), f"effect.answer.{claimed.no}")
    stored, turn = store().answer(claimed.id, claimed.attempt, sealed, time.time())
    if not stored:
        log.warning("call %s: the answer to effect %d came too late", call.id, claimed.no)
    elif turn is not None:
        go_on(turn)
    return True


def _answer_to(claimed: Claimed, call: CallRecord, box: CallBox) -> dict[str, Any]:
    """The answer as the input's JSON. Whatever goes wrong on our side counts as a lost effect, and is logged."""
    try:
        request = box.open(claimed.request, f"effect.request.{claimed.no}")
        if request.get("kind") == "hang_up":
            return _dumped(_hang_up(call, claimed))
        state = state_of(call)
        return _dumped(
            effects.run(
                request,
                lambda key: _secret(call.account, key),
                lambda name: _sealed(state, name),
                claimed.due_at,
                idempotency_key=f"{call.id}.{claimed.turn}.{claimed.no}",
            )
        )
    except Exception:
        log.exception("call %s: effect %d could not be carried out", call.id, claimed.no)
        lost: Any = Fetched if claimed.kind == "fetch" else Answered
        return _dumped(lost(at=time.time(), effect=claimed.no, error="lost"))
    finally:
        if not connections["default"].in_atomic_block:
            close_old_connections()


def _dumped(heard: Any) -> dict[str, Any]:
    made: dict[str, Any] = inputs.dump_python(heard, mode="json")
    return made


def _secret(account: UUID, key: str) -> str | None:
    """Raises LookupError for a setting the account does not have."""
    row = Secret.objects.filter(account=account, key__iexact=key).first()
    if row is None:
        raise LookupError(key)
    value: str | None = row.value
    return value


def _sealed(state: CallState | None, name: str) -> str | None:
    if state is None:
        return None
    spelling = state.seen_keys.get(name.casefold(), name)
    found = state.sealed.get(spelling)
    return found.value if found else None


def _hang_up(call: CallRecord, claimed: Claimed) -> Answered:
    """Ask the provider to end a leg that no hook will come from. Gone already is as good."""
    line = None if call.line is None else lines.get(call.provider, call.line)
    if line is None:
        return Answered(at=time.time(), effect=claimed.no, error="no_connection")
    leg = Leg(str(call.leg.get("id", call.provider_call_id)), dict(call.leg.get("data", {})))
    error = ""
    for request in line.adapter.act(HangUp(reason=call.end_reason), leg, line.settings):
        sent = effects.send(request, line.secrets, claimed.due_at)
        if not sent.ok:
            error = sent.error or f"status {sent.status}"
            log.warning("call %s: its leg could not be ended (%s)", call.id, error)
    return Answered(at=time.time(), effect=claimed.no, error=error)
