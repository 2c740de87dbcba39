"""The embedded install: the web server, a worker for each queue and the sweeper in one process, without services.

The broker lives in this process's memory and so does the channel layer: hence one process, and a lock against a second.
"""

from __future__ import annotations

import asyncio
import fcntl
import logging
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from celery import Celery

log = logging.getLogger("designer.embedded")

THREADS = {"turns": 4, "effects": 16}


class Busy(Exception):
    """Something stands in the way of starting; the words say what, and what to do."""


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Hold `folder`/lock while running. Raises Busy when another process holds it."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            file.seek(0)
            who = file.read().strip() or "another process"
            raise Busy(
                f"The product is already running on this data ({who}). Stop it first, or start with another folder: "
                "make run VAR_DIR=/some/folder."
            ) from error
        file.seek(0)
        file.truncate()
        file.write(f"process {os.getpid()}")
        file.flush()
        yield


def listen(host: str, port: int) -> socket.socket:
    """The server's socket. Raises Busy when the port is taken."""
    server = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        server.bind((host, port))
    except (OSError, OverflowError) as error:
        server.close()
        why = error.strerror if isinstance(error, OSError) else "ports go from 1 to 65535"
        another = port + 1 if 0 < port < 65_535 else 8000
        raise Busy(f"Port {port} on {host} cannot be used ({why}). Choose another: make run PORT={another}.") from error
    return server


class Workers:
    """Celery's worker for each queue, in threads of this process, each on an app of its own: on one app both would
    consume both queues."""

    def __init__(self) -> None:
        from designer.celery import make

        self.apps: dict[str, Celery] = {queue: make((queue,)) for queue in THREADS}
        self.controllers: dict[str, Any] = {}
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Start both; returns when both consume."""
        for queue, app in self.apps.items():
            ready = threading.Event()
            controller = app.WorkController(
                app=app,
                hostname=f"{queue}@embedded",
                pool_cls="threads",
                concurrency=THREADS[queue],
                queues=[queue],
                loglevel=logging.WARNING,
                logfile=None,
                without_heartbeat=True,
                without_mingle=True,
                without_gossip=True,
                ready_callback=lambda _consumer, ready=ready: ready.set(),
            )
            self.controllers[queue] = controller
            thread = threading.Thread(target=controller.start, name=f"celery-{queue}", daemon=True)
            thread.start()
            self._threads.append(thread)
            if not ready.wait(20):
                raise Busy(f"The worker of queue {queue} did not start; see the log above.")

    def stop(self) -> None:
        """Let both finish what they hold, for at most five seconds."""
        for controller in self.controllers.values():
            controller.stop(in_sighandler=False)
        for thread in self._threads:
            thread.join(5)


def serve(server: socket.socket, started: Any) -> None:
    """Run until told to stop (SIGINT, SIGTERM). `started()` is called once requests are answered."""
    import uvicorn

    from designer.asgi import application

    config = uvicorn.Config(
        application,
        loop="uvloop",
        http="httptools",
        ws="websockets-sansio",
        ws_max_size=65_536,
        lifespan="auto",
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=3,
        server_header=False,
    )

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            if not self.should_exit:
                await asyncio.to_thread(started)  # it reads the database

    workers = Workers()
    workers.start()
    try:
        Server(config).run(sockets=[server])
    finally:
        workers.stop()
