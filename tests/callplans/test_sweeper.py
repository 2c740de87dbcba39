"""What got stuck is found; what was kept long enough is deleted."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from callplans import calls, sweeper
from callplans.models import Call, EffectRow, EventRow, PlanVersion, Refusal, Trial, Turn
from callplans.store import store
from callplans.sweeper import KEY_GRACE, LONGEST_CALL, Sweeper, forget_old
from tests.callplans.rig import Phone, Rig, check_call, kinds, make_rig

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def rig(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Rig:
    settings.TURN_EXECUTION = "celery"
    return make_rig(monkeypatch)


def sweep(later: float = 0.0) -> None:
    Sweeper().sweep(time.time() + later)


def at_the_menu(rig: Rig) -> Phone:
    phone = rig.phone()
    phone.answer()
    rig.hands.work()
    phone.hears(phone.answer())
    phone.keys("1234")
    rig.hands.work()
    return phone


def test_a_turn_nobody_took_is_handed_out_again_and_counted_when_taken(rig: Rig) -> None:
    phone = rig.phone()
    told = phone.answer()
    rig.hands.turns.clear()  # the message is lost
    sweep()
    assert rig.hands.turns == []
    sweep(later=1.5)
    sweep(later=1.6)
    assert rig.hands.turns == [told.turn]  # once, not with every sweep
    assert Turn.objects.get().attempt == 0  # publishing counts nothing
    calls.take(rig.hands.turns.pop(), again=True)
    assert (Turn.objects.get().attempt, Turn.objects.get().status) == (1, "done")


def test_handing_out_does_not_keep_those_who_wait_from_taking_it(rig: Rig) -> None:
    """Messages arrive nowhere: the workers are dead. The sweeper must not starve rescue."""
    phone = rig.phone()
    told = phone.answer()
    for round in range(5):
        later = 1.5 + 2.1 * round
        sweep(later)
        seen = calls.look(phone.line, phone.call, told.token, calls.Asked(), time.time() + later + 0.01)
        assert seen.take is True
    assert len(rig.hands.turns) == 1 + 5


def test_a_turn_whose_message_is_lost_again_and_again_is_still_taken(rig: Rig) -> None:
    phone = rig.phone()
    told = phone.answer()
    for round in range(6):
        rig.hands.turns.clear()
        sweep(later=1.5 + 3 * round)
    assert rig.hands.turns == [told.turn]
    calls.take(rig.hands.turns.pop(), again=True)
    assert "started" in kinds(phone.call)


def test_with_the_broker_down_the_sweeper_does_it_itself(rig: Rig) -> None:
    phone = rig.phone()
    phone.answer()
    rig.hands.down = True
    one = Sweeper()
    one.sweep(time.time() + 1.5)
    assert one._hands is not None
    one._hands.shutdown(wait=True)
    assert Turn.objects.get().status == "done"


def test_rescue_switched_off_leaves_it_to_the_workers(rig: Rig, settings: Settings) -> None:
    settings.RESCUE = False
    rig.phone().answer()
    rig.hands.down = True
    one = Sweeper()
    one.sweep(time.time() + 1.5)
    assert one._hands is None and Turn.objects.get().status == "new"


def started_effect(rig: Rig) -> tuple[Phone, EffectRow]:
    phone = rig.phone()
    phone.answer()
    rig.hands.work()
    phone.hears(phone.answer())
    phone.keys("1234")
    calls.take(rig.hands.turns.pop())
    return phone, EffectRow.objects.get()


def test_an_effect_nobody_began_is_handed_out_again_until_its_time_is_over(rig: Rig) -> None:
    _, effect = started_effect(rig)
    rig.hands.effects.clear()
    sweep()
    assert rig.hands.effects == []
    sweep(later=3)
    assert rig.hands.effects == [effect.pk]
    rig.hands.effects.clear()
    sweep(later=10)
    effect.refresh_from_db()
    assert effect.status == "lost" and rig.hands.effects == [] and len(rig.hands.turns) == 1


def test_a_payment_whose_worker_died_is_lost_a_look_up_begun_once_more(rig: Rig) -> None:
    phone, effect = started_effect(rig)
    assert store().claim(effect.pk, time.time())
    rig.hands.effects.clear()
    sweep(later=6)
    assert rig.hands.effects == []  # five seconds and two of grace
    sweep(later=7.5)
    assert rig.hands.effects == [effect.pk]
    rig.hands.effects.clear()
    EffectRow.objects.filter(pk=effect.pk).update(status="running", repeatable=False)
    sweep(later=30)
    effect.refresh_from_db()
    assert effect.status == "lost" and rig.hands.effects == []
    rig.hands.work()
    assert Call.objects.get(pk=phone.call).at_name == "More"


def test_a_callback_that_never_comes_is_trouble_once_and_then_the_end(rig: Rig) -> None:
    phone = at_the_menu(rig)
    first = Call.objects.get(pk=phone.call)
    assert first.due_at is not None and first.due_at > time.time() + 60
    sweep(later=first.due_at - time.time() - 1)
    assert rig.hands.turns == []
    Call.objects.filter(pk=phone.call).update(due_at=time.time() - 1)
    sweep()
    rig.hands.work()
    row = Call.objects.get(pk=phone.call)
    assert row.troubles == 1 and row.end_reason == "end_of_plan"  # the menu's failure exit leads to Goodbye


def test_the_second_lost_callback_ends_the_call_as_lost(rig: Rig) -> None:
    phone = at_the_menu(rig)
    Call.objects.filter(pk=phone.call).update(due_at=time.time() - 1, troubles=1)
    sweep()
    rig.hands.work()
    row = Call.objects.get(pk=phone.call)
    assert (row.end_reason, row.awaits) == ("lost", "")
    check_call(phone.call)


def test_a_call_that_was_never_answered_and_one_that_lasts_too_long_are_ended(rig: Rig) -> None:
    early = rig.phone()
    early.status("ringing")
    old = at_the_menu(rig)
    Call.objects.filter(pk=old.call).update(started_at=timezone.now() - timedelta(seconds=LONGEST_CALL + 1))
    sweep(later=130)
    rig.hands.work()
    assert {row.pk: row.end_reason for row in Call.objects.all()} == {early.call: "lost", old.call: "lost"}


def test_keys_go_when_the_last_words_need_not_be_asked_for_any_more(rig: Rig) -> None:
    phone = at_the_menu(rig)
    phone.hears(phone.answer())
    row = Call.objects.get(pk=phone.call)
    phone.keys("2", f"/hooks/browser/{phone.line.id}/{phone.call}/{row.awaits}")
    rig.hands.work()
    sweep()
    assert Call.objects.get(pk=phone.call).key is not None
    sweep(later=KEY_GRACE + 1)
    row = Call.objects.get(pk=phone.call)
    assert (row.key, row.state) == (None, None)


def test_one_sweeper_at_a_time(rig: Rig) -> None:
    first, second = Sweeper(), Sweeper()
    first._holder, second._holder = "first", "second"
    assert first.round() is True
    assert second.round() is False
    assert first.round() is True


def test_it_starts_once_and_ends(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeper, "EVERY", 0.02)
    rounds = []
    monkeypatch.setattr(Sweeper, "round", lambda self: rounds.append(1))
    one = Sweeper()
    one.start()
    thread = one._thread
    one.start()
    assert one._thread is thread
    time.sleep(0.2)
    one.stop()
    count = len(rounds)
    assert count >= 2 and thread is not None and not thread.is_alive()


def test_a_stumble_does_not_end_it(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeper, "EVERY", 0.02)
    rounds: list[int] = []

    def stumble(self: Any) -> bool:
        rounds.append(1)
        raise (ValueError if len(rounds) % 2 else sweeper.Unavailable)("planted")

    monkeypatch.setattr(Sweeper, "round", stumble)
    one = Sweeper()
    one.start()
    time.sleep(0.2)
    one.stop()
    assert len(rounds) >= 3


# ---- retention ------------------------------------------------------------------------------------------------------


def ended_call(rig: Rig) -> Phone:
    phone = at_the_menu(rig)
    phone.hang_up()
    rig.hands.work()
    assert Call.objects.get(pk=phone.call).key is None
    return phone


def test_turns_go_after_a_day_events_and_calls_later(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeper, "BATCH", 5)
    old, new = ended_call(rig), ended_call(rig)
    forget_old()
    assert Turn.objects.filter(call=old.call).exists()
    Turn.objects.filter(call=old.call).update(heard_at=time.time() - 25 * 3600)
    forget_old()
    assert not Turn.objects.filter(call=old.call).exists() and not EffectRow.objects.filter(call=old.call).exists()
    assert EventRow.objects.filter(call=old.call).exists()
    Call.objects.filter(pk=old.call).update(ended_at=timezone.now() - timedelta(days=91))
    counts = forget_old()
    assert counts["calls"] == 1
    assert not EventRow.objects.filter(call=old.call).exists() and not Call.objects.filter(pk=old.call).exists()
    assert Call.objects.filter(pk=new.call).exists() and Turn.objects.filter(call=new.call).exists()


def test_a_call_that_lives_keeps_everything(rig: Rig) -> None:
    phone = at_the_menu(rig)
    Turn.objects.update(heard_at=time.time() - 25 * 3600)
    forget_old()
    assert Turn.objects.filter(call=phone.call).count() == 2


def test_trials_nobody_called_go_with_their_versions(rig: Rig) -> None:
    long_ago = timezone.now() - timedelta(days=2)
    rig.line()
    Trial.objects.update(created=long_ago)
    PlanVersion.objects.filter(state="trial").update(created=long_ago)
    Refusal.objects.create(provider="x", line="", reason="unsigned", day=(timezone.now() - timedelta(days=100)).date())
    counts = forget_old()
    assert (counts["trials"], counts["trial_versions"], counts["refusals"]) == (1, 1, 1)
    assert not PlanVersion.objects.filter(state="trial").exists()
