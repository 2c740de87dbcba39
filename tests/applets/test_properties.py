"""Whatever settings validate and whatever is heard: no fault, only declared exits and waits, a state that is JSON."""

from __future__ import annotations

import json
from typing import Any, Literal, get_args, get_origin

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from callplans.engine import words
from callplans.engine.applet import Applet, register
from callplans.engine.call import CallState
from callplans.engine.step import take_step
from tests.applets.running import START, Ran, plan_around, run

NAMES = ["A", "b", "Keyed", "Sealed", "Null", "Gone", "PayLine", "PayClid", "IVRSlot|Account"]
TEXTS = [
    "", " ", "$(A)", "$(Sealed) and $(Keyed)", "$(Null)$(Gone)", "#(PayKey)", "$(", "$()", "+442079460001",
    "+44$(A)", "2026-11-09", "2026-11-09T12:00:00Z", "0001-01-01", "9999-12-31T23:59:59-14:00", "82.40", "1e30",
    "-0", "true", "12:30", "$.a[0]", "/a/@b", "https://x.example/$(A)", "{\"a\": \"$(A)\"}", "#", "\x00", "🙂",
]  # fmt: skip
text = st.one_of(st.sampled_from(TEXTS), st.sampled_from(NAMES), st.text(max_size=20))
value = st.one_of(st.none(), text, st.from_regex(r"[+-]?[0-9]{1,17}([.,][0-9]{1,3})?", fullmatch=True))


def of(annotation: Any, limits: dict[str, Any], name: str) -> st.SearchStrategy[Any]:
    """Values of a settings field: mostly good ones, some that will not validate."""
    if get_origin(annotation) is Literal:
        return st.sampled_from(get_args(annotation))
    if annotation is bool:
        return st.booleans()
    if annotation is int:
        return st.integers(limits.get("ge", 0), limits.get("le", 100))
    if get_origin(annotation) is list:
        items = of(get_args(annotation)[0], {}, name)
        least = limits.get("min_length", 0)
        return st.lists(items, min_size=least, max_size=min(limits.get("max_length", 4), least + 3))
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return model(annotation)
    if name == "id":
        return st.uuids().map(str)
    return text


def model(cls: type[BaseModel]) -> st.SearchStrategy[dict[str, Any]]:
    needed, optional = {}, {}
    for name, field in cls.model_fields.items():
        strategy = of(field.annotation, _limits(field), name)
        (needed if field.is_required() else optional)[name] = strategy
    return st.fixed_dictionaries(needed, optional=optional)


def _limits(field: FieldInfo) -> dict[str, Any]:
    names = ("ge", "le", "min_length", "max_length")
    return {n: getattr(m, n) for m in field.metadata for n in names if getattr(m, n, None) is not None}


outcomes = st.sampled_from(get_args(words.Outcome))
digits = st.one_of(st.text("0123456789*#", max_size=70), st.text(max_size=5))
rare = st.one_of(
    st.builds(lambda t: {"kind": "speech", "text": t, "confidence": 0.5}, st.text(max_size=20)),
    st.just({"kind": "trouble", "why": "lost_callback"}),
    st.just({"kind": "hung_up", "by": "caller"}),
    st.just({"kind": "stopped", "by": "operator"}),
    st.just({"kind": "moved", "applet": "it", "by": "operator"}),
    st.just({"kind": "moved", "applet": "nowhere", "by": "operator"}),
    st.just({"kind": "played"}),
    st.just({"kind": "leg_answered"}),
)
heard = st.one_of(
    st.builds(lambda d, e: {"kind": "keys", "digits": d, "ended_by": e}, digits,
              st.sampled_from(["full", "finish_key", "pause"])),
    st.just({"kind": "silence"}),
    st.builds(lambda o, s: {"kind": "dial_ended", "outcome": o, "seconds": s}, outcomes, st.floats(0, 900)),
    st.builds(lambda ok: {"kind": "recording_changed", "ok": ok}, st.booleans()),
    st.builds(lambda v, e: {"kind": "answered", "value": v, "error": e},
              st.one_of(st.just({}), st.builds(lambda n: {"n": n}, st.one_of(st.integers(), text))),
              st.sampled_from(["", "lost"])),
    st.builds(lambda s, v, i, e: {"kind": "fetched", "status": s, "values": v, "issues": i, "error": e},
              st.one_of(st.none(), st.integers(100, 599)), st.lists(value, max_size=6), st.lists(text, max_size=2),
              st.sampled_from(["", "timeout", "secret_missing", "new_error"])),
    rare,
)  # fmt: skip
timed = st.builds(lambda h, after: {**h, "after": after}, heard, st.sampled_from([0, 1, 15, 4000]))
held = st.fixed_dictionaries(
    {"sources": st.dictionaries(st.sampled_from(NAMES), value, max_size=6)},
    optional={
        "recording": st.sampled_from(["on", "paused"]),
        "zone": st.sampled_from(["Europe/London", "Pacific/Kiritimati", "Nowhere/Land"]),
        "payment_lines": st.just({"+442079460001": ["+442079460001"]}),
        "files": st.just({"a": "media/a.wav"}),
    },
)


def _sound(cls: type[Applet[Any]], drawn: dict[str, Any], ran: Ran) -> None:
    exits = {exit.name for exit in cls.drawn_exits(drawn)}
    for step in ran.steps:
        for event in step.events:
            assert event.kind != "fault", event.data
            if event.kind == "left" and event.applet == "it":
                assert event.data["exit"] in exits | {None}
        if step.state.applet == "it" and step.waits is not None:
            assert type(step.waits) in cls.uses
        kept = json.loads(json.dumps(step.state.to_json()))
        assert CallState.from_json(kept).to_json() == kept
        words.commands.dump_json(step.commands)
        words.events.dump_json(step.events)
    collected = [s.value for s in ran.state.sealed.values() if s.value and len(s.value) > 7]
    record = json.dumps([event.data for step in ran.steps for event in step.events], ensure_ascii=False)
    assert not [found for found in collected if found.isdigit() and found in record]


@pytest.mark.parametrize("cls", register.all(), ids=lambda cls: cls.type)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
@given(data=st.data())
def test_nothing_makes_it_raise(cls: type[Applet[Any]], data: st.DataObject) -> None:
    drawn = data.draw(model(cls.Settings), label="settings")
    try:
        cls.Settings.model_validate(drawn)
    except ValidationError:
        assume(False)
    known = data.draw(held, label="given")
    known |= {"collected": ["Keyed"], "sealed": ["Sealed"]}
    plan = plan_around(cls, drawn, known)
    inputs = data.draw(st.lists(timed, max_size=8), label="inputs")
    ran = run(plan, inputs)
    _sound(cls, drawn, ran)
    for problem in cls(cls.Settings.model_validate(drawn)).check():
        assert problem.words
    if ran.state.ended:
        after = take_step(plan, ran.state, words.Keys(at=START + 9e4, digits="1"))
        assert not after.took
