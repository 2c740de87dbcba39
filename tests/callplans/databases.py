"""Databases for tests of hand-written statements: made empty, migrated by Django in a process of its own."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg

from tests.__main__ import POSTGRES, REQUIRED, in_reach

ROOT = Path(__file__).resolve().parents[2]
DIALECTS = ["sqlite", "postgres"] if in_reach(POSTGRES, 5432) or REQUIRED else ["sqlite"]


def migrate(environment: dict[str, str]) -> None:
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "--noinput", "--verbosity", "0", "--skip-checks"],
        cwd=ROOT, env={**os.environ, "TESTING": "1", **environment}, check=True, timeout=120,
    )  # fmt: skip


def named(url: str, name: str) -> str:
    """The same server, another database."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def create_postgres(name: str) -> str:
    """An empty database; its address."""
    with psycopg.connect(POSTGRES, autocommit=True) as admin:
        admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        admin.execute(f'CREATE DATABASE "{name}"')
    return named(POSTGRES, name)


def drop_postgres(name: str) -> None:
    with psycopg.connect(POSTGRES, autocommit=True) as admin:
        admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def production(url: str, redis: str = "") -> dict[str, str]:
    """Environment of a process on these services."""
    return {
        "DATABASE_URL": url,
        "REDIS_URL": redis,
        "EMBEDDED": "0",
        "SECRET_KEY": "not-a-secret-" * 4,
        "ENCRYPTION_KEYS": base64.b64encode(b"k" * 32).decode(),
        "PUBLIC_BASE_URL": "http://127.0.0.1:8000",
        "ALLOWED_HOSTS": "127.0.0.1,localhost",
    }
