"""Bells: the one a hook's answer waits for, and those that tell watchers to look again. Rows are the truth, always.

A bell carries ids and numbers, never what happened. A lost one costs a quarter of a second (the hook looks by itself)
or at most a heartbeat (15 s, a watcher). With Redis there is one reader per web process; without it all is in one
process, and a bell is a call on its event loop.
"""

from __future__ import annotations

import asyncio
import logging
import os
import threading
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from channels.layers import get_channel_layer
from django.conf import settings

from callplans.dispatch import Breaker

log = logging.getLogger(__name__)

GATHER = 0.02
"""Seconds in which bells for the same watchers become one."""


class Feed:
    """One per process. `attach` gives it the event loop that holds hooks and sockets; processes without one (workers)
    get a loop of their own for the channel layer, on a thread."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._own: asyncio.AbstractEventLoop | None = None
        self._lock = threading.Lock()
        self._waiting: dict[UUID, set[asyncio.Future[None]]] = {}
        self._pending: dict[str, dict[str, Any]] = {}
        self._scheduled = False
        self._redis: Any = None
        self._breaker = Breaker("Redis")

    # -- the reply box --

    def attach(self, loop: asyncio.AbstractEventLoop) -> None:
        with self._lock:  # what was to be sent by a loop that is gone is not sent any more
            self._loop, self._waiting, self._pending, self._scheduled = loop, {}, {}, False

    def expect(self, turn: UUID) -> asyncio.Future[None]:
        """A future that the turn's bell ends. Call it on the attached loop, before the turn is handed out."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(turn, set()).add(future)
        return future

    def release(self, turn: UUID, future: asyncio.Future[None]) -> None:
        """Nobody waits on this future any more."""
        waiting = self._waiting.get(turn)
        if waiting is not None:
            waiting.discard(future)
            if not waiting:
                self._waiting.pop(turn, None)

    def ring(self, turn: UUID) -> None:
        """The turn has got on: whoever waits for it, in whichever process, looks. From any thread."""
        self._ring_here(turn)
        if not settings.REDIS_URL or self._breaker.open():
            return
        try:
            if self._redis is None:
                self._redis = _connect()
            self._redis.publish(channel(), turn.hex)
            self._breaker.worked()
        except Exception as error:  # whatever the client raises: hooks look by themselves
            self._breaker.failed(type(error).__name__)

    def _ring_here(self, turn: UUID) -> None:
        loop = self._loop
        if turn in self._waiting and loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self._wake, turn)

    def _wake(self, turn: UUID) -> None:
        for future in self._waiting.pop(turn, ()):
            if not future.done():
                future.set_result(None)

    async def read(self) -> None:
        """The one reader of a web process: bells rung elsewhere. Ends when cancelled."""
        from redis import asyncio as redis

        while True:
            try:
                client = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=None, socket_connect_timeout=1)
                async with client.pubsub() as listener:
                    await listener.subscribe(channel())
                    async for message in listener.listen():
                        if message["type"] == "message":
                            self._wake(UUID(hex=message["data"].decode()))
            except asyncio.CancelledError:
                raise
            except Exception as error:  # Redis went away, or sent nonsense: again in a second
                log.warning("the reader of bells stopped (%s); again in a second", type(error).__name__)
                await asyncio.sleep(1)

    # -- watchers --

    def call_moved(self, call: UUID, account: UUID, plan: UUID | None, seq: int) -> None:
        """Somebody's call has new events, up to number `seq`. From any thread."""
        message = {"type": "bell", "call": str(call), "seq": seq}
        self._post(call_group(call), message)
        # One message per call, however many calls move at once.
        self._post(calls_group(account), message, key=f"{account}.{call}")

    def plan_changed(self, plan: UUID, revision: int) -> None:
        """A draft has a new revision. From any thread."""
        self._post(plan_group(plan), {"type": "bell", "plan": str(plan), "seq": revision})

    def _post(self, group: str, message: dict[str, Any], key: str = "") -> None:
        with self._lock:
            self._pending[key or group] = {**message, "group": group}
            if self._scheduled:
                return
            self._scheduled = True
        loop = self._sending_loop()
        try:
            loop.call_soon_threadsafe(loop.call_later, GATHER, self._begin_flush)
        except RuntimeError:  # the loop was closed just now
            self._scheduled = False

    def _begin_flush(self) -> None:
        self._flushing = asyncio.ensure_future(self._flush())

    async def _flush(self) -> None:
        with self._lock:
            messages, self._pending, self._scheduled = list(self._pending.values()), {}, False
        layer = get_channel_layer()
        for message in messages:
            group = message.pop("group")
            try:
                await layer.group_send(group, message)
            except Exception as error:  # watchers learn it from their next heartbeat
                log.warning("watchers could not be told (%s)", type(error).__name__)
                return

    def _sending_loop(self) -> asyncio.AbstractEventLoop:
        if self._loop is not None and not self._loop.is_closed():
            return self._loop
        with self._lock:
            if self._own is None or self._own.is_closed():
                self._own = asyncio.new_event_loop()
                threading.Thread(target=self._own.run_forever, name="feed", daemon=True).start()
            return self._own


def channel() -> str:
    """The name all processes on this Redis database ring on; Redis itself does not keep channels apart by database."""
    return f"callplans:{urlsplit(settings.REDIS_URL).path.strip('/') or '0'}:bell"


def _connect() -> Any:
    from redis import Redis
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    return Redis.from_url(
        settings.REDIS_URL, socket_timeout=0.3, socket_connect_timeout=0.3, retry=Retry(NoBackoff(), 0)
    )


def call_group(call: UUID | str) -> str:
    return f"call.{UUID(str(call)).hex}"


def calls_group(account: UUID | str) -> str:
    return f"calls.{UUID(str(account)).hex}"


def plan_group(plan: UUID | str) -> str:
    return f"plan.{UUID(str(plan)).hex}"


feed = Feed()


def _after_fork() -> None:
    """A child has neither its parent's loop nor its threads."""
    global feed
    feed.__init__()  # type: ignore[misc]  # the same object, as it was at first: others hold it


os.register_at_fork(after_in_child=_after_fork)


def plan_changed(plan_id: UUID, revision: int) -> None:
    """What `callplans.drafts` calls after each batch of edits."""
    feed.plan_changed(plan_id, revision)
