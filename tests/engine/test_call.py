from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callplans.engine.applet import Prompt
from callplans.engine.call import CallState, CallView, Source, seconds_to_say
from callplans.engine.errors import BadState
from callplans.engine.plan import Plan
from callplans.engine.words import Fetch, Hidden, Sound
from tests.engine.tiny import Say, draw, state_after

ACCOUNT = "44170921"


def test_keys_match_whatever_their_case_and_keep_the_first_spelling() -> None:
    state, call = state_after(("Owner|Name", "Ada", False, False), ("OWNER|name", "Bob", False, False))
    assert call.sources() == {"Owner|Name": "Bob"}
    assert call.get("owner|NAME") == "Bob"
    assert call.fill("$(owner|name)") == "Bob"
    assert state.seen_keys == {"owner|name": "Owner|Name"}


def test_never_written_is_null_and_null_is_not_empty_text() -> None:
    _, call = state_after(("empty", "", False, False), ("null", None, False, False))
    assert (call.get("empty"), call.get("null"), call.get("never")) == ("", None, None)
    assert call.fill("[$(empty)$(null)$(never)]") == "[]"
    assert call.sources() == {"empty": "", "null": None}


def test_sealed_values_are_kept_apart_and_the_last_writer_decides() -> None:
    state, call = state_after(("Pin", "1234", True, True))
    assert call.sources() == {} and call.get("PIN") == "1234" and call.is_sealed("pin") and call.is_collected("pin")
    assert state.sealed == {"Pin": Source("1234", True)}
    call.set("pin", "open")
    assert call.sources() == {"Pin": "open"} and not call.is_sealed("pin") and not call.is_collected("pin")


def test_sealed_values_are_bullets_for_ears_unless_asked_for() -> None:
    _, call = state_after(("Pin", "1234", True, True))
    assert call.fill("$(pin)!") == "••••!"
    assert call.fill("$(pin)!", show_sealed=True) == "1234!"


def test_the_record_never_shows_collected_values_settings_or_cards() -> None:
    _, call = state_after(
        ("Account", ACCOUNT, False, True), ("Pin", "1234", True, True), ("Card", "4111 1111 1111 1111", False, False)
    )
    assert call.fill("$(account) #(Key)") == f"{ACCOUNT} #(Key)"
    assert call.shown("$(account) $(pin) #(Key) $(Card)") == "•••••••• •••• •••• •••• •••• •••• ••••"


def test_a_value_that_comes_back_as_it_was_keyed_counts_as_collected() -> None:
    _, call = state_after(("Account", ACCOUNT, False, True), ("Digit", "1", False, True))
    call.set("Echo", ACCOUNT)
    call.set("One", "1")
    call.set("Other", "44170922")
    assert [call.is_collected(name) for name in ("Echo", "One", "Other")] == [True, False, False]


def test_templates_hold_references_for_what_is_hidden() -> None:
    _, call = state_after(("Account", ACCOUNT, False, True), ("Pin", "1234", True, True))
    text = call.template("/$(account)/$(pin)?k=#(Key)&n=$(never)")
    assert text == [f"/{ACCOUNT}/", Hidden("sealed", "Pin"), "?k=", Hidden("secret", "Key"), "&n="]


def test_set_events_hold_lengths_only() -> None:
    _, call = state_after()
    call.set("Account", ACCOUNT, collected=True)
    call.set("Pin", "1234", sealed=True)
    call.set("Nothing", None)
    assert [event.data for event in call.events] == [
        {"name": "Account", "length": 8, "sealed": False, "collected": True, "null": False},
        {"name": "Pin", "length": 4, "sealed": True, "collected": True, "null": False},
        {"name": "Nothing", "length": None, "sealed": False, "collected": False, "null": True},
    ]


def test_what_no_database_takes_is_replaced() -> None:
    state, call = state_after()
    call.set("a\x00", "b\x00\ud800")
    assert state.sources == {
        "a\N{REPLACEMENT CHARACTER}": Source("b\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}")
    }
    call.set("n" * 300, "x")
    assert "n" * 255 in state.sources


def test_prompts_play_their_file_or_speak_their_text_or_are_silent() -> None:
    _, call = state_after(("Name", "Ada", False, False), ("Account", ACCOUNT, False, True))
    assert call.sound(Prompt()) is None
    spoken = call.sound(Prompt(text="Dear $(Name)"), barge_in=True)
    assert spoken == Sound("Dear Ada", language="en-GB", barge_in=True, masked="Dear Ada")
    played = call.sound(Prompt(file="welcome.wav", text="Welcome"))
    assert played is not None and (played.file, played.text) == ("welcome.wav", "Welcome")
    masked = call.sound("Account $(account)")
    assert masked is not None and (masked.text, masked.masked) == (f"Account {ACCOUNT}", "Account ••••••••")
    assert call.sound("$(never)") is None


def test_what_is_said_becomes_a_command_and_a_masked_event() -> None:
    _, call = state_after(("Account", ACCOUNT, False, True))
    call.say(Prompt(text="Your account is $(Account)."))
    call.say(f"Again {ACCOUNT}, $(Account)")
    call.say("4 4 1 7", masked="digits")
    call.say(Sound(file="a.wav", seconds=3.0))
    call.say("")
    call.say(None)
    assert [c.text for c in call.commands] == [
        f"Your account is {ACCOUNT}.", f"Again {ACCOUNT}, $(Account)", "4 4 1 7", None,
    ]  # fmt: skip
    said = [event.data for event in call.events]
    assert [d["text"] for d in said] == ["Your account is ••••••••.", "Again ••••••••, $(Account)", "digits", ""]
    assert said[3] == {"text": "", "seconds": 3.0, "file": "a.wav"}
    assert call.talking


@pytest.mark.parametrize("caller", ["gone", "absent"])
def test_nothing_is_said_to_nobody(caller: str) -> None:
    state, call = state_after()
    state.caller = caller  # type: ignore[assignment]  # one of the words it takes
    call.say("Hello")
    assert call.commands == call.events == [] and not call.talking


def test_issues_and_notes_are_scrubbed() -> None:
    _, call = state_after(("Account", ACCOUNT, False, True))
    call.issue("odd", f"No account {ACCOUNT} or 4111111111111111")
    call.note("did", what=ACCOUNT, n=3)
    assert call.events[0].data == {"code": "odd", "words": "No account •••••••• or ••••••••••••••••"}
    assert call.events[1].data == {"what": "••••••••", "n": 3}


def test_effects_are_numbered_and_limited() -> None:
    state, call = state_after()
    assert call.effects_left == 10
    for _ in range(12):
        call.do(Fetch(method="POST", url=["http://x"], label="POST http://x"))
    assert [effect.n for effect in call.effects] == list(range(1, 11))
    assert state.effects == 10 and call.too_many_effects and call.effects_left == 0
    assert call.events[0].data == {"effect": 1, "what": "fetch", "label": "POST http://x"}


def test_chance_repeats_itself() -> None:
    draws = []
    for _ in range(2):
        state, call = state_after()
        state.seed = 7
        draws.append([call.chance(), call.chance()])
    assert draws[0] == draws[1] and draws[0][0] != draws[0][1]
    assert all(0 <= n < 1 for n in draws[0])


def test_place_and_wires() -> None:
    plan = draw({"a": (Say(), {"next": None})})
    call = CallView(plan, CallState("p", "v", applet="a"), 1.0)
    assert call.place == ("a", "A") and call.wired("next") and not call.wired("other")
    assert CallView(Plan("p", "v"), CallState("p", "v"), 1.0).place == ("", "")


def test_speech_takes_about_as_long_as_it_takes() -> None:
    assert seconds_to_say("") == 0
    assert seconds_to_say("a" * 140) == 10.0
    assert seconds_to_say("One. Two, three.") > seconds_to_say("One  Two  three ")


def test_a_copy_is_a_state_of_its_own() -> None:
    state, call = state_after(("a", "1", False, False))
    state.card["deep"] = {"n": 1}
    new = state.copy()
    assert new == state
    call.set("b", "2")
    state.card["deep"]["n"] = 2
    assert "b" not in new.sources and new.card == {"deep": {"n": 1}} and "b" not in new.seen_keys


def test_a_strange_state_is_refused() -> None:
    for strange in (
        {},
        {"plan": "p", "version": "v", "sources": {"a": {"wrong": 1}}},
        {"plan": "p", "version": "v", "sources": 3},
    ):
        with pytest.raises(BadState):
            CallState.from_json(strange)
    old = {"plan": "p", "version": "v", "gone_field": 1}
    assert CallState.from_json(old) == CallState("p", "v")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(), lambda j: st.lists(j) | st.dictionaries(st.text(), j)
)


@given(
    st.lists(st.tuples(st.text(max_size=8), st.none() | st.text(max_size=8), st.booleans(), st.booleans()), max_size=8),
    st.dictionaries(st.text(), json_values, max_size=3),
)
def test_any_state_goes_through_json_and_back(
    values: list[tuple[str, str | None, bool, bool]], card: dict[str, object]
) -> None:
    state, call = state_after(*values)
    state.card = card
    assert CallState.from_json(json.loads(json.dumps(state.to_json()))) == state
    for name, *_ in values:
        call.get(name)
        assert call.is_sealed(name) in (True, False)
