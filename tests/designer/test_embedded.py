"""The embedded install: its workers keep to their queues, and what stands in the way of starting is said plainly."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from celery import current_app, shared_task
from django.conf import settings

from designer.celery import transport_options
from designer.embedded import Busy, Workers, listen, only_one

taken: list[tuple[str, str]] = []
both = threading.Event()


@shared_task(name="tests.where")
def where(queue: str) -> None:
    taken.append((queue, threading.current_thread().name))
    if len(taken) == 2:
        both.set()


def test_each_worker_consumes_its_own_queue_only() -> None:
    workers = Workers()
    workers.start()
    try:
        queues = {
            name: [queue.name for queue in controller.consumer.task_consumer.queues]
            for name, controller in workers.controllers.items()
        }
        assert queues == {"turns": ["turns"], "effects": ["effects"]}
        # from another thread, as the publishing executor does: the default app must be found there too
        sender = threading.Thread(
            target=lambda: [current_app.send_task("tests.where", args=[q], queue=q) for q in ("turns", "effects")]
        )
        sender.start()
        sender.join()
        assert both.wait(10)
        assert len({thread.rpartition("_")[0] for _queue, thread in taken}) == 2, "one pool took both queues"
    finally:
        workers.stop()


def test_brokers_get_the_options_they_need() -> None:
    assert transport_options("memory://localhost")["polling_interval"] <= 0.01
    assert transport_options("redis://127.0.0.1/3")["visibility_timeout"] == 60
    assert transport_options("amqp://guest@127.0.0.1//") == {}


def test_a_taken_port_is_said_plainly() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(Busy, match=rf"Port {port} .*make run PORT={port + 1}"):
            listen("127.0.0.1", port)


def test_a_second_start_on_the_same_data_is_refused(tmp_path: Path) -> None:
    refused = pytest.raises(Busy, match=rf"already running .*process {os.getpid()}")
    with only_one(tmp_path), refused, only_one(tmp_path):
        pass
    with only_one(tmp_path):  # free again
        pass


def test_run_refuses_a_production_environment(tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "manage.py", "run"],
        cwd=settings.BASE_DIR, capture_output=True, text=True, timeout=60,
        env={
            **os.environ, "VAR_DIR": str(tmp_path), "DATABASE_URL": "postgresql://nobody@127.0.0.1/none",
            "SECRET_KEY": "x" * 50, "ENCRYPTION_KEYS": settings.ENCRYPTION_KEYS[0],
            "PUBLIC_BASE_URL": "https://calls.example.com",
        },
    )  # fmt: skip
    assert run.returncode == 1
    assert "make web" in run.stderr and "Traceback" not in run.stderr


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"PORT": "x"}, "PORT is 'x': write a whole number from 1 to 65535."),
        ({"PORT": "99999"}, "PORT is '99999'"),
        ({"RETENTION_TURNS_HOURS": "-1"}, "RETENTION_TURNS_HOURS is '-1'"),
        ({"EMBEDDED": "maybe"}, "EMBEDDED is 'maybe'"),
        ({"TURN_EXECUTION": "x"}, "write celery or inline"),
        ({"ENCRYPTION_KEYS": "abc"}, "key 1 is not 32 bytes"),
        ({"VAR_DIR": "/dev/null/x"}, "VAR_DIR is /dev/null/x, which cannot be made"),
    ],
)
def test_a_setting_that_makes_no_sense_is_told_in_one_line(tmp_path: Path, change: dict[str, str], words: str) -> None:
    run = subprocess.run(
        [sys.executable, "manage.py", "signin"],
        cwd=settings.BASE_DIR, capture_output=True, text=True, timeout=60,
        env={**os.environ, "VAR_DIR": str(tmp_path), **change},
    )  # fmt: skip
    assert run.returncode == 1
    assert words in run.stderr
    assert len(run.stderr.splitlines()) == 1


@pytest.mark.parametrize("port", [-1, 65_536, 10**9])
def test_a_port_that_is_none(port: int) -> None:
    with pytest.raises(Busy, match=r"ports go from 1 to 65535.*make run PORT=8000"):
        listen("127.0.0.1", port)
