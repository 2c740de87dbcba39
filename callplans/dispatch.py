"""Handing work to Celery: at most 300 ms, on threads of its own, and failing is no error.

A broker that hangs would block a publisher for half a minute; here it costs one caller 300 ms, and then nobody for a
while: the breaker opens, and whoever waits for the work does it (rescue), or the sweeper hands it out again.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

from celery import current_app

log = logging.getLogger(__name__)

PATIENCE = 0.3
TAKE_TURN, RUN_EFFECT = "callplans.take_turn", "callplans.run_effect"
QUEUES = {TAKE_TURN: "turns", RUN_EFFECT: "effects"}


class Breaker:
    """Opens after `most` failures in a row, for `seconds`; then one try decides. Thread safe."""

    def __init__(self, name: str, most: int = 3, seconds: float = 2.0) -> None:
        self._name, self._most, self._seconds = name, most, seconds
        self._failures, self._until = 0, 0.0
        self._lock = threading.Lock()

    def open(self) -> bool:
        """Whether to leave it alone for now."""
        return time.monotonic() < self._until

    def worked(self) -> None:
        self._failures = 0

    def failed(self, why: str) -> None:
        with self._lock:
            self._failures += 1
            if self._failures >= self._most:
                if self._failures == self._most:
                    log.warning("%s does not answer (%s); going on without it", self._name, why)
                self._until = time.monotonic() + self._seconds


broker = Breaker("the broker")
_threads: ThreadPoolExecutor | None = None


def _forget_threads() -> None:
    global _threads
    _threads = None


os.register_at_fork(after_in_child=_forget_threads)


def publish(task: str, id: UUID, again: bool = False) -> bool:
    """Put a task on its queue. False: it did not get there in time; that is for rescue and sweeper to put right."""
    global _threads
    if broker.open():
        return False
    if _threads is None:
        _threads = ThreadPoolExecutor(8, thread_name_prefix="publish")
    try:
        _threads.submit(_send, task, [str(id), again]).result(PATIENCE)
    except Exception as error:  # whatever the broker's client raises
        broker.failed(type(error).__name__)
        return False
    broker.worked()
    return True


def _send(task: str, args: list[object]) -> None:
    current_app.send_task(task, args=args, queue=QUEUES[task], ignore_result=True)
