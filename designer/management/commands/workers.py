"""`manage.py workers`: one worker per queue as child processes, ended together. For one machine; on several, start
`celery -A designer.celery worker -Q turns` and `-Q effects` where they belong."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = "Start a worker for each queue (needs PostgreSQL and Redis)."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--turns", type=int, default=0, help="processes for turns; default: one per core")
        parser.add_argument("--effects", type=int, default=64, help="threads for effects")

    def handle(self, *args: Any, turns: int, effects: int, **options: Any) -> None:
        if settings.EMBEDDED:
            raise CommandError(
                "Workers of their own need DATABASE_URL and REDIS_URL; without them `make run` has its workers inside."
            )
        common = [sys.executable, "-m", "celery", "-A", "designer.celery", "worker", "--loglevel", "INFO"]
        children = [
            subprocess.Popen([*common, "-Q", "turns", "-n", "turns@%h", *(["-c", str(turns)] if turns else [])]),
            subprocess.Popen([*common, "-Q", "effects", "-n", "effects@%h", "--pool", "threads", "-c", str(effects)]),
        ]

        def end(*_: Any) -> None:
            for child in children:
                child.terminate()

        signal.signal(signal.SIGTERM, end)
        signal.signal(signal.SIGINT, end)
        while all(child.poll() is None for child in children):
            time.sleep(0.5)
        end()
        codes = [child.wait() for child in children]
        if any(code > 0 for code in codes):
            raise CommandError("A worker ended; its log is above.")
