"""What got stuck is found here: a thread in every web and worker process, of which one at a time holds the lease.

Every two seconds: turns nobody took, effects nobody began or finished, callbacks that never came, calls that are too
old, keys that nobody needs any more. Every ten minutes: what has been kept long enough is deleted, in small batches.
With the broker down the sweeper does the work itself, so that a dead broker costs a second and not a call.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID, uuid4

from django.conf import settings
from django.db import close_old_connections
from django.utils import timezone

from callplans import calls, dispatch, drafts, errands
from callplans.lines import lines
from callplans.models import Call, EffectRow, EventRow, Refusal, Trial, Turn
from callplans.store import Unavailable, reset, store
from callplans.waiting import POLL_GRACE

log = logging.getLogger(__name__)

EVERY, LEASE, LATER = 2.0, 6.0, 2.0
KEEP_EVERY, REFRESH_EVERY = 600.0, 60.0
UNTAKEN = 2.0
KEY_GRACE = 30.0
"""Seconds after a call has ended by itself in which its last words can still be asked for again."""
LONGEST_CALL = 4 * 3600.0
MOST_LOST = 2
BATCH = 500


class Sweeper:
    """`start` once per process; `sweep` is one round, for tests and the thread alike."""

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._holder = ""
        self._kept_at = 0.0
        self._refreshed_at = 0.0
        self._hands: ThreadPoolExecutor | None = None

    def start(self) -> None:
        """Begin sweeping on a thread of its own. A second call does nothing."""
        if self._thread is not None and self._thread.is_alive():
            return
        self._stop.clear()
        self._holder = f"{socket.gethostname()}.{os.getpid()}.{uuid4().hex[:8]}"
        self._thread = threading.Thread(target=self._run, name="sweeper", daemon=True)
        self._thread.start()

    def stop(self, patience: float = 5.0) -> None:
        """End the thread after its round."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(patience)
            self._thread = None
        if self._hands is not None:
            self._hands.shutdown(wait=False, cancel_futures=True)
            self._hands = None

    def _run(self) -> None:
        while not self._stop.wait(EVERY):
            try:
                self.round()
            except Unavailable:
                log.warning("the sweeper cannot reach the database")
            except Exception:
                log.exception("the sweeper stumbled")
            finally:
                close_old_connections()

    def round(self) -> bool:
        """One round, if the lease is ours. True: it was."""
        now = time.time()
        if now - self._refreshed_at > REFRESH_EVERY:
            self._refreshed_at = now
            lines.refresh()
        if not store().lease("sweeper", self._holder or "test", now, now + LEASE):
            return False
        self.sweep(now)
        if now - self._kept_at > KEEP_EVERY:
            self._kept_at = now
            forget_old()
        return True

    def sweep(self, now: float) -> None:
        """Everything that got stuck before `now`."""
        for turn in store().stale_turns(now, now - LATER):
            if store().hand_out(turn, now, now - LATER):
                self._hand_out(dispatch.TAKE_TURN, turn)
        for effect, status, awaited in store().stale_effects(now - POLL_GRACE, now - UNTAKEN):
            if status == "running":
                calls.expire(effect, now)
            else:
                self._untaken(effect, awaited, now)
        for call, awaits, troubles, too_old in store().silent_calls(now, now - LONGEST_CALL):
            self._silent(call, awaits, troubles, too_old)
        for call in store().ended_with_key(now - KEY_GRACE):
            store().forget(call)

    def _untaken(self, effect: UUID, awaited: bool, now: float) -> None:
        """Nobody has begun it. What a caller waits for has a deadline; the rest is handed out until it is done."""
        if awaited:
            turn = store().lose(effect, now - POLL_GRACE, now)
            if turn is not None:
                calls.go_on(turn)
                return
        self._hand_out(dispatch.RUN_EFFECT, effect)

    def _silent(self, call: UUID, awaits: str, troubles: int, too_old: bool) -> None:
        """A callback that never came: the plan's failure exit once; the second time the caller counts as gone."""
        record = store().call(call)
        if record is None or record.ended:
            return
        if too_old or troubles + 1 >= MOST_LOST or awaits == "start":
            calls.hang_up(record, "lost")
        else:
            calls.lose_callback(call, awaits, "callback_lost")

    def _hand_out(self, task: str, id: UUID) -> None:
        if dispatch.publish(task, id, again=True) or not settings.RESCUE:
            return
        if self._hands is None:
            self._hands = ThreadPoolExecutor(4, thread_name_prefix="sweeper")
        work: Callable[[], bool] = (
            (lambda: calls.take(id, again=True)) if task == dispatch.TAKE_TURN else (lambda: errands.carry_out(id))
        )
        self._hands.submit(_logged, work)


def _logged(work: Callable[[], bool]) -> None:
    try:
        work()
    except Exception:
        log.exception("the sweeper could not do it either")
    finally:
        close_old_connections()


# ---- keeping no longer than needed ----------------------------------------------------------------------------------


def forget_old() -> dict[str, int]:
    """Delete what has been kept long enough: how many rows of what. One batch of each at a time."""
    now = timezone.now()
    turns_before = time.time() - settings.RETENTION_TURNS_HOURS * 3600
    before = now - timedelta(days=settings.RETENTION_EVENTS_DAYS)
    counts = {"turns": 0, "calls": 0, "refusals": 0, "trials": 0}
    old = Turn.objects.filter(heard_at__lt=turns_before, call__key__isnull=True).order_by("heard_at")
    while ids := list(old.values_list("pk", flat=True)[:BATCH]):
        EffectRow.objects.filter(turn__in=ids).delete()
        counts["turns"] += Turn.objects.filter(pk__in=ids).delete()[0]
    ended = Call.objects.filter(ended_at__lt=before, key__isnull=True).order_by("ended_at")
    while ids := list(ended.values_list("pk", flat=True)[: BATCH // 5]):
        EventRow.objects.filter(call__in=ids).delete()
        counts["calls"] += Call.objects.filter(pk__in=ids).delete()[1].get("callplans.Call", 0)
    counts["refusals"] = Refusal.objects.filter(day__lt=before.date()).delete()[0]
    counts["trials"] = Trial.objects.filter(created__lt=now - timedelta(days=1), calls=None).delete()[0]
    counts["trial_versions"] = drafts.drop_trials()
    return counts


sweeper = Sweeper()


def start() -> None:
    """Start this process's sweeper."""
    sweeper.start()


def stop() -> None:
    """Stop it, and let go of the store's connections."""
    sweeper.stop()
    reset()
