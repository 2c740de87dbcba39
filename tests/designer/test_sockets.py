"""Watching: who may, what they are sent, and that nothing is missed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from asgiref.testing import ApplicationCommunicator
from channels.layers import channel_layers
from django.contrib.auth.models import User
from django.db import OperationalError
from django.test import Client
from pytest_django import Settings

from callplans import calls, drafts
from callplans.engine.words import clean
from callplans.feed import feed
from callplans.models import Member
from callplans.store import NewEvent, store
from designer import sockets
from designer.asgi import application
from tests.callplans.people import op
from tests.callplans.rig import Phone, Rig, events_of, make_rig

pytestmark = pytest.mark.django_db(transaction=True)

ORIGIN = b"http://127.0.0.1:8000"


class Browser(ApplicationCommunicator):
    """One websocket, on the level of ASGI. (Channels' own needs a server that is not among our requirements.)"""

    def __init__(self, path: str, headers: list[tuple[bytes, bytes]]) -> None:
        scope = {"type": "websocket", "path": path, "query_string": b"", "headers": headers, "subprotocols": []}
        super().__init__(application, scope)

    async def connect(self) -> bool:
        """Whether it was let in."""
        await self.send_input({"type": "websocket.connect"})
        return (await self.receive_output(3))["type"] == "websocket.accept"

    async def send(self, message: Any) -> None:
        text = message if isinstance(message, str) else json.dumps(message)
        await self.send_input({"type": "websocket.receive", "text": text})

    async def told(self, topic: str, kind: str = "") -> dict[str, Any]:
        """The next message about this topic (of this kind)."""
        while True:
            output = await self.receive_output(3)
            assert output["type"] == "websocket.send", output
            message: dict[str, Any] = json.loads(output["text"])
            if message["topic"] == topic and kind in ("", message["type"]):
                return message

    async def watch(self, topic: str, after: Any = 0) -> dict[str, Any]:
        """Subscribe; the first answer about this topic."""
        await self.send({"type": "subscribe", "topic": topic, "after": after})
        return await self.told(topic)

    async def closed(self) -> int:
        """The code it is closed with."""
        while True:
            output = await self.receive_output(3)
            if output["type"] == "websocket.close":
                return int(output["code"])


@pytest.fixture
def rig(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Rig:
    settings.TURN_EXECUTION = "inline"
    return make_rig(monkeypatch)


@pytest.fixture(autouse=True)
async def attached() -> AsyncIterator[None]:
    channel_layers.backends.clear()
    feed.attach(asyncio.get_running_loop())
    yield
    channel_layers.backends.clear()


def cookie_of(user: User | None) -> bytes:
    if user is None:
        return b""
    client = Client()
    client.force_login(user)
    return f"sessionid={client.cookies['sessionid'].value}".encode()


@asynccontextmanager
async def socket(user: User | None, origin: bytes | None = ORIGIN) -> AsyncIterator[Browser]:
    headers = [(b"cookie", await asyncio.to_thread(cookie_of, user)), (b"host", b"127.0.0.1:8000")]
    if origin is not None:
        headers.append((b"origin", origin))
    one = Browser("/ws/", headers)
    try:
        yield one
    finally:
        if not one.future.done():
            await one.send_input({"type": "websocket.disconnect", "code": 1000})
        await one.wait(2)


def at_the_menu(rig: Rig) -> Phone:
    phone = rig.phone()
    phone.hears(phone.answer())
    told = phone.keys("1234")
    rig.hands.work()
    phone.hears(told)
    return phone


# ---- who ------------------------------------------------------------------------------------------------------------


async def test_signed_out_is_closed_with_4401(rig: Rig) -> None:
    async with socket(None) as one:
        assert await one.connect() is True
        assert await one.closed() == 4401


async def test_somebody_without_an_account_is_closed_with_4403(rig: Rig) -> None:
    nobody = await asyncio.to_thread(User.objects.create, username="nobody")
    async with socket(nobody) as one:
        assert await one.connect() is True
        assert await one.closed() == 4403


@pytest.mark.parametrize("origin", [None, b"http://evil.example", b"null"])
async def test_no_or_another_origin_is_not_let_in(rig: Rig, origin: bytes | None) -> None:
    async with socket(rig.people.owner, origin) as one:
        assert await one.connect() is False


async def test_another_path_is_closed(rig: Rig) -> None:
    one = Browser("/ws/other", [(b"origin", ORIGIN)])
    assert await one.connect() is False


@pytest.mark.parametrize("name", ["owner", "editor", "viewer"])
async def test_colleagues_see_a_call_and_values_by_their_role(rig: Rig, name: str) -> None:
    phone = await asyncio.to_thread(at_the_menu, rig)
    async with socket(getattr(rig.people, name)) as one:
        await one.connect()
        seen = await one.watch(f"call:{phone.call}")
    assert seen["type"] == "snapshot" and seen["seq"] == len(seen["events"])
    values = {source["name"]: source["value"] for source in seen["sources"]}
    assert values["Account"] == (None if name == "viewer" else "1234")
    assert values["Balance"] == (None if name == "viewer" else "82.40")
    assert {source["name"]: source["length"] for source in seen["sources"]}["Account"] == 4
    assert seen["waiting"]["what"] == "gather"


async def test_a_stranger_sees_nothing_and_learns_nothing(rig: Rig) -> None:
    phone = await asyncio.to_thread(at_the_menu, rig)
    plan = rig.version.plan_id
    async with socket(rig.people.stranger) as one:
        await one.connect()
        topics = (
            f"call:{phone.call}",
            f"plan:{plan}",
            "call:00000000-0000-0000-0000-000000000000",
            "call:x",
            "nonsense",
        )
        for topic in topics:
            assert await one.watch(topic) == {"type": "refused", "topic": topic, "code": "not_found"}
        listed = await one.watch("calls")
        assert listed["calls"] == []
        await asyncio.to_thread(phone.keys, "2")
        assert await one.receive_nothing(0.3)


async def test_a_member_who_was_removed_loses_the_stream(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sockets, "HEARTBEAT", 0.05)
    monkeypatch.setattr(sockets, "RECHECK", 0.1)
    phone = await asyncio.to_thread(at_the_menu, rig)
    async with socket(rig.people.viewer) as one:
        await one.connect()
        await one.watch(f"call:{phone.call}")
        await one.told(f"call:{phone.call}", "heartbeat")
        await asyncio.to_thread(Member.objects.filter(user=rig.people.viewer).delete)
        assert await one.closed() == 4403


async def test_signing_out_ends_the_stream(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sockets, "HEARTBEAT", 0.05)
    monkeypatch.setattr(sockets, "RECHECK", 0.05)
    async with socket(rig.people.owner) as one:
        await one.connect()
        await one.watch("calls")
        await asyncio.to_thread(User.objects.filter(pk=rig.people.owner.pk).update, is_active=False)
        assert await one.closed() == 4401


# ---- what -----------------------------------------------------------------------------------------------------------


async def test_events_follow_the_snapshot_without_gaps(rig: Rig) -> None:
    phone = await asyncio.to_thread(rig.phone)
    await asyncio.to_thread(phone.hears, await asyncio.to_thread(phone.answer))
    topic = f"call:{phone.call}"
    async with socket(rig.people.owner) as one:
        await one.connect()
        seen = await one.watch(topic)
        numbers = [event["no"] for event in seen["events"]]

        def on() -> None:
            for digits in ("1234", "1", "5678", "2"):
                told = phone.keys(digits)
                rig.hands.work()
                phone.hears(told)
            phone.hang_up()

        await asyncio.to_thread(on)
        last: dict[str, Any] = {}
        while last.get("event", {}).get("kind") != "leg":
            last = await one.told(topic, "event")
            numbers.append(last["seq"])
            assert last["event"]["no"] == last["seq"]
    assert numbers == list(range(1, numbers[-1] + 1))
    assert last["call"]["state"] == "ended" and last["sources"] == [] and last["waiting"] is None
    assert numbers[-1] == len(await asyncio.to_thread(events_of, phone.call))


async def test_with_after_only_what_is_newer_is_sent(rig: Rig) -> None:
    phone = await asyncio.to_thread(at_the_menu, rig)
    count = len(await asyncio.to_thread(events_of, phone.call))
    async with socket(rig.people.owner) as one:
        await one.connect()
        first = await one.watch(f"call:{phone.call}", after=count - 2)
        second = await one.told(f"call:{phone.call}")
    assert [first["type"], first["seq"], second["seq"]] == ["event", count - 1, count]
    assert second["waiting"]["what"] == "gather" and "waiting" not in first


async def test_a_lost_bell_costs_a_heartbeat_at_most(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sockets, "HEARTBEAT", 0.2)
    phone = await asyncio.to_thread(at_the_menu, rig)
    topic = f"call:{phone.call}"
    async with socket(rig.people.owner) as one:
        await one.connect()
        seen = await one.watch(topic)
        await asyncio.to_thread(store().append, phone.call, NewEvent(1.0, "hold", None, {}))  # nobody rings
        event = await one.told(topic, "event")
        beat = await one.told(topic, "heartbeat")
    assert (event["seq"], event["event"]["kind"]) == (seen["seq"] + 1, "hold")
    assert beat["seq"] == event["seq"]


async def test_a_burst_is_coalesced_and_complete(rig: Rig) -> None:
    phone = await asyncio.to_thread(at_the_menu, rig)
    topic = f"call:{phone.call}"

    def burst() -> None:
        for number in range(450):
            store().append(phone.call, NewEvent(1.0, "issue", None, {"code": str(number), "words": ""}))
            feed.call_moved(phone.call, rig.people.account.pk, None, 0)

    async with socket(rig.people.owner) as one:
        await one.connect()
        seen = await one.watch(topic)
        await asyncio.to_thread(burst)
        numbers = [(await one.told(topic, "event"))["seq"] for _ in range(450)]
    assert numbers == list(range(seen["seq"] + 1, seen["seq"] + 451))


async def test_the_list_of_calls_follows_calls(rig: Rig) -> None:
    async with socket(rig.people.viewer) as one:
        await one.connect()
        assert (await one.watch("calls"))["calls"] == []
        phone = await asyncio.to_thread(at_the_menu, rig)
        row = (await one.told("calls", "event"))["call"]
        assert (row["id"], row["state"], row["trial"]) == (str(phone.call), "live", True)
        await asyncio.to_thread(calls.end_call, phone.call, "olive")
        while row["state"] == "live":
            row = (await one.told("calls", "event"))["call"]
        assert row["end_reason"] == "stopped"
    async with socket(rig.people.stranger) as other:
        await other.connect()
        assert (await other.watch("calls"))["calls"] == []


async def test_a_draft_tells_its_revisions(rig: Rig) -> None:
    plan = rig.version.plan
    topic = f"plan:{plan.pk}"
    async with socket(rig.people.viewer) as one:
        await one.connect()
        seen = await one.watch(topic)
        assert seen["revision"] == 0
        batch = [op("set_plan", field="apology", value="Sorry.")]
        await asyncio.to_thread(drafts.apply, plan, rig.people.owner, 0, batch)
        assert (await one.told(topic, "event"))["revision"] == 1


async def test_unsubscribed_is_silent(rig: Rig) -> None:
    phone = await asyncio.to_thread(at_the_menu, rig)
    async with socket(rig.people.owner) as one:
        await one.connect()
        await one.watch(f"call:{phone.call}")
        await one.send({"type": "unsubscribe", "topic": f"call:{phone.call}"})
        await asyncio.sleep(0.1)
        await asyncio.to_thread(phone.keys, "2")
        assert await one.receive_nothing(0.3)


async def test_nonsense_is_refused_and_the_socket_lives_on(rig: Rig) -> None:
    async with socket(rig.people.owner) as one:
        await one.connect()
        for text in ("{", "[]", '"x"', '{"type":"subscribe"}', '{"type":"subscribe","topic":5}', "[" * 5000):
            await one.send(text)
            assert (await one.told("", "refused"))["code"] == "malformed"
        await one.send({"type": "dance", "topic": "calls"})
        assert (await one.told("calls"))["code"] == "malformed"
        assert (await one.watch("calls"))["type"] == "snapshot"


async def test_a_frame_over_64_kib_closes_the_socket(rig: Rig) -> None:
    async with socket(rig.people.owner) as one:
        await one.connect()
        await one.send('{"type":"subscribe","topic":"' + "x" * 65_536 + '"}')
        assert await one.closed() == 1009


async def test_topics_are_limited(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sockets, "MOST_TOPICS", 1)
    async with socket(rig.people.owner) as one:
        await one.connect()
        await one.watch("calls")
        assert (await one.watch(f"plan:{rig.version.plan_id}"))["code"] == "too_many"


@pytest.mark.parametrize("topic", ["\ud800", "call:\ud800", "\x00", "__proto__", "calls:", "call:", "plan:x"])
async def test_topics_that_are_none_are_refused_by_name(rig: Rig, topic: str) -> None:
    async with socket(rig.people.owner) as one:
        await one.connect()
        await one.send({"type": "subscribe", "topic": topic})
        refused = json.loads((await one.receive_output(3))["text"])
        assert (refused["type"], refused["code"]) == ("refused", "not_found")
        assert refused["topic"] == clean(topic)
        assert (await one.watch("calls"))["type"] == "snapshot"


async def test_a_topic_has_one_spelling(rig: Rig) -> None:
    plan = str(rig.version.plan_id)
    async with socket(rig.people.owner) as one:
        await one.connect()
        for spelt in (plan.upper(), f"{{{plan}}}", f"urn:uuid:{plan}", plan.replace("-", "")):
            assert (await one.watch(f"plan:{spelt}"))["code"] == "not_found"


@pytest.mark.parametrize("after", [-1, 2**31, 2**63, 10**30, 1.5, "1", True, None, [], {}])
async def test_an_after_that_no_event_has_gets_everything(rig: Rig, after: Any) -> None:
    phone = await asyncio.to_thread(at_the_menu, rig)
    async with socket(rig.people.owner) as one:
        await one.connect()
        assert (await one.watch(f"call:{phone.call}", after))["type"] == "snapshot"
        await asyncio.to_thread(phone.keys, "2")
        assert await one.told(f"call:{phone.call}", "event")


async def test_a_socket_that_cannot_read_is_closed_and_does_not_look_alive(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(*args: Any) -> None:
        raise OperationalError("server closed the connection")

    phone = await asyncio.to_thread(at_the_menu, rig)
    async with socket(rig.people.owner) as one:
        await one.connect()
        await one.watch(f"call:{phone.call}")
        monkeypatch.setattr(sockets.watching, "news", down)
        await asyncio.to_thread(phone.keys, "2")
        assert await one.closed() == 1011
    async with socket(rig.people.owner) as one:
        await one.connect()
        monkeypatch.setattr(sockets.watching, "snapshot", down)
        await one.send({"type": "subscribe", "topic": f"call:{phone.call}"})
        assert await one.closed() == 1011
