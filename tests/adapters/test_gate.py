"""The gate itself must be able to fail; and whatever a plan says, Vonage's own models accept the document."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callplans.engine.adapter import Again, Hook, Links, adapters
from callplans.engine.words import Dial, Drain, Gather, HangUp, Record, Recording, Sound

from .gate import check_ncco

EVENT_URL = ["https://flow.example.com/hooks/vonage/c1/t1"]
TALK = {"action": "talk", "text": "Press 1 for sales, 2 for support.", "bargeIn": True, "language": "en-GB", "style": 2}
INPUT = {
    "action": "input",
    "type": ["dtmf"],
    "dtmf": {"maxDigits": 1, "timeOut": 8},
    "eventUrl": EVENT_URL,
    "eventMethod": "POST",
}
CONNECT = {
    "action": "connect",
    "from": "442079460000",
    "eventType": "synchronous",
    "timeout": 20,
    "eventUrl": EVENT_URL,
    "endpoint": [{"type": "phone", "number": "447700900456"}],
}
NOTIFY = {"action": "notify", "payload": {"step": "after-dial"}, "eventUrl": EVENT_URL}


@pytest.mark.parametrize("ncco", [[TALK, INPUT], [CONNECT, NOTIFY]])
def test_must_pass(ncco: Any) -> None:
    assert check_ncco(ncco) == []


@pytest.mark.parametrize(
    "ncco",
    [
        [{**INPUT, "dtmf": {"timeOut": 30}}],
        [{**INPUT, "dtmf": {"maxDigits": 21}}],
        [{**TALK, "text": "x" * 1501}, INPUT],
        [{**INPUT, "eventUrl": EVENT_URL[0]}],
        [{**CONNECT, "endpoint": [{"type": "phone", "number": "+447700900456"}]}],
        [{**CONNECT, "from": "+442079460000"}],
        [{"action": "talk", "text": "Hello.", "bargein": True}, INPUT],
        [{**INPUT, "dtmf": {"maxDigit": 1}}],
        [{"action": "wait", "timeout": 9999}],
        [{"action": "hangup"}],
        [],
        {},
        [TALK],
        [TALK, NOTIFY],
        [{k: v for k, v in CONNECT.items() if k != "from"}],
        [{**INPUT, "eventUrl": [*EVENT_URL, *EVENT_URL]}],
    ],
    ids=str,
)
def test_must_fail(ncco: Any) -> None:
    assert check_ncco(ncco)


VONAGE = adapters.get("vonage")
assert VONAGE is not None
LINKS = Links(wait=EVENT_URL[0], again=EVENT_URL[0] + "?heard=1", after=2.0, event=EVENT_URL[0])

texts = st.text(max_size=300) | st.text(alphabet="ab .,<>&", max_size=4000)
sounds = st.builds(
    Sound,
    text=st.none() | texts,
    file=st.none() | st.sampled_from(["https://files.example.com/a.wav", "a.wav", "ftp://x/a.wav"]),
    voice=st.none() | st.sampled_from(["2", "Amy", "²", "99999"]),
    language=st.none() | st.just("en-GB"),
    barge_in=st.booleans(),
)
seconds = st.floats(min_value=0, max_value=10_000)
gathers = st.builds(
    Gather,
    prompts=st.lists(sounds, max_size=3),
    most=st.integers(1, 64),
    least=st.integers(0, 64),
    finish=st.sampled_from(["#", "", "*", "#*"]),
    first=seconds,
    between=seconds,
    barge_in=st.booleans(),
    speech=st.booleans(),
    hints=st.lists(texts, max_size=2),
)
numbers = st.from_regex(r"\+[1-9][0-9]{6,14}", fullmatch=True) | st.text(max_size=20)
dials = st.builds(
    Dial,
    to=numbers | st.from_regex(r"sips?:[a-z0-9.@]{1,30}", fullmatch=True),
    via=st.sampled_from(["phone", "sip", "agent", "bot"]),
    present=st.none() | numbers | st.just("+442079460000"),
    ring=seconds,
    talk=st.none() | seconds,
    private=st.booleans(),
    headers=st.dictionaries(st.text(max_size=5), st.text(max_size=5), max_size=2),
)
lasts = (
    gathers | dials | st.builds(HangUp) | st.builds(Drain) | st.builds(Record, name=texts)
    | st.builds(Recording, do=st.sampled_from(["start", "pause", "resume", "stop"]))
)  # fmt: skip
own = st.fixed_dictionaries({"own_numbers": st.lists(numbers | st.just("+442079460000"), max_size=3)})


@given(said=st.lists(sounds, max_size=4), last=lasts, settings=own)
@settings(max_examples=300, deadline=None)
def test_every_document_passes(said: list[Sound], last: Any, settings: dict[str, Any]) -> None:
    document = VONAGE.reply([*said, last], LINKS, settings)
    assert check_ncco(json.loads(document.body)) == []


@given(said=st.lists(sounds, max_size=4), after=seconds)
@settings(max_examples=100, deadline=None)
def test_every_hold_passes(said: list[Sound], after: float) -> None:
    links = Links(wait=LINKS.wait, again=LINKS.again, after=after)
    assert check_ncco(json.loads(VONAGE.hold(list(said), links, {}).body)) == []


@given(
    gather=gathers,
    rounds=st.lists(st.tuples(st.text(alphabet="0123456789*#", max_size=20), st.booleans()), min_size=1, max_size=40),
)
@settings(max_examples=200, deadline=None)
def test_rounds_of_a_gather_pass_and_end(gather: Gather, rounds: list[tuple[str, bool]]) -> None:
    memo: dict[str, Any] = {}
    for digits, timed_out in rounds:
        body = json.dumps({"dtmf": {"digits": digits, "timed_out": timed_out}}).encode()
        read = VONAGE.read(Hook("POST", "", body=body, now=1.0), gather, memo, LINKS)
        if not isinstance(read, Again):
            assert getattr(read.input, "digits", "") == getattr(read.input, "digits", "")[: gather.most]
            return
        assert check_ncco(json.loads(read.document.body)) == []
        assert json.loads(json.dumps(read.memo)) == read.memo
        assert len(read.memo["digits"]) < gather.most
        memo = read.memo


def test_a_silent_caller_is_waited_for_as_long_as_asked() -> None:
    for first in (1, 5, 10, 11, 25, 60):
        gather, memo, waited = Gather(first=first, most=1), {}, 0
        action = json.loads(VONAGE.reply([gather], LINKS, {}).body)[-1]
        while True:
            waited += action["dtmf"]["timeOut"]
            body = b'{"dtmf": {"digits": "", "timed_out": true}}'
            read = VONAGE.read(Hook("POST", "", body=body, now=1.0), gather, memo, LINKS)
            if not isinstance(read, Again):
                break
            memo, action = read.memo, json.loads(read.document.body)[-1]
        assert waited == first
        assert read.input.kind == "silence"
