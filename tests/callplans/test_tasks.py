"""The tasks on real workers of this process: with rescue switched off, what was taken was taken by a worker."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from pytest_django import Settings

from callplans import calls, dispatch, errands, tasks
from callplans.dispatch import Breaker
from callplans.models import Call, Turn
from designer.embedded import Workers
from tests.callplans.rig import Rig, check_call, make_rig

pytestmark = pytest.mark.django_db(transaction=True)

publish = dispatch.publish


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    made = Workers()
    made.start()
    yield made
    made.stop()


@pytest.fixture
def rig(workers: Workers, monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Rig:
    settings.TURN_EXECUTION, settings.RESCUE = "celery", False
    rig = make_rig(monkeypatch)
    monkeypatch.setattr(dispatch, "publish", publish)
    monkeypatch.setattr(dispatch, "broker", Breaker("the broker"))
    return rig


def until(true: Any) -> None:
    deadline = time.monotonic() + 10
    while not true():
        assert time.monotonic() < deadline, "nobody did it"
        time.sleep(0.02)


def test_workers_take_turns_and_effects_each_on_its_own_queue(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    where: dict[str, set[str]] = {"take": set(), "carry_out": set()}
    take, carry_out = calls.take, errands.carry_out

    def noted_take(*args: Any) -> bool:
        where["take"].add(threading.current_thread().name.rpartition("_")[0])
        return take(*args)

    def noted_carry_out(*args: Any) -> bool:
        where["carry_out"].add(threading.current_thread().name.rpartition("_")[0])
        return carry_out(*args)

    monkeypatch.setattr(calls, "take", noted_take)
    monkeypatch.setattr(errands, "carry_out", noted_carry_out)
    phone = rig.phone()
    told = phone.answer()
    assert told.publish and told.turn is not None
    publish(dispatch.TAKE_TURN, told.turn)
    until(lambda: phone.hears(told))
    assert phone.does() == "gather"
    told = phone.keys("1234")
    assert told.turn is not None
    publish(dispatch.TAKE_TURN, told.turn)
    until(lambda: phone.hears(told))
    assert phone.says()[0] == "Thank you. You paid 82.40."
    phone.hang_up()
    until(lambda: Call.objects.get(pk=phone.call).key is None)
    check_call(phone.call)
    assert threading.current_thread().name not in where["take"] | where["carry_out"]
    assert where["take"] and where["carry_out"] and not where["take"] & where["carry_out"]
    assert set(Turn.objects.filter(call=phone.call).values_list("attempt", flat=True)) == {0}


def test_a_message_that_is_delivered_again_counts_as_handed_out_again(monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[tuple[Any, bool]] = []
    monkeypatch.setattr(calls, "take", lambda turn, again: taken.append((turn, again)))
    turn = uuid4()

    class Request:
        delivery_info: dict[str, Any] | None = None

    class Self:
        request = Request()

    run = tasks.take_turn.__wrapped__.__func__
    run(Self, str(turn))
    run(Self, str(turn), True)
    Request.delivery_info = {"redelivered": True}
    run(Self, str(turn))
    assert taken == [(turn, False), (turn, True), (turn, True)]


def test_nonsense_on_the_queue_changes_nothing(rig: Rig) -> None:
    publish(dispatch.TAKE_TURN, uuid4())
    publish(dispatch.RUN_EFFECT, uuid4())
    phone = rig.phone()
    told = phone.answer()
    assert told.turn is not None
    publish(dispatch.TAKE_TURN, told.turn)
    until(lambda: phone.hears(told))
    assert Call.objects.count() == 1
