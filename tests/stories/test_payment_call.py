"""The payment call when the caller or the world does not do as it should, at every point of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from callplans.applets.data_connector.locators import read_answer
from callplans.engine import masking
from callplans.engine.story import Told, tell
from callplans.engine.words import Dial, HangUp
from designer.sandbox import demo
from tests.stories.demo import (
    ACCOUNT,
    BUSY,
    CARD,
    FOUND,
    NOT_WORKING,
    STARTED,
    UNKNOWN,
    UNKNOWN_RESULT,
    plan,
    result,
    story,
    told,
)
from tests.stories.test_cases import all_stories

CONNECTORS = {
    "Look up account": NOT_WORKING,
    "Start payment": NOT_WORKING,
    "Get the result": UNKNOWN_RESULT,
}
ERRORS = ["timeout", "dns", "refused", "blocked", "secret_missing", "too_large", "redirects", "lost"]


def record(call: Told) -> str:
    """All that is kept of a call's events."""
    return repr([event.data for event in call.events])


@pytest.fixture
def unmasked() -> Iterator[None]:
    masking.set_masking(False)
    yield
    masking.set_masking(True)


# ---- web services ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("error", ERRORS)
@pytest.mark.parametrize("connector", CONNECTORS)
def test_interface_failure_at_each_connector(connector: str, error: str) -> None:
    call = told(services={connector: [{"error": error}]})
    assert (connector, "interface_failure") in call.left
    assert call.said[-1] == CONNECTORS[connector] and call.route[-1] == "Speak to an agent"
    assert call.issues() == [f"fetch_{error}"] and call.ended == "left_plan"


@pytest.mark.parametrize("status", [401, 403, 404, 410, 500, 503])
@pytest.mark.parametrize("connector", CONNECTORS)
def test_an_error_status_at_each_connector_is_an_answer_that_is_routed_on(connector: str, status: int) -> None:
    answers = [{"status": status, "body": ""}]
    if (connector, status) == ("Look up account", 404):
        call = told(does=[ACCOUNT, ACCOUNT, "1"], services={connector: [*answers, FOUND]})
        assert "Unknown account" in call.route and call.route[-1] == "Goodbye"
        return
    call = told(services={connector: answers})
    assert (connector, "success") in call.left
    assert call.said[-1] == CONNECTORS[connector] and call.route[-1] == "Speak to an agent"
    assert str(status) in call.sources.values()


@pytest.mark.parametrize("answer", [{"error": "timeout"}, {"status": 500, "body": ""}, result("PENDING")])
def test_after_a_hang_up_every_answer_ends_the_call(answer: dict[str, Any]) -> None:
    call = told(hang_up_at=4, services={"Fetch the result": [answer]})
    assert call.route[-1] == "Fetch the result" and call.ended == "hung_up"


def test_a_web_service_cannot_reach_for_a_setting_or_another_value() -> None:
    session = {"session": {"id": "#(PayKey)$(Account)"}, "transfer": STARTED["body"]["transfer"]}
    call = told(services={"Start payment": [{"status": 201, "body": session}]})
    url = call.requests[-1].url
    assert "PayKey" in url and ACCOUNT not in url
    fetch = next(wait for name, wait in call.waits if name == "Get the result")
    assert all(isinstance(part, str) for part in fetch.url)  # type: ignore[attr-defined]  # it is a Fetch


# ---- the transfer ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("outcome", ["busy", "no_answer", "rejected", "cancelled", "failed"])
def test_a_transfer_that_fails_is_said_and_an_agent_called(outcome: str) -> None:
    call = told(dials={"Pay by phone": [{"outcome": outcome}]})
    assert ("Pay by phone", "failure") in call.left and "Get the result" not in call.route
    assert call.said[-1] == NOT_WORKING and call.route[-1] == "Speak to an agent"


def test_the_transfer_presents_the_number_that_the_payment_system_asked_for() -> None:
    call = told()
    dial = next(wait for name, wait in call.waits if name == "Pay by phone")
    assert isinstance(dial, Dial) and dial.private
    assert (dial.to, dial.present, dial.talk) == (demo.PAYMENT_LINE, demo.PAYMENT_CLIDS[7], 600)
    assert dial.to not in record(call) and str(dial.present) not in record(call)


def test_a_retry_starts_a_payment_of_its_own() -> None:
    second = {"status": 201, "body": {**STARTED["body"], "session": {"id": "s-10"}}}
    call = told(
        does=[ACCOUNT, "1", "1"],
        services={"Start payment": [STARTED, second], "Get the result": [result("DECLINED"), result("PAID", "R-6")]},
    )
    urls = [request.url for request in call.requests if request.applet == "Get the result"]
    assert [url.split("/")[-2] for url in urls] == ["s-9", "s-10"]
    assert call.said[-2] == "R dash 6"


def test_agents_are_rung_one_after_the_other() -> None:
    call = told(does=[ACCOUNT, "2"], dials={"Speak to an agent": [BUSY]})
    rung = [wait.to for name, wait in call.waits if name == "Speak to an agent" and isinstance(wait, Dial)]
    assert rung == demo.AGENTS and call.said[-1].startswith("We are sorry, all our colleagues are busy")
    assert call.ended == "end_of_plan"


# ---- every wait -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(all_stories()))
def test_a_hang_up_at_every_wait(name: str) -> None:
    """The call ends, nothing more is said, and a payment that was begun has its result fetched."""
    whole = all_stories()[name]
    waits = tell(plan(), replace(whole, hang_up_at=None), read_answer).waits
    services = {"Fetch the result": story().services["Fetch the result"]} | whole.services
    for at in range(len(waits)):
        call = tell(plan(), replace(whole, services=services, hang_up_at=at), read_answer)
        gone = next((i for i, event in enumerate(call.events) if event.kind == "hung_up"), None)
        if gone is None:
            continue  # a hang-up in the story itself came first
        assert call.ended == "hung_up" and call.state.caller == "gone"
        after = call.events[gone:]
        assert not {"said", "fault"} & {event.kind for event in after}
        assert not any(isinstance(command, HangUp) for step in call.steps for command in step.commands)
        begun = call.sources.get("Session") not in ("none", None)
        assert ("Fetch the result" in call.route) == begun, (at, call.route)


@pytest.mark.parametrize("name", sorted(all_stories()))
def test_trouble_at_every_wait(name: str) -> None:
    """The call goes on by the failure exit of the applet that waited, and ends as plans end."""
    whole = replace(all_stories()[name], hang_up_at=None)
    for at, (applet, _) in enumerate(tell(plan(), whole, read_answer).waits):
        dials = story().dials | whole.dials
        call = tell(plan(), replace(whole, trouble_at=at, dials=dials), read_answer)
        failures = {"no_input", "interface_failure", "failure", "not_connected"}
        assert any(left == applet and exit in failures for left, exit in call.left)
        assert call.ended in ("left_plan", "end_of_plan", "hung_up")


def test_a_caller_who_is_always_silent_speaks_to_an_agent() -> None:
    call = told(does=[])
    assert call.left[-2:] == [("Ask account number", "no_input"), ("Speak to an agent", "connected")]
    assert call.said.count("We did not hear any keys. Your account number is at the top of your bill.") == 2


def test_a_caller_who_never_knows_the_account_number_is_stopped_in_the_end() -> None:
    call = told(does=["44170999"] * 400, services={"Look up account": [UNKNOWN]})
    assert call.ended == "limit" and call.said[-1] == demo.DRAFT["version"]["apology"]


# ---- what must not be kept ------------------------------------------------------------------------------------------


def leaky() -> Told:
    """A card number keyed over two prompts, with a web service that gives all of it back in its answers."""
    name = {"status": 200, "body": {"account": {"name": f"Card {CARD}", "balance": "82.40"}}}
    return told(does=[CARD[:8], CARD[8:], "2"], services={"Look up account": [UNKNOWN, name]})


def test_what_the_caller_keyed_is_never_in_the_record() -> None:
    call = leaky()
    assert f"Thank you. This is the account of Card {CARD}. The balance is" in call.said
    assert not [part for part in (CARD, CARD[:8], CARD[8:]) if part in record(call)]
    for name in all_stories():
        call = tell(plan(), all_stories()[name], read_answer)
        assert ACCOUNT not in record(call) and demo.PAY_KEY not in record(call)


def test_with_masking_off_the_same_search_finds_it(unmasked: None) -> None:
    kept = record(leaky())
    assert CARD in kept and CARD[:8] in kept


def test_the_record_says_what_was_said_and_how_long_everything_took() -> None:
    call = told()
    assert [event.data["text"] for event in call.events if event.kind == "said"] == call.said
    assert all(event.data["seconds"] >= 0 for event in call.events if event.kind in ("said", "left"))
    assert [event.at for event in call.events] == sorted(event.at for event in call.events)
