"""The turn's statements, by hand, in both dialects; no ORM on the turn's path.

`store()` is the one of this process, on the same database as Django's models. Shapes are in `rows`, the statements
both dialects share in `statements`, the others beside each other in `postgres` and `sqlite`.
"""

from __future__ import annotations

import os
import threading
from typing import Any

from django.db import connections

from callplans.store.base import Store, Unavailable
from callplans.store.rows import Claimed, Found, Move, NewCall, NewEffect, NewEvent, NewNote

__all__ = [
    "Claimed",
    "Found",
    "Move",
    "NewCall",
    "NewEffect",
    "NewEvent",
    "NewNote",
    "Store",
    "Unavailable",
    "reset",
    "store",
]

_lock = threading.Lock()
_open: dict[str, Store] = {}


def _after_fork() -> None:
    """A child must neither use its parent's connections nor wait for a lock that one of its threads held."""
    global _lock
    _lock = threading.Lock()
    _open.clear()


os.register_at_fork(after_in_child=_after_fork)


def store() -> Store:
    """The store on Django's default database. A forked child opens its own connections."""
    database = connections["default"].settings_dict
    key = str(database["NAME"])
    found = _open.get(key)
    if found is None:
        with _lock:
            found = _open.get(key)
            if found is None:
                found = _open[key] = make(database)
    return found


def make(database: dict[str, Any]) -> Store:
    """A store for a database described as in Django's DATABASES."""
    if database["ENGINE"].endswith("sqlite3"):
        from callplans.store.sqlite import SqliteStore

        return SqliteStore(str(database["NAME"]))
    from callplans.store.postgres import PostgresStore

    options = {k: v for k, v in database.get("OPTIONS", {}).items() if k not in ("pool", "isolation_level")}
    pool = database.get("OPTIONS", {}).get("pool")
    size = pool.get("max_size", 10) if isinstance(pool, dict) else 10
    named = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    return PostgresStore({**{k: database[v] for k, v in named.items() if database.get(v)}, **options}, size)


def reset() -> None:
    """Close what is open; the next `store()` opens anew. For tests, and for the end of a process."""
    with _lock:
        for found in _open.values():
            found.close()
        _open.clear()
