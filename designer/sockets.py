"""Watching over one websocket: a call, a draft, the list of live calls. Doorbells say that something is new; what it is
is read from the rows, so that a lost bell costs at most a heartbeat and nothing is ever told that is not stored.

client  {"type": "subscribe", "topic": "call:<id>" | "plan:<id>" | "calls", "after": n}
        {"type": "unsubscribe", "topic"}
server  {"type": "snapshot" | "event" | "heartbeat" | "refused", "topic", "seq", ...}
Closes with 4401 (signed out), 4403 (no account, or no longer a member), 1009 (a frame over 64 KiB), 1011 (the rows
cannot be read now: the browser comes back).
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from channels.auth import get_user
from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.db import Error as DatabaseError

from callplans import access, watching
from callplans.engine.words import clean
from callplans.feed import call_group, calls_group, plan_group
from callplans.models import Call, Plan
from callplans.store import Unavailable

log = logging.getLogger(__name__)

HEARTBEAT = 15.0
RECHECK = 60.0
COALESCE = 0.05
MOST_BYTES = 64 * 1024
MOST_TOPICS = 20
MOST_LISTED = 200
LAST_EVENT = 2**31 - 1
SIGNED_OUT, NOT_YOURS, TOO_LARGE, BROKEN = 4401, 4403, 1009, 1011


@dataclass(slots=True)
class Topic:
    """Something watched. `seq`: the last event the browser has; `dirty`: calls that moved, for the list."""

    name: str
    kind: str
    id: UUID | None
    group: str
    seq: int = 0
    values: bool = False
    dirty: set[str] = field(default_factory=set)
    stale: bool = False


class Watcher(AsyncWebsocketConsumer):
    """One browser's socket."""

    async def connect(self) -> None:
        self.topics: dict[str, Topic] = {}
        self.tasks: list[asyncio.Task[None]] = []
        self.wake = asyncio.Event()
        self.account: UUID | None = None
        await self.accept()
        await self._or_close(self._begin())

    async def _begin(self) -> None:
        code = await self._who()
        if code:
            await self.close(code)
            return
        self.tasks = [
            asyncio.create_task(self._or_close(self._pump())),
            asyncio.create_task(self._or_close(self._watch_over())),
        ]

    async def _or_close(self, work: Coroutine[Any, Any, None]) -> None:
        """A socket that cannot tell what is new must not look alive: it is closed, and the browser comes back."""
        try:
            await work
        except (DatabaseError, Unavailable) as error:
            log.error("a socket is closed: the database does not answer (%s)", type(error).__name__)
            await self.close(BROKEN)
        except Exception:
            log.exception("a socket is closed")
            await self.close(BROKEN)

    async def disconnect(self, code: int) -> None:
        for task in self.tasks:
            task.cancel()
        for topic in self.topics.values():
            await self.channel_layer.group_discard(topic.group, self.channel_name)

    async def _who(self) -> int:
        """Who is there: 0, or the code to close with."""
        user = await get_user(self.scope)
        self.scope["user"] = user
        if not user.is_authenticated or not user.is_active:
            return SIGNED_OUT
        account = await database_sync_to_async(access.account_of)(user)
        if account is None or (self.account is not None and account.pk != self.account):
            return NOT_YOURS
        self.account = account.pk
        return 0

    # ---- what the browser asks for ----

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if text_data is None or len(text_data.encode("utf-8", "surrogatepass")) > MOST_BYTES:
            await self.close(TOO_LARGE)
            return
        try:
            asked = json.loads(text_data)
        except (ValueError, RecursionError):
            asked = None
        if self.account is None or not isinstance(asked, dict) or not isinstance(asked.get("topic"), str):
            await self._say({"type": "refused", "topic": "", "code": "malformed"})
            return
        name = clean(asked["topic"][:100])
        if asked.get("type") == "subscribe":
            after = asked.get("after")
            if not isinstance(after, int) or isinstance(after, bool) or after > LAST_EVENT:
                after = 0
            await self._or_close(self._subscribe(name, after))
        elif asked.get("type") == "unsubscribe":
            topic = self.topics.pop(name, None)
            if topic is not None:
                await self.channel_layer.group_discard(topic.group, self.channel_name)
        else:
            await self._say({"type": "refused", "topic": name, "code": "malformed"})

    async def _subscribe(self, name: str, after: int) -> None:
        if name not in self.topics and len(self.topics) >= MOST_TOPICS:
            await self._say({"type": "refused", "topic": name, "code": "too_many"})
            return
        topic = await database_sync_to_async(self._topic)(name)
        if topic is None:
            await self._say({"type": "refused", "topic": name, "code": "not_found"})
            return
        # First the bells, then the rows: what happens in between rings.
        await self.channel_layer.group_add(topic.group, self.channel_name)
        self.topics[name] = topic
        if topic.kind == "call" and after > 0:
            topic.seq = after
            topic.stale = True
            self.wake.set()
            return
        await self._snapshot(topic)

    def _topic(self, name: str) -> Topic | None:
        """The topic, if it exists and this person may see it. A stranger learns nothing of it."""
        kind, _, id_text = name.partition(":")
        user = self.scope["user"]
        if name == "calls" and self.account is not None:
            return Topic(name, "calls", None, calls_group(self.account))
        try:
            id = UUID(id_text)
        except ValueError:
            return None
        if str(id) != id_text:  # bells know a topic by one spelling
            return None
        found: Any = None
        if kind == "call":
            found = Call.objects.select_related("plan").filter(pk=id, version__isnull=False).first()
        elif kind == "plan":
            found = Plan.objects.filter(pk=id).first()
        role = None if found is None else access.role_in(user, found)
        if found is None or not access.allows(role, "view"):
            return None
        if kind == "call":
            return Topic(name, kind, id, call_group(id), values=access.allows(role, "call"))
        return Topic(name, kind, id, plan_group(id))

    # ---- what is sent ----

    async def _snapshot(self, topic: Topic) -> None:
        if topic.kind == "call":
            found = await database_sync_to_async(watching.snapshot)(topic.id, topic.values)
            if found is None:
                await self._gone(topic)
                return
            topic.seq = max(found["seq"], topic.seq)
            await self._say({"type": "snapshot", "topic": topic.name, **found})
        elif topic.kind == "plan":
            topic.seq = await database_sync_to_async(_revision)(topic.id)
            await self._say({"type": "snapshot", "topic": topic.name, "seq": topic.seq, "revision": topic.seq})
        else:
            _, rows = await database_sync_to_async(watching.call_rows)(self.account, "live", size=MOST_LISTED)
            topic.seq += 1
            await self._say({"type": "snapshot", "topic": topic.name, "seq": topic.seq, "calls": rows})

    async def bell(self, message: dict[str, Any]) -> None:
        """From the channel layer: something moved. What, is read."""
        for topic in self.topics.values():
            if topic.kind == "calls" and "call" in message:
                topic.dirty.add(message["call"])
            elif topic.name in (f"call:{message.get('call')}", f"plan:{message.get('plan')}"):
                topic.stale = True
            else:
                continue
            self.wake.set()

    async def _pump(self) -> None:
        """Send what is new, at most every 50 ms a topic."""
        with contextlib.suppress(asyncio.CancelledError):
            while True:
                await self.wake.wait()
                self.wake.clear()
                for topic in list(self.topics.values()):
                    if topic.stale or topic.dirty:
                        topic.stale = False
                        await self._catch_up(topic)
                await asyncio.sleep(COALESCE)

    async def _catch_up(self, topic: Topic) -> None:
        if topic.kind == "call":
            await self._call_news(topic)
        elif topic.kind == "plan":
            revision = await database_sync_to_async(_revision)(topic.id)
            if revision > topic.seq:
                topic.seq = revision
                await self._say({"type": "event", "topic": topic.name, "seq": revision, "revision": revision})
        else:
            moved, topic.dirty = topic.dirty, set()
            for row in await database_sync_to_async(_rows)(self.account, moved):
                topic.seq += 1
                await self._say({"type": "event", "topic": topic.name, "seq": topic.seq, "call": row})

    async def _call_news(self, topic: Topic) -> None:
        """Every event since the last one sent; with the last of them the call's row and how it stands now."""
        while True:
            found = await database_sync_to_async(watching.news)(topic.id, topic.seq, topic.values)
            if found is None:
                await self._gone(topic)
                return
            events = found["events"]
            for event in events:
                topic.seq = event["no"]
                said = {"type": "event", "topic": topic.name, "seq": event["no"], "event": event}
                if event is events[-1]:
                    said |= {name: found[name] for name in ("call", "sources", "waiting")}
                await self._say(said)
            if len(events) < watching.MOST_NEWS:
                return

    async def _gone(self, topic: Topic) -> None:
        self.topics.pop(topic.name, None)
        await self._say({"type": "refused", "topic": topic.name, "code": "not_found"})

    async def _watch_over(self) -> None:
        """Heartbeats, with what a lost bell would have told; and each minute: may this person still see it?"""
        with contextlib.suppress(asyncio.CancelledError):
            beats = 0
            while True:
                await asyncio.sleep(HEARTBEAT)
                beats += 1
                if beats * HEARTBEAT % RECHECK < HEARTBEAT and not await self._still_allowed():
                    return
                for topic in list(self.topics.values()):
                    if topic.kind == "calls":
                        await self._snapshot(topic)
                    else:
                        await self._catch_up(topic)
                    await self._say({"type": "heartbeat", "topic": topic.name, "seq": topic.seq})

    async def _still_allowed(self) -> bool:
        code = await self._who()
        if code:
            await self.close(code)
            return False
        for name, topic in list(self.topics.items()):
            again = await database_sync_to_async(self._topic)(name)
            if again is None:
                await self.channel_layer.group_discard(topic.group, self.channel_name)
                await self._gone(topic)
            else:
                topic.values = again.values
        return True

    async def _say(self, message: dict[str, Any]) -> None:
        await self.send(text_data=json.dumps(message, separators=(",", ":"), ensure_ascii=False))


def _revision(plan: UUID | None) -> int:
    found = Plan.objects.select_related("draft").filter(pk=plan).first()
    return found.draft.revision if found else 0


def _rows(account: UUID | None, ids: set[str]) -> list[dict[str, Any]]:
    """Rows of these calls, as far as they are this account's and reached a plan."""
    rows = watching.rows_of(account).filter(pk__in=list(ids)[:MOST_LISTED])
    return [watching.call_row(row) for row in rows]
