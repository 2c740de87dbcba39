"""`manage.py dial`: what it says when it cannot call, and that it calls through the connection of the number."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from callplans.models import Connection, Destination
from designer.management.commands import dial
from designer.sandbox.carrier import Carrier, CarrierError, Moment
from designer.sandbox.demo import DESTINATION
from designer.sandbox.loading import load


@pytest.fixture
def demo(db: None) -> None:
    load()


@pytest.fixture
def played(monkeypatch: pytest.MonkeyPatch) -> list[Carrier]:
    """Calls that were placed; each says one word and ends."""
    calls: list[Carrier] = []

    def play(self: Carrier) -> list[Moment]:
        calls.append(self)
        self.watch(Moment("said", "Hello."))
        self.watch(Moment("ended", "the call ended"))
        return self.moments

    monkeypatch.setattr(dial.Carrier, "play", play)
    return calls


def test_it_calls_as_the_connections_provider_would(demo: None, played: list[Carrier]) -> None:
    out = StringIO()
    call_command(
        "dial", DESTINATION, "--keys", "44170921#,,hangup", "--payment", "declined,paid", "--agent", "busy",
        "--base-url", "http://127.0.0.1:9999", stdout=out,
    )  # fmt: skip
    (call,) = played
    connection = Connection.objects.get()
    assert call.account.base_url == "http://127.0.0.1:9999"
    assert call.account.connection == str(connection.pk)
    assert call.account.secret == connection.secrets["signature_secret"]
    assert call.script.keys == ["44170921#", "", "hangup"]
    assert call.script.payment == ["declined", "paid"]
    assert call.script.agent == "busy"
    assert call.parties == {"from": "447700900123", "to": DESTINATION[1:]}
    assert out.getvalue().splitlines() == [
        f"+447700900123 calls {DESTINATION}", "  plan     Hello.", "  end      the call ended",
    ]  # fmt: skip


def test_withheld(demo: None, played: list[Carrier]) -> None:
    call_command("dial", DESTINATION, "--clid", "withheld", stdout=StringIO())
    assert played[0].script.clid is None
    assert played[0].parties["from"] == "anonymous"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["+441632960101"], rf"No Vonage destination has the number \+441632960101. There are: \{DESTINATION}"),
        ([DESTINATION, "--payment", "maybe"], "--payment 'maybe' is not one of paid"),
        ([DESTINATION, "--keys", "44x"], "--keys '44x': a telephone has"),
        ([DESTINATION, "--clid", "0800"], "--clid '0800' is no number"),
        ([DESTINATION, "--agent", "asleep"], "invalid choice"),
    ],
)
def test_what_is_wrong_is_said_before_calling(
    arguments: list[str], words: str, demo: None, played: list[Carrier]
) -> None:
    with pytest.raises(CommandError, match=words):
        call_command("dial", *arguments)
    assert not played


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"active": False}, "switched off"),
        ({"secrets": {}}, "no signature secret"),
        ({"provider": "browser"}, "No Vonage destination"),
    ],
)
def test_connections_that_cannot_be_called(
    change: dict[str, Any], words: str, demo: None, played: list[Carrier]
) -> None:
    connection = Connection.objects.get()
    for name, value in change.items():
        setattr(connection, name, value)
    connection.save()
    with pytest.raises(CommandError, match=words):
        call_command("dial", DESTINATION)
    assert not played


def test_without_any_destination(db: None) -> None:
    assert not Destination.objects.exists()
    with pytest.raises(CommandError, match=r"`manage.py demo` loads one"):
        call_command("dial", DESTINATION)


def test_trouble_on_the_line_is_one_clear_sentence(demo: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def play(self: Carrier) -> None:
        raise CarrierError("Nothing answers at http://127.0.0.1:9999: is the server running?")

    monkeypatch.setattr(dial.Carrier, "play", play)
    with pytest.raises(CommandError, match="is the server running"):
        call_command("dial", DESTINATION, stdout=StringIO())
