"""The life of a call, step by step: who takes a turn and when is in the test's hands."""

from __future__ import annotations

import time
from typing import Any
from uuid import UUID, uuid4

import pytest
from pytest_django import Settings

from callplans import calls, errands
from callplans.engine.words import Fetched
from callplans.models import Call, EffectRow, Refusal, Turn
from callplans.store import store
from callplans.taking import MOST_ATTEMPTS
from tests.callplans.rig import Phone, Rig, check_call, events_of, kinds, make_rig

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(params=["celery", "inline"])
def rig(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Rig:
    settings.TURN_EXECUTION = request.param
    return make_rig(monkeypatch)


@pytest.fixture
def celery_rig(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Rig:
    settings.TURN_EXECUTION = "celery"
    return make_rig(monkeypatch)


def started(rig: Rig) -> Phone:
    """A phone that has heard the welcome and is asked for digits."""
    phone = rig.phone()
    told = phone.answer()
    rig.hands.work()
    phone.hears(told)
    assert phone.says() == ["Welcome.", "Key four digits."] and phone.does() == "gather"
    return phone


def paid(rig: Rig) -> Phone:
    """A phone whose digits were looked up and paid for."""
    phone = started(rig)
    told = phone.keys("1234")
    rig.hands.work()
    phone.hears(told)
    assert phone.says()[0] == "Thank you. You paid 82.40."
    return phone


# ---- a whole call ---------------------------------------------------------------------------------------------------


def test_a_whole_call(rig: Rig) -> None:
    phone = paid(rig)
    told = phone.keys("2")
    rig.hands.work()
    phone.hears(told)
    assert (phone.says(), phone.does()) == (["Goodbye."], "hang_up")
    row = Call.objects.get(pk=phone.call)
    assert (row.end_reason, row.awaits, row.trial, row.clid) == ("end_of_plan", "", True, "+447700900123")
    assert row.ended_at is not None and row.key is not None  # the last words can still be asked for again
    phone.hang_up()
    row.refresh_from_db()
    assert (row.key, row.state, row.memo) == (None, None, None)
    assert [method for method, _key in rig.service.sent] == ["GET", "POST"]
    assert len({key for _method, key in rig.service.sent}) == 2
    check_call(phone.call)


def test_where_the_call_is_stands_in_its_row(rig: Rig) -> None:
    phone = started(rig)
    assert Call.objects.get(pk=phone.call).at_name == "Account"


def test_nothing_keyed_is_stored_in_the_open(rig: Rig) -> None:
    phone = paid(rig)
    row = Call.objects.get(pk=phone.call)
    stored = [row.state, row.memo]
    for turn in Turn.objects.filter(call=row):
        stored += [turn.input, turn.parts]
    for effect in EffectRow.objects.filter(call=row):
        stored += [effect.request, effect.answer, effect.late_answer]
    sealed = [text for text in stored if text]
    assert len(sealed) >= 8 and all(text.startswith("v1.") for text in sealed)
    assert "1234" not in str(events_of(phone.call))


# ---- copies, late and foreign tokens --------------------------------------------------------------------------------


def test_copies_of_the_first_hook_get_the_same_bytes_and_make_one_call(rig: Rig) -> None:
    phone = rig.phone()
    first, second = phone.answer(), phone.answer()
    rig.hands.work()
    documents = [phone.hears(first), phone.hears(second), phone.hears(phone.answer())]
    assert documents[0] == documents[1] == documents[2] and documents[0]["commands"]
    assert Call.objects.count() == 1
    assert kinds(phone.call).count("started") == 1


def test_copies_of_a_callback_get_the_same_bytes_and_advance_nothing(rig: Rig) -> None:
    phone = started(rig)
    url = phone.url
    told = [phone.keys("1234", url) for _ in range(3)]
    rig.hands.work()
    documents = [phone.hears(one) for one in told]
    later = phone.hears(phone.keys("9999", url))
    assert documents[0] == documents[1] == documents[2] == later
    assert [method for method, _key in rig.service.sent] == ["GET", "POST"]
    assert kinds(phone.call).count("started") == 1
    check_call(phone.call, finished=False)


def test_a_token_whose_wait_is_over_gets_carry_on_the_same_bytes_each_time(rig: Rig) -> None:
    phone = started(rig)
    url = phone.url
    phone.hang_up()
    rig.hands.work()
    for _ in range(2):
        assert phone.hears(phone.keys("1234", url))["commands"] == [{"do": "carry_on"}]
    turn = Turn.objects.get(call=phone.call, token=url.split("/")[-1])
    assert (turn.status, turn.input) == ("late", None)
    check_call(phone.call)


def test_a_call_is_heard_on_its_own_line_only(rig: Rig) -> None:
    phone, other = started(rig), started(rig)
    stolen = Phone(other.line, phone.call, rig.hands, phone.url)
    told = stolen.keys("1234")
    assert (told.refused, told.status) == ("unknown_call", 403)
    assert calls.look(other.line, phone.call, "start", calls.Asked(), time.time()).document is not None
    assert Turn.objects.filter(call=phone.call).count() == 1


def test_an_unknown_callback_is_malformed_and_changes_nothing(rig: Rig) -> None:
    phone = started(rig)
    told = phone.post(phone.url, input="nonsense")
    assert (told.refused, told.status) == ("malformed", 400)
    assert Turn.objects.filter(call=phone.call).count() == 1


# ---- what the caller hears meanwhile --------------------------------------------------------------------------------


def test_silence_until_the_effect_is_answered(rig: Rig) -> None:
    phone = started(rig)
    told = phone.keys("1234")
    while rig.hands.turns:
        calls.take(rig.hands.turns.pop())
    assert phone.hears(told) == {}
    seen = calls.look(phone.line, phone.call, told.token, calls.Asked(), time.time())
    assert seen.document is None and seen.hold is not None and b'"again"' in seen.hold.body
    assert b"heard=0&poll=0" in seen.hold.body


def test_what_was_said_before_waiting_is_heard_at_once_and_only_once(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    phone = paid(rig)
    drained = phone.keys("1")  # back to the digits
    rig.hands.work()
    phone.hears(drained)
    from callplans.engine.applet import register

    connector = register.get("data_connector")
    assert connector is not None
    enter = connector.enter

    def say_first(self: Any, call: Any) -> Any:
        call.say("One moment.")
        return enter(self, call)

    monkeypatch.setattr(connector, "enter", say_first)
    told = phone.keys("1234")
    while rig.hands.turns:
        calls.take(rig.hands.turns.pop())
    held = phone.hears(told)
    assert phone.says() == ["One moment."] and held["commands"][-1]["do"] == "again"
    again = held["commands"][-1]["url"]
    assert again.endswith("?heard=1&poll=0")
    errands.carry_out(rig.hands.effects.pop())  # the GET; the POST says it again
    while rig.hands.turns:
        calls.take(rig.hands.turns.pop())
    phone.hears(told, heard=1, poll=0)
    assert phone.says() == ["One moment."] and phone.last["commands"][-1]["url"].endswith("?heard=2&poll=1")
    rig.hands.work()
    first = phone.hears(told, heard=2, poll=1)
    assert phone.says()[0] == "Thank you. You paid 82.40."
    assert phone.hears(told, heard=2, poll=7) == first  # the same bytes, whatever the poll
    phone.hears(told)
    assert phone.says()[:3] == ["One moment.", "One moment.", "Thank you. You paid 82.40."]
    assert phone.hears(told, heard=99)["commands"] == [{"do": "carry_on"}]


# ---- workers that die, messages that get lost -----------------------------------------------------------------------


def test_a_turn_that_nobody_took_is_seen_by_the_waiting_hook(celery_rig: Rig) -> None:
    phone = celery_rig.phone()
    celery_rig.hands.down = True
    told = phone.answer()
    assert told.publish and told.turn is not None
    seen = calls.look(phone.line, phone.call, told.token, calls.Asked(), time.time())
    assert seen.take is False  # not for a second
    seen = calls.look(phone.line, phone.call, told.token, calls.Asked(), time.time() + 1.1)
    assert seen.take is True and seen.turn == told.turn
    assert calls.take(told.turn, again=True) is True
    phone.hears(told)
    assert phone.does() == "gather"
    assert Turn.objects.get(pk=told.turn).attempt == 1


def test_an_effect_that_nobody_began_is_seen_by_the_waiting_hook(rig: Rig) -> None:
    phone = started(rig)
    told = phone.keys("1234")
    while rig.hands.turns:
        calls.take(rig.hands.turns.pop())
    (lost,) = rig.hands.effects
    rig.hands.effects.clear()
    seen = calls.look(phone.line, phone.call, told.token, calls.Asked(), time.time())
    assert seen.run is None
    seen = calls.look(phone.line, phone.call, told.token, calls.Asked(), time.time() + 1.1)
    assert seen.run == lost
    assert errands.carry_out(lost) is True
    assert errands.carry_out(lost) is False  # claimed already
    rig.hands.work()
    phone.hears(told)
    assert phone.says()[0] == "Thank you. You paid 82.40."


def test_a_taker_that_dies_before_its_write_leaves_nothing(celery_rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    phone = celery_rig.phone()
    told = phone.answer()
    assert told.turn is not None
    write = type(store()).write

    def die(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(type(store()), "write", die)
    with pytest.raises(KeyboardInterrupt):
        calls.take(told.turn)
    monkeypatch.setattr(type(store()), "write", write)
    assert kinds(phone.call) == []
    assert calls.take(told.turn, again=True)
    phone.hears(told)
    assert phone.does() == "gather"


def test_after_three_attempts_the_caller_hears_the_apology(celery_rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    from callplans import taking

    phone = celery_rig.phone()
    told = phone.answer()
    assert told.turn is not None

    def poison(*_: Any) -> None:
        raise MemoryError

    with monkeypatch.context() as context:
        context.setattr(taking, "take_step", poison)
        for again in (False, *[True] * MOST_ATTEMPTS):
            with pytest.raises(MemoryError):
                calls.take(told.turn, again)
        assert calls.take(told.turn, True) is True
    phone.hears(told)
    assert (phone.says(), phone.does()) == (["We are sorry."], "hang_up")
    assert Call.objects.get(pk=phone.call).end_reason == "failed"
    assert kinds(phone.call) == ["fault", "ended"]


def test_inline_a_step_that_fails_apologises_at_once(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    from callplans import taking

    settings.TURN_EXECUTION = "inline"
    rig = make_rig(monkeypatch)
    phone = rig.phone()
    with monkeypatch.context() as context:
        context.setattr(taking, "take_step", lambda *_: 1 / 0)
        phone.hears(phone.answer())
    assert (phone.says(), phone.does()) == (["We are sorry."], "hang_up")


def test_a_payment_that_had_begun_is_not_sent_again(rig: Rig) -> None:
    """The worker dies after the request went out: the failure exit, never a second request."""
    phone = started(rig)
    told = phone.keys("1234")
    while rig.hands.turns or len(rig.service.sent) < 1:
        if rig.hands.turns:
            calls.take(rig.hands.turns.pop())
        else:
            errands.carry_out(rig.hands.effects.pop())
    (payment,) = rig.hands.effects
    rig.hands.effects.clear()
    assert store().claim(payment, time.time()) is not None  # ... and nothing more is heard of it
    assert errands.carry_out(payment) is False
    later = time.time() + 5 + 2.1
    assert calls.look(phone.line, phone.call, told.token, calls.Asked(0, 3), later - 1).document is None
    calls.look(phone.line, phone.call, told.token, calls.Asked(0, 4), later)
    rig.hands.work()
    phone.hears(told)
    assert phone.says()[0] == "That did not work."
    assert EffectRow.objects.get(pk=payment).status == "lost"
    assert [method for method, _key in rig.service.sent] == ["GET"]
    assert not rig.hands.effects


def test_a_get_that_had_begun_is_begun_once_more(rig: Rig) -> None:
    phone = started(rig)
    told = phone.keys("1234")
    while rig.hands.turns:
        calls.take(rig.hands.turns.pop())
    look_up = rig.hands.effects.pop()
    assert store().claim(look_up, time.time()) is not None
    calls.expire(look_up, time.time() + 7.1)
    assert rig.hands.effects == [look_up]
    rig.hands.work()
    phone.hears(told)
    assert phone.says()[0] == "Thank you. You paid 82.40."
    assert EffectRow.objects.get(pk=look_up).attempt == 2


def test_an_answer_after_the_deadline_changes_nothing(rig: Rig) -> None:
    phone = started(rig)
    phone.keys("1234")
    while rig.hands.turns:
        calls.take(rig.hands.turns.pop())
    look_up = rig.hands.effects.pop()

    def slow(fetch: Any) -> Fetched:
        EffectRow.objects.filter(pk=look_up).update(repeatable=False, due_at=time.time() - 60)
        calls.expire(look_up, time.time())
        return Fetched(at=time.time(), effect=fetch.n, status=200, values=["too late"])

    rig.service.answer = slow
    errands.carry_out(look_up)
    row = EffectRow.objects.get(pk=look_up)
    assert row.status == "lost" and row.late_answer and not row.answer
    rig.service.answer = None
    rig.hands.work()
    check_call(phone.call, finished=False)


def test_an_effect_that_fails_on_our_side_counts_as_lost(rig: Rig) -> None:
    phone = started(rig)
    rig.service.answer = lambda fetch: 1 // 0  # type: ignore[assignment,return-value]  # a bug of ours
    told = phone.keys("1234")
    rig.hands.work()
    phone.hears(told)
    assert phone.says()[0] == "That did not work."


# ---- hanging up -----------------------------------------------------------------------------------------------------


def test_hanging_up_runs_the_hang_up_applet_with_nobody_on_the_line(rig: Rig) -> None:
    phone = paid(rig)
    phone.hang_up()
    rig.hands.work()
    assert [method for method, _key in rig.service.sent] == ["GET", "POST", "POST"]
    row = Call.objects.get(pk=phone.call)
    assert (row.end_reason, row.key) == ("caller", None)
    assert kinds(phone.call)[-1] == "ended" and kinds(phone.call).count("hung_up") == 1
    check_call(phone.call)


def test_hanging_up_twice_is_hanging_up_once(rig: Rig) -> None:
    phone = paid(rig)
    for _ in range(3):
        phone.hang_up()
    rig.hands.work()
    phone.hang_up()
    assert kinds(phone.call).count("hung_up") == 1
    check_call(phone.call)


def test_hanging_up_while_an_effect_runs(rig: Rig) -> None:
    phone = started(rig)
    phone.keys("1234")
    while rig.hands.turns:
        calls.take(rig.hands.turns.pop())
    look_up = rig.hands.effects.pop()
    phone.hang_up()
    assert errands.carry_out(look_up) is False  # nobody wants it any more
    assert EffectRow.objects.get(pk=look_up).status == "cancelled"
    rig.hands.work()
    check_call(phone.call)
    assert [key for _method, key in rig.service.sent if key.endswith(".1")] == []


def test_a_taker_that_was_under_way_when_the_caller_hung_up_writes_nothing(
    celery_rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone = started(celery_rig)
    told = phone.keys("1234")
    assert told.turn is not None
    write = type(store()).write

    def hang_up_first(self: Any, move: Any) -> Any:
        monkeypatch.setattr(type(store()), "write", write)
        phone.hang_up()
        return write(self, move)

    monkeypatch.setattr(type(store()), "write", hang_up_first)
    assert calls.take(told.turn) is False
    assert Turn.objects.get(pk=told.turn).status == "dropped"
    celery_rig.hands.work()
    check_call(phone.call)
    assert phone.hears(told)["commands"] == [{"do": "carry_on"}]


def test_hanging_up_before_the_answer_webhook_makes_the_call(rig: Rig) -> None:
    phone = rig.phone()
    phone.hang_up()
    rig.hands.work()
    assert Call.objects.get(pk=phone.call).ended_at is not None
    told = phone.answer()
    rig.hands.work()
    assert phone.hears(told)["commands"] == [{"do": "carry_on"}]
    assert "started" not in kinds(phone.call)


def test_a_status_before_the_answer_webhook_makes_the_call_that_it_then_answers(rig: Rig) -> None:
    phone = rig.phone()
    phone.status("ringing")
    told = phone.answer()
    rig.hands.work()
    phone.hears(told)
    assert phone.does() == "gather"
    assert kinds(phone.call)[:2] == ["leg", "started"]


def test_status_events_are_told_once_and_in_order(rig: Rig) -> None:
    phone = started(rig)
    for word in ("answered", "ringing", "answered"):
        phone.status(word)
    told = [event["data"]["status"] for event in events_of(phone.call) if event["kind"] == "leg"]
    assert told == ["answered"]


# ---- operators ------------------------------------------------------------------------------------------------------


def test_an_operator_ends_a_call_and_its_leg_is_told_to_hang_up(rig: Rig) -> None:
    phone = started(rig)
    assert calls.end_call(phone.call, "olive") is True
    assert calls.end_call(phone.call, "olive") is False
    rig.hands.work()
    row = Call.objects.get(pk=phone.call)
    assert (row.end_reason, row.awaits) == ("stopped", "")
    document = phone.hears(phone.keys("1234"))
    assert document["commands"] == [{"do": "hang_up", "reason": "stopped"}]
    assert phone.hears(phone.keys("1234")) == document
    assert EffectRow.objects.get(call=phone.call).kind == "hang_up"
    check_call(phone.call)


def test_an_operator_cannot_end_what_is_over_or_never_was(rig: Rig) -> None:
    phone = started(rig)
    phone.hang_up()
    rig.hands.work()
    assert calls.end_call(phone.call, "olive") is False
    assert calls.end_call(uuid4(), "olive") is False


# ---- where calls go -------------------------------------------------------------------------------------------------


def test_a_number_nothing_is_mapped_to_gets_the_fallback_and_is_counted(rig: Rig) -> None:
    from callplans.engine.adapter import Hook
    from callplans.lines import lines
    from callplans.models import Mapping

    connection = rig.vonage()
    Mapping.objects.all().delete()
    line = lines.get("vonage", connection.pk)
    assert line is not None
    body = b'{"from":"447700900123","to":"441632960100","uuid":"' + b"a" * 32 + b'"}'
    told = calls.answer(line, Hook("POST", "http://x/", [], {}, body, time.time()))
    assert told.document is not None and told.document.body == b'[{"action":"talk","text":"Sorry."}]'
    assert Refusal.objects.get().reason == "not_mapped"
    assert not Call.objects.exists()


def test_an_event_of_a_leg_that_is_not_ours_makes_no_call(rig: Rig) -> None:
    from callplans.engine.adapter import Hook
    from callplans.lines import lines

    line = lines.get("vonage", rig.vonage().pk)
    assert line is not None
    body = b'{"status":"completed","direction":"outbound","uuid":"' + b"b" * 32 + b'","timestamp":"x"}'
    told = calls.event(line, Hook("POST", "http://x/", [], {}, body, time.time()))
    assert told.document is not None and not Call.objects.exists()
    assert Refusal.objects.get().reason == "unknown_leg"


def test_several_rounds_for_one_wait_move_the_call_without_a_step(rig: Rig) -> None:
    """Vonage waits ten seconds at most: for fifteen it is asked twice."""
    from callplans.engine.adapter import Hook
    from callplans.lines import lines

    connection = rig.vonage()
    line = lines.get("vonage", connection.pk)
    assert line is not None
    start = b'{"from":"447700900123","to":"441632960100","uuid":"' + b"c" * 32 + b'"}'
    told = calls.answer(line, Hook("POST", "http://x/", [], {}, start, time.time()))
    if told.publish and told.turn is not None:
        calls.take(told.turn)
    row = Call.objects.get()
    before = events_of(row.pk)

    def key(body: bytes, token: str) -> calls.Told:
        return calls.hear(line, Hook("POST", "http://x/", [], {}, body, time.time()), row.pk, token)

    token = row.awaits
    first = b'{"dtmf":{"digits":"","timed_out":true},"speech":null}'
    assert told.refused == ""
    told = key(first, token)
    assert told.document is not None and b'"input"' in told.document.body
    row.refresh_from_db()
    copy = key(first, token)
    seen = calls.look(line, row.pk, copy.token, calls.Asked(), time.time())
    assert seen.document is not None and seen.document.body == told.document.body
    assert row.awaits != token and row.memo is not None
    assert events_of(row.pk) == before
    told = key(b'{"dtmf":{"digits":"1234","timed_out":false}}', row.awaits)
    if told.publish and told.turn is not None:
        calls.take(told.turn)
    rig.hands.work()
    row.refresh_from_db()
    assert row.memo is None and row.at_name == "More"


def test_lost_callbacks_leave_by_the_failure_exit(rig: Rig) -> None:
    phone = started(rig)
    row = Call.objects.get(pk=phone.call)
    calls.lose_callback(row.pk, "0.other", "callback_lost")
    assert kinds(phone.call).count("heard") == 0
    calls.lose_callback(row.pk, row.awaits, "callback_lost")
    rig.hands.work()
    row.refresh_from_db()
    assert row.troubles == 1 and row.end_reason == "end_of_plan"
    told = phone.keys("1234")  # it comes after all: the reply of the turn that took its place
    phone.hears(told)
    assert phone.says() == ["Goodbye."]
    check_call(phone.call)


def test_ids_of_turns_that_are_not_there_do_nothing(rig: Rig) -> None:
    assert calls.take(UUID(int=1)) is False
    assert calls.take(UUID(int=1), again=True) is False
    assert errands.carry_out(UUID(int=1)) is False
