"""Small gestures on the canvas, and what becomes of them: inserted, undone, saved, listed as problems, published."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import expect

from tests.browser.api import Api, announcement, applet, named_wires, placed
from tests.browser.conftest import Windows
from tests.browser.drawing import Drawing, middle, open_plan


def two_announcements(api: Api) -> str:
    """First -> Second, the second's exit meant to end the call."""
    plan = api.new_plan()
    first, second = announcement("First", "One."), announcement("Second", "Two.", 600)
    one, two = first["applet"]["key"], second["applet"]["key"]
    api.operate(
        plan, first, second, {"op": "set_plan", "field": "initial", "value": one},
        {"op": "wire", "source": one, "exit": "next", "target": two},
        {"op": "wire", "source": two, "exit": "next", "target": None},
    )  # fmt: skip
    return plan


def drawn(window: Windows, api: Api, plan: str) -> Drawing:
    return open_plan(window(), api, plan)


def test_an_applet_dropped_on_a_wire_is_inserted(window: Windows, api: Api) -> None:
    drawing = drawn(window, api, two_announcements(api))
    sockets = middle(drawing.exit("First", "next")), drawing.at((600, 25))
    item = drawing.palette.get_by_test_id("palette-set_data_source")
    start = middle(item)
    mouse = drawing.page.mouse
    mouse.move(*start)
    mouse.down()
    mouse.move((sockets[0][0] + sockets[1][0]) / 2, (sockets[0][1] + sockets[1][1]) / 2, steps=6)
    expect(drawing.page.get_by_text("Drop to insert it here")).to_be_visible()
    mouse.up()
    expect(drawing.card("Set Data Source")).to_be_visible()
    wires = named_wires(drawing.draft())
    assert wires["First", "next"] == "Set Data Source"
    assert wires["Set Data Source", "next"] == "Second"


def test_an_exit_is_wired_to_an_applet_to_a_new_one_and_to_nothing(window: Windows, api: Api) -> None:
    plan = api.new_plan()
    api.operate(plan, announcement("Left", "One."), announcement("Right", "Two.", 600))
    drawing = drawn(window, api, plan)
    drawing.wire("Left", "next", "Right")
    assert named_wires(drawing.draft())["Left", "next"] == "Right"
    drawing.add_after("Right", "next", "Menu", (600, 400), "Choose")
    assert named_wires(drawing.draft())["Right", "next"] == "Choose"
    drawing.drag(middle(drawing.exit("Choose", "no_input")), drawing.at((300, 300)))
    drawing.page.get_by_role("option", name="Nothing: the call is meant to end here").click()
    expect(drawing.card("Choose")).to_contain_text("No input · ends")
    drawing.drag(middle(drawing.exit("Choose", "invalid")), drawing.at((300, 300)))
    drawing.pick("Left", "On this plan")
    wires = named_wires(drawing.draft())
    assert wires["Choose", "no_input"] is None
    assert wires["Choose", "invalid"] == "Left"


def test_a_gesture_is_undone_and_done_again(window: Windows, api: Api) -> None:
    drawing = drawn(window, api, two_announcements(api))
    page, before = drawing.page, named_wires(drawing.draft())
    drawing.choose("Second")
    page.keyboard.press("Escape")
    drawing.card("Second").click(position={"x": 60, "y": 20})
    page.keyboard.press("Delete")
    expect(drawing.card("Second")).to_have_count(0)
    assert named_wires(drawing.draft()) == {}
    page.keyboard.press("Control+z")
    expect(drawing.card("Second")).to_be_visible()
    assert named_wires(drawing.draft()) == before
    page.keyboard.press("Control+Shift+z")
    expect(drawing.card("Second")).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(drawing.card("Second")).to_be_visible()
    page.get_by_role("button", name="Redo").click()
    expect(drawing.card("Second")).to_have_count(0)
    page.get_by_role("button", name="Undo").click()

    drawing.choose("First")
    drawing.fill("Announcement", "Words that will go again.")
    page.keyboard.press("Control+z")
    expect(drawing.field("Announcement")).to_have_text("One.")
    assert applet(drawing.draft(), "First")["settings"]["prompt"]["text"] == "One."


def test_moved_cards_and_typed_words_survive_a_reload(window: Windows, api: Api) -> None:
    drawing = drawn(window, api, two_announcements(api))
    was = applet(drawing.draft(), "Second")
    x, y = middle(drawing.card("Second"))
    drawing.drag((x, y - 20), (x + 20, y + 180))
    drawing.choose("First")
    drawing.fill("Announcement", "Good evening.")
    moved = applet(drawing.draft(), "Second")
    assert (moved["x"], moved["y"]) != (was["x"], was["y"])
    drawing.page.reload()
    expect(drawing.card("First")).to_contain_text("Good evening.")
    assert applet(drawing.draft(), "Second") == moved
    drawing.choose("First")
    expect(drawing.field("Announcement")).to_have_text("Good evening.")


def test_leaving_at_once_loses_nothing(window: Windows, api: Api) -> None:
    plan = two_announcements(api)
    drawing = drawn(window, api, plan)
    drawing.choose("First")
    drawing.fill("Announcement", "Typed, and gone.")
    drawing.page.get_by_role("link", name="Call plans").first.click()
    expect(drawing.page.get_by_role("button", name="New call plan")).to_be_visible()
    drawing.page.go_back()
    expect(drawing.card("First")).to_contain_text("Typed, and gone.")


def test_problems_lead_to_the_field_and_mend_themselves(window: Windows, api: Api) -> None:
    plan = api.new_plan()
    router = placed("data_router", "Which?", {"rules": []})
    api.operate(plan, router, {"op": "set_plan", "field": "initial", "value": router["applet"]["key"]})
    drawing = drawn(window, api, plan)
    drawing.drop("announcement", (600, 0), "Say it")
    row = drawing.problems.get_by_role("listitem").filter(has_text="Say it").first
    expect(row).to_be_visible()
    drawing.page.keyboard.press("Escape")
    drawing.choose("Which?")
    drawing.problems.get_by_role("button", name=re.compile("^Say it")).first.click()
    expect(drawing.form.get_by_role("textbox", name="Name of the applet")).to_have_value("Say it")
    drawing.fill("Announcement", "Said.")
    open_exit = drawing.problems.get_by_role("listitem").filter(has_text="leads nowhere").first
    expect(open_exit).to_be_visible()
    count = open_exits(drawing.draft())
    open_exit.get_by_role("button", name=re.compile("Meant to end here|Send to")).click()
    expect(drawing.problems.get_by_role("listitem").filter(has_text="leads nowhere")).to_have_count(count - 1)
    assert open_exits(drawing.draft()) == count - 1


def open_exits(draft: dict[str, Any]) -> int:
    return sum(problem["code"] == "open_exit" for problem in draft["problems"])


def test_a_plan_with_errors_is_not_published_and_open_exits_ask_for_a_tick(window: Windows, api: Api) -> None:
    plan = api.new_plan()
    first = placed("set_data_source", "First", {"rows": []})
    api.operate(plan, first, {"op": "set_plan", "field": "initial", "value": first["applet"]["key"]})
    drawing = drawn(window, api, plan)
    page = drawing.page
    page.get_by_role("button", name="Publish").click(force=True)  # it calls itself disabled, and says why when pressed
    dialog = page.get_by_role("dialog", name="Not ready to publish")
    expect(dialog).to_contain_text("1 error must be mended first.")
    expect(dialog.get_by_role("button", name="Publish version")).to_have_count(0)
    dialog.get_by_role("button", name="Show").click()
    drawing.add("data source")
    drawing.fill("Data Source", "Greeting", drawing.row("Data sources"))
    drawing.fill("Value", "Good day", drawing.row("Data sources"))
    drawing.saved()
    expect(drawing.problems.get_by_label("1 error")).to_have_count(0)
    assert api.plan(api.draft(plan)["name"])["live_version"] is None

    page.get_by_role("button", name="Publish").click()
    dialog = page.get_by_role("dialog", name="Publish version 1")
    go = dialog.get_by_role("button", name="Publish version 1")
    expect(go).to_be_disabled()
    dialog.get_by_label("Note").fill("The first one")
    dialog.get_by_label("1 open exit ends the call. That is meant so.").check()
    go.click()
    expect(page.get_by_text("Version 1 is published.")).to_be_visible()
    expect(page.get_by_text("Draft · same as version 1")).to_be_visible()
    versions = api.get(f"/plans/{plan}/versions")
    assert [(v["number"], v["note"]) for v in versions] == [(1, "The first one")]

    drawing.fill("Value", "Good evening", drawing.row("Data sources"))
    expect(page.get_by_text("Draft · 1 change since version 1")).to_be_visible()


def test_who_may_only_look_cannot_change_anything(person: Any, window: Windows, api: Api) -> None:
    plan = two_announcements(api)
    page = person("viewer")(f"/plans/{plan}")
    expect(page.get_by_test_id("applet-First")).to_be_visible()
    expect(page.get_by_text("You are looking; only editors can change it")).to_be_visible()
    expect(page.get_by_role("complementary", name="Applets")).to_have_count(0)
    page.get_by_test_id("applet-First").click()
    expect(page.get_by_role("textbox", name="Name of the applet")).not_to_be_editable()
    page.keyboard.press("Delete")
    expect(page.get_by_test_id("applet-First")).to_be_visible()
    expect(page.get_by_role("button", name="Publish")).to_have_count(0)
    assert len(api.draft(plan)["applets"]) == 2
