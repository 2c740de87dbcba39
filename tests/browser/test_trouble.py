"""When things go wrong: the server dies in mid-edit and mid-call, somebody else was faster, a type is gone."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.api import Api, announcement, applet
from tests.browser.conftest import Windows, new_context, signed_in
from tests.browser.drawing import Drawing, open_plan
from tests.browser.handset import Handset
from tests.running import Running, running_server


@pytest.fixture(scope="module")
def mortal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server of this file's own, to be killed."""
    with running_server(tmp_path_factory.mktemp("mortal")) as running:
        yield running


@pytest.fixture
def mortal_windows(mortal: Running, browser: Browser) -> Iterator[Windows]:
    windows = Windows(new_context(browser, mortal, signed_in(browser, mortal, "owner")))
    yield windows
    assert windows.close(False) == []


def test_a_server_killed_in_mid_edit_and_mid_call_loses_nothing(mortal: Running, mortal_windows: Windows) -> None:
    api = Api(mortal_windows.context.request)
    plan, called = api.new_plan(), api.copy_of_demo()
    api.operate(plan, announcement("First", "One."))
    drawing = open_plan(mortal_windows(), api, plan)
    phone = Handset(open_plan(mortal_windows(), api, called, room=0).page)
    phone.call()
    phone.hears("Welcome to Harbour Water.")
    live = mortal_windows(f"/calls/{api.calls(called)[0]['id']}")
    expect(live.get_by_text("Live call")).to_be_visible()
    calls = mortal_windows("/calls")
    expect(calls.get_by_text("Keeps up")).to_be_visible()

    phone.types("4417092")
    mortal.kill()
    phone.page.keyboard.press("1")
    expect(phone.page.get_by_text("No answer from the server. The phone asks again")).to_be_visible()
    drawing.choose("First")
    drawing.fill("Announcement", "Typed while nobody listened.")
    drawing.drop("announcement", (400, 0), "Second")
    drawing.wire("First", "next", "Second")
    expect(drawing.page.get_by_text("Not saved yet, trying again")).to_be_visible()
    expect(live.get_by_text(re.compile("Not live: connection lost"))).to_be_visible()
    expect(calls.get_by_text("Connection lost: not up to date")).to_be_visible()

    mortal.start()
    expect(drawing.page.get_by_text("Saved", exact=True)).to_be_visible(timeout=30_000)
    draft = api.draft(plan)
    assert applet(draft, "First")["settings"]["prompt"]["text"] == "Typed while nobody listened."
    assert [w["target"] for w in draft["wires"]] == [applet(draft, "Second")["key"]]
    phone.hears("82 pounds 40")
    expect(live.get_by_text("Live call")).to_be_visible(timeout=30_000)
    expect(live.get_by_role("region", name="What happened")).to_contain_text("Caller keyed 8 keys")
    expect(calls.get_by_text("Keeps up")).to_be_visible(timeout=30_000)
    phone.hang_up()
    phone.ended("the caller hung up")
    expect(live.get_by_text("Call ended", exact=True)).to_be_visible()


def two_tabs(window: Windows, api: Api) -> tuple[Drawing, Drawing]:
    """The same draft in two tabs, both with the form of its only applet open."""
    plan = api.new_plan()
    api.operate(plan, announcement("First", "One."))
    tabs = open_plan(window(), api, plan), open_plan(window(), api, plan)
    for tab in tabs:
        tab.choose("First")
    return tabs


def stale(page: Page):  # type: ignore[no-untyped-def]  # a Locator
    found = page.get_by_role("dialog", name="Somebody else changed this plan")
    expect(found).to_be_visible()
    return found


def test_who_was_slower_sees_what_changed_and_keeps_both(window: Windows, api: Api) -> None:
    mine, theirs = two_tabs(window, api)
    theirs.drop("announcement", (400, 0), "Theirs")
    theirs.saved()
    mine.fill("Announcement", "Mine.")
    dialog = stale(mine.page)
    expect(dialog).to_contain_text("Olive Owner")
    expect(dialog).to_contain_text("added")
    expect(dialog).to_contain_text("Your changes that are not saved yet")
    dialog.get_by_role("button", name="Load theirs, then apply mine").click()
    expect(mine.card("Theirs")).to_be_visible()
    draft = mine.draft()
    assert applet(draft, "First")["settings"]["prompt"]["text"] == "Mine."
    assert applet(draft, "Theirs")


def test_a_clash_on_the_same_field_is_named_and_can_be_dropped(window: Windows, api: Api) -> None:
    mine, theirs = two_tabs(window, api)
    theirs.fill("Announcement", "Theirs.")
    theirs.saved()
    mine.fill("Announcement", "Mine.")
    dialog = stale(mine.page)
    expect(dialog).to_contain_text("also changed by them")
    dialog.get_by_role("button", name=re.compile("Load theirs, drop my")).click()
    expect(mine.field("Announcement")).to_have_text("Theirs.")
    assert applet(mine.draft(), "First")["settings"]["prompt"]["text"] == "Theirs."


def test_a_change_that_no_longer_fits_is_named(window: Windows, api: Api) -> None:
    mine, theirs = two_tabs(window, api)
    theirs.page.keyboard.press("Escape")
    theirs.card("First").click(position={"x": 60, "y": 12})
    theirs.page.keyboard.press("Delete")
    expect(theirs.card("First")).to_have_count(0)
    theirs.saved()
    mine.fill("Announcement", "Mine.")
    stale(mine.page).get_by_role("button", name="Load theirs, then apply mine").click()
    expect(mine.page.get_by_text("1 of your changes no longer fitted")).to_be_visible()
    assert mine.draft()["applets"] == []


def test_an_applet_of_a_type_that_is_gone_stays_as_it_is(window: Windows, api: Api, server: Running) -> None:
    plan = api.new_plan()
    first, second = announcement("First", "One."), announcement("Old", "Two.", 400)
    one, two = first["applet"]["key"], second["applet"]["key"]
    api.operate(
        plan, first, second, {"op": "set_plan", "field": "initial", "value": one},
        {"op": "wire", "source": one, "exit": "next", "target": two},
    )  # fmt: skip
    forget_type(server.folder, two.replace("-", ""))
    drawing = open_plan(window(), api, plan)
    expect(drawing.card("Old")).to_contain_text("Unknown type “fax_machine”")
    expect(drawing.card("Old")).to_contain_text("Its settings are kept as they are.")
    drawing.choose("Old")
    expect(drawing.form.get_by_role("alert")).to_contain_text("There is no applet type “fax_machine” here any more.")
    expect(drawing.form.get_by_text('"text": "Two."')).to_be_visible()
    expect(drawing.problems.get_by_role("listitem").filter(has_text="Old").first).to_be_visible()
    # The rest of the plan can still be edited, and the call says its apology instead of breaking.
    drawing.choose("First")
    drawing.fill("Announcement", "Still here.")
    assert applet(drawing.draft(), "First")["settings"]["prompt"]["text"] == "Still here."
    assert applet(drawing.draft(), "Old")["settings"]["prompt"]["text"] == "Two."
    phone = Handset(drawing.page)
    phone.call()
    phone.hears("Still here.")
    phone.ended("an applet could not run")


def forget_type(folder: Path, key: str) -> None:
    """As if the type's file had been taken out of the product after the plan was drawn."""
    with closing(sqlite3.connect(folder / "callplans.sqlite3", timeout=10)) as database, database:
        done = database.execute("UPDATE callplans_placedapplet SET type='fax_machine' WHERE key=?", [key])
        assert done.rowcount == 1


def test_signed_out_keeps_what_was_typed_until_signed_in_again(window: Windows, api: Api) -> None:
    plan = api.new_plan()
    api.operate(plan, announcement("First", "One."))
    drawing = open_plan(window(), api, plan)
    kept = window.context.cookies()
    window.context.clear_cookies()
    drawing.choose("First")
    drawing.fill("Announcement", "Typed while signed out.")
    again = drawing.page.get_by_role("button", name="Not saved: signed out? Try again")
    expect(again).to_be_visible()
    window.context.add_cookies(kept)  # type: ignore[arg-type]  # what cookies() gave
    again.click()
    assert applet(drawing.draft(), "First")["settings"]["prompt"]["text"] == "Typed while signed out."
