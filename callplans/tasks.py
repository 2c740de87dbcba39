"""The two tasks. Messages carry ids only; what they mean is in the rows, and doing one twice does nothing twice."""

from __future__ import annotations

import logging
from typing import Any
from uuid import UUID

from celery import shared_task
from celery.signals import worker_ready, worker_shutdown

from callplans import calls, errands, sweeper

log = logging.getLogger(__name__)


@shared_task(bind=True, name="callplans.take_turn")
def take_turn(self: Any, turn_id: str, again: bool = False) -> None:
    """Take a turn. A message that is delivered again counts as handed out again."""
    redelivered = bool((self.request.delivery_info or {}).get("redelivered"))
    calls.take(UUID(turn_id), again or redelivered)


@shared_task(name="callplans.run_effect")
def run_effect(effect_id: str, again: bool = False) -> None:
    """Carry out an effect. `again` changes nothing: the claim decides."""
    errands.carry_out(UUID(effect_id))


@worker_ready.connect(weak=False)
def _sweep(**_: Any) -> None:
    """Every worker process sweeps too, in its main process; the lease lets one at a time do it."""
    sweeper.start()
    log.info("worker ready")


@worker_shutdown.connect(weak=False)
def _sweep_no_more(**_: Any) -> None:
    sweeper.stop()
