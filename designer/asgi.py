"""The web process: hooks as a plain route, websockets through Channels, everything else through Django."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "designer.settings")

from django.core.asgi import get_asgi_application

django_application = get_asgi_application()

# Models and settings are there only from here on.
from channels.auth import AuthMiddlewareStack  # noqa: E402
from channels.security.websocket import AllowedHostsOriginValidator  # noqa: E402
from django.conf import settings  # noqa: E402

import designer.celery  # noqa: E402, F401  # the app that publishes from every thread of this process
from callplans import sweeper  # noqa: E402
from callplans.feed import feed  # noqa: E402
from designer.hooks import hooks  # noqa: E402
from designer.sockets import Watcher  # noqa: E402

log = logging.getLogger(__name__)

websockets = AllowedHostsOriginValidator(AuthMiddlewareStack(Watcher.as_asgi()))


class Process:
    """What runs beside the requests of one web process: the reader of bells and the sweeper."""

    def __init__(self) -> None:
        self._reader: asyncio.Task[None] | None = None

    async def open(self) -> None:
        feed.attach(asyncio.get_running_loop())
        if settings.REDIS_URL:
            self._reader = asyncio.create_task(feed.read())
        sweeper.start()

    async def close(self) -> None:
        if self._reader is not None:
            self._reader.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._reader
        await asyncio.get_running_loop().run_in_executor(None, sweeper.stop)


async def lifespan(receive: Any, send: Any) -> None:
    process = Process()
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            await process.open()
            await send({"type": "lifespan.startup.complete"})
        else:
            await process.close()
            await send({"type": "lifespan.shutdown.complete"})
            return


async def application(scope: Any, receive: Any, send: Any) -> None:
    """The ASGI application of the product."""
    if scope["type"] == "http":
        if scope["path"].startswith("/hooks/"):
            await hooks(scope, receive, send)
        else:
            await django_application(scope, receive, send)
    elif scope["type"] == "websocket":
        if scope["path"] == "/ws/":
            await websockets(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 4404})
    elif scope["type"] == "lifespan":
        await lifespan(receive, send)
