from __future__ import annotations

from collections.abc import Sequence

import pytest

from callplans.engine.errors import BadStory
from callplans.engine.story import HANG_UP, Answer, DialOutcome, Story, tell, written
from callplans.engine.words import Event, Hidden, Locate
from tests.engine.tiny import Ask, Get, Ring, Rotate, Say, Tape, draw

PLAN = draw(
    {
        "welcome": (Say("Welcome."), {"next": "ask"}),
        "ask": (Ask("Account?", to="Account", most=8), {"next": "look up", "silent": "agent"}),
        "look up": (Get("http://x/$(Account)?k=#(Key)", to="Name"), {"next": "hello", "failed": "agent"}),
        "hello": (Say("Hello $(Name)."), {"next": "agent"}),
        "agent": (Ring(to="+442079460001"), {"failed": "sorry"}),
        "sorry": (Say("Sorry."), {"next": None}),
    }
)


def read(answer: str, body: bytes, content_type: str, locate: Sequence[Locate]) -> tuple[list[str | None], list[str]]:
    return [body.decode()], ["read"]


def test_a_whole_call() -> None:
    story = Story.from_json(
        {
            "does": ["44170921#"],
            "services": {"Look Up": [{"status": 200, "body": "Ada"}]},
            "dials": {"Agent": [{"outcome": "talked", "seconds": 40}]},
        }
    )
    told = tell(PLAN, story, read)
    assert told.said == ["Welcome.", "Account?", "Hello Ada."]
    assert told.route == ["Welcome", "Ask", "Look Up", "Hello", "Agent"]
    assert told.left[-1] == ("Agent", "connected") and told.ended == "left_plan"
    assert told.requests[0].url == "http://x/44170921?k=#(Key)"
    assert told.sources["Name"] == "Ada"
    assert [name for name, _ in told.waits] == ["Ask", "Look Up", "Agent"]
    lines = "\n".join(told.lines())
    for piece in (
        "says: Account?",
        "waits: gather",
        "hears: keys, length 8",
        "GET http://x/••••••••",
        "leaves by “Next”",
    ):
        assert piece in lines
    assert "44170921" not in lines


def test_answers_are_used_in_order_and_the_last_one_stays() -> None:
    plan = draw(
        {"get": (Get("http://x", to="X"), {"next": "get", "failed": "ring"}), "ring": (Ring(), {"failed": "ring"})}
    )
    answers = [Answer(200, values=["1"]), Answer(200, values=["2"]), Answer(error="timeout")]
    dials = [DialOutcome("busy"), DialOutcome("talked", 3.0)]
    told = tell(plan, Story(services={"Get": answers}, dials={"Ring": dials}))
    assert told.sources["X"] == "2" and told.route == ["Get"] * 3 + ["Ring"] * 2
    endless = tell(plan, Story(services={"Get": answers}, dials={"Ring": dials[:1]}))
    assert endless.ended == "limit"


def test_the_caller_may_be_silent_or_hang_up() -> None:
    dials = {"Agent": [DialOutcome("no_answer")]}
    silent = tell(PLAN, Story(dials=dials))
    assert silent.left[1] == ("Ask", "silent") and silent.said[-1] == "Sorry." and silent.ended == "end_of_plan"
    assert tell(PLAN, Story(does=[HANG_UP])).ended == "hung_up"
    assert tell(PLAN, Story(dials=dials, hang_up_at=1)).route[-1] == "Agent"
    assert tell(PLAN, Story(dials=dials, trouble_at=0)).left[1] == ("Ask", "silent")


def test_other_waits_answer_themselves() -> None:
    plan = draw(
        {"say": (Say("One."), {"next": "tape"}), "tape": (Tape("start"), {"next": "rotate"}), "rotate": (Rotate(), {})}
    )
    told = tell(plan, Story())
    assert told.sources["N"] == "0" and told.state.recording == "on"
    assert [name for name, _ in told.waits] == ["Tape", "Tape"]


def test_what_a_story_lacks_is_an_error() -> None:
    with pytest.raises(BadStory, match="Agent"):
        tell(PLAN, Story())
    with pytest.raises(BadStory, match="empty"):
        tell(PLAN, Story(dials={"Agent": []}))
    for strange in ({"wrong": 1}, {"services": {"a": [{"wrong": 1}]}}, {"dials": 3}):
        with pytest.raises(BadStory):
            Story.from_json(strange)


def test_texts_of_effects_are_written_as_their_author_wrote_them() -> None:
    assert written(["a/", Hidden("secret", "Key"), Hidden("sealed", "Pin")]) == "a/#(Key)$(Pin)"


def test_every_kind_of_event_has_its_line() -> None:
    from callplans.engine.story import line_of

    assert line_of(Event("hung_up", None, {"by": "caller"})) == "hung up caller"
    assert line_of(Event("left", None, {"exit": None, "to": None})) == "is left"
    assert line_of(Event("left", None, {"exit": "rule:7"}), {"rule:7": "Paid"}) == "leaves by “Paid”"
    assert line_of(Event("left", None, {"exit": "rule:7"})) == "leaves by “rule:7”"
    assert line_of(Event("said", None, {"text": "", "file": "a.wav"})) == "says: a.wav"
    assert line_of(Event("set", None, {"name": "A", "null": True})) == "sets A to null"
    assert line_of(Event("issue", None, {"words": "odd"})) == "issue: odd"
