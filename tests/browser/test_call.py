"""The draft called from the page, by keypad and keyboard: every way the payment call can go."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.api import Api
from tests.browser.conftest import Windows
from tests.browser.drawing import open_plan
from tests.browser.handset import Handset

RECEIVED = "Thank you, your payment has been received."


def caller(window: Windows, api: Api, seeds: dict[str, str] | None = None) -> tuple[Page, Handset, str]:
    """A phone that calls a demo plan of this test's own."""
    plan = api.copy_of_demo()
    drawing = open_plan(window(), api, plan, room=0)
    phone = Handset(drawing.page)
    phone.call()
    return drawing.page, phone, plan


def way(api: Api, plan: str) -> list[str]:
    """Names of the applets that the plan's only call went through."""
    (call,) = api.calls(plan)
    names = {a["key"]: a["name"] for a in api.draft(plan)["applets"]}
    return [names[e["applet"]] for e in api.get(f"/calls/{call['id']}")["events"] if e["kind"] == "entered"]


def test_paid(window: Windows, api: Api) -> None:
    page, phone, plan = caller(window, api)
    expect(page.get_by_text("It rings")).to_be_visible()
    phone.hears("Welcome to Harbour Water.")
    phone.waits("Waits for a key")
    phone.keys("4417")
    expect(page.get_by_text("Waits for the next key")).to_be_visible()
    for key in "0921#":
        page.keyboard.press(key)
    phone.hears("82 pounds 40")
    phone.keys("1")
    phone.pays("Test card")
    phone.hears(RECEIVED)
    phone.ended("the plan was done")
    assert way(api, plan)[-4:] == ["Paid?", "Payment received", "Read receipt", "Goodbye"]
    expect(page.get_by_role("button", name="Call again")).to_be_visible()


def test_declined_then_paid_with_another_card(window: Windows, api: Api) -> None:
    page, phone, plan = caller(window, api)
    phone.types("44170922#")
    phone.hears("19 pounds 5")
    phone.types("1")
    phone.pays("Declined")
    phone.hears("Your card was declined")
    phone.keys("1")
    phone.pays("Test card")
    phone.hears(RECEIVED)
    phone.ended("the plan was done")
    assert way(api, plan).count("Pay by phone") == 2


def test_a_card_keyed_on_the_payment_systems_own_handset(window: Windows, api: Api) -> None:
    page, phone, plan = caller(window, api)
    phone.types("44170921#")
    phone.types("1")
    phone.waits("On the payment line")
    expect(phone.line.get_by_text("To pay")).to_be_visible()
    seen: list[str] = []
    page.on("request", lambda r: seen.append(r.url) if "4000000000000002" in (r.post_data or "") else None)
    for key in "400000000000000":
        page.keyboard.press(key)
    expect(phone.line.get_by_text("Card number keyed: 15 digits")).to_be_attached()
    page.keyboard.press("2")
    phone.hears("Your card was declined")
    assert len(seen) == 1
    assert "/sandbox/line/" in seen[0]
    assert "4000000000000002" not in page.content()
    phone.keys("2")
    phone.agent_does("Answers", "Hangs up")
    (call,) = api.calls(plan)
    assert "4000" not in str(api.get(f"/calls/{call['id']}"))


@pytest.mark.parametrize(("does", "says", "last"), [
    ("Give up", "Your payment was not completed", "Speak to an agent"),
    ("Line fails", "A colleague will help you", "Speak to an agent"),
])  # fmt: skip
def test_without_a_payment_the_caller_reaches_an_agent(
    window: Windows, api: Api, does: str, says: str, last: str
) -> None:
    page, phone, plan = caller(window, api)
    phone.types("44170921#")
    phone.types("1")
    phone.pays(does)
    phone.hears(says)
    phone.waits("Rings at +442079460001")
    phone.agent_does("Answers")
    phone.waits("Talking with +442079460001")
    phone.agent_does("Hangs up")
    expect(page.get_by_text("Call ended")).to_be_visible()
    assert way(api, plan)[-1] == last


def test_no_agent_answers(window: Windows, api: Api) -> None:
    page, phone, plan = caller(window, api)
    phone.types("44170921#")
    phone.types("2")
    phone.waits("Rings at +442079460001")
    phone.agent_does("Busy")
    phone.waits("Rings at +442079460002")
    phone.agent_does("No answer")
    phone.hears("all our colleagues are busy")
    phone.ended("the plan was done")
    assert way(api, plan)[-2:] == ["Speak to an agent", "Sorry"]


def test_an_unknown_number_is_asked_again_and_nothing_to_pay_is_said(window: Windows, api: Api) -> None:
    page, phone, plan = caller(window, api)
    phone.types("123#")
    phone.hears("We do not know that account number.")
    phone.types("44170923#")
    phone.hears("There is nothing to pay on this account.")
    phone.ended("the plan was done")


def test_hanging_up_during_a_payment_runs_the_hang_up_applet(window: Windows, api: Api) -> None:
    page, phone, plan = caller(window, api)
    phone.types("44170921#")
    phone.types("1")
    phone.waits("On the payment line")
    expect(phone.line.get_by_text("To pay")).to_be_visible()
    phone.hang_up()
    phone.ended("the caller hung up")
    events = ended(api, plan)
    names = [e["kind"] for e in events]
    assert "hung_up" in names
    assert way(api, plan)[-2:] == ["Payment begun?", "Fetch the result"]


def ended(api: Api, plan: str) -> list[dict[str, Any]]:
    """The events of the plan's only call, once it is over."""
    for _ in range(100):
        (call,) = api.calls(plan)
        snapshot = api.get(f"/calls/{call['id']}")
        if snapshot["call"]["ended_at"]:
            return list(snapshot["events"])
        api.request.get("/api/v1/session")  # a moment's work, while the last turn runs
    raise AssertionError("the call is not over")


def test_what_is_not_saved_yet_is_called_too(window: Windows, api: Api) -> None:
    drawing = open_plan(window(), api, api.copy_of_demo(), room=0)
    drawing.choose("Welcome")
    drawing.fill("Announcement", "These words were typed a moment ago.")
    phone = Handset(drawing.page)
    phone.call()
    phone.hears("These words were typed a moment ago.")
    phone.hang_up()
    phone.ended("the caller hung up")
    drawing.page.get_by_role("button", name="Close the phone").click()
    expect(drawing.field("Announcement")).to_have_text("These words were typed a moment ago.")


def test_the_keyboard_is_the_phones_only_where_nothing_else_has_it(window: Windows, api: Api) -> None:
    page, phone, plan = caller(window, api)
    phone.waits("Waits for a key")
    page.get_by_role("textbox", name="Find an applet").fill("12#")
    assert api.calls(plan)[0]["at_applet"]["name"] == "Ask account number"
    expect(page.get_by_text("Click the phone to key with the keyboard")).to_be_visible()
    page.get_by_role("button", name="Mute speech").click()
    expect(page.get_by_role("button", name="Mute speech")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Delete").count()
    page.keyboard.press("Delete")
    assert len(api.draft(plan)["applets"]) > 20
    phone.hang_up()
    phone.ended("the caller hung up")
