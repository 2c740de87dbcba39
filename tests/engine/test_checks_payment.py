"""Checks of self-service payment: the pattern, the account's payment lines, what the providers in reach cannot do."""

from __future__ import annotations

from copy import deepcopy
from typing import Any, ClassVar

import pytest

from callplans.engine.applet import Applet, Exit, Settings, register
from callplans.engine.checks import Capabilities, World
from callplans.engine.words import Recording
from tests.engine.plans import ask, collect, draft, menu, pay, put, route, say
from tests.engine.test_checks import codes, fixed, found, only

LINE, CLIDS = "+441632960900", ["+441632960700", "+441632960701"]
WORLD = World(payment_lines={LINE: CLIDS})


def five_steps() -> dict[str, Any]:
    """Number, start, transfer, result, route; a declined card may try again."""
    return draft(
        {
            "Account": collect("Account"),
            "Start": ask(status="Code", fields={"Line": "n", "PayClid": "c"}),
            "Started?": route("Code", "201"),
            "Pay": pay(),
            "Result": ask(status="ResultCode", fields={"Outcome": "o"}),
            "Paid?": route("ResultCode", "404"),
            "How?": route("Outcome", "PAID", "DECLINED"),
            "Again?": menu("1"),
            "Thanks": say("Thank you."),
            "Sorry": say("We are sorry."),
        },
        {
            "Account": {"next": "Start", "no_input": "Sorry"},
            "Start": {"success": "Started?", "interface_failure": "Sorry"},
            "Started?": {"rule:r0": "Pay", "no_match": "Sorry"},
            "Pay": {"next": "Result", "failure": "Sorry"},
            "Result": {"success": "Paid?", "interface_failure": "Sorry"},
            "Paid?": {"rule:r0": "Sorry", "no_match": "How?"},
            "How?": {"rule:r0": "Thanks", "rule:r1": "Again?", "no_match": "Sorry"},
            "Again?": {"key:1": "Start", "no_input": "Sorry", "invalid": "Sorry"},
            "Thanks": {"next": None},
            "Sorry": {"next": None},
        },
    )


def changed(**wires: dict[str, str | None]) -> dict[str, Any]:
    drawing = five_steps()
    for key, exits in wires.items():
        drawing["wires"][key.replace("_Q", "?")] |= exits
    return drawing


def test_the_five_steps_have_no_problems() -> None:
    assert found(five_steps(), WORLD) == []


def test_number_and_clid_are_set_on_every_path() -> None:
    problems = [
        p for p in found(changed(Start={"interface_failure": "Pay"}), WORLD) if p.code == "payment_source_unset"
    ]
    assert [(p.applet, p.field, p.grade) for p in problems] == [("Pay", "number", "error"), ("Pay", "clid", "error")]
    assert "maybe_unset" not in codes(changed(Start={"interface_failure": "Pay"}), WORLD), "said once"


def test_the_failure_of_the_start_leads_somewhere() -> None:
    drawing = changed(Start={"interface_failure": None})
    problem = only("payment_start_failure", drawing, WORLD)
    assert (problem.applet, problem.exit) == ("Start", "interface_failure")
    assert found(fixed(drawing, problem, WORLD), WORLD) == []


def test_number_and_clid_come_from_a_data_connector() -> None:
    drawing = five_steps()
    drawing["applets"] |= draft({"Typed": put(PayClid="$(CLID)")})["applets"]
    drawing["wires"]["Started?"]["rule:r0"] = "Typed"
    drawing["wires"]["Typed"] = {"next": "Pay"}
    problem = only("payment_source_not_fetched", drawing, WORLD)
    assert (problem.field, problem.params) == ("clid", {"source": "PayClid", "writer": "Typed"})


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ({"Line": "+441632960999"}, "payment_not_a_line"),
        ({"PayClid": "+441632960999"}, "payment_not_a_clid"),
        ({"Line": LINE}, None),
        ({"PayClid": CLIDS[0]}, None),
        ({"Line": "+44163296$(Account)"}, None),
    ],
)
def test_typed_numbers_are_known_now(typed: dict[str, str], code: str | None) -> None:
    drawing = five_steps()
    drawing["applets"] |= draft({"Typed": put(**typed)})["applets"]
    drawing["wires"]["Started?"]["rule:r0"] = "Typed"
    drawing["wires"]["Typed"] = {"next": "Pay"}
    if code:
        problem = only(code, drawing, WORLD)
        assert (problem.applet, problem.field, problem.grade) == ("Typed", "rows.0.value", "error")
    else:
        assert not {"payment_not_a_line", "payment_not_a_clid"} & set(codes(drawing, WORLD))


def test_seeded_numbers_are_known_too() -> None:
    wires: dict[str, Any] = {"Pay": {"next": None, "failure": None}}
    drawing = draft({"Pay": pay()}, wires, seeds={"line": LINE, "CLID2": "x", "PayClid": "+441632960999"})
    assert only("payment_not_a_clid", drawing, WORLD).params == {"number": "+441632960999"}
    assert "payment_not_a_line" not in codes(drawing, WORLD)


def test_the_result_is_asked_for() -> None:
    for target in ("Thanks", None):
        problem = only("payment_result_not_fetched", changed(Pay={"next": target}), WORLD)
        assert (problem.applet, problem.exit) == ("Pay", "next")
    drawing = changed(Pay={"next": "Thanks"}, Thanks={"next": "Result"})
    assert "payment_result_not_fetched" not in codes(drawing, WORLD), "words in between are fine"


def test_a_router_reads_the_result() -> None:
    drawing = changed(Result={"success": "Thanks"})
    assert only("payment_result_not_routed", drawing, WORLD).applet == "Result"
    drawing = changed(Result={"success": "How?"})
    assert "payment_result_not_routed" not in codes(drawing, WORLD)


@pytest.mark.parametrize("target", ["Pay", "Started?"])
def test_a_second_attempt_starts_anew(target: str) -> None:
    drawing = changed(Again_Q={"key:1": target})
    problem = only("payment_retry", drawing, WORLD)
    assert problem.applet == "Pay"
    assert problem.fix and problem.fix.label == "Lead it to “Start”"
    after = fixed(drawing, problem, WORLD)
    assert after["wires"]["Again?"]["key:1"] == "Start"
    assert found(after, WORLD) == []


def test_a_failed_transfer_that_is_tried_again_is_a_second_attempt() -> None:
    drawing = changed(Pay={"failure": "Again?"}, Again_Q={"no_input": "Pay"})
    after = fixed(drawing, only("payment_retry", drawing, WORLD), WORLD)
    assert found(after, WORLD) == []


def test_only_the_way_of_second_attempts_is_led_elsewhere() -> None:
    drawing = changed(Started_Q={"rule:r0": "Again?"}, Again_Q={"key:1": "Pay"})
    after = fixed(drawing, only("payment_retry", drawing, WORLD), WORLD)
    assert after["wires"]["Again?"] == drawing["wires"]["Again?"]
    assert after["wires"]["How?"]["rule:r1"] == "Start"


def test_with_two_starts_it_is_for_the_author_to_say_which() -> None:
    drawing = changed(Again_Q={"key:1": "Pay"}, Start={"success": "Second"})
    drawing["applets"] |= draft({"Second": ask(status="Code", fields={"PayClid": "c"})})["applets"]
    drawing["wires"]["Second"] = {"success": "Started?", "interface_failure": "Sorry"}
    assert only("payment_retry", drawing, WORLD).fix is None


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        (collect("Account", most=13), True),
        (collect("Account", most=12), False),
        (collect("Account", most=20, secure=True), False),
        (("collect_input", {"prompt": {"file": "", "text": "Key it."}, "most": 16, "slot": "Account"}), True),
    ],
)
def test_long_inputs_on_the_way_to_a_payment(settings: Any, expected: bool) -> None:
    drawing = five_steps()
    drawing["applets"]["Account"]["settings"] = deepcopy(settings[1])
    if not expected:
        assert "payment_long_input" not in codes(drawing, WORLD)
        return
    problem = only("payment_long_input", drawing, WORLD)
    assert (problem.applet, problem.field) == ("Account", "secure")
    after = fixed(drawing, problem, WORLD)
    assert "incomplete" not in codes(after, WORLD)


def test_long_inputs_elsewhere_are_not_blamed() -> None:
    drawing = five_steps()
    drawing["applets"] |= draft({"Survey": collect("Code", most=20)})["applets"]
    drawing["wires"]["Thanks"] = {"next": "Survey"}
    drawing["wires"]["Survey"] = {"next": None, "no_input": None}
    assert "payment_long_input" not in codes(drawing, WORLD)


def test_an_account_without_payment_lines() -> None:
    assert only("payment_no_line", five_steps()).applet == "Pay"


@pytest.mark.parametrize(
    ("can", "own", "count"),
    [
        ({"present_any": "It shows only its own numbers"}, [], 2),
        ({"present_any": "It shows only its own numbers."}, CLIDS[:1], 1),
        ({"present_any": "It shows only its own numbers."}, CLIDS, 0),
        ({"present_any": "yes"}, [], 0),
        ({}, [], 0),
    ],
)
def test_providers_that_cannot_present_the_caller_ids(can: dict[str, str], own: list[str], count: int) -> None:
    world = World(payment_lines={LINE: CLIDS}, providers=[Capabilities("Vonage", "vonage", can, own)])
    if not count:
        assert found(five_steps(), world) == []
        return
    problem = only("provider_clid", five_steps(), world)
    assert (problem.applet, problem.params["count"]) == ("Pay", count)
    assert "It shows only its own numbers. Transfers" in problem.words


class RecorderSettings(Settings):
    pass


class Recorder(Applet[RecorderSettings]):
    """Records, for these tests."""

    type, title, family = "recorder", "Recorder", "record"
    Settings = RecorderSettings
    exits = (Exit("next", "Next"),)
    uses: ClassVar = (Recording,)


@pytest.mark.parametrize(
    ("can", "bad"),
    [
        ({"pause_recording": "There is no way to."}, True),
        ({"pause_recording": "yes"}, False),
        ({"pause_recording": "It cannot record.", "record": "It cannot record."}, False),
    ],
)
def test_providers_that_cannot_pause_a_recording(
    monkeypatch: pytest.MonkeyPatch, can: dict[str, str], bad: bool
) -> None:
    monkeypatch.setitem(register._types, "recorder", Recorder)
    world = World(payment_lines={LINE: CLIDS}, providers=[Capabilities("Vonage", "vonage", can)])
    drawing = five_steps()
    assert found(drawing, world) == [], "nothing records"
    drawing["applets"] |= draft({"Record": ("recorder", {})})["applets"]
    drawing["wires"]["Record"] = {"next": "Account"}
    drawing["initial"] = "Record"
    if bad:
        problem = only("provider_pause", drawing, world)
        assert (problem.applet, problem.grade, problem.params["recorder"]) == ("Pay", "error", "Record")
    else:
        assert found(drawing, world) == []
    drawing["initial"] = "Account"
    drawing["wires"] |= {"Thanks": {"next": "Record"}, "Record": {"next": None}}
    assert "provider_pause" not in codes(drawing, world), "recorded only after the payment"
