"""Telephony webhooks in, replies out: a plain ASGI application beside Django, because Django's own way through a
request costs more than a turn does.

    /hooks/<provider>/<connection>/answer | event | fallback
    /hooks/<provider>/<connection>/<call>/<token>[?heard=<parts heard>&poll=<number>]

Whatever is ours to know runs on threads (`callplans.calls`); here is only waiting: for the turn's bell, until the words
said so far or a hold must go out.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import parse_qsl
from uuid import UUID

import orjson
from django.conf import settings
from django.db import Error as DatabaseError
from django.db import close_old_connections

from callplans import calls, dispatch, errands
from callplans.engine.adapter import Document, Hook
from callplans.feed import feed
from callplans.lines import Line, lines
from callplans.store import Unavailable
from callplans.waiting import Asked, heard_as

log = logging.getLogger(__name__)

MOST_BYTES = 64 * 1024
LOOKS = (0.1, 0.25, 0.5, 1.01)
"""Seconds after which a waiting hook looks by itself, should the bell be lost; 1 s is also when rescue begins."""
WORDS = {
    400: ("malformed", "This is not in the provider's language."),
    403: ("forbidden", "This request is not signed as it should be."),
    404: ("not_found", "There is nothing here."),
    405: ("method_not_allowed", "Only GET and POST."),
    413: ("too_large", "At most 64 KiB."),
    500: ("failed", "Something went wrong."),
    503: ("unavailable", "Try again later."),
}

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
T = TypeVar("T")
DOWN = (Unavailable, DatabaseError)


class Refuse(Exception):
    """Answer with this status and nothing else; `reason` is counted."""

    def __init__(self, status: int, reason: str = "") -> None:
        super().__init__(reason)
        self.status, self.reason = status, reason


@dataclass(slots=True)
class Address:
    """What a path means. `what`: answer, event, fallback, or empty for the callback of a wait."""

    provider: str
    line: UUID
    what: str = ""
    call: UUID | None = None
    token: str = ""


class Threads:
    """Hooks work on threads of their own; effects rescued from a dead broker on others, so that they
    hold up no turn."""

    def __init__(self) -> None:
        self._turns: ThreadPoolExecutor | None = None
        self._effects: ThreadPoolExecutor | None = None
        self._running: set[UUID] = set()

    async def run(self, work: Callable[..., T], *args: Any) -> T:
        if self._turns is None:
            self._turns = ThreadPoolExecutor(8, thread_name_prefix="hooks")
        return await asyncio.get_running_loop().run_in_executor(self._turns, _tidily, work, *args)

    def aside(self, effect: UUID) -> None:
        """Carry out an effect nobody took; once at a time in this process."""
        if effect in self._running or len(self._running) >= 64:
            return
        if self._effects is None:
            self._effects = ThreadPoolExecutor(8, thread_name_prefix="rescue")
        self._running.add(effect)
        self._effects.submit(self._aside, effect)

    def _aside(self, effect: UUID) -> None:
        try:
            _tidily(errands.carry_out, effect)
        except Exception:
            log.exception("an effect could not be rescued")
        finally:
            self._running.discard(effect)


threads = Threads()


def _tidily(work: Callable[..., T], *args: Any) -> T:
    """Django's connections are handed back after each piece of work."""
    try:
        return work(*args)
    finally:
        close_old_connections()


async def hooks(scope: Scope, receive: Receive, send: Send) -> None:
    """The ASGI application."""
    began = time.monotonic()
    try:
        address, line, hook = await _judged(scope, receive)
    except Refuse as refusal:
        await _refuse(send, refusal.status)
        return
    except Exception:
        log.exception("a hook could not be judged")
        await _refuse(send, 500)
        return
    try:
        document = await _answered(address, line, hook, began)
    except Refuse as refusal:
        await _refuse(send, refusal.status)
        return
    except DOWN as error:
        log.error("the database is down (%s): the fallback document is sent", type(error).__name__)
        document = line.fallback_document() if address.what != "event" else line.adapter.carry_on()
    except Exception:
        log.exception("a hook failed: the fallback document is sent")
        document = line.fallback_document() if address.what != "event" else line.adapter.carry_on()
    await _send(send, 200, document.body, document.content_type)


# ---- who is it ------------------------------------------------------------------------------------------------------


def parse(path: str) -> Address | None:
    """The address, or None for a path that is none of ours."""
    parts = path.split("/")
    if len(parts) not in (5, 6) or parts[:2] != ["", "hooks"]:
        return None
    try:
        line = UUID(parts[3])
        if len(parts) == 6:
            return Address(parts[2], line, "", UUID(parts[4]), parts[5])
    except ValueError:
        return None
    return Address(parts[2], line, parts[4]) if parts[4] in ("answer", "event", "fallback") else None


async def _judged(scope: Scope, receive: Receive) -> tuple[Address, Line, Hook]:
    """The hook, once its sender is known to be the provider and its token one of ours. Raises Refuse."""
    if scope["method"] not in ("GET", "POST"):
        raise Refuse(405)
    address = parse(scope["path"])
    if address is None:
        raise Refuse(404)
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    body = await _body(headers, receive)
    line = lines.remembered(address.provider, address.line)
    if line is None or time.monotonic() - line.read_at > 5:
        try:
            line = await threads.run(lines.get, address.provider, address.line)
        except DOWN:
            raise Refuse(503) from None
    query = scope.get("query_string", b"").decode("latin-1")
    hook = Hook(
        method=scope["method"],
        url=settings.PUBLIC_BASE_URL + scope.get("raw_path", scope["path"].encode()).decode("latin-1").split("?")[0]
        + (f"?{query}" if query else ""),
        query=parse_qsl(query, keep_blank_values=True),
        headers=headers,
        body=body,
        now=time.time(),
    )  # fmt: skip
    if line is None:
        await _count("", address, "unknown_connection")
        raise Refuse(403)
    if not line.active:
        await _count(str(line.id), address, "inactive")
        raise Refuse(403)
    verdict = line.adapter.check(hook, line.secrets, line.settings)
    if not verdict.ok:
        await _count(str(line.id), address, verdict.reason)
        raise Refuse(verdict.status)
    if address.call is not None:
        token = heard_as(address.call, address.token)
        if token is None:
            await _count(str(line.id), address, "forged_token")
            raise Refuse(403)
        address.token = token
    return address, line, hook


async def _body(headers: dict[str, str], receive: Receive) -> bytes:
    with contextlib.suppress(ValueError):
        if int(headers.get("content-length", "0")) > MOST_BYTES:
            raise Refuse(413)
    body = b""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Refuse(400)
        body += message.get("body", b"")
        if len(body) > MOST_BYTES:
            raise Refuse(413)
        if not message.get("more_body"):
            return body


async def _count(line: str, address: Address, reason: str) -> None:
    """Nothing of a refused request is kept but this."""
    log.warning("a %s hook was refused: %s", "known" if line else "strange", reason)
    provider = address.provider if line else "unknown"
    with contextlib.suppress(*DOWN):
        await threads.run(calls.refused, line, provider, reason)


# ---- what is the answer ---------------------------------------------------------------------------------------------


async def _answered(address: Address, line: Line, hook: Hook, began: float) -> Document:
    if address.call is not None:
        asked = _asked(hook)
        if asked is not None:
            return await _wait(line, address.call, address.token, asked, began)
        told = await threads.run(calls.hear, line, hook, address.call, address.token)
    elif address.what == "event":
        told = await threads.run(calls.event, line, hook)
    else:
        told = await threads.run(calls.answer, line, hook)
    if told.refused:
        await _count(str(line.id), address, told.refused)
        raise Refuse(told.status)
    if told.document is not None:
        return told.document
    assert told.call is not None and told.turn is not None
    return await _wait(line, told.call, told.token, Asked(), began, told)


def _asked(hook: Hook) -> Asked | None:
    """What a poll asks for; None: this hook is no poll."""
    fields = dict(hook.query)
    if "heard" not in fields:
        return None
    heard, poll = fields["heard"], fields.get("poll", "0")
    if not (heard.isascii() and heard.isdigit() and poll.isascii() and poll.isdigit()):
        raise Refuse(400)
    return Asked(int(heard[:6]), int(poll[:6]))


async def _wait(
    line: Line, call: UUID, token: str, asked: Asked, began: float, told: calls.Told | None = None
) -> Document:
    """The reply of a turn; or its words so far and "ask again", when it waits for the outside or patience ends."""
    turn = told.turn if told is not None else None
    bell = feed.expect(turn) if turn is not None else None
    patience = began + line.adapter.hold_after
    try:
        if told is not None and told.publish and turn is not None:
            await threads.run(dispatch.publish, dispatch.TAKE_TURN, turn)
        at_once = told is None or not told.publish
        while True:
            if bell is not None and not at_once:
                await _rung(bell, began, patience)
            seen = await threads.run(calls.look, line, call, token, asked, time.time())
            if seen.run is not None and settings.RESCUE:
                threads.aside(seen.run)
            if seen.document is not None:
                if seen.held and asked.poll is None:
                    _note_hold(call)
                return seen.document
            assert seen.hold is not None and seen.turn is not None
            at_once = False
            if seen.take and settings.RESCUE:
                await _rescue(seen.turn)
                at_once = True
            elif time.monotonic() >= patience:
                if asked.poll is None:
                    _note_hold(call)
                return seen.hold
            elif bell is None or bell.done():
                if bell is not None and turn is not None:
                    feed.release(turn, bell)
                turn, bell = seen.turn, feed.expect(seen.turn)
                at_once = True  # it may have rung just before
    finally:
        if bell is not None and turn is not None:
            feed.release(turn, bell)


async def _rung(bell: asyncio.Future[None], began: float, patience: float) -> None:
    """Until the bell, or until it is time to look without one."""
    now = time.monotonic()
    look_at = next((began + step for step in LOOKS if began + step > now + 0.01), now + 0.5)
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(asyncio.shield(bell), max(min(look_at, patience) - now, 0.005))


async def _rescue(turn: UUID) -> None:
    """Nobody took it for a second: this process does. The compare-and-set decides who wins."""
    try:
        await threads.run(calls.take, turn, True)
    except DOWN:
        raise
    except Exception:
        log.exception("a turn could not be rescued")
        await asyncio.sleep(0.2)


def _note_hold(call: UUID) -> None:
    """For the record, behind the caller's back."""
    task = asyncio.ensure_future(_noted(call))
    _noting.add(task)
    task.add_done_callback(_noting.discard)


_noting: set[asyncio.Future[None]] = set()


async def _noted(call: UUID) -> None:
    with contextlib.suppress(*DOWN):
        await threads.run(calls.note_hold, call)


# ---- out ------------------------------------------------------------------------------------------------------------


async def _refuse(send: Send, status: int) -> None:
    code, message = WORDS[status]
    body = orjson.dumps({"error": {"code": code, "message": message, "fields": []}})
    await _send(send, status, body, "application/json")


async def _send(send: Send, status: int, body: bytes, content_type: str) -> None:
    headers = [
        (b"content-type", content_type.encode()), (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff"),
    ]  # fmt: skip
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
