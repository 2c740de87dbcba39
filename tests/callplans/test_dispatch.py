"""Publishing: at most 300 ms whatever the broker does, and no error."""

from __future__ import annotations

import time
from uuid import uuid4

import pytest

from callplans import dispatch
from callplans.dispatch import PATIENCE, RUN_EFFECT, TAKE_TURN, Breaker, publish


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispatch, "broker", Breaker("the broker", seconds=0.2))


def test_messages_carry_ids_and_go_to_their_queue(monkeypatch: pytest.MonkeyPatch) -> None:
    sent = []
    monkeypatch.setattr(
        dispatch, "current_app", type("App", (), {"send_task": lambda self, *a, **k: sent.append((a, k))})()
    )
    turn, effect = uuid4(), uuid4()
    assert publish(TAKE_TURN, turn) and publish(RUN_EFFECT, effect, again=True)
    assert [(a[0], k["args"], k["queue"]) for a, k in sent] == [
        (TAKE_TURN, [str(turn), False], "turns"),
        (RUN_EFFECT, [str(effect), True], "effects"),
    ]


def test_a_broker_that_hangs_costs_300_ms_and_then_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispatch, "_send", lambda *_: time.sleep(4))
    monkeypatch.setattr(dispatch, "_threads", None)
    began = time.monotonic()
    assert publish(TAKE_TURN, uuid4()) is False
    assert PATIENCE <= time.monotonic() - began < 3  # not the four seconds of the broker
    publish(TAKE_TURN, uuid4())
    publish(TAKE_TURN, uuid4())
    began = time.monotonic()
    assert publish(TAKE_TURN, uuid4()) is False
    assert time.monotonic() - began < PATIENCE  # the breaker is open: it did not even try
    monkeypatch.setattr(dispatch, "_threads", None)


def test_the_breaker_lets_one_try_decide(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr(dispatch, "_send", refuse)
    assert [publish(TAKE_TURN, uuid4()) for _ in range(3)] == [False] * 3
    monkeypatch.setattr(dispatch, "_send", lambda *_: None)
    assert publish(TAKE_TURN, uuid4()) is False
    time.sleep(0.25)
    assert publish(TAKE_TURN, uuid4()) is True
    assert publish(TAKE_TURN, uuid4()) is True
