"""Bells: rung from any thread, heard on the loop that waits; lost ones break nothing."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest
from channels.layers import channel_layers, get_channel_layer
from pytest_django import Settings

from callplans.feed import Feed, call_group, calls_group, channel, plan_group


@pytest.fixture
async def feed() -> AsyncIterator[Feed]:
    channel_layers.backends.clear()
    made = Feed()
    made.attach(asyncio.get_running_loop())
    yield made
    channel_layers.backends.clear()


async def test_a_bell_rung_on_another_thread_wakes_everyone_who_waits(feed: Feed) -> None:
    turn = uuid4()
    waiting = [feed.expect(turn), feed.expect(turn), feed.expect(uuid4())]
    threading.Thread(target=feed.ring, args=(turn,)).start()
    await asyncio.wait_for(asyncio.gather(*waiting[:2]), 1)
    assert not waiting[2].done()


async def test_a_bell_nobody_waits_for_is_no_error(feed: Feed) -> None:
    feed.ring(uuid4())
    turn = uuid4()
    future = feed.expect(turn)
    feed.release(turn, future)
    feed.release(turn, future)
    feed.ring(turn)
    await asyncio.sleep(0.05)
    assert not future.done() and not feed._waiting


async def test_ringing_costs_nothing_when_redis_is_down(feed: Feed, settings: Settings) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    turn = uuid4()
    future = feed.expect(turn)
    for _ in range(20):
        await asyncio.to_thread(feed.ring, turn)
    assert future.done() and feed._breaker.open()


async def hears(group: str) -> tuple[Any, str]:
    layer = get_channel_layer()
    name = await layer.new_channel()
    await layer.group_add(group, name)
    return layer, name


async def test_watchers_of_a_call_and_of_the_list_are_told_from_any_thread(feed: Feed) -> None:
    call, account, plan = uuid4(), uuid4(), uuid4()
    layer, one = await hears(call_group(call))
    _, listed = await hears(calls_group(account))
    _, drawn = await hears(plan_group(plan))
    threading.Thread(target=feed.call_moved, args=(call, account, plan, 7)).start()
    threading.Thread(target=feed.plan_changed, args=(plan, 3)).start()
    assert await asyncio.wait_for(layer.receive(one), 1) == {"type": "bell", "call": str(call), "seq": 7}
    assert (await asyncio.wait_for(layer.receive(listed), 1))["call"] == str(call)
    assert await asyncio.wait_for(layer.receive(drawn), 1) == {"type": "bell", "plan": str(plan), "seq": 3}


async def test_many_bells_for_the_same_watchers_become_few(feed: Feed) -> None:
    call, account = uuid4(), uuid4()
    layer, one = await hears(call_group(call))
    for number in range(200):
        feed.call_moved(call, account, None, number)
    assert (await asyncio.wait_for(layer.receive(one), 1))["seq"] == 199
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(layer.receive(one), 0.1)


async def test_bells_of_different_calls_of_one_account_are_all_rung(feed: Feed) -> None:
    account = uuid4()
    layer, listed = await hears(calls_group(account))
    ids = [uuid4() for _ in range(5)]
    for id in ids:
        feed.call_moved(id, account, None, 1)
    rung = {(await asyncio.wait_for(layer.receive(listed), 1))["call"] for _ in ids}
    assert rung == {str(id) for id in ids}


async def test_a_loop_that_ended_with_bells_unsent_silences_nobody(feed: Feed) -> None:
    gone = asyncio.new_event_loop()
    feed.attach(gone)
    call = uuid4()
    feed.call_moved(call, uuid4(), None, 1)  # to be sent by a loop that never runs
    gone.close()
    feed.attach(asyncio.get_running_loop())
    layer, one = await hears(call_group(call))
    feed.call_moved(call, uuid4(), None, 2)
    assert (await asyncio.wait_for(layer.receive(one), 1))["seq"] == 2


def test_a_process_without_a_loop_gets_one_for_its_bells() -> None:
    channel_layers.backends.clear()
    made = Feed()
    made.call_moved(uuid4(), uuid4(), None, 1)
    assert made._own is not None and made._own.is_running
    made._own.call_soon_threadsafe(made._own.stop)
    channel_layers.backends.clear()


def test_processes_on_other_redis_databases_ring_elsewhere(settings: Settings) -> None:
    names = set()
    for url in ("redis://h:6379/0", "redis://h:6379/3", "redis://h:6379"):
        settings.REDIS_URL = url
        names.add(channel())
    assert names == {"callplans:0:bell", "callplans:3:bell"}
