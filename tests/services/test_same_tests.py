"""The tests of the runtime once more, each file in a process of its own, on PostgreSQL and Redis instead of SQLite."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import redis

from tests.__main__ import POSTGRES
from tests.callplans.databases import drop_postgres, named, production
from tests.services.house import OWN, free_redis

ROOT = Path(__file__).resolve().parents[2]
FILES = {
    "tests/callplans/test_calls.py": 55,
    "tests/callplans/test_calls_under_attack.py": 4,
    "tests/callplans/test_sweeper.py": 15,
    "tests/designer/test_hooks.py": 20,
}
"""File -> the least number of tests it must bring."""


@pytest.mark.parametrize("file", FILES)
def test_on_postgresql_and_redis(services: None, file: str, tmp_path: Path) -> None:
    name = f"callplans_same_{os.getpid()}"
    keep = {key: value for key, value in os.environ.items() if key not in OWN}
    own_redis = free_redis()
    environment = {
        **keep, **production(named(POSTGRES, name), own_redis), "TESTING": "1", "VAR_DIR": str(tmp_path),
        "BROKER_URL": "memory://", "DATABASE_POOL": "30",  # the tests' own threads keep theirs
    }  # fmt: skip
    try:
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", file],
            cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300,
        )  # fmt: skip
    finally:
        redis.Redis.from_url(own_redis).flushdb()
        drop_postgres(f"test_{name}")
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    passed = re.search(r"(\d+) passed", done.stdout)
    assert passed and int(passed[1]) >= FILES[file], done.stdout[-500:]
    assert "skipped" not in done.stdout
