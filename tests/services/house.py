"""The product as in production: PostgreSQL, Redis, web and worker processes of their own, all of them ours to kill."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
import redis

from designer.sandbox.carrier import Account, Carrier, Moment, Script
from designer.sandbox.demo import DESTINATION
from tests.__main__ import REDIS
from tests.callplans.databases import create_postgres, drop_postgres, production
from tests.running import SECRET, free_port

ROOT = Path(__file__).resolve().parents[2]
OWN = ("DATABASE_URL", "REDIS_URL", "BROKER_URL", "PUBLIC_BASE_URL", "SECRET_KEY", "ENCRYPTION_KEYS", "VAR_DIR", "PORT")
PATIENCE = 40.0
OURS = "callplans:tests"
"""Marks a Redis database as taken by a run of these tests."""


def until(true: Callable[[], Any], what: str, patience: float = PATIENCE) -> Any:
    """Wait for it; what it gave."""
    deadline = time.monotonic() + patience
    while True:
        found = true()
        if found:
            return found
        assert time.monotonic() < deadline, f"not within {patience:.0f} s: {what}"
        time.sleep(0.05)


@dataclass
class Process:
    name: str
    popen: subprocess.Popen[bytes]
    log: Path

    def kill(self) -> None:
        """kill -9, the process and its children."""
        os.killpg(self.popen.pid, signal.SIGKILL)
        self.popen.wait(10)

    def stop(self) -> None:
        if self.popen.poll() is None:
            os.killpg(self.popen.pid, signal.SIGTERM)
            try:
                self.popen.wait(15)
            except subprocess.TimeoutExpired:
                self.kill()

    def tail(self) -> str:
        return self.log.read_text()[-3000:]


@dataclass
class House:
    """One database and one Redis database, with the demo account in it."""

    folder: Path
    database: str
    redis: str
    port: int
    running: list[Process] = field(default_factory=list)
    _account: Account | None = None

    # -- processes --

    def environment(self, **settings: str) -> dict[str, str]:
        keep = {name: value for name, value in os.environ.items() if name not in OWN}
        return {
            **keep,
            **production(self.database, self.redis),
            "PORT": str(self.port),
            "PUBLIC_BASE_URL": self.address,
            "SANDBOX": "1",
            "SANDBOX_ADDRESS": self.address,
            "VAR_DIR": str(self.folder),
            "PYTHONUNBUFFERED": "1",
            "TURN_EXECUTION": "celery",
            **settings,
        }

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, name: str, *command: str, **settings: str) -> Process:
        log = self.folder / f"{name}-{len(self.running)}.log"
        popen = subprocess.Popen(
            [sys.executable, *command], cwd=ROOT, env=self.environment(**settings), stdout=log.open("wb"),
            stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
        process = Process(name, popen, log)
        self.running.append(process)
        return process

    def web(self, port: int = 0, **settings: str) -> Process:
        port = port or self.port
        process = self.start(
            "web", "-m", "uvicorn", "designer.asgi:application", "--port", str(port), "--ws-max-size", "65536",
            "--no-access-log", **settings,
        )  # fmt: skip
        until(lambda: self._answers(port, process), f"the web process answers:\n{process.tail()}")
        return process

    def _answers(self, port: int, process: Process) -> bool:
        assert process.popen.poll() is None, process.tail()
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/signin", timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def turns(self, **settings: str) -> Process:
        return self._worker("turns", "-c", "1", **settings)

    def effects(self, **settings: str) -> Process:
        return self._worker("effects", "--pool", "threads", "-c", "8", **settings)

    def _worker(self, queue: str, *options: str, **settings: str) -> Process:
        process = self.start(
            queue, "-m", "celery", "-A", "designer.celery", "worker", "-Q", queue, "-n",
            f"{queue}-{len(self.running)}@%h", "--loglevel", "INFO", *options, **settings,
        )  # fmt: skip
        until(lambda: b"worker ready" in process.log.read_bytes(), f"the worker is ready:\n{process.tail()}")
        return process

    def stop(self) -> None:
        for process in self.running:
            process.stop()
        self.running.clear()
        client = redis.Redis.from_url(self.redis)
        client.flushdb()
        client.set(OURS, os.getpid(), ex=3600)

    def manage(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT, env=self.environment(), capture_output=True, text=True, timeout=120,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    # -- calls --

    @property
    def account(self) -> Account:
        if self._account is None:
            id, secrets = json.loads(self.manage("shell", "-v0", "-c", SECRET))
            self._account = Account(self.address, id, secrets["signature_secret"], secrets.get("api_key", ""))
        return self._account

    def carrier(self, *keys: str, watch: Callable[[Moment], None] = lambda moment: None, **script: Any) -> Carrier:
        return Carrier(self.account, DESTINATION, Script(list(keys), **script), watch)

    def rows(self, statement: str, *values: Any) -> list[Any]:
        with psycopg.connect(self.database, autocommit=True) as connection:
            return connection.execute(statement, values).fetchall()

    def clear(self) -> None:
        """Forget the calls so far."""
        self.rows_changed("TRUNCATE callplans_event, callplans_effect, callplans_turn, callplans_call")

    def rows_changed(self, statement: str) -> None:
        with psycopg.connect(self.database, autocommit=True) as connection:
            connection.execute(statement)

    def check(self) -> None:
        """The oracle, asked of the rows: numbers without gaps, every input heard once, nothing stuck."""
        until(
            lambda: (
                not self.rows("SELECT 1 FROM callplans_turn WHERE status IN ('new', 'waiting')")
                and not self.rows("SELECT 1 FROM callplans_call WHERE awaits <> '' OR ended_at IS NULL")
            ),
            "every call is over and nothing is stuck",
        )
        assert self.rows(
            "SELECT c.id FROM callplans_call c WHERE last_event <> (SELECT count(*) FROM callplans_event e"
            " WHERE e.call_id = c.id) OR last_event <> (SELECT coalesce(max(no), 0) FROM callplans_event e"
            " WHERE e.call_id = c.id)"
        ) == []  # fmt: skip
        twice = self.rows(
            "SELECT e.turn, count(*) FROM callplans_event e WHERE kind IN ('started', 'heard', 'hung_up')"
            " GROUP BY e.turn HAVING count(*) > 1 + (SELECT count(*) FROM callplans_effect f"
            " WHERE f.turn_id = e.turn AND f.awaited)"
        )
        assert twice == []


def free_redis() -> str:
    """A database of the Redis server that nobody uses."""
    parts = urlsplit(REDIS)
    for number in range(15, 3, -1):
        url = urlunsplit(parts._replace(path=f"/{number}"))
        client = redis.Redis.from_url(url)
        mark = client.get(OURS)
        if mark and not Path(f"/proc/{int(mark)}").exists():  # a run that was killed left it behind
            client.flushdb()
        if client.dbsize() == 0 and client.set(OURS, os.getpid(), nx=True):
            return url
    raise AssertionError("no database of the Redis server is empty")


def build(folder: Path) -> House:
    name = f"callplans_services_{os.getpid()}"
    house = House(folder, create_postgres(name), free_redis(), free_port())
    house.manage("migrate", "--noinput", "--verbosity", "0")
    house.manage("demo")
    return house


def take_down(house: House) -> None:
    house.stop()
    redis.Redis.from_url(house.redis).flushdb()
    drop_postgres(f"callplans_services_{os.getpid()}")
