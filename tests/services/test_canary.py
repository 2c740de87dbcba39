"""The card numbers of tests/stories/test_canary.py again over PostgreSQL, Redis and processes of their own: found in no
table, no file of the database, no write-ahead log, no message of the broker, no process's log.

With masking off the calls leave the number in what is said: events (dump, files, write-ahead log), API, sockets,
console. Messages of the broker and encrypted columns carry no text; the number is planted there. A worker's log gets
it by a message that no worker knows, which the worker prints in full.
"""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import psycopg
import redis
from celery import Celery

from tests.services.house import House, until
from tests.stories.canary import Canary, leaks, new_canary
from tests.stories.canary_call import Canaries, Onlooker, pages, play_all, refused
from tests.stories.canary_plan import echo_service, install

SEALED = {
    "callplans_call": ("state", "memo"),
    "callplans_turn": ("input", "parts"),
    "callplans_effect": ("request", "answer", "late_answer"),
}


@dataclass
class Monitor:
    """Every command the Redis server is given, as it passes: what the broker and the channel layer carry."""

    url: str
    lines: list[bytes] = field(default_factory=list)

    @contextmanager
    def listening(self) -> Iterator[Monitor]:
        """From here to the end."""
        client = redis.Redis.from_url(self.url)
        connection = client.connection_pool.get_connection()
        connection.send_command("MONITOR")
        assert connection.read_response() == b"OK"
        over = threading.Event()

        def listen() -> None:
            while not over.is_set():
                if connection.can_read(timeout=0.2):
                    self.lines.append(connection.read_response())

        thread = threading.Thread(target=listen, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            over.set()
            thread.join(5)
            connection.disconnect()
            client.close()

    @property
    def data(self) -> bytes:
        return b"\n".join(self.lines)


def dump(house: House) -> bytes:
    """Everything as `pg_dump` writes it."""
    return subprocess.run(["pg_dump", "--dbname", house.database], capture_output=True, check=True, timeout=60).stdout


def relations(house: House) -> bytes:
    """The database's files, byte by byte: rows that are dead, and pages that are free again, included."""
    house.rows_changed("CHECKPOINT")
    with psycopg.connect(house.database, autocommit=True) as connection:
        rows = connection.execute(
            "SELECT pg_read_binary_file(f.folder || '/' || name) FROM"
            " (SELECT 'base/' || oid AS folder FROM pg_database WHERE datname = current_database()) f,"
            " LATERAL pg_ls_dir(f.folder) AS name WHERE name ~ '^[0-9]+(\\.[0-9]+)?$'"
        ).fetchall()
    return b"".join(bytes(row[0]) for row in rows)


def position(house: House) -> str:
    """Where the write-ahead log ends now."""
    return str(house.rows("SELECT pg_current_wal_insert_lsn()::text")[0][0])


def written_since(house: House, start: str) -> bytes:
    """The write-ahead log from there on, as it lies in its files."""
    with psycopg.connect(house.database, autocommit=True) as connection:
        connection.execute("SELECT pg_switch_wal()")  # so that the last page is on disk
        names = connection.execute(
            "SELECT name FROM pg_ls_waldir() WHERE name >= pg_walfile_name(%s::pg_lsn) AND name ~ '^[0-9A-F]{24}$'"
            " AND name <= pg_walfile_name(pg_current_wal_insert_lsn()) ORDER BY name",
            (start,),
        ).fetchall()
        read = "SELECT pg_read_binary_file('pg_wal/' || %s)"
        return b"".join(bytes(connection.execute(read, name).fetchone()[0]) for name in names)  # type: ignore[index]


@dataclass
class Seen:
    """What calls with card numbers left: `planted` went into a message that is none of the product's."""

    canaries: Canaries
    planted: Canary
    sinks: dict[str, bytes | str]
    broker_planted: bytes
    start: str


def look(house: House, masking: bool) -> Seen:
    """The house with all its processes, called with card numbers, and everything it left."""
    canaries, planted = Canaries(*(new_canary() for _ in range(6))), new_canary()
    plan, version = install(house.manage)
    start = position(house)
    with echo_service() as allowed, Monitor(house.redis).listening() as monitor:
        settings = {"OUTGOING_ALLOW": allowed, "LOG_LEVEL": "DEBUG", "MASKING": str(int(masking)), "TESTING": "1"}
        for start_one in (house.web, house.turns, house.effects):
            start_one(RESCUE="0", **settings)
        onlooker = Onlooker(house.address, house.manage)
        try:
            play_all(house.account, onlooker, canaries)
            refused(house.account, onlooker, canaries.strange)
            pages(onlooker, plan, version)
        finally:
            onlooker.close()
        house.check()
        sinks: dict[str, bytes | str] = {
            **onlooker.sinks(),
            "dump": dump(house),
            "files": relations(house),
            "write-ahead log": written_since(house, start),
            "broker": monitor.data,
        }
        unknown(house, planted)
        broker_planted = monitor.data
    for process in house.running:
        sinks[f"log of {process.name}"] = process.log.read_bytes()
    return Seen(canaries, planted, sinks, broker_planted, start)


def unknown(house: House, canary: Canary) -> None:
    """A message to each queue that no worker knows: the worker prints it, arguments included."""
    with Celery(broker=house.redis, set_as_current=False) as app:
        for process in house.running[1:]:
            app.send_task("tests.unknown", args=[canary.number], queue=process.name)
    for process in house.running[1:]:
        until(lambda log=process.log: b"tests.unknown" in log.read_bytes(), f"{process.name} tells of it")


def test_nowhere_and_the_search_can_find(house: House) -> None:
    seen = look(house, masking=True)
    assert seen.canaries.whole.number in "\n".join(seen.canaries.said["whole"])
    assert leaks(seen.canaries.all() | {"planted": seen.planted}, seen.sinks) == {}
    # The broker was listened to: it carried the ids of turns, and what is planted there is found.
    assert b"callplans.take_turn" in seen.sinks["broker"] and b"callplans.run_effect" in seen.sinks["broker"]  # type: ignore[operator]  # bytes
    assert "base64" in seen.planted.found_in(seen.broker_planted)
    # So is what is planted in an encrypted column, in each place where the database keeps it.
    canaries = {}
    for table, columns in SEALED.items():
        for column in columns:
            canaries[f"{table}.{column}"] = canary = new_canary()
            house.rows_changed(f'UPDATE {table} SET {column} = \'{{"digits": "{canary.number}"}}\'')
    for sink in (dump(house), relations(house), written_since(house, seen.start)):
        assert [name for name, canary in canaries.items() if "digits" not in canary.found_in(sink)] == []
    house.clear()


def test_without_masking_it_is_found_where_calls_leave_text(house: House) -> None:
    seen = look(house, masking=False)
    found = leaks(seen.canaries.all() | {"planted": seen.planted}, seen.sinks)
    for sink in ("dump", "files", "write-ahead log", "api: call", "socket: call", "admin"):
        assert "digits" in found[f"whole in {sink}"], sink
        assert "halves" in found[f"parts in {sink}"], sink
    assert "digits" in found["strange in log of web"]
    for queue in ("turns", "effects"):
        assert "digits" in found[f"planted in log of {queue}"], queue
    assert [where for where in found if where.startswith("leg ") or where.endswith(" broker")] == []
