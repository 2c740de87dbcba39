"""Telephony webhooks over ASGI: who is let in, what is answered, and when."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from django.db import DatabaseError, close_old_connections
from pytest_django import Settings

from callplans import calls, dispatch, errands
from callplans import lines as lines_module
from callplans.engine.words import Fetched
from callplans.feed import feed
from callplans.lines import lines
from callplans.models import Call, Connection, EventRow, Refusal, Turn
from callplans.store import Unavailable, store
from designer.hooks import hooks
from tests.callplans.rig import CALLER, NUMBER, Phone, Rig, check_call, make_rig

pytestmark = pytest.mark.django_db(transaction=True)

CARRY_ON = [{"do": "carry_on"}]


@dataclass
class Handset:
    """A browser phone over HTTP."""

    phone: Phone
    http: httpx.AsyncClient

    async def send(self, path: str, body: dict[str, Any], **headers: str) -> httpx.Response:
        hook = self.phone.hook(path, body)
        return await self.http.post(path, content=hook.body, headers={**hook.headers, **headers})

    async def answer(self) -> httpx.Response:
        return await self.send(
            f"/hooks/browser/{self.phone.line.id}/answer", {"from": CALLER, "to": "", "call": str(self.phone.call)}
        )

    async def event(self, status: str) -> httpx.Response:
        body = {"call": str(self.phone.call), "status": status, "by": "caller", "at": time.time()}
        return await self.send(f"/hooks/browser/{self.phone.line.id}/event", body)

    async def keys(self, url: str, digits: str) -> httpx.Response:
        return await self.send(url, {"input": "keys", "digits": digits, "ended_by": "full"})

    async def again(self, url: str) -> httpx.Response:
        return await self.send(url, {"input": "again"})


def said(reply: httpx.Response) -> list[str]:
    assert reply.status_code == 200, reply.text
    return [command["text"] for command in reply.json()["commands"] if command["do"] == "say"]


def last(reply: httpx.Response) -> dict[str, Any]:
    assert reply.status_code == 200, reply.text
    return dict(reply.json()["commands"][-1])


def error(reply: httpx.Response) -> tuple[int, str]:
    return reply.status_code, reply.json()["error"]["code"]


@pytest.fixture
def rig(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Rig:
    settings.TURN_EXECUTION = "celery"
    return make_rig(monkeypatch)


@pytest.fixture
def workers(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Workers that take what is published, on threads of their own; what they did."""
    done: list[str] = []

    def work(task: str, id: UUID) -> None:
        try:
            (calls.take if task == dispatch.TAKE_TURN else errands.carry_out)(id)
        finally:
            close_old_connections()

    def publish(task: str, id: UUID, again: bool = False) -> bool:
        done.append(task)
        threading.Thread(target=work, args=(task, id), daemon=True).start()
        return True

    monkeypatch.setattr(dispatch, "publish", publish)
    return done


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    feed.attach(asyncio.get_running_loop())
    transport = httpx.ASGITransport(app=hooks)  # type: ignore[arg-type]  # an ASGI application
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
        yield client


@pytest.fixture
def handset(rig: Rig, http: httpx.AsyncClient) -> Handset:
    return Handset(rig.phone(), http)


async def of_rows(work: Callable[[], Any]) -> Any:
    """What a query gives, asked for on a thread."""
    return await asyncio.to_thread(work)


# ---- a call ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("execution", ["celery", "inline"])
async def test_a_whole_call_over_http(handset: Handset, workers: list[str], settings: Settings, execution: str) -> None:
    settings.TURN_EXECUTION, settings.RESCUE = execution, False
    reply = await handset.answer()
    assert said(reply) == ["Welcome.", "Key four digits."]
    assert reply.json()["call"] == str(handset.phone.call)
    reply = await handset.keys(last(reply)["url"], "1234")
    assert said(reply)[0] == "Thank you. You paid 82.40."
    reply = await handset.keys(last(reply)["url"], "2")
    assert (said(reply), last(reply)["do"]) == (["Goodbye."], "hang_up")
    assert (await handset.event("completed")).json()["commands"] == CARRY_ON
    assert (dispatch.TAKE_TURN in workers) is (execution == "celery")
    await asyncio.to_thread(check_call, handset.phone.call)


async def test_a_turn_that_a_worker_takes_needs_no_rescue(handset: Handset, workers: list[str]) -> None:
    await handset.answer()
    assert await of_rows(lambda: Turn.objects.get(call=handset.phone.call).attempt) == 0


async def test_copies_at_the_same_instant_get_the_same_bytes(handset: Handset, workers: list[str]) -> None:
    replies = await asyncio.gather(*(handset.answer() for _ in range(6)))
    assert len({reply.content for reply in replies}) == 1
    url = last(replies[0])["url"]
    replies = await asyncio.gather(*(handset.keys(url, "1234") for _ in range(6)))
    assert len({reply.content for reply in replies}) == 1 and said(replies[0])
    assert await of_rows(Call.objects.count) == 1


# ---- who is let in --------------------------------------------------------------------------------------------------


async def test_forged_hooks_are_refused_and_only_counted(handset: Handset, workers: list[str]) -> None:
    path = f"/hooks/browser/{handset.phone.line.id}/answer"
    body = {"from": CALLER, "to": "", "call": str(handset.phone.call), "card": "4111111111111111"}
    for headers in ({"x-phone-signature": "0" * 64}, {"x-phone-signature": ""}):
        assert error(await handset.send(path, body, **headers)) == (403, "forbidden")
    assert await of_rows(lambda: list(Refusal.objects.values_list("reason", "count").order_by("reason"))) == [
        ("bad_signature", 1), ("unsigned", 1),
    ]  # fmt: skip
    assert not await of_rows(Call.objects.exists)


async def test_a_signature_counts_for_its_path_only(handset: Handset, workers: list[str]) -> None:
    line = handset.phone.line.id
    body = {"call": str(handset.phone.call), "status": "completed", "from": CALLER, "to": ""}
    hook = handset.phone.hook(f"/hooks/browser/{line}/event", body)
    reply = await handset.http.post(f"/hooks/browser/{line}/answer", content=hook.body, headers=hook.headers)
    assert error(reply) == (403, "forbidden")


async def test_an_adapter_that_breaks_is_answered_in_the_one_shape(
    handset: Handset, workers: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: Any) -> Any:
        raise OverflowError("inside")

    monkeypatch.setattr(type(handset.phone.line.adapter), "check", broken)
    assert error(await handset.answer()) == (500, "failed")
    assert await of_rows(Call.objects.count) == 0


async def test_guessed_tokens_are_refused_before_anything_is_written(handset: Handset, workers: list[str]) -> None:
    url = last(await handset.answer())["url"]
    good = url.split("/")[-1]
    for token in (
        "1.AAAAAAAAAAAAAAAAAAAAAA",
        good[:-1] + ("A" if good[-1] != "A" else "B"),
        "2" + good[1:],
        "x",
        "start",
    ):
        reply = await handset.keys(url.replace(good, token), "1234")
        assert error(reply) == (403, "forbidden"), token
    assert await of_rows(lambda: Refusal.objects.get(reason="forged_token").count) == 5
    assert await of_rows(lambda: Turn.objects.filter(call=handset.phone.call).count()) == 1
    assert said(await handset.keys(url, "1234"))


async def test_a_token_of_another_call_is_refused(rig: Rig, handset: Handset, workers: list[str]) -> None:
    mine = last(await handset.answer())["url"]
    other = Handset(await of_rows(rig.phone), handset.http)
    theirs = last(await other.answer())["url"]
    stolen = mine.replace(mine.split("/")[-1], theirs.split("/")[-1])
    assert error(await handset.keys(stolen, "1234")) == (403, "forbidden")
    foreign = theirs.replace(str(other.phone.line.id), str(handset.phone.line.id))
    assert error(await handset.keys(foreign, "1234")) == (403, "forbidden")


async def test_forged_ones_among_valid_ones_change_nothing_for_these(
    rig: Rig, http: httpx.AsyncClient, workers: list[str]
) -> None:
    handsets = [Handset(await of_rows(rig.phone), http) for _ in range(8)]

    async def forge(handset: Handset) -> int:
        reply = await handset.send(
            f"/hooks/browser/{handset.phone.line.id}/answer", {}, **{"x-phone-signature": "f" * 64}
        )
        return reply.status_code

    jobs = [job for handset in handsets for job in (forge(handset), handset.answer(), forge(handset))]
    results = await asyncio.gather(*jobs)
    assert results[0::3] == [403] * 8 and results[2::3] == [403] * 8
    for reply in results[1::3]:
        assert isinstance(reply, httpx.Response) and said(reply) == ["Welcome.", "Key four digits."]


async def test_unknown_connections_providers_paths_and_methods(handset: Handset, workers: list[str]) -> None:
    line = handset.phone.line.id
    for path, expected in (
        (f"/hooks/browser/{uuid4()}/answer", 403),
        (f"/hooks/vonage/{line}/answer", 403),
        (f"/hooks/nobody/{line}/answer", 403),
        ("/hooks/browser/not-an-id/answer", 404),
        (f"/hooks/browser/{line}/anything", 404),
        (f"/hooks/browser/{line}", 404),
        (f"/hooks/browser/{line}/x/y/z/w", 404),
    ):
        assert (await handset.send(path, {})).status_code == expected, path
    assert (await handset.http.put(f"/hooks/browser/{line}/answer")).status_code == 405


async def test_large_bodies_are_refused_unread(handset: Handset, workers: list[str]) -> None:
    path = f"/hooks/browser/{handset.phone.line.id}/answer"
    assert error(await handset.send(path, {"x": "y" * 65_536})) == (413, "too_large")

    async def drip() -> AsyncIterator[bytes]:
        for _ in range(80):
            yield b"z" * 1024

    assert (await handset.http.post(path, content=drip())).status_code == 413
    just = json.dumps({"x": ""})
    assert (await handset.send(path, {"x": "y" * (65_536 - len(just))})).status_code == 400  # fits; names no call


async def test_what_is_not_the_providers_language_is_malformed(handset: Handset, workers: list[str]) -> None:
    url = last(await handset.answer())["url"]
    assert error(await handset.send(url, {"input": "nonsense"})) == (400, "malformed")
    assert error(await handset.send(f"/hooks/browser/{handset.phone.line.id}/answer", {})) == (400, "malformed")
    assert (await handset.again(url + "?heard=x")).status_code == 400


async def test_a_connection_that_was_switched_off_is_refused(
    rig: Rig, http: httpx.AsyncClient, workers: list[str]
) -> None:
    connection = await of_rows(rig.vonage)
    await of_rows(lambda: Connection.objects.update(active=False))
    reply = await http.post(f"/hooks/vonage/{connection.pk}/answer", content=b"{}")
    assert reply.status_code == 403
    assert await of_rows(lambda: Refusal.objects.get().reason) == "inactive"


# ---- hold, polls, rescue --------------------------------------------------------------------------------------------


def slow(rig: Rig, seconds: float) -> None:
    def answer(fetch: Any) -> Fetched:
        time.sleep(seconds)
        return Fetched(at=time.time(), effect=fetch.n, status=200, values=["82.40" for _ in fetch.locate])

    rig.service.answer = answer


async def test_a_slow_service_is_held_for_after_two_seconds_then_polled(
    rig: Rig, handset: Handset, workers: list[str]
) -> None:
    url = last(await handset.answer())["url"]
    slow(rig, 1.6)  # twice: look up, then pay
    began = time.monotonic()
    reply = await handset.keys(url, "1234")
    waited = time.monotonic() - began
    assert last(reply)["do"] == "again" and said(reply) == [] and 1.9 < waited < 3.1
    assert last(reply)["after"] == 1.0 and last(reply)["url"].endswith("?heard=0&poll=0")
    turns = await of_rows(lambda: Turn.objects.filter(call=handset.phone.call).count())
    reply = await handset.again(last(reply)["url"])
    assert said(reply)[0] == "Thank you. You paid 82.40."
    assert await of_rows(lambda: Turn.objects.filter(call=handset.phone.call).count()) == turns  # polls are never heard
    copy = await handset.keys(url, "1234")
    assert copy.content == reply.content
    await asyncio.sleep(0.1)
    assert await of_rows(lambda: EventRow.objects.filter(call=handset.phone.call, kind="hold").count()) == 1


async def test_polls_are_spaced_and_end_with_the_failure_exit(
    rig: Rig, handset: Handset, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    """Nobody begins the effect, and rescue is off: after its deadline and two seconds the failure exit is taken."""
    settings.RESCUE = False
    monkeypatch.setattr(handset.phone.line.adapter, "hold_after", 0.05)
    monkeypatch.setattr(calls, "POLL_GRACE", 0.2)
    rig.hands.down = False

    def take_only(task: str, id: UUID, again: bool = False) -> bool:
        if task == dispatch.TAKE_TURN:
            threading.Thread(target=calls.take, args=(id,), daemon=True).start()
        return True

    monkeypatch.setattr(dispatch, "publish", take_only)
    monkeypatch.setattr("callplans.taking.SAFE_METHODS", ())
    url = last(await handset.send(f"/hooks/browser/{handset.phone.line.id}/answer",
                                  {"from": CALLER, "to": "", "call": str(handset.phone.call)}))["url"]  # fmt: skip
    while "start" in url:
        url = last(await handset.again(url))["url"]
    reply = await handset.keys(url, "1234")
    spacing = []
    while last(reply)["do"] == "again":
        spacing.append(last(reply)["after"])
        assert len(spacing) < 200
        if len(spacing) == 8:
            await of_rows(lambda: _make_old(handset.phone.call))
        reply = await handset.again(last(reply)["url"])
    assert spacing[:7] == [1.0, 1.0, 2.0, 2.0, 3.0, 3.0, 3.0]
    assert said(reply)[0] == "That did not work."


def _make_old(call: UUID) -> None:
    from callplans.models import EffectRow

    EffectRow.objects.filter(call=call).update(due_at=time.time() - 10)


async def test_a_turn_nobody_takes_is_rescued_after_a_second(rig: Rig, handset: Handset, settings: Settings) -> None:
    rig.hands.down = True
    began = time.monotonic()
    reply = await handset.answer()
    assert said(reply) == ["Welcome.", "Key four digits."]
    assert time.monotonic() - began > 0.9
    settings.RESCUE = False
    reply = await handset.keys(last(reply)["url"], "1234")
    assert last(reply)["do"] == "again"  # the switch is what rescued it


async def test_an_effect_nobody_begins_is_rescued_too(rig: Rig, handset: Handset) -> None:
    rig.hands.down = True
    reply = await handset.answer()
    reply = await handset.keys(last(reply)["url"], "1234")
    for _ in range(12):
        if last(reply)["do"] != "again":
            break
        await asyncio.sleep(0.5)
        reply = await handset.again(last(reply)["url"])
    assert said(reply)[0] == "Thank you. You paid 82.40."
    assert [method for method, _key in rig.service.sent] == ["GET", "POST"]


# ---- hanging up -----------------------------------------------------------------------------------------------------


async def test_hanging_up_races_keys(rig: Rig, http: httpx.AsyncClient, workers: list[str]) -> None:
    for _ in range(5):
        handset = Handset(await of_rows(rig.phone), http)
        url = last(await handset.answer())["url"]
        reply, over = await asyncio.gather(handset.keys(url, "1234"), handset.event("completed"))
        assert reply.status_code == over.status_code == 200
        for _ in range(100):
            if await of_rows(lambda handset=handset: Call.objects.get(pk=handset.phone.call).key) is None:
                break
            await asyncio.sleep(0.02)
        await asyncio.to_thread(check_call, handset.phone.call)


# ---- when the database is down --------------------------------------------------------------------------------------


def break_database(monkeypatch: pytest.MonkeyPatch) -> None:
    def down(*_: Any, **__: Any) -> Any:
        raise Unavailable("down")

    for name in ("read", "change", "write"):
        monkeypatch.setattr(type(store()), name, down)

    def no_rows(*_: Any) -> Any:
        raise DatabaseError("down")

    monkeypatch.setattr(lines_module, "_trial", no_rows)
    monkeypatch.setattr(lines_module, "_connection", no_rows)


async def test_the_fallback_document_is_in_memory_when_the_database_is_down(
    rig: Rig, handset: Handset, workers: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    url = last(await handset.answer())["url"]
    break_database(monkeypatch)
    for kept in lines._kept.values():
        kept.read_at -= 3600  # not even fresh
    for reply in (await handset.answer(), await handset.keys(url, "1234")):
        assert last(reply) == {"do": "hang_up", "reason": "unavailable"} and len(said(reply)) == 1
    assert (await handset.event("completed")).json()["commands"] == CARRY_ON
    forged = await handset.send(f"/hooks/browser/{handset.phone.line.id}/answer", {}, **{"x-phone-signature": "0" * 64})
    assert forged.status_code == 403  # judged all the same


async def test_a_process_that_never_saw_the_database_answers_503(
    handset: Handset, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines.forget()
    break_database(monkeypatch)
    assert error(await handset.answer()) == (503, "unavailable")


async def test_a_fault_of_ours_sends_the_fallback_document_too(
    handset: Handset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calls, "answer", lambda *_: 1 // 0)
    assert last(await handset.answer())["do"] == "hang_up"


async def test_the_connections_own_fallback_document(
    rig: Rig, http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    import hashlib

    import jwt

    connection = await of_rows(rig.vonage)
    await of_rows(lines.refresh)
    break_database(monkeypatch)
    body = json.dumps({"from": CALLER[1:], "to": NUMBER[1:], "uuid": "a" * 32}).encode()
    claims = {
        "iat": int(time.time()), "jti": "1", "iss": "Vonage", "payload_hash": hashlib.sha256(body).hexdigest(),
        "api_key": "", "application_id": "",
    }  # fmt: skip
    headers = {"authorization": "Bearer " + jwt.encode(claims, "s" * 32, algorithm="HS256")}
    reply = await http.post(f"/hooks/vonage/{connection.pk}/answer", content=body, headers=headers)
    assert (reply.status_code, reply.json()) == (200, [{"action": "talk", "text": "Sorry."}])
