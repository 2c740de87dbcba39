"""Tokens, addresses, spacing of polls, and how long a wait may take."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from pytest_django import Settings

from callplans.engine.words import Dial, Drain, Fetch, Gather, Record, Sound, Wait
from callplans.waiting import SLACK, callback_due, heard_as, links_of, longest, poll_after, token_of
from tests.callplans.rows import call_record

CALL = UUID("00000000-0000-4000-8000-000000000001")


def test_tokens_are_made_from_call_and_sequence_and_nobody_else_can() -> None:
    made = token_of(CALL, 7)
    assert made.startswith("7.") and heard_as(CALL, made) == made
    assert heard_as(uuid4(), made) is None
    assert heard_as(CALL, "8" + made[1:]) is None
    assert heard_as(CALL, token_of(CALL, "start")) == "start"
    assert len({token_of(CALL, seq) for seq in range(100)}) == 100


@pytest.mark.parametrize(
    "token", ["", ".", "7", "7.", "start", "start.", "hangup", "effect:1", "٧.x", "7.\udcff", "7." + "A" * 90]
)
def test_what_is_no_token_of_ours_is_none(token: str) -> None:
    assert heard_as(CALL, token) is None


def test_tokens_change_with_the_installs_secret(settings: Settings) -> None:
    before = token_of(CALL, 1)
    settings.SECRET_KEY = "another secret of the install"
    assert token_of(CALL, 1) != before and heard_as(CALL, before) is None


def test_every_bit_of_a_token_counts() -> None:
    made = token_of(CALL, 3)
    for place in range(len(made)):
        for other in ("A", "b", "0", "."):
            if made[place] != other:
                assert heard_as(CALL, made[:place] + other + made[place + 1 :]) is None


def test_addresses_come_from_settings(settings: Settings) -> None:
    settings.PUBLIC_BASE_URL = "https://calls.example"
    call = call_record(id=CALL)
    links = links_of(call, "1.x", "0.y?heard=1&poll=0", 2.0)
    line = f"https://calls.example/hooks/browser/{call.line}"
    assert links.wait == f"{line}/{CALL}/1.x"
    assert links.again == f"{line}/{CALL}/0.y?heard=1&poll=0" and links.after == 2.0
    assert links.event == f"{line}/event"


def test_polls_are_spaced_1_1_2_2_3_3() -> None:
    assert [poll_after(poll) for poll in range(8)] == [1, 1, 2, 2, 3, 3, 3, 3]


@pytest.mark.parametrize(
    ("wait", "seconds"),
    [
        (Gather(most=8, first=5, between=3), 29.0),
        (Gather(prompts=[Sound(text="x" * 140)], most=1, first=5, between=3), 18.0),
        (Dial(to="+44", ring=30, talk=600), 630.0),
        (Dial(to="+44", ring=30), 30 + 4 * 3600.0),
        (Record(name="r", seconds=120), 120.0),
        (Drain(), 0.0),
        (Fetch(method="GET", url=["http://x"]), 0.0),
    ],
)  # fmt: skip
def test_how_long_a_wait_may_take(wait: Wait, seconds: float) -> None:
    assert longest(wait) == seconds


def test_a_callback_is_due_when_all_is_said_and_waited_for() -> None:
    said = [Sound(text="x" * 28), Sound(text=None, file="music.mp3", seconds=10), Gather(most=1, first=5, between=3)]
    assert callback_due(1000.0, said, said[-1]) == 1000 + 2 + 10 + 8 + SLACK


def test_an_agents_leg_in_a_page_that_was_closed_ends_by_itself() -> None:
    agent = Dial(to="+442079460001", ring=15)
    assert longest(agent) > 3600 > longest(agent, trial=True)
    payment = Dial(to="+441632960900", ring=15, talk=1200)
    assert longest(payment, trial=True) == longest(payment) == 1215
