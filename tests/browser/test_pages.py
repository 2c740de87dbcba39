"""The pages beside the canvas: what is made, changed and removed there, and what they say about wrong input."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.api import Api, announcement
from tests.browser.conftest import Windows


def fresh(what: str) -> str:
    return f"{what} {uuid.uuid4().hex[:8]}"


def number() -> str:
    """A drama number that no other test uses."""
    return f"+4416329602{uuid.uuid4().int % 100:02}{uuid.uuid4().int % 10}"


def dialog(page: Page, name: str) -> Locator:
    found = page.get_by_role("dialog", name=name)
    expect(found).to_be_visible()
    return found


def menu(page: Page, label: str, item: str) -> None:
    page.get_by_role("button", name=label, exact=True).click()
    page.get_by_role("menuitem", name=item, exact=True).click()


def field(form: Locator, label: str, text: str) -> None:
    form.get_by_role("textbox", name=label).first.fill(text)


def published(api: Api, name: str) -> str:
    plan = api.new_plan(name)
    one = announcement("Hello", "Good day.")
    key = one["applet"]["key"]
    revision = api.operate(
        plan, one, {"op": "set_plan", "field": "initial", "value": key},
        {"op": "wire", "source": key, "exit": "next", "target": None},
    )  # fmt: skip
    body = {"revision": revision, "note": "", "accept_open_exits": True}
    api.send("POST", f"/plans/{plan}/publish", body)
    return plan


def test_a_plan_is_made_found_renamed_duplicated_and_deleted(window: Windows, api: Api) -> None:
    page, name, other = window(), fresh("Plan"), fresh("Renamed")
    page.get_by_role("button", name="New call plan").click()
    form = dialog(page, "New call plan")
    form.get_by_role("button", name="Make it and draw").click()
    expect(form.get_by_text("This is needed.")).to_be_visible()
    field(form, "Name", name)
    field(form, "Description", "What it is for")
    form.get_by_role("button", name="Make it and draw").click()
    expect(page.get_by_role("heading", name="This plan is empty")).to_be_visible()
    page.get_by_role("link", name="Call plans").first.click()

    page.get_by_label("Find a call plan").fill(name)
    expect(page.get_by_role("row").filter(has_text=name)).to_contain_text("Never published")
    expect(page.get_by_role("row")).to_have_count(2)
    menu(page, f"What to do with {name}", "Rename")
    form = dialog(page, "Rename the call plan")
    field(form, "Name", other)
    form.get_by_role("button", name="Save").click()
    page.get_by_label("Find a call plan").fill(other)
    expect(page.get_by_role("link", name=other)).to_be_visible()
    assert api.plan(other)["description"] == "What it is for"

    menu(page, f"What to do with {other}", "Duplicate")
    form = dialog(page, f"Duplicate “{other}”")
    expect(form.get_by_label("Name of the copy")).to_have_value(f"{other} (copy)")
    form.get_by_role("button", name="Duplicate").click()
    expect(page.get_by_role("heading", name="This plan is empty")).to_be_visible()
    assert api.plan(f"{other} (copy)")
    page.go_back()

    page.get_by_label("Find a call plan").fill(other)
    expect(page.get_by_role("row")).to_have_count(3)  # the head, the plan and its copy
    menu(page, f"What to do with {other} (copy)", "Delete")
    form = dialog(page, f"Delete “{other} (copy)”?")
    expect(form).to_contain_text("No number leads to this plan. Nothing else breaks.")
    form.get_by_role("button", name="Delete the plan").click()
    expect(page.get_by_role("link", name=f"{other} (copy)")).to_have_count(0)
    page.get_by_label("Find a call plan").fill("nothing is called so")
    expect(page.get_by_text("Nothing matches “nothing is called so”.")).to_be_visible()


def test_deleting_a_plan_says_who_would_reach_nothing(window: Windows, api: Api) -> None:
    name, address = fresh("Mapped"), number()
    plan = published(api, name)
    destination = api.send("POST", "/destinations", {"kind": "pstn", "address": address, "name": "Office"})
    api.send("POST", "/mappings", {"destinations": [destination["id"]], "live_plan": plan, "priority": 1})
    page = window()
    row = page.get_by_role("row").filter(has_text=name)
    expect(row).to_contain_text("Mapped")
    menu(page, f"What to do with {name}", "Delete")
    form = dialog(page, f"Delete “{name}”?")
    expect(form).to_contain_text("Callers of this number would reach nothing any more:")
    expect(form).to_contain_text(address)
    remove = form.get_by_role("button", name="Delete the plan")
    expect(remove).to_be_disabled()
    form.get_by_label("Delete it all the same").check()
    remove.click()
    expect(row).to_have_count(0)
    assert not any(m["live_plan"] == plan for m in api.get("/mappings?size=200")["results"])


def test_a_number_is_added_and_mapped_to_a_plan(window: Windows, api: Api) -> None:
    name, tried, address = fresh("Live"), fresh("Tried"), number()
    plan, test_plan = published(api, name), published(api, tried)
    page = window("/destinations")
    page.get_by_role("button", name="New destination").click()
    form = dialog(page, "New destination")
    field(form, "Phone number", "12")
    field(form, "Name", "Front desk")
    form.get_by_role("button", name="Save").click()
    expect(form.get_by_role("textbox", name="Phone number")).to_have_attribute("aria-invalid", "true")
    field(form, "Phone number", address)
    form.get_by_role("button", name="Save").click()
    expect(form).to_have_count(0)
    row = page.get_by_role("row").filter(has_text=address)

    row.get_by_role("button", name="Map to a plan").click()
    form = dialog(page, "Map to a plan")
    form.get_by_role("button", name="Save").click()
    expect(form.get_by_text("This is needed.")).to_be_visible()
    choose(page, form, "Call plan", name)
    choose(page, form, "Test plan", tried)
    form.get_by_label("Callers who reach the test plan").fill("+447700900123\n+447700900124")
    field(form, "Priority", "20000")
    form.get_by_role("button", name="Save").click()
    expect(form.get_by_role("textbox", name="Priority")).to_have_attribute("aria-invalid", "true")
    field(form, "Priority", "7")
    form.get_by_role("button", name="Save").click()
    expect(form).to_have_count(0)
    expect(row).to_contain_text(name)
    expect(row).to_contain_text("priority 7")
    expect(row).to_contain_text("2 listed callers reach")
    (mapping,) = [m for m in api.get("/mappings?size=200")["results"] if m["live_plan"] == plan]
    assert mapping["test_plan"] == test_plan
    assert mapping["sources"] == ["+447700900123", "+447700900124"]

    row.get_by_role("button", name=f"Remove the mapping: {name}").click()
    dialog(page, f"Remove the mapping to “{name}”?").get_by_role("button", name="Delete").click()
    expect(row.get_by_role("button", name="Map to a plan")).to_be_visible()
    menu(page, f"What to do with {address}", "Delete")
    dialog(page, f"Delete {address}?").get_by_role("button", name="Delete").click()
    expect(row).to_have_count(0)


def choose(page: Page, form: Locator, label: str, option: str) -> None:
    form.get_by_role("combobox", name=label).or_(form.get_by_role("textbox", name=label)).first.fill(option)
    page.get_by_role("option", name=option).click()


def test_a_connection_keeps_its_keys_to_itself(window: Windows, api: Api) -> None:
    page, name, secret = window("/connections"), fresh("Vonage"), uuid.uuid4().hex
    page.get_by_role("button", name="New connection").click()
    form = dialog(page, "New connection")
    form.get_by_role("button", name="Save").click()
    expect(form.get_by_role("textbox", name="Name").first).to_be_focused()
    expect(form.get_by_text("This is needed.").first).to_be_in_viewport()
    field(form, "Name", name)
    form.get_by_role("textbox", name="Signature secret").first.fill(secret)
    field(form, "Own numbers", "+441632960300 - +441632960302")
    form.get_by_role("button", name="Save").click()
    expect(form).to_have_count(0)
    card = page.get_by_role("region", name=name)
    expect(card.get_by_text("••••••••").first).to_be_visible()
    expect(card).to_contain_text("Answer URL")
    (row,) = [c for c in api.get("/connections?size=200")["results"] if c["name"] == name]
    expect(card).to_contain_text(row["addresses"]["answer"])
    assert row["secrets_set"] == ["signature_secret"]
    assert row["settings"]["own_numbers"] == ["+441632960300", "+441632960301", "+441632960302"]
    assert secret not in str(row) + page.content()

    menu(page, f"What to do with {name}", "Edit")
    form = dialog(page, "Edit the connection")
    expect(form.get_by_role("textbox", name="Signature secret").first).to_have_value("")
    form.get_by_role("switch", name="Active").uncheck(force=True)
    form.get_by_role("button", name="Save").click()
    expect(card.get_by_text("Switched off")).to_be_visible()
    assert api.get(f"/connections/{row['id']}")["secrets_set"] == ["signature_secret"]
    menu(page, f"What to do with {name}", "Delete")
    dialog(page, f"Delete “{name}”?").get_by_role("button", name="Delete").click()
    expect(card).to_have_count(0)


def test_a_setting_goes_in_and_never_comes_out(window: Windows, api: Api) -> None:
    page, key, value = window("/settings"), fresh("Key").replace(" ", ""), uuid.uuid4().hex
    page.get_by_role("button", name="New setting").click()
    form = dialog(page, "New setting")
    field(form, "Key", key)
    form.get_by_role("textbox", name="Value").fill(value)
    form.get_by_role("button", name="Save").click()
    row = page.get_by_role("row").filter(has_text=f"#({key})")
    expect(row).to_contain_text("••••••••")
    assert value not in page.content()
    assert value not in api.request.get("/api/v1/secrets?size=200").text()
    page.get_by_role("button", name="New setting").click()
    form = dialog(page, "New setting")
    field(form, "Key", key.upper())
    form.get_by_role("textbox", name="Value").fill("other")
    form.get_by_role("button", name="Save").click()
    expect(form.get_by_role("textbox", name="Key").first).to_have_attribute("aria-invalid", "true")
    form.get_by_role("button", name="Cancel").click()

    menu(page, f"What to do with {key}", "Replace the value")
    form = dialog(page, f"Replace the value of #({key})")
    expect(form.get_by_role("textbox", name="Value")).to_have_value("")
    form.get_by_label("No value on purpose (null)").check()
    form.get_by_role("button", name="Save").click()
    expect(row.get_by_text("null", exact=True)).to_be_visible()
    menu(page, f"What to do with {key}", "Delete")
    dialog(page, f"Delete #({key})?").get_by_role("button", name="Delete").click()
    expect(row).to_have_count(0)


def test_a_payment_line_names_its_number_and_caller_ids(window: Windows, api: Api) -> None:
    page, name, line = window("/payment-lines"), fresh("Line"), number()
    page.get_by_role("button", name="New payment line").click()
    form = dialog(page, "New payment line")
    field(form, "Number", "0")
    form.get_by_role("textbox", name="Name").fill(name)
    form.get_by_role("button", name="Save").click()
    expect(form.get_by_role("textbox", name="Number").first).to_have_attribute("aria-invalid", "true")
    field(form, "Number", line)
    form.get_by_role("textbox", name="Caller ids").fill("+441632960700 - +441632960703")
    form.get_by_role("button", name="Save").click()
    row = page.get_by_role("row").filter(has_text=name)
    expect(row).to_contain_text(line)
    (kept,) = [p for p in api.get("/payment-lines?size=200")["results"] if p["name"] == name]
    assert kept["number"] == line
    assert len(kept["caller_ids"]) == 4
    menu(page, f"What to do with {line}", "Delete")
    dialog(page, f"Delete {line}?").get_by_role("button", name="Delete").click()
    expect(row).to_have_count(0)


@pytest.mark.parametrize(("path", "title", "button"), [
    ("/", "No call plan yet", "New call plan"),
    ("/calls", "No call yet", "To the call plans"),
    ("/destinations", "No destination yet", "New destination"),
    ("/connections", "No connection yet", "New connection"),
    ("/settings", "No custom configuration setting yet", "New setting"),
    ("/payment-lines", "No payment line yet", "New payment line"),
])  # fmt: skip
def test_an_empty_page_says_what_to_do(person: Callable[..., Any], path: str, title: str, button: str) -> None:
    page = person("nobody")(path)
    expect(page.get_by_role("heading", name=title)).to_be_visible()
    expect(page.get_by_role("button", name=button).or_(page.get_by_role("link", name=button)).first).to_be_visible()


def test_every_page_is_two_clicks_away(window: Windows, api: Api) -> None:
    page = window(f"/plans/{api.copy_of_demo()}")
    for name in ("Calls", "Destinations", "Connections", "Custom configuration", "Payment lines", "Call plans"):
        page.get_by_role("button", name="Go to").or_(page.get_by_role("navigation", name="Main")).first.wait_for()
        button = page.get_by_role("button", name="Go to")
        if button.count():
            button.click()
            page.get_by_role("menuitem", name=name, exact=True).click()
        else:
            page.get_by_role("navigation", name="Main").get_by_role("link", name=name, exact=True).click()
        expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible()


def test_a_plan_of_another_account_is_not_there(person: Callable[..., Any], window: Windows, api: Api) -> None:
    page = person("nobody")(f"/plans/{api.copy_of_demo()}")
    expect(page.get_by_text("There is nothing at this address")).to_be_visible()
