"""Calls under attack: every webhook three times and shuffled, takers that die before and after their write, messages
lost and doubled, hang-ups and status events at any moment, workers that die with a request on its way, and a sweeper
racing all of them. Then the oracle: nothing lost, nothing taken twice, one reply per token, event numbers without gaps,
no request sent twice unless it may be repeated, nothing stuck.
"""

from __future__ import annotations

import json
import queue
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest
from django.db import close_old_connections
from pytest_django import Settings

from callplans import calls, dispatch, errands, sweeper, waiting
from callplans.models import Call, EffectRow, Turn
from callplans.store import store
from callplans.sweeper import Sweeper
from tests.callplans.rig import Phone, Rig, check_call, make_rig

pytestmark = pytest.mark.django_db(transaction=True)

CALLS, THREADS, SECONDS = 24, 8, 60.0


class Died(BaseException):
    """A process killed at this point: nobody catches it."""


@dataclass
class Chaos:
    """What goes wrong, by one seed."""

    seed: int
    deaths: Counter[str] = field(default_factory=Counter)
    over: bool = False

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        self.lock = threading.Lock()

    def chance(self, probability: float) -> bool:
        with self.lock:
            return not self.over and self.random.random() < probability

    def die(self, where: str, probability: float) -> None:
        if self.chance(probability):
            self.deaths[where] += 1
            raise Died(where)

    def pause(self) -> None:
        with self.lock:
            seconds = self.random.random() * 0.01
        time.sleep(seconds)


class Workers:
    """Threads that do what is published: late, out of order, twice, or never."""

    def __init__(self, chaos: Chaos) -> None:
        self.chaos = chaos
        self.messages: queue.Queue[tuple[str, UUID, bool] | None] = queue.Queue()
        self.threads = [threading.Thread(target=self._run, daemon=True) for _ in range(THREADS)]

    def publish(self, task: str, id: UUID, again: bool = False) -> bool:
        if self.chaos.chance(0.1):
            return True  # lost on the way
        copies = 2 if self.chaos.chance(0.2) else 1
        for _ in range(copies):
            self.messages.put((task, id, again))
        return True

    def _run(self) -> None:
        while (message := self.messages.get()) is not None:
            task, id, again = message
            self.chaos.pause()
            try:
                if task == dispatch.TAKE_TURN:
                    calls.take(id, again)
                else:
                    errands.carry_out(id)
            except Died:
                pass
            finally:
                close_old_connections()

    @contextmanager
    def running(self) -> Iterator[None]:
        for thread in self.threads:
            thread.start()
        try:
            yield
        finally:
            for _ in self.threads:
                self.messages.put(None)
            for thread in self.threads:
                thread.join(30)


class Caller:
    """Somebody on the phone, over a network that delivers everything three times."""

    def __init__(self, rig: Rig, chaos: Chaos, network: ThreadPoolExecutor) -> None:
        self.phone: Phone = rig.phone()
        self.chaos, self.network = chaos, network
        self.replies: dict[str, set[bytes]] = {}

    def send(self, what: Callable[[], calls.Told], copies: int = 3) -> None:
        """The same hook, several times at about the same moment; what is answered is kept by token."""
        for future in [self.network.submit(self._deliver, what) for _ in range(copies)]:
            future.result(SECONDS)

    def _deliver(self, what: Callable[[], calls.Told]) -> None:
        self.chaos.pause()
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            try:
                told = what()
                if told.publish and told.turn is not None:
                    dispatch.publish(dispatch.TAKE_TURN, told.turn)
                document = told.document.body if told.document is not None else self._wait(told, deadline)
            except Died:
                continue  # the web process was killed: the provider sends it again
            finally:
                close_old_connections()
            self.replies.setdefault(told.token or "none", set()).add(document)
            return
        raise TimeoutError(f"call {self.phone.call} got no answer")

    def _wait(self, told: calls.Told, deadline: float) -> bytes:
        """As `designer.hooks` waits: looks, rescues, in the end has the reply."""
        assert told.call is not None
        while time.monotonic() < deadline:
            seen = calls.look(self.phone.line, told.call, told.token, calls.Asked(), time.time())
            if seen.document is not None and not seen.held:
                return seen.document.body
            if seen.take and seen.turn is not None:
                calls.take(seen.turn, again=True)
            if seen.run is not None:
                errands.carry_out(seen.run)
            time.sleep(0.01)
        raise TimeoutError(f"turn {told.turn} of call {self.phone.call} stays without a reply")

    def call(self, keys: list[str], hang_up_at: int) -> None:
        phone = self.phone
        self.send(phone.answer)
        self.statuses("answered", "ringing")
        for number, pressed in enumerate(keys):
            url = self.next_url()
            if url is None:
                break
            if number == hang_up_at:
                side = self.network.submit(self._deliver, phone.hang_up)
                self.send(lambda url=url, pressed=pressed: phone.keys(pressed, url))  # type: ignore[misc]  # bound now
                side.result(SECONDS)
                break
            self.send(lambda url=url, pressed=pressed: phone.keys(pressed, url))  # type: ignore[misc]  # bound now
        self.send(phone.hang_up)

    def statuses(self, *words: str) -> None:
        for word in words:
            self.send(lambda word=word: self.phone.status(word), copies=2)  # type: ignore[misc]  # bound now

    def next_url(self) -> str | None:
        """Where the phone was told to post next; None when there is nowhere."""
        row = Call.objects.get(pk=self.phone.call)
        close_old_connections()
        if row.awaits[:1].isdigit():
            return f"/hooks/browser/{self.phone.line.id}/{self.phone.call}/{row.awaits}"
        return None


def break_things(monkeypatch: pytest.MonkeyPatch, rig: Rig, chaos: Chaos, workers: Workers) -> None:
    kind = type(store())
    write, answer, run = kind.write, kind.answer, rig.service.run

    def fragile_write(self: Any, move: Any) -> Any:
        chaos.die("before write", 0.05)
        moved = write(self, move)
        chaos.die("after write", 0.05)
        return moved

    def fragile_answer(self: Any, *args: Any) -> Any:
        chaos.die("before answer", 0.05)
        stored = answer(self, *args)
        chaos.die("after answer", 0.05)
        return stored

    def fragile_run(*args: Any, **named: Any) -> Any:
        chaos.die("before request", 0.05)
        heard = run(*args, **named)
        chaos.die("after request", 0.05)
        return heard

    monkeypatch.setattr(kind, "write", fragile_write)
    monkeypatch.setattr(kind, "answer", fragile_answer)
    monkeypatch.setattr("callplans.effects.run", fragile_run)
    monkeypatch.setattr(dispatch, "publish", workers.publish)
    # A second of patience is a twentieth of one here.
    for module, name, value in (
        (calls, "SOON", 0.05), (calls, "LATER", 0.1), (calls, "POLL_GRACE", 0.1), (sweeper, "POLL_GRACE", 0.1),
        (sweeper, "UNTAKEN", 0.1), (sweeper, "LATER", 0.1), (sweeper, "KEY_GRACE", 3600.0), (waiting, "SLACK", 3600.0),
    ):  # fmt: skip
        monkeypatch.setattr(module, name, value)


@pytest.mark.parametrize("execution", ["celery", "inline"])
@pytest.mark.parametrize("seed", [1, 2])
def test_the_oracle_holds(execution: str, seed: int, monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    settings.TURN_EXECUTION = execution
    rig, chaos = make_rig(monkeypatch, seconds=1), Chaos(seed)
    workers, stop = Workers(chaos), threading.Event()
    break_things(monkeypatch, rig, chaos, workers)
    plans = random.Random(seed)

    def sweep() -> None:
        while not stop.wait(0.05):
            try:
                Sweeper().sweep(time.time())
            except Died:
                pass
            finally:
                close_old_connections()

    sweeping = threading.Thread(target=sweep, daemon=True)
    with workers.running(), ThreadPoolExecutor(THREADS * 3) as network, ThreadPoolExecutor(THREADS) as people:
        sweeping.start()
        callers = [Caller(rig, chaos, network) for _ in range(CALLS)]
        scripts = [(["1234", "1", "5678", "2"][: plans.randint(1, 4)], plans.randint(0, 6)) for _ in callers]
        futures = [people.submit(caller.call, keys, at) for caller, (keys, at) in zip(callers, scripts, strict=True)]
        for future in futures:
            future.result(SECONDS * 2)
        chaos.over = True
        settled(callers)
        stop.set()
        sweeping.join(10)

    assert sum(chaos.deaths.values()) >= 10, chaos.deaths
    for caller in callers:
        check_call(caller.phone.call)
        for token, documents in caller.replies.items():
            # While a turn is in work a copy may find the call gone and be told to carry on; two replies never exist.
            replies = {body for body in documents if json.loads(body)["commands"] != [{"do": "carry_on"}]}
            assert token == "none" or len(replies) <= 1, f"{token} got {replies}"
    sent = Counter(rig.service.sent)
    assert [key for (method, key), count in sent.items() if count > (2 if method == "GET" else 1)] == []
    check_effects(rig)


def settled(callers: list[Caller]) -> None:
    """Until nothing is left to be done, or time is up; the oracle says what is wrong then."""
    deadline = time.monotonic() + SECONDS
    ids = [caller.phone.call for caller in callers]
    while time.monotonic() < deadline:
        open_turns = Turn.objects.filter(call__in=ids, status__in=["new", "waiting"]).exists()
        open_effects = EffectRow.objects.filter(call__in=ids, status="new").exists()
        if not open_turns and not open_effects and not Call.objects.filter(pk__in=ids).exclude(awaits="").exists():
            return
        time.sleep(0.05)


def check_effects(rig: Rig) -> None:
    """A request was sent for what is answered; what was begun and not answered is lost, and visibly so."""
    begun = {key for _method, key in rig.service.sent}
    for effect in EffectRow.objects.filter(kind="fetch"):
        key = f"{effect.call_id}.{effect.turn_id}.{effect.no}"
        if effect.status == "answered":
            assert key in begun
        if key in begun:
            assert effect.status in ("answered", "lost", "running"), effect.status
