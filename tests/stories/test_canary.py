"""A card number keyed where none belongs is found nowhere in the embedded install: not in its database, the log behind
it, its own log, its sockets, its API, its pages.

How it is known that the search can find, sink by sink:
- database and its write-ahead log, log, API and sockets of a call, console: the same calls with masking switched off
  leave the number there. Events hold no collected value even then; what is found is what was *said*.
- encrypted columns, pages of the file that are free again: the number is planted there.
- lists of calls and plans, the socket's list, the console's lists: they carry no text of a call, so a plan is given the
  number as its name.
- answers to what is refused: they carry nothing of what was asked; the number is planted in a copy.
The number keyed on the payment line's handset is found nowhere with masking off either: it never comes near a call.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from designer.sandbox.carrier import Account
from tests.running import Running, running_server
from tests.stories.canary import Canary, leaks, new_canary
from tests.stories.canary_call import Caller, Canaries, Onlooker, pages, play_all, refused
from tests.stories.canary_plan import NUMBER, echo_service, install

TEST_CARD = Canary("4111111111111111")  # pays on the handset
DATABASE = "callplans.sqlite3"
SEALED = {
    "callplans_call": ("state", "memo"),
    "callplans_turn": ("input", "parts"),
    "callplans_effect": ("request", "answer", "late_answer"),
}


@dataclass
class Seen:
    """A server that was called with card numbers, and everything it left, was told to show, or wrote."""

    folder: Path
    canaries: Canaries
    sinks: dict[str, bytes | str]
    renamed: dict[str, str]  # what lists showed while a plan had the number as its name


def manage(server: Running) -> Callable[..., str]:
    def run(*arguments: str) -> str:
        done = server.manage(*arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run


@contextmanager
def seen(folder: Path, masking: bool) -> Iterator[Seen]:
    """Start, call, look everywhere: while it runs, so that the write-ahead log is there, and when it has stopped."""
    canaries = Canaries(*(new_canary() for _ in range(6)))
    renamed: dict[str, str] = {}
    with (
        echo_service() as allowed,
        running_server(folder, OUTGOING_ALLOW=allowed, LOG_LEVEL="DEBUG", MASKING=str(int(masking))) as server,
    ):
        plan, version = install(manage(server))
        account = Account(server.address, *server.connection())
        onlooker = Onlooker(server.address, manage(server))
        try:
            play_all(account, onlooker, canaries)
            refused(account, onlooker, canaries.strange)
            pages(onlooker, plan, version)
            sinks: dict[str, bytes | str] = {**onlooker.sinks(), **files(folder)}
        finally:
            onlooker.close()
        if not masking:
            renamed = with_a_telling_name(server, account, plan, version, canaries.leg)
    sinks |= {f"{name}, stopped": data for name, data in files(folder).items()} if masking else {}
    sinks["log"] = "\n".join(server.lines)
    yield Seen(folder, canaries, sinks, renamed)


def with_a_telling_name(server: Running, account: Account, plan: str, version: str, canary: Canary) -> dict[str, str]:
    """What lists show when the number is in what they do show."""
    name = json.dumps({"name": f"Plan {canary.number}"})
    onlooker = Onlooker(server.address, manage(server))
    try:
        csrf = {"X-CSRFToken": onlooker.http.cookies["csrftoken"], "Origin": server.address}
        done = onlooker.http.patch(
            f"/api/v1/plans/{plan}", content=name, headers={"Content-Type": "application/json", **csrf}
        )
        assert done.status_code == 200, done.text
        Caller(account, onlooker, NUMBER, ["hangup"]).play()
        pages(onlooker, plan, version)
        return onlooker.sinks()
    finally:
        onlooker.close()


def files(folder: Path) -> dict[str, bytes]:
    """Every file of the folder, byte by byte: pages that are free again and frames of the log included."""
    found = {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert found[DATABASE].startswith(b"SQLite format 3")
    return found


@pytest.fixture(scope="module")
def masked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seen]:
    with seen(tmp_path_factory.mktemp("masked"), masking=True) as found:
        yield found


@pytest.fixture(scope="module")
def unmasked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seen]:
    with seen(tmp_path_factory.mktemp("unmasked"), masking=False) as found:
        yield found


def test_the_calls_went_where_the_number_hurts(masked: Seen) -> None:
    """The number was there to be found."""
    whole = "\n".join(masked.canaries.said["whole"])
    number = masked.canaries.whole.number
    assert number in whole and masked.canaries.whole.spaced in whole  # keyed, and given back by the web service
    assert " ".join(number) in whole  # spelled
    parts = "\n".join(masked.canaries.said["parts"])
    assert set(masked.canaries.parts.halves) <= set(re.findall(r"\d{8}", parts))
    assert masked.canaries.safe.number in "\n".join(masked.canaries.said["safe"])  # given back by the web service
    assert masked.canaries.said["again"].count("We do not know that account number.") == 2
    assert "Thank you, your payment has been received. Your receipt number is" in masked.canaries.said["leg"]
    assert len(masked.sinks["socket: call"]) > 20_000 and f"{DATABASE}-wal" in masked.sinks


def test_nowhere(masked: Seen) -> None:
    assert leaks(masked.canaries.all() | {"test card": TEST_CARD}, masked.sinks) == {}


def test_without_masking_it_is_found_where_calls_leave_text(unmasked: Seen) -> None:
    found = leaks(unmasked.canaries.all(), unmasked.sinks)
    database = "digits" in found.get(f"whole in {DATABASE}", []) + found.get(f"whole in {DATABASE}-wal", [])
    assert database
    for sink in ("api: call", "socket: call", "admin"):
        assert "digits" in found[f"whole in {sink}"], sink
        assert "halves" in found[f"parts in {sink}"], sink
        assert "digits" in found[f"safe in {sink}"], sink
    assert "halves" in found["again in socket: call"]
    assert "digits" in found["strange in log"]
    assert not [where for where in found if where.startswith("leg ")]


def test_it_is_found_in_lists_that_show_it(unmasked: Seen) -> None:
    found = leaks({"name": unmasked.canaries.leg}, unmasked.renamed)
    for sink in ("api: plans", "api: calls", "socket: calls", "admin: lists"):
        assert "digits" in found[f"name in {sink}"], sink


@pytest.mark.parametrize(("table", "column"), [(table, column) for table, names in SEALED.items() for column in names])
def test_it_is_found_in_an_encrypted_column(table: str, column: str, unmasked: Seen) -> None:
    """Planted there in the clear: in the write-ahead log, and in the database's file."""
    canary = new_canary()
    with closing(sqlite3.connect(unmasked.folder / DATABASE, timeout=10)) as database:
        database.execute(f"UPDATE {table} SET {column} = ?", (f'{{"digits": "{canary.number}"}}',))
        database.commit()
        assert "digits" in canary.found_in(files(unmasked.folder)[f"{DATABASE}-wal"])
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert "digits" in canary.found_in(files(unmasked.folder)[DATABASE])


@pytest.mark.parametrize("overwritten", [False, True])
def test_it_is_found_in_pages_that_are_free_again(overwritten: bool, unmasked: Seen) -> None:
    """Deleted, it stays in the file; unless what is deleted is overwritten, as the product has it."""
    canary = new_canary()
    with closing(sqlite3.connect(unmasked.folder / DATABASE, timeout=10, isolation_level=None)) as database:
        database.execute(f"PRAGMA secure_delete={'ON' if overwritten else 'OFF'}")
        database.execute("CREATE TABLE planted (text)")
        database.execute("INSERT INTO planted VALUES (?)", (canary.number * 1000,))
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        assert "digits" in canary.found_in(files(unmasked.folder)[DATABASE])
        database.execute("DROP TABLE planted")
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert ("digits" in canary.found_in(files(unmasked.folder)[DATABASE])) is not overwritten
    init = str(settings.DATABASES["default"]["OPTIONS"].get("init_command", ""))
    assert "secure_delete=ON" in init or connection.vendor != "sqlite"


def test_planted_in_answers_that_carry_nothing(masked: Seen) -> None:
    for sink in ("refusals", "error pages"):
        text = masked.sinks[sink]
        assert isinstance(text, str) and len(text) > 500
        assert new_canary().found_in(text) == []
        canary = new_canary()
        assert canary.found_in(text[:200] + canary.spaced + text[200:]) == ["digits", "halves"]
