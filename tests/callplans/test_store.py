"""The turn's statements, in both dialects, each on a database made by the migrations."""

from __future__ import annotations

import os
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest

from callplans.store import Move, NewCall, NewEffect, NewEvent, NewNote, Store, make
from tests.callplans.databases import DIALECTS, create_postgres, drop_postgres, migrate, production

NOW = 1_800_000_000.0


@pytest.fixture(scope="session", params=DIALECTS)
def opened(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    if request.param == "sqlite":
        folder = tmp_path_factory.mktemp("store")
        migrate({"VAR_DIR": str(folder), "DATABASE_URL": "", "REDIS_URL": "", "EMBEDDED": "1"})
        store = make({"ENGINE": "django.db.backends.sqlite3", "NAME": folder / "callplans.sqlite3"})
        yield store
        store.close()
        return
    name = f"callplans_store_{os.getpid()}"
    url = create_postgres(name)
    migrate(production(url))
    parts = urlsplit(url)
    store = make({
        "ENGINE": "django.db.backends.postgresql", "NAME": name, "USER": parts.username, "PASSWORD": parts.password,
        "HOST": parts.hostname, "PORT": parts.port, "OPTIONS": {"pool": {"max_size": 20}},
    })  # fmt: skip
    yield store
    store.close()
    drop_postgres(name)


@pytest.fixture
def store(opened: Store) -> Store:
    for table in ("event", "effect", "turn", "call", "counter", "lease", "refusal", "account"):
        opened.change(f"DELETE FROM callplans_{table}", {})
    return opened


@pytest.fixture
def account(store: Store) -> UUID:
    id = uuid.uuid4()
    store.change(
        "INSERT INTO callplans_account (id, name, zone, language, created) VALUES (:id, 'H', 'UTC', 'en-GB', :at)",
        {"id": id, "at": datetime.now(UTC)},
    )
    return id


def new_call(account: UUID, **fields: Any) -> NewCall:
    call = NewCall(uuid.uuid4(), account, "browser", f"p-{uuid.uuid4().hex}", "wrapped", NOW, clid="+447700900123")
    return replace(call, **fields)


@pytest.fixture
def call(store: Store, account: UUID) -> UUID:
    return store.open_call(new_call(account), NOW + 60).id


def move(call: UUID, turn: UUID, seq: int, **fields: Any) -> Move:
    made = Move(
        call, seq, turn, "done", "[parts]", f"token-{seq + 1}", f"token-{seq + 1}", "state", "memo", 0, NOW + 60, False,
        "", "a1", "Menu", NOW,
    )  # fmt: skip
    return replace(made, **fields)


def event(kind: str, **data: Any) -> NewEvent:
    return NewEvent(NOW, kind, "a1", data)


def effect(no: int, awaited: bool = True, repeatable: bool = False, due: float = NOW + 10) -> NewEffect:
    return NewEffect(uuid.uuid4(), no, "fetch", awaited, repeatable, 10.0, "sealed request", due)


def hear(store: Store, call: UUID, token: str = "start") -> UUID:
    turn = uuid.uuid4()
    assert store.hear(call, turn, token, "sealed input", NOW, NOW + 1) == (turn, "new")
    return turn


def waiting(store: Store, call: UUID, wanted: NewEffect) -> UUID:
    """A turn that waits for this effect."""
    turn = hear(store, call)
    made = move(call, turn, 0, status="waiting", awaits=f"effect:{wanted.no}", next_token="", effects=[wanted])
    assert store.write(made) == 0
    return turn


def numbers(store: Store, call: UUID) -> list[int]:
    return [event["no"] for event in store.events_after(call, 0, 10_000)]


def together(count: int, work: Callable[[int], Any]) -> list[Any]:
    """Results of `work(0)`, `work(1)`, ... begun at the same moment."""
    barrier = threading.Barrier(count)
    results: list[Any] = [None] * count

    def run(index: int) -> None:
        barrier.wait()
        results[index] = work(index)

    threads = [threading.Thread(target=run, args=(index,)) for index in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return results


# ---- the first hook -------------------------------------------------------------------------------------------------


def test_the_first_hook_of_a_call_makes_one_row_whoever_comes_first(store: Store, account: UUID) -> None:
    first = new_call(account)
    found = together(8, lambda _: store.open_call(replace(first, id=uuid.uuid4()), NOW))
    assert len({call.id for call in found}) == 1
    assert store.find_call(account, "browser", first.provider_call_id).id == found[0].id
    assert store.find_call(account, "vonage", first.provider_call_id) is None


def test_copies_of_a_call_whose_id_is_given_make_one_row_too(store: Store, account: UUID) -> None:
    for _ in range(10):
        first = new_call(account)
        found = together(8, lambda _, first=first: store.open_call(first, NOW))
        assert {call.id for call in found if call is not None} == {first.id} and None not in found


def test_the_answer_webhook_adds_what_an_event_before_it_could_not_know(store: Store, account: UUID) -> None:
    early = store.open_call(new_call(account, clid=None), NOW)
    late = store.open_call(
        new_call(account, provider_call_id=early.provider_call_id, dialled="+441632960100", leg={"uuid": "x"}), NOW
    )
    assert (late.id, late.clid, late.dialled) == (early.id, "+447700900123", "+441632960100")
    assert (late.leg, late.awaits, late.seq, late.ended) == ({"uuid": "x"}, "start", 0, False)


# ---- hear -----------------------------------------------------------------------------------------------------------


def test_a_copy_finds_the_turn_of_the_first(store: Store, call: UUID) -> None:
    turn = hear(store, call)
    assert store.hear(call, uuid.uuid4(), "start", "other input", NOW, NOW) == (turn, "new")
    found = store.read_turn(turn)
    assert found is not None and found[1].input == "sealed input"
    assert store.read("SELECT copies FROM callplans_turn WHERE id = :id", {"id": turn})[0][0] == 1


def test_copies_at_the_same_instant_make_one_turn(store: Store, call: UUID) -> None:
    heard = together(8, lambda _: store.hear(call, uuid.uuid4(), "start", "input", NOW, NOW))
    assert len(set(heard)) == 1


def test_a_token_that_is_not_awaited_is_late_and_keeps_nothing_of_its_input(store: Store, call: UUID) -> None:
    turn = uuid.uuid4()
    assert store.hear(call, turn, "7.old", "sealed input", NOW, NOW) == (turn, "late")
    found = store.read_turn(turn)
    assert found is not None and found[1].input is None


def test_an_unknown_call_hears_nothing(store: Store) -> None:
    assert store.hear(uuid.uuid4(), uuid.uuid4(), "start", "x", NOW, NOW) is None
    assert store.read_token(uuid.uuid4(), "start") is None
    assert store.read_turn(uuid.uuid4()) is None


# ---- the compare-and-set --------------------------------------------------------------------------------------------


def test_a_step_writes_turn_state_effects_and_numbered_events_at_once(store: Store, call: UUID) -> None:
    turn = hear(store, call)
    wanted, aside = effect(1), effect(2, awaited=False)
    made = move(
        call, turn, 0, status="waiting", awaits="effect:1", next_token="", effects=[wanted, aside],
        events=[event("started", clid="+44"), event("said", text="Grüß Gott")],
    )  # fmt: skip
    assert store.write(made) == 0
    found = store.read_turn(turn)
    assert found is not None
    record, heard, awaited = found
    assert (record.seq, record.last_event, record.awaits, record.state, record.memo) == (
        1,
        2,
        "effect:1",
        "state",
        "memo",
    )
    assert (heard.status, heard.parts, heard.next_token) == ("waiting", "[parts]", "")
    assert awaited is not None and (awaited.id, awaited.no, awaited.status) == (wanted.id, 1, "new")
    events = store.events_after(call, 0)
    assert [(e["no"], e["kind"], e["applet"], e["data"]) for e in events] == [
        (1, "started", "a1", {"clid": "+44"}), (2, "said", "a1", {"text": "Grüß Gott"}),
    ]  # fmt: skip
    assert events[0]["at"] == "2027-01-15T08:00:00Z"
    assert store.events_after(call, 1)[0]["no"] == 2


def test_a_step_from_another_place_writes_nothing(store: Store, call: UUID) -> None:
    turn = hear(store, call)
    assert store.write(move(call, turn, 5, effects=[effect(1)], events=[event("said")])) is None
    found = store.read_turn(turn)
    assert found is not None and (found[0].seq, found[1].status) == (0, "new")
    assert numbers(store, call) == []
    assert store.read("SELECT count(*) FROM callplans_effect", {})[0][0] == 0


def test_of_many_takers_exactly_one_writes(store: Store, call: UUID) -> None:
    turn = hear(store, call)
    bases = together(8, lambda _: store.write(move(call, turn, 0, events=[event("said"), event("asked")])))
    assert sorted(bases, key=str) == [0] + [None] * 7
    assert numbers(store, call) == [1, 2]


def test_inline_the_turn_is_made_by_the_same_statement(store: Store, call: UUID) -> None:
    turn = uuid.uuid4()
    assert store.write(move(call, turn, 0, heard=("start", "sealed input", NOW), effects=[effect(1)])) == 0
    found = store.read_token(call, "start")
    assert found is not None and found[1] is not None
    assert (found[1].id, found[1].status, found[1].input) == (turn, "done", "sealed input")


def test_inline_copies_at_the_same_instant_write_once(store: Store, call: UUID) -> None:
    bases = together(
        8, lambda _: store.write(move(call, uuid.uuid4(), 0, heard=("start", "in", NOW), events=[event("said")]))
    )
    assert bases.count(0) == 1 and bases.count(None) == 7
    assert numbers(store, call) == [1]


def test_inline_a_token_heard_by_the_longer_road_moves_nothing(store: Store, call: UUID) -> None:
    turn = hear(store, call)
    assert store.write(move(call, uuid.uuid4(), 0, heard=("start", "in", NOW))) is None
    found = store.read_token(call, "start")
    assert found is not None and found[1] is not None and (found[0].seq, found[1].id) == (0, turn)


def test_the_end_is_written_once(store: Store, call: UUID) -> None:
    turn = hear(store, call)
    assert store.write(move(call, turn, 0, over=True, reason="end_of_plan", awaits="", next_token="")) == 0
    second = move(call, turn, 1, over=True, reason="other", awaits="")
    assert store.write(second) == 0
    record = store.call(call)
    assert record is not None and (record.ended, record.end_reason, record.seq) == (True, "end_of_plan", 2)


# ---- effects --------------------------------------------------------------------------------------------------------


def test_an_effect_is_claimed_once(store: Store, call: UUID) -> None:
    wanted = effect(1)
    turn = waiting(store, call, wanted)
    claims = [claim for claim in together(8, lambda _: store.claim(wanted.id, NOW + 3)) if claim]
    assert len(claims) == 1
    claim = claims[0]
    assert (claim.call, claim.turn, claim.no, claim.kind, claim.attempt) == (call, turn, 1, "fetch", 1)
    assert (claim.request, claim.due_at) == ("sealed request", NOW + 13)


def test_an_answer_makes_its_turn_need_a_taker(store: Store, call: UUID) -> None:
    wanted = effect(1)
    turn = waiting(store, call, wanted)
    claim = store.claim(wanted.id, NOW)
    assert claim is not None
    assert store.answer(wanted.id, claim.attempt, "answer", NOW) == (True, turn)
    found = store.read_turn(turn)
    assert found is not None and found[2] is not None
    assert (found[1].status, found[2].status, found[2].answer) == ("new", "answered", "answer")
    assert store.answer(wanted.id, claim.attempt, "again", NOW) == (False, None)


def test_an_answer_nobody_awaits_leaves_its_turn_alone(store: Store, call: UUID) -> None:
    turn, aside = hear(store, call), effect(1, awaited=False)
    store.write(move(call, turn, 0, effects=[aside]))
    claim = store.claim(aside.id, NOW)
    assert claim is not None
    assert store.answer(aside.id, claim.attempt, "answer", NOW) == (True, None)
    found = store.read_turn(turn)
    assert found is not None and found[1].status == "done"


def test_an_answer_after_its_time_is_kept_as_a_late_one(store: Store, call: UUID) -> None:
    wanted = effect(1)
    turn = waiting(store, call, wanted)
    claim = store.claim(wanted.id, NOW)
    assert claim is not None
    assert store.lose(wanted.id, NOW + 9, NOW + 9) is None  # its time is not over yet
    assert store.lose(wanted.id, NOW + 10, NOW + 12) == turn
    assert store.answer(wanted.id, claim.attempt, "too late", NOW + 13) == (False, None)
    row = store.read("SELECT status, answer, late_answer FROM callplans_effect WHERE id = :id", {"id": wanted.id})[0]
    assert tuple(row) == ("lost", None, "too late")


def test_of_answer_and_loss_the_first_wins(store: Store, account: UUID) -> None:
    for _ in range(10):
        call = store.open_call(new_call(account), NOW).id
        wanted = effect(1)
        turn = waiting(store, call, wanted)
        claim = store.claim(wanted.id, NOW)
        assert claim is not None
        attempt = claim.attempt
        answered, lost = together(
            2,
            lambda index, id=wanted.id, attempt=attempt: (
                store.answer(id, attempt, "a", NOW) if index == 0 else store.lose(id, NOW + 60, NOW)
            ),
        )
        assert (answered, lost) in (((True, turn), None), ((False, None), turn))


def test_what_has_begun_begins_again_only_if_it_may_be_repeated(store: Store, account: UUID) -> None:
    for repeatable in (False, True):
        call = store.open_call(new_call(account), NOW).id
        wanted = effect(1, repeatable=repeatable)
        waiting(store, call, wanted)
        assert store.claim(wanted.id, NOW)
        assert store.requeue(wanted.id, NOW + 5, NOW + 5, 2) is False
        assert store.requeue(wanted.id, NOW + 12, NOW + 12, 2) is repeatable
        assert bool(store.claim(wanted.id, NOW + 12)) is repeatable
        assert store.requeue(wanted.id, NOW + 60, NOW + 60, 2) is False  # not a third time


def test_an_effect_whose_call_went_on_is_not_begun(store: Store, call: UUID) -> None:
    wanted = effect(1)
    waiting(store, call, wanted)
    assert store.end(call, uuid.uuid4(), "hangup", "input", "hung_up", NOW)
    assert store.claim(wanted.id, NOW) is None
    assert store.read("SELECT status FROM callplans_effect WHERE id = :id", {"id": wanted.id})[0][0] == "cancelled"


def test_an_effect_nobody_awaits_is_begun_after_the_end_too(store: Store, call: UUID) -> None:
    turn, aside = hear(store, call), effect(1, awaited=False)
    store.write(move(call, turn, 0, effects=[aside]))
    store.end(call, uuid.uuid4(), "hangup", "input", "hung_up", NOW)
    assert store.claim(aside.id, NOW) is not None


# ---- hang-up and status ---------------------------------------------------------------------------------------------


def test_hang_up_moves_the_call_drops_open_turns_and_happens_once(store: Store, call: UUID) -> None:
    open_turn, hangup = hear(store, call), uuid.uuid4()
    assert store.end(call, hangup, "hangup", "hung up", "caller", NOW) is True
    assert store.end(call, uuid.uuid4(), "hangup", "hung up", "caller", NOW) is False
    found = store.read_turn(hangup)
    assert found is not None
    assert (found[0].seq, found[0].awaits, found[0].ended, found[0].end_reason) == (1, "hangup", True, "caller")
    assert (found[1].status, found[1].input) == ("new", "hung up")
    dropped = store.read_turn(open_turn)
    assert dropped is not None and dropped[1].status == "dropped"
    assert store.write(move(call, open_turn, 0)) is None  # a taker that was under way writes nothing


def test_hang_up_races_takers_and_one_of_them_wins(store: Store, account: UUID) -> None:
    for _ in range(10):
        call = store.open_call(new_call(account), NOW).id
        turn = hear(store, call)
        written, ended = together(
            2,
            lambda index, call=call, turn=turn: (
                store.write(move(call, turn, 0, events=[event("said")]))
                if index == 0
                else store.end(call, uuid.uuid4(), "hangup", "in", "caller", NOW)
            ),
        )
        assert ended is True
        record = store.call(call)
        assert record is not None and record.awaits == "hangup"
        assert record.seq == (2 if written == 0 else 1)


def test_hang_up_leaves_no_turn_open_that_was_made_in_the_same_moment(store: Store, account: UUID) -> None:
    """A taker makes the turn and its wait in one statement; hang-up waits for its lock and must still see that turn."""
    for number in range(30):
        call = store.open_call(new_call(account), NOW).id
        turn, wanted = uuid.uuid4(), effect(1)
        made = move(
            call, turn, 0, status="waiting", awaits="effect:1", next_token="", effects=[wanted],
            heard=("start", "in", NOW),
        )  # fmt: skip

        def work(index: int, call: UUID = call, made: Move = made, number: int = number) -> Any:
            if index == 0:
                return store.write(made)
            time.sleep(number * 0.0001)
            return store.end(call, uuid.uuid4(), "hangup", "in", "caller", NOW)

        _written, ended = together(2, work)
        assert ended is True
        found = store.read_turn(turn)
        assert found is None or found[1] is None or found[1].status == "dropped"


def test_status_events_move_no_sequence_and_terminal_ones_stick(store: Store, call: UUID) -> None:
    def note(key: str, status: str, rank: int, own: bool = True) -> bool:
        return store.note(call, uuid.uuid4(), NewNote(key, status, rank, own, event("leg", status=status)), NOW)

    assert note("s:answered", "answered", 3) is True
    assert note("s:answered", "answered", 3) is False  # a copy
    assert note("s:ringing", "ringing", 2) is False  # out of order
    assert note("s:completed", "completed", 9) is True
    assert note("s:failed", "failed", 9) is False
    assert note("s:other", "ringing", 2, own=False) is True  # of a leg we dialled
    row = store.read("SELECT status, status_rank, seq FROM callplans_call WHERE id = :id", {"id": call})[0]
    assert tuple(row) == ("completed", 9, 0)
    assert [e["data"]["status"] for e in store.events_after(call, 0)] == ["answered", "completed", "ringing"]


def test_a_status_of_which_nothing_may_be_told_makes_no_event(store: Store, call: UUID) -> None:
    assert store.note(call, uuid.uuid4(), NewNote("s:1", "ringing", 2, False, None), NOW) is True
    assert numbers(store, call) == []


def test_events_have_no_gaps_whoever_writes_them(store: Store, call: UUID) -> None:
    turn = hear(store, call)

    def work(index: int) -> Any:
        if index == 0:
            return store.write(move(call, turn, 0, events=[event("said")] * 5))
        if index < 5:
            return store.append(call, event("hold"))
        note = NewNote(f"s:{index}", "answered", index, True, event("leg"))
        return store.note(call, uuid.uuid4(), note, NOW)

    together(10, work)
    found = numbers(store, call)
    assert found == list(range(1, len(found) + 1)) and len(found) >= 10
    assert store.append(uuid.uuid4(), event("hold")) is None


# ---- attempts, key, counters, leases --------------------------------------------------------------------------------


def test_attempts_are_counted_only_while_a_taker_is_needed(store: Store, call: UUID) -> None:
    turn = hear(store, call)
    assert [store.count_attempt(turn, NOW + 2), store.count_attempt(turn, NOW + 4)] == [1, 2]
    store.write(move(call, turn, 0))
    assert store.count_attempt(turn, NOW) is None


def test_a_turn_is_dropped_only_while_it_needs_a_taker(store: Store, call: UUID) -> None:
    turn = hear(store, call)
    store.write(move(call, turn, 0))
    store.drop(turn)
    found = store.read_turn(turn)
    assert found is not None and found[1].status == "done"


def test_the_key_goes_when_nothing_is_left_to_be_done(store: Store, call: UUID) -> None:
    turn, aside = hear(store, call), effect(1, awaited=False)
    store.write(move(call, turn, 0, effects=[aside]))
    assert store.forget(call) is False  # it lives
    hangup = uuid.uuid4()
    store.end(call, hangup, "hangup", "in", "caller", NOW)
    assert store.forget(call) is False  # the hang-up is not taken yet
    store.write(move(call, hangup, 2, awaits="", next_token=""))
    assert store.forget(call) is False  # an effect is not done yet
    claim = store.claim(aside.id, NOW)
    assert claim is not None
    store.answer(aside.id, claim.attempt, "a", NOW)
    assert store.ended_with_key(time.time() + 10**9) == [call]
    assert store.forget(call) is True
    record = store.call(call)
    assert record is not None and (record.key, record.state, record.memo) == (None, None, None)
    assert store.ended_with_key(time.time() + 10**9) == []


def test_two_calls_never_share_a_number(store: Store) -> None:
    numbers = together(12, lambda _: store.next_number("plan:rotary"))
    assert sorted(numbers) == list(range(12))
    assert store.next_number("other") == 0


def test_a_lease_has_one_holder_until_it_runs_out(store: Store) -> None:
    assert store.lease("sweeper", "a", NOW, NOW + 30)
    assert not store.lease("sweeper", "b", NOW + 1, NOW + 31)
    assert store.lease("sweeper", "a", NOW + 2, NOW + 32)
    assert store.lease("sweeper", "b", NOW + 33, NOW + 60)
    assert not store.lease("sweeper", "a", NOW + 34, NOW + 64)


def test_refusals_are_counted_per_day_and_reason(store: Store) -> None:
    today = date(2026, 11, 23)
    assert [store.refuse("vonage", "line", "unsigned", today) for _ in range(3)] == [1, 2, 3]
    assert store.refuse("vonage", "line", "stale", today) == 1
    assert store.refuse("v" * 100, "l" * 100, "r" * 100, today) == 1


# ---- what a sweep finds ---------------------------------------------------------------------------------------------


def test_a_sweep_finds_turns_nobody_took_and_hands_each_out_once(store: Store, call: UUID) -> None:
    turn = hear(store, call)
    assert store.stale_turns(NOW + 0.5, NOW - 1.5) == []
    assert store.stale_turns(NOW + 2, NOW) == [turn]
    assert store.hand_out(turn, NOW + 2, NOW) is True
    assert store.hand_out(turn, NOW + 2, NOW) is False
    assert store.stale_turns(NOW + 3, NOW + 1) == []
    assert store.stale_turns(NOW + 5, NOW + 3) == [turn]
    found = store.read_turn(turn)
    assert found is not None and found[1].due_at == NOW + 1  # those who wait for it may take it all the same


def test_a_sweep_finds_effects_nobody_began_or_finished(store: Store, account: UUID) -> None:
    untaken, running = effect(1), effect(1, repeatable=True)
    for wanted in (untaken, running):
        waiting(store, store.open_call(new_call(account), NOW).id, wanted)
    assert store.claim(running.id, NOW)
    assert store.stale_effects(late=NOW + 1, untaken=NOW + 1) == [(untaken.id, "new", True)]
    found = store.stale_effects(late=NOW + 20, untaken=NOW - 1)
    assert found == [(running.id, "running", True)]


def test_a_sweep_finds_calls_that_have_gone_silent_or_are_too_old(store: Store, account: UUID) -> None:
    call = store.open_call(new_call(account), NOW + 60).id
    assert store.silent_calls(NOW + 30, NOW - 1) == []
    assert store.silent_calls(NOW + 61, NOW - 1) == [(call, "start", 0, False)]
    assert store.silent_calls(NOW + 30, NOW + 1) == [(call, "start", 0, True)]
    store.end(call, uuid.uuid4(), "hangup", "in", "lost", NOW)
    assert store.silent_calls(NOW + 61, NOW + 1) == []
