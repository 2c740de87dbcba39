"""What the applets that ask for keys share; the types themselves prove the rest by their cases."""

from __future__ import annotations

import pytest

from callplans.engine.applet import Prompt
from callplans.engine.call import CallState, CallView
from callplans.engine.gathering import CollectSettings, counted, heard_prompts, silent, slot_source
from callplans.engine.plan import Plan


@pytest.fixture
def call() -> CallView:
    return CallView(Plan("plan", "1"), CallState("plan", "1"), 0.0)


def test_counts_are_kept_apart_and_say_when_it_is_enough(call: CallView) -> None:
    assert [counted(call, "no_input", 3) for _ in range(4)] == [False, False, True, True]
    assert counted(call, "invalid", 2) is False
    assert call.scraps == {"no_input": 4, "invalid": 1}


def test_prompts_that_cannot_be_heard_are_left_out(call: CallView) -> None:
    sounds = heard_prompts(call, Prompt(), Prompt(text="One"), Prompt(text="$(Gone)"), Prompt(file="two.wav"))
    assert [(sound.text, sound.file, sound.barge_in) for sound in sounds] == [
        ("One", None, True),
        (None, "two.wav", True),
    ]


def test_where_the_digits_go() -> None:
    assert slot_source("OrderId") == "IVRSlot|OrderId"
    assert CollectSettings(most=4, slot="A", source="B").destination == "IVRSlot|A"
    assert CollectSettings(most=4, slot="A", source="B", to_source=True).destination == "B"
    assert CollectSettings(most=4, slot="A", source="B", secure=True).destination == "B"


def test_a_prompt_without_anything_to_hear_is_found() -> None:
    assert [problem.code for problem in silent(Prompt(text=" "))] == ["silent"]
    assert silent(Prompt(file="ask.wav")) == []
