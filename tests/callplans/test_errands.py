"""Effects carried out: with the account's settings, sealed values and one key per request."""

from __future__ import annotations

from typing import Any

import pytest
from pytest_django import Settings

from callplans import calls, effects, errands
from callplans.engine.adapter import Request
from callplans.engine.call import CallState, Source
from callplans.engine.words import Fetched
from callplans.models import Call, EffectRow, Secret
from callplans.models.callkeys import CallBox
from callplans.store import store
from tests.callplans.rig import Phone, Rig, make_rig

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def rig(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Rig:
    settings.TURN_EXECUTION = "inline"
    return make_rig(monkeypatch)


def waiting(rig: Rig) -> tuple[Phone, EffectRow]:
    """A phone whose look up is to be carried out."""
    phone = rig.phone()
    phone.hears(phone.answer())
    phone.keys("1234")
    return phone, EffectRow.objects.get()


def test_settings_and_sealed_values_are_resolved_when_it_is_sent(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    phone, effect = waiting(rig)
    Secret.objects.create(account=rig.people.account, key="BillingKey", value="k-1")
    Secret.objects.create(account=rig.people.account, key="Nothing", value=None)
    Secret.objects.create(account=rig.people.other_account, key="Foreign", value="f-1")
    row = Call.objects.get(pk=phone.call)
    box = CallBox(row.key or "", row.pk)
    state = CallState.from_json(box.open(row.state, "call.state"))
    state.sealed["Pin"], state.seen_keys["pin"] = Source("4711", True), "Pin"
    Call.objects.filter(pk=row.pk).update(state=box.seal(state.to_json(), "call.state"))
    asked: dict[str, Any] = {}

    def run(request: Any, secret: Any, sealed: Any, deadline: float, *, idempotency_key: str) -> Fetched:
        asked.update(key=secret("billingkey"), null=secret("Nothing"), pin=sealed("PIN"), none=sealed("Other"))
        asked.update(idempotency=idempotency_key, method=request["method"])
        for missing in ("Foreign", "Unknown"):
            with pytest.raises(LookupError):
                secret(missing)
        return Fetched(at=1.0, effect=request["n"], status=200, values=["82.40"])

    monkeypatch.setattr(effects, "run", run)
    assert errands.carry_out(effect.pk) is True
    assert asked == {
        "key": "k-1", "null": None, "pin": "4711", "none": None, "method": "GET",
        "idempotency": f"{phone.call}.{effect.turn_id}.1",
    }  # fmt: skip


def test_an_answer_that_no_database_takes_is_cleaned(rig: Rig) -> None:
    phone, effect = waiting(rig)
    rig.service.answer = lambda fetch: Fetched(at=1.0, effect=fetch.n, status=200, values=["a\x00\ud800b"])
    assert errands.carry_out(effect.pk) is True
    assert EffectRow.objects.get(pk=effect.pk).status == "answered"
    rig.service.answer = None
    rig.hands.work()
    assert Call.objects.get(pk=phone.call).at_name == "More"


def test_ending_a_leg_asks_the_provider(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    phone = rig.phone()
    phone.hears(phone.answer())
    sent: list[tuple[Request, dict[str, Any]]] = []

    def act(self: Any, command: Any, leg: Any, settings: Any) -> list[Request]:
        return [Request("PUT", f"https://api.example/calls/{leg.id}", {"action": command.kind})]

    def send(request: Request, secrets: dict[str, Any], deadline: float) -> effects.Sent:
        sent.append((request, secrets))
        return effects.Sent(False, 500, "")

    monkeypatch.setattr(type(phone.line.adapter), "act", act)
    monkeypatch.setattr(effects, "send", send)
    calls.end_call(phone.call, "olive")
    rig.hands.work()
    assert [request.url for request, _ in sent] == [f"https://api.example/calls/{phone.call}"]
    assert sent[0][1] == {"key": phone.key}
    row = EffectRow.objects.get()
    assert (row.kind, row.status, row.awaited) == ("hang_up", "answered", False)


def test_an_effect_of_a_call_whose_key_is_gone_is_left(rig: Rig) -> None:
    phone, effect = waiting(rig)
    Call.objects.filter(pk=phone.call).update(key=None)
    assert errands.carry_out(effect.pk) is False
    assert rig.service.sent == []
    assert store().claim(effect.pk, 1.0) is None
