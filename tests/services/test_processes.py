"""The demo call over PostgreSQL, Redis and processes of their own; and what is left of it when one is killed."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import psycopg
import pytest

from designer.sandbox.carrier import CarrierError, Moment
from tests.running import free_port
from tests.services.house import House, until
from tests.stories.demo import NOT_WORKING, WELCOME

RECEIPT = "Thank you, your payment has been received. Your receipt number is"
GOODBYE = "Thank you for calling Harbour Water. Goodbye."


def attempts(house: House) -> int:
    """How often a turn was handed out again."""
    return int(house.rows("SELECT coalesce(sum(attempt), 0) FROM callplans_turn")[0][0])


# ---- whole calls ----------------------------------------------------------------------------------------------------


def test_workers_take_the_turns_of_a_whole_call(house: House) -> None:
    """Rescue is switched off: what was taken was taken by a worker."""
    house.web(RESCUE="0")
    house.turns(RESCUE="0")
    house.effects(RESCUE="0")
    said = house.carrier("44170921#", "1")
    said.play()
    assert said.said[0] == WELCOME and RECEIPT in said.said and said.said[-1] == GOODBYE
    house.check()
    assert attempts(house) == 0
    assert house.rows("SELECT count(*), sum(attempt) FROM callplans_effect")[0] == (3, 3)


def test_without_workers_and_rescue_nothing_is_taken(house: House) -> None:
    """The proof that the test above can fail."""
    house.web(RESCUE="0")
    caller = house.carrier("44170921#")
    with ThreadPoolExecutor(1) as pool:
        playing = pool.submit(caller.play)
        until(lambda: house.rows("SELECT 1 FROM callplans_event WHERE kind = 'hold'"), "the caller is held")
        assert house.rows("SELECT status FROM callplans_turn WHERE token = 'start'") == [("new",)]
        assert caller.said == []
        house.turns()
        house.effects()
        playing.result(60)
    assert caller.said[0] == WELCOME
    house.check()


def test_inline_the_web_process_takes_the_turns(house: House) -> None:
    """No worker of the queue `turns` runs at all; effects stay on Celery."""
    house.web(TURN_EXECUTION="inline", RESCUE="0")
    house.effects(TURN_EXECUTION="inline", RESCUE="0")
    caller = house.carrier("44170921#", "1")
    caller.play()
    assert RECEIPT in caller.said and caller.said[-1] == GOODBYE
    house.check()


def test_several_callers_at_once_in_both_ways_on_one_database(house: House) -> None:
    """Two web processes, one taking turns itself: both ways meet on the same tables."""
    second = free_port()
    house.web()
    house.web(second, TURN_EXECUTION="inline")
    house.turns()
    house.effects()
    callers = [house.carrier("44170921#", "1") for _ in range(6)]
    for caller in callers[::2]:
        caller.hooks = caller.hooks.replace(f":{house.port}/", f":{second}/")
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda caller: caller.play(), callers))
    assert all(RECEIPT in caller.said for caller in callers)
    house.check()
    assert house.rows("SELECT count(*) FROM callplans_call") == [(6,)]


# ---- killed ---------------------------------------------------------------------------------------------------------


@contextmanager
def takers_stall(house: House) -> Iterator[None]:
    """Every call's row is locked against moving on: whoever takes a turn stalls at its write, in mid-turn."""
    with psycopg.connect(house.database) as connection:
        connection.execute("SELECT 1 FROM callplans_call FOR NO KEY UPDATE")
        yield
        connection.rollback()


@pytest.mark.parametrize("rescue", ["1", "0"])
def test_a_worker_killed_in_mid_turn_costs_a_hold_and_not_the_call(house: House, rescue: str) -> None:
    house.web(RESCUE=rescue)
    turns = house.turns(RESCUE=rescue)
    house.effects(RESCUE=rescue)
    heard = threading.Event()

    def watch(moment: Moment) -> None:
        if moment.kind == "keyed" and moment.text.startswith("4417"):
            heard.set()

    caller = house.carrier("44170921#", "1", watch=watch)
    keyed = "SELECT 1 FROM callplans_turn WHERE status = 'new'"
    stalled = (
        "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        " AND strpos(query, 'UPDATE callplans_call SET seq') > 0"
    )
    with ThreadPoolExecutor(1) as pool:
        gate = threading.Event()
        caller._input = _gated(caller._input, gate)  # type: ignore[method-assign]  # waits for the lock
        playing = pool.submit(caller.play)
        until(lambda: house.rows("SELECT 1 FROM callplans_call WHERE seq = 1"), "the caller is asked for digits")
        with takers_stall(house):
            gate.set()
            assert heard.wait(10)
            until(lambda: house.rows(keyed) and house.rows(stalled), "the worker stalls at its write")
            turns.kill()
            # The database would finish a dead client's statement as soon as the lock is gone.
            house.rows(stalled.replace("SELECT 1", "SELECT pg_terminate_backend(pid)"))
            assert house.rows("SELECT seq FROM callplans_call") == [(1,)], "a dead taker leaves nothing"
        if rescue == "0":
            house.turns(RESCUE=rescue)
        playing.result(60)
    assert RECEIPT in caller.said and caller.said[-1] == GOODBYE
    house.check()


def _gated(work: Any, gate: threading.Event) -> Any:
    def gated(action: Any) -> Any:
        assert gate.wait(20)
        return work(action)

    return gated


@dataclass
class Stalling:
    """A payment system that takes the request and never answers."""

    posts: list[str] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)


@contextmanager
def stalling_service() -> Iterator[tuple[Stalling, str]]:
    state = Stalling()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            state.posts.append(self.headers["Idempotency-Key"])
            state.released.wait(60)
            self.close_connection = True

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield state, f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        state.released.set()
        server.shutdown()


def test_a_payment_request_that_had_begun_is_not_sent_again(house: House) -> None:
    with stalling_service() as (service, address):
        outside = {"SANDBOX": "0", "OUTGOING_ALLOW": f"billing.sandbox={house.address},pay.sandbox={address}"}
        house.web(OUTGOING_ALLOW=outside["OUTGOING_ALLOW"])
        house.turns(**outside)
        effects = house.effects(**outside)
        caller = house.carrier("44170921#", "1")
        with ThreadPoolExecutor(1) as pool:
            playing = pool.submit(caller.play)
            until(lambda: service.posts, "the payment request has gone out")
            effects.kill()
            house.effects(**outside)
            playing.result(60)
        assert NOT_WORKING in caller.said and RECEIPT not in caller.said
        house.check()
        time.sleep(3)  # a sweep or two more
        assert len(service.posts) == 1
        begun = house.rows("SELECT status, attempt FROM callplans_effect WHERE NOT repeatable ORDER BY made_at LIMIT 1")
        assert begun == [("lost", 1)]


def test_a_web_process_killed_while_it_holds_a_caller(house: House) -> None:
    """The provider asks again, and another process answers: the call goes on where it was."""
    second = free_port()
    first = house.web(second)
    house.web()
    house.turns()
    house.effects()
    caller = house.carrier("50000001#", "1")  # an account whose look up takes four seconds
    caller.hooks = caller.hooks.replace(f":{house.port}/", f":{second}/")
    caller.account = type(caller.account)(
        f"http://127.0.0.1:{second}", caller.account.connection, caller.account.secret, caller.account.api_key
    )
    killed = threading.Event()

    def watch(moment: Moment) -> None:
        if moment.kind == "keyed" and not killed.is_set():
            killed.set()
            threading.Timer(0.5, first.kill).start()

    caller.watch = watch
    with pytest.raises(CarrierError):
        caller.play()
    assert killed.is_set()
    asked = house.rows("SELECT c.id, t.token FROM callplans_call c JOIN callplans_turn t ON t.call_id = c.id"
                       " WHERE starts_with(t.token, '1.')")  # fmt: skip
    assert len(asked) == 1
    call, token = asked[0]
    until(lambda: house.rows("SELECT 1 FROM callplans_turn WHERE token = %s AND status = 'done'", token), "it got on")
    again = house.carrier()
    again.uuid, again.conversation = caller.uuid, caller.conversation
    url = f"{house.address}/hooks/vonage/{house.account.connection}/{call}/{token}"
    document = again.post(url, {"uuid": caller.uuid, "dtmf": {"digits": "50000001", "timed_out": False}})
    assert any(action["action"] == "input" for action in document)
    again._status("completed")
    house.check()


# ---- a broker that is down ------------------------------------------------------------------------------------------


def test_a_broker_that_is_down_costs_seconds_and_not_the_call(house: House) -> None:
    nowhere = {"REDIS_URL": "redis://127.0.0.1:1/0", "BROKER_URL": "redis://127.0.0.1:1/0"}
    house.web(**nowhere)
    caller = house.carrier("44170921#", "2")
    began = time.monotonic()
    caller.play()
    assert caller.said[0] == WELCOME and time.monotonic() - began < 40
    house.check()
    assert attempts(house) >= 1


# ---- watching -------------------------------------------------------------------------------------------------------

SESSION = """
import json
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model
user = get_user_model().objects.get(username="owner")
session = SessionStore()
session[SESSION_KEY] = str(user.pk)
session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
session[HASH_SESSION_KEY] = user.get_session_auth_hash()
session.save()
print(session.session_key)
"""


def test_a_call_taken_by_workers_is_watched_through_another_web_process(house: House) -> None:
    from websockets.sync.client import connect

    second = free_port()
    house.web()
    house.web(second)
    house.turns()
    house.effects()
    cookie = house.manage("shell", "-v0", "-c", SESSION).strip()
    numbers: list[int] = []
    with connect(
        f"ws://127.0.0.1:{second}/ws/", origin=house.address,  # type: ignore[arg-type]  # an Origin is text
        additional_headers={"Cookie": f"sessionid={cookie}"},
    ) as socket, ThreadPoolExecutor(1) as pool:  # fmt: skip
        socket.send(json.dumps({"type": "subscribe", "topic": "calls"}))
        assert json.loads(socket.recv(10))["calls"] == []
        playing = pool.submit(house.carrier("44170921#", "1").play)
        topic = f"call:{json.loads(socket.recv(20))['call']['id']}"
        socket.send(json.dumps({"type": "subscribe", "topic": topic}))
        ended = False
        while not ended:
            message = json.loads(socket.recv(20))
            if message["topic"] == topic and message["type"] == "snapshot":
                numbers += [event["no"] for event in message["events"]]
                ended = any(event["kind"] == "ended" for event in message["events"])
            elif message["topic"] == topic and message["type"] == "event":
                numbers.append(message["seq"])
                ended = message["event"]["kind"] == "ended"
        playing.result(30)
    assert numbers == list(range(1, numbers[-1] + 1))
    house.check()
