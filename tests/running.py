"""A real server for tests: `manage.py run` in an empty folder, as a newcomer starts it, on a port of its own."""

from __future__ import annotations

import json
import os
import re
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
SECRET = """
import json
from callplans.models import Connection
connection = Connection.objects.get()
print(json.dumps([str(connection.pk), connection.secrets]))
"""


@dataclass
class Running:
    """The server: its address, its folder, its environment, and what it has printed."""

    address: str
    folder: Path
    env: dict[str, str]
    lines: list[str] = field(default_factory=list)
    process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Start it, again after `kill`: on the same port, with the data that is there."""
        before = len(self.lines)
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "run", "--port", self.env["PORT"]],
            cwd=ROOT, env=self.env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        threading.Thread(target=self._listen, args=[self.process], daemon=True).start()
        until = time.monotonic() + 90
        while not any("Sign in" in line for line in self.lines[before:]):
            assert self.process.poll() is None and time.monotonic() < until, "\n".join(
                ["the server did not start:", *self.lines[before:]]
            )
            time.sleep(0.1)

    def _listen(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout
        with process.stdout:
            self.lines.extend(line.rstrip() for line in process.stdout)

    def kill(self) -> None:
        """End it as a power cut would."""
        assert self.process
        self.process.kill()
        self.process.wait(10)

    def stop(self) -> None:
        assert self.process
        self.process.terminate()
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.kill()

    def link(self, user: str = "owner") -> str:
        """A new sign-in link of this person."""
        made = self.manage("signin", user)
        found = re.search(r"http://\S+/signin/\S+", made.stdout)
        assert found, made.stdout + made.stderr
        return found[0]

    def manage(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A management command beside the server, in its environment."""
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.env,
            capture_output=True,
            text=True,
            timeout=120,
        )

    def connection(self) -> tuple[str, str]:
        """The demo connection: its id, and the secret that its webhooks are signed with."""
        id, secrets = json.loads(self.manage("shell", "-v0", "-c", SECRET).stdout)
        return id, secrets["signature_secret"]

    def rows(self, statement: str, *values: Any) -> list[Any]:
        """What a SELECT finds in the server's database."""
        with closing(sqlite3.connect(f"file:{self.folder}/callplans.sqlite3?mode=ro", uri=True, timeout=5)) as database:
            return database.execute(statement, values).fetchall()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running_server(folder: Path, **settings: str) -> Iterator[Running]:
    """Start it with these settings on top of the embedded default; stop it at the end."""
    port = free_port()
    foreign = ("DATABASE_URL", "REDIS_URL", "BROKER_URL", "PUBLIC_BASE_URL", "SECRET_KEY", "ENCRYPTION_KEYS")
    keep = {name: value for name, value in os.environ.items() if name not in foreign}
    env = {**keep, "PORT": str(port), "VAR_DIR": str(folder), "PYTHONUNBUFFERED": "1", **settings}
    running = Running(f"http://127.0.0.1:{port}", folder, env)
    try:
        running.start()
        yield running
    finally:
        running.stop()
