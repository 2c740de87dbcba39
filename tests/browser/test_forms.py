"""The form of an applet: placeholders, lists, conditions, faults on fields, and the Data Connector's three tabs."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.api import Api, applet, named_wires, placed
from tests.browser.conftest import Windows
from tests.browser.drawing import Drawing, open_plan

PAY = "http://pay.sandbox/v1/sessions"


def with_applet(window: Windows, api: Api, type: str, settings: dict[str, Any], seeds: dict[str, str] | None = None):  # type: ignore[no-untyped-def]  # the Drawing below
    plan = api.new_plan()
    operation = placed(type, "It", settings)
    values = [{"id": name, "name": name, "value": value} for name, value in (seeds or {}).items()]
    api.operate(
        plan,
        operation,
        {"op": "set_plan", "field": "initial", "value": operation["applet"]["key"]},
        {"op": "set_plan", "field": "seeds", "value": values},
    )
    drawing = open_plan(window(), api, plan)
    drawing.choose("It")
    return drawing


def settings(drawing: Drawing) -> dict[str, Any]:
    return dict(applet(drawing.draft(), "It")["settings"])


def test_placeholders_are_offered_and_shown_as_values(window: Windows, api: Api) -> None:
    drawing = with_applet(window, api, "announcement", {"prompt": {"file": "", "text": ""}}, {"Balance": "3"})
    page = drawing.page
    drawing.field("Announcement").click()
    page.keyboard.type("You owe $Bal")
    page.get_by_role("option", name="$(Balance)").click()
    page.keyboard.type(" pounds")
    expect(drawing.form.locator(".token", has_text="$(Balance)")).to_be_visible()
    expect(drawing.card("It").locator(".token", has_text="$(Balance)")).to_be_visible()
    assert settings(drawing)["prompt"]["text"] == "You owe $(Balance) pounds"


def test_an_option_is_added_moved_relabelled_and_its_wire_follows_its_key(window: Windows, api: Api) -> None:
    choices = [{"id": "a", "key": "1", "label": "Pay"}]
    drawing = with_applet(window, api, "menu", {"prompt": {"file": "", "text": "Press."}, "choices": choices})
    drawing.drop("announcement", (600, 0), "Next one")
    drawing.wire("It", "key:1", "Next one")
    drawing.choose("It")
    drawing.add("option")
    drawing.fill("Label", "Talk", drawing.row("Options"))
    drawing.select("Key", "9", drawing.row("Options", 0))
    assert named_wires(drawing.draft()) == {("It", "key:9"): "Next one"}
    drawing.form.get_by_role("button", name="Option 2: move, copy, delete").click()
    drawing.page.get_by_role("menuitem", name="Move up").click()
    assert [(c["key"], c["label"]) for c in settings(drawing)["choices"]] == [("2", "Talk"), ("9", "Pay")]
    # The card's exits stand in the order of the form.
    assert drawing.card("It").locator(".exit").all_inner_texts()[:2] == ["2 Talk", "9 Pay"]
    drawing.form.get_by_role("button", name="Option 2: move, copy, delete").click()
    drawing.page.get_by_role("menuitem", name="Delete").click()
    assert [c["key"] for c in settings(drawing)["choices"]] == ["2"]
    assert named_wires(drawing.draft()) == {}


def test_fields_that_do_not_matter_are_left_out(window: Windows, api: Api) -> None:
    drawing = with_applet(window, api, "announcer", {"kind": "text", "text": "Hello"})
    expect(drawing.field("Text")).to_be_visible()
    expect(drawing.form.get_by_label("Currency", exact=True)).to_have_count(0)
    drawing.select("Announcement type", "Money")
    expect(drawing.field("Currency")).to_be_visible()
    expect(drawing.form.get_by_label("Text", exact=True)).to_have_count(0)
    drawing.select("Currency", "Euro (EUR)")
    assert settings(drawing)["currency"] == "EUR"


def test_what_can_never_be_right_is_said_on_the_field_and_not_sent(window: Windows, api: Api) -> None:
    drawing = with_applet(window, api, "collect_input", {"prompt": {"file": "", "text": "Key it."}, "most": 4})
    for wrong, words in [("many", "This is not a number."), ("2.5", "Only whole numbers."), ("9999", "At most")]:
        drawing.fill("Maximum number of digits to collect", wrong)
        field = drawing.form.locator('[data-field="most"]')
        expect(field.get_by_role("alert")).to_contain_text(words)
    drawing.fill("Destination", "Slot")
    assert settings(drawing)["most"] == 4
    drawing.fill("Maximum number of digits to collect", "6")
    expect(drawing.form.locator('[data-field="most"]').get_by_role("alert")).to_have_count(0)
    assert settings(drawing)["most"] == 6


def test_a_name_that_is_taken_is_refused(window: Windows, api: Api) -> None:
    drawing = with_applet(window, api, "announcement", {"prompt": {"file": "", "text": "Hello"}})
    drawing.drop("announcement", (600, 0), "Other")
    name = drawing.form.get_by_role("textbox", name="Name of the applet")
    name.fill("It")
    expect(drawing.form.get_by_role("alert")).to_contain_text("Another applet of this plan has this name.")
    name.blur()
    expect(name).to_have_value("Other")
    assert {a["name"] for a in drawing.draft()["applets"]} == {"It", "Other"}


LOOK_UP = {
    "request": {"method": "GET", "url": "http://billing.sandbox/v2/accounts/$(Account)", "headers": [], "body": ""},
    "response": {
        "type": "JSON",
        "status_destination": "Code",
        "fields": [{"id": "f", "locator": "account.balance", "destination": "Balance", "datatype": "number"}],
    },
}


def test_a_connector_is_tried_against_its_service(window: Windows, api: Api) -> None:
    drawing = with_applet(window, api, "data_connector", LOOK_UP, {"Account": ""})
    form = drawing.form
    form.get_by_text("Test", exact=True).click()
    run = form.get_by_role("button", name="Run test")
    expect(run).to_be_disabled()
    form.get_by_role("button", name="Define placeholders").click()
    form.get_by_label("Value of Account").fill("44170921")
    run.click()
    expect(form.get_by_role("row").filter(has_text="Balance")).to_contain_text("82.4")
    expect(form.get_by_text("200", exact=True).first).to_be_visible()
    expect(form.get_by_text('"currency"')).to_be_visible()
    expect(form.get_by_text("GET http://billing.sandbox/v2/accounts/44170921")).to_be_visible()
    form.get_by_label("Value of Account").fill("1")
    run.click()
    expect(form.get_by_text("404", exact=True).first).to_be_visible()
    expect(form.get_by_text("unknown account")).to_be_visible()


def test_a_secret_is_sent_and_never_shown(window: Windows, api: Api) -> None:
    request = {
        "method": "POST", "url": PAY, "headers": [{"id": "h", "key": "X-Api-Key", "value": "#(PayKey)"}],
        "body": '{"callId": "1", "callerNumber": "1", "account": "44170921", "amount": "1", "currency": "GBP"}',
    }  # fmt: skip
    response = {"type": "JSON", "status_destination": "Code", "fields": []}
    drawing = with_applet(window, api, "data_connector", {"request": request, "response": response})
    expect(drawing.form.locator(".token-secret", has_text="#(PayKey)")).to_be_visible()
    drawing.form.get_by_text("Test", exact=True).click()
    drawing.form.get_by_role("button", name="Run test").click()
    expect(drawing.form.get_by_text("201", exact=True).first).to_be_visible()
    expect(drawing.form.get_by_text("X-Api-Key: ••••")).to_be_visible()
    assert "sandbox-pay-key" not in drawing.page.content()


def test_a_connector_is_edited_as_xml_and_a_broken_one_is_refused(window: Windows, api: Api) -> None:
    drawing = with_applet(window, api, "data_connector", LOOK_UP, {"Account": ""})
    form, page = drawing.form, drawing.page
    form.get_by_text("XML", exact=True).first.click()
    xml = form.get_by_role("textbox", name="Interaction Definition")
    expect(xml).to_contain_text("billing.sandbox")
    text = "\n".join(xml.locator(".cm-line").all_inner_texts())
    xml.fill(text.replace("account.balance", "account.name"))
    form.get_by_role("button", name="Apply").click()
    expect(form.get_by_text("Same as the form")).to_be_visible()
    assert settings(drawing)["response"]["fields"][0]["locator"] == "account.name"

    xml.fill(text.replace("</", "<", 1))
    form.get_by_role("button", name="Apply").click()
    expect(form.get_by_role("alert")).to_be_visible()
    assert settings(drawing)["response"]["fields"][0]["locator"] == "account.name"
    form.get_by_role("button", name="Start over").click()
    form.get_by_text("Form", exact=True).click()
    expect(drawing.row("Values to keep").get_by_label("Locator")).to_have_value("account.name")
    page.keyboard.press("Escape")


@pytest.mark.parametrize("type", ["menu", "data_connector", "pci_transfer", "ccr"])
def test_a_new_applet_says_what_it_still_needs(window: Windows, api: Api, type: str) -> None:
    drawing = open_plan(window(), api, api.new_plan())
    drawing.drop(type, (0, 0), "Fresh")
    draft = drawing.draft()
    errors = [p for p in draft["problems"] if p["grade"] == "error" and p["applet"] == applet(draft, "Fresh")["key"]]
    assert errors
    expect(drawing.problems).to_contain_text(errors[0]["words"])
    expect(drawing.card("Fresh").get_by_label(errors[0]["words"])).to_be_visible()
