"""A running product for tests of the runtime: a plan on a line, phones that call it, and hands instead of Celery.

`Hands` keeps what was published; a test decides who does it, when, and how often. `Phone` speaks the browser phone's
language to `callplans.calls`, on the level below HTTP.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from django.conf import settings

from callplans import calls, dispatch, drafts, effects, errands
from callplans.editing import Drawing
from callplans.engine.adapter import Hook
from callplans.engine.words import Fetch, Fetched
from callplans.engine.words import effects as effect_json
from callplans.lines import Line, lines
from callplans.models import Call, Connection, Destination, EffectRow, EventRow, Mapping, PlanVersion, Turn
from callplans.store import store
from callplans.waiting import Asked, heard_as
from tests.callplans.people import People, applet, make_people, menu, say

NUMBER = "+441632960100"
CALLER = "+447700900123"


@dataclass
class Hands:
    """Stands for the broker. `lost`: how many messages are dropped; else they are kept, in order."""

    turns: list[UUID] = field(default_factory=list)
    effects: list[UUID] = field(default_factory=list)
    down: bool = False

    def publish(self, task: str, id: UUID, again: bool = False) -> bool:
        if self.down:
            return False
        (self.turns if task == dispatch.TAKE_TURN else self.effects).append(id)
        return True

    def work(self) -> int:
        """Do all there is, and what it leads to; how many things were done."""
        done = 0
        while self.turns or self.effects:
            done += 1
            if self.turns:
                calls.take(self.turns.pop(0))
            else:
                errands.carry_out(self.effects.pop(0))
        return done


@dataclass
class Service:
    """The customer's web service. `answers`: what it gives, by label; `sent`: the keys of requests that went out."""

    sent: list[tuple[str, str]] = field(default_factory=list)
    answer: Callable[[Fetch], Fetched] | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def run(
        self, effect: dict[str, Any], secret: Any, sealed: Any, deadline: float, *, idempotency_key: str = ""
    ) -> Fetched:
        fetch = effect_json.validate_python(effect)
        if time.time() >= deadline:
            return Fetched(at=time.time(), effect=fetch.n, error="timeout")
        with self.lock:
            self.sent.append((fetch.method, idempotency_key))
        if self.answer is not None:
            return self.answer(fetch)
        return Fetched(at=time.time(), effect=fetch.n, status=200, values=["82.40" for _ in fetch.locate])


def drawing(seconds: float = 5) -> Drawing:
    """Welcome; asks for four digits; looks them up (GET); pays (POST); says so; a menu: 1 again, 2 ends. When the
    caller hangs up, a report is posted."""
    welcome = say("Welcome.", name="Welcome")
    ask = applet(
        "collect_input", "Account", prompt={"file": "", "text": "Key four digits."}, most=4, to_source=True,
        source="Account", max_no_input=2, first_seconds=15,
    )  # fmt: skip
    look_up = connector("Look up", "GET", "https://service.example/accounts/$(Account)", "Balance", seconds)
    pay = connector("Pay", "POST", "https://service.example/pay", "Receipt", seconds)
    paid = say("Thank you. You paid $(Balance).", name="Paid")
    sorry = say("That did not work.", name="Sorry")
    more = menu("1", "2", name="More")
    goodbye = say("Goodbye.", name="Goodbye")
    report = connector("Report", "POST", "https://service.example/report", "Reported", seconds)
    placed = [welcome, ask, look_up, pay, paid, sorry, more, goodbye, report]
    wires: dict[tuple[str, str], str | None] = {
        (welcome["key"], "next"): ask["key"],
        (ask["key"], "next"): look_up["key"],
        (ask["key"], "no_input"): goodbye["key"],
        (look_up["key"], "success"): pay["key"],
        (look_up["key"], "interface_failure"): sorry["key"],
        (pay["key"], "success"): paid["key"],
        (pay["key"], "interface_failure"): sorry["key"],
        (paid["key"], "next"): more["key"],
        (sorry["key"], "next"): more["key"],
        (more["key"], "key:1"): ask["key"],
        (more["key"], "key:2"): goodbye["key"],
        (more["key"], "no_input"): goodbye["key"],
        (more["key"], "invalid"): goodbye["key"],
        (goodbye["key"], "next"): None,
        (report["key"], "success"): None,
        (report["key"], "interface_failure"): None,
    }
    return Drawing(
        initial=welcome["key"], hangup=report["key"], seeds=[], apology="We are sorry.",
        applets={one["key"]: {**one, "settings_version": 1} for one in placed}, wires=wires,
    )  # fmt: skip


def connector(name: str, method: str, url: str, destination: str, seconds: float) -> dict[str, Any]:
    body = "" if method == "GET" else '{"account": "$(Account)"}'
    return applet(
        "data_connector", name,
        request={"method": method, "url": url, "headers": [], "body": body, "escape_json": True},
        response={
            "type": "JSON", "status_destination": "",
            "fields": [{"id": str(uuid.uuid4()), "locator": "value", "destination": destination, "datatype": "string"}],
        },
        seconds=seconds, repeatable=False,
    )  # fmt: skip


@dataclass
class Rig:
    people: People
    version: PlanVersion
    hands: Hands
    service: Service

    def line(self) -> tuple[Line, UUID]:
        """A draft's trial as a line, and the id its call will have."""
        trial = calls.begin_trial(self.version, self.people.owner, CALLER)
        line = lines.get("browser", UUID(trial.answer.split("/")[3]))
        assert line is not None
        return line, trial.call

    def phone(self) -> Phone:
        line, call = self.line()
        return Phone(line, call, self.hands)

    def vonage(self) -> Connection:
        """A Vonage connection whose number is mapped to the plan, published."""
        plan = self.version.plan
        connection = Connection.objects.create(
            account=self.people.account, provider="vonage", name="Vonage", secrets={"signature_secret": "s" * 32},
            settings={"own_numbers": [NUMBER], "unsigned": "refuse"}, fallback='[{"action":"talk","text":"Sorry."}]',
        )  # fmt: skip
        destination = Destination.objects.create(
            account=self.people.account, connection=connection, address=NUMBER, name="Main"
        )
        Mapping.objects.create(account=self.people.account, live_plan=plan).destinations.add(destination)
        drafts.publish(plan, self.people.owner, "", accept_open_exits=True)
        return connection


@dataclass
class Phone:
    """One caller. `documents`: what each hook was answered, by what it asked."""

    line: Line
    call: UUID
    hands: Hands
    url: str = ""
    last: dict[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        return str(self.line.secrets["key"])

    def hook(self, path: str, body: dict[str, Any]) -> Hook:
        raw = json.dumps(body).encode()
        signed = hmac.new(self.key.encode(), f"POST\n{path}\n".encode() + raw, hashlib.sha256).hexdigest()
        parts = urlsplit(path)
        query = [tuple(pair.split("=", 1)) for pair in parts.query.split("&") if pair]
        return Hook(
            "POST",
            settings.PUBLIC_BASE_URL + path,
            query,
            {"x-phone-signature": signed},
            raw,
            time.time(),  # type: ignore[arg-type]  # pairs
        )

    def answer(self) -> calls.Told:
        body = {"from": CALLER, "to": "", "call": str(self.call)}
        return self._told(calls.answer(self.line, self.hook(f"/hooks/browser/{self.line.id}/answer", body)))

    def _told(self, told: calls.Told) -> calls.Told:
        """As `designer.hooks` does: what is to be published is published."""
        if told.publish and told.turn is not None:
            self.hands.publish(dispatch.TAKE_TURN, told.turn)
        return told

    def post(self, url: str, **body: Any) -> calls.Told:
        """A callback to a wait's address."""
        token = heard_as(self.call, url.split("/")[-1].split("?")[0])
        assert token is not None
        return self._told(calls.hear(self.line, self.hook(url, body), self.call, token))

    def keys(self, digits: str, url: str = "") -> calls.Told:
        return self.post(url or self.url, input="keys", digits=digits, ended_by="full")

    def status(self, word: str) -> calls.Told:
        body = {"call": str(self.call), "status": word, "by": "caller", "at": time.time()}
        return calls.event(self.line, self.hook(f"/hooks/browser/{self.line.id}/event", body))

    def hang_up(self) -> calls.Told:
        return self.status("completed")

    def hears(self, told: calls.Told, heard: int = 0, poll: int | None = None) -> dict[str, Any]:
        """What the sender of this hook is answered now: the document, read; {} while there is only silence."""
        document = told.document
        if document is None:
            assert told.call is not None
            seen = calls.look(self.line, told.call, told.token, Asked(heard, poll), time.time())
            document = seen.document
        if document is None:
            return {}
        self.last = json.loads(document.body)
        for command in self.last["commands"]:
            if command["do"] in ("gather", "dial", "drain"):
                self.url = command["url"]
        return self.last

    def says(self) -> list[str]:
        return [command["text"] for command in self.last.get("commands", ()) if command["do"] == "say"]

    def does(self) -> str:
        """The last command of the last document."""
        return str(self.last["commands"][-1]["do"]) if self.last else ""


def make_rig(monkeypatch: pytest.MonkeyPatch, seconds: float = 5) -> Rig:
    people = make_people()
    plan = drafts.create(people.account, people.owner, "Test plan", drawing=drawing(seconds))
    version = drafts.freeze_trial(plan, people.owner)
    hands, service = Hands(), Service()
    lines.forget()
    monkeypatch.setattr(dispatch, "publish", hands.publish)
    monkeypatch.setattr(effects, "run", service.run)
    return Rig(people, version, hands, service)


# ---- the oracle -----------------------------------------------------------------------------------------------------


def events_of(call: UUID) -> list[dict[str, Any]]:
    return store().events_after(call, 0, 100_000)


def kinds(call: UUID) -> list[str]:
    return [event["kind"] for event in events_of(call)]


def check_call(call: UUID, finished: bool = True) -> None:
    """What must hold for every call, whatever happened: numbers without gaps, every input heard once, nothing stuck."""
    row = Call.objects.get(pk=call)
    numbers = list(EventRow.objects.filter(call=call).order_by("no").values_list("no", flat=True))
    assert numbers == list(range(1, row.last_event + 1)), "event numbers have gaps"
    turns = {turn.pk: turn for turn in Turn.objects.filter(call=call)}
    effects = list(EffectRow.objects.filter(call=call))
    heard: dict[UUID, int] = {}
    for event in EventRow.objects.filter(call=call, kind__in=["started", "heard", "hung_up", "stopped"]):
        assert event.turn in turns
        heard[event.turn] = heard.get(event.turn, 0) + 1
    for id, count in heard.items():
        awaited = sum(1 for effect in effects if effect.turn_id == id and effect.awaited)
        assert count <= 1 + awaited, f"turn {turns[id].token} was taken twice"
    given_up = set(EventRow.objects.filter(call=call, kind="fault").values_list("turn", flat=True))
    for turn in turns.values():
        if turn.status == "done" and turn.token != "stopped":
            assert heard.get(turn.pk) or turn.pk in given_up, f"turn {turn.token} is done but nothing was heard"
    if finished:
        assert row.ended_at is not None and row.awaits == "", f"stuck: awaits {row.awaits!r}"
        assert not [turn for turn in turns.values() if turn.status in ("new", "waiting")]
        assert not [effect for effect in effects if effect.status == "new" and effect.awaited]
