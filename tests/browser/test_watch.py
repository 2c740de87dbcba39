"""A call in one window, watched in others: the drawing, what happened, the data sources, the list of calls."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.api import Api
from tests.browser.conftest import Windows
from tests.browser.drawing import open_plan
from tests.browser.handset import Handset

# What a reader of the live page reads, without what only the clock changes.
PICTURE = """() => {
  const words = (row) => row.innerText.replace(/\\s+/g, ' ').trim();
  const texts = (where) => [...document.querySelectorAll(where)].map(words);
  const marks = [...document.querySelectorAll('.card')].map((card) => {
    const name = card.querySelector('.card-name')?.innerText;
    return `${name} ${card.dataset.live ?? '-'} ${card.dataset.dimmed ?? ''}`;
  });
  const wires = [...document.querySelectorAll('.wire[data-taken]')].length;
  const rows = [...document.querySelectorAll('.live-happened tbody tr')].map((row) =>
    [...row.children].slice(0, 3).map((cell) => cell.innerText.trim()).join(' | '));
  return {marks: marks.sort(), wires, rows, sources: texts('.live-sources tbody tr')};
}"""


def rings(window: Windows, api: Api) -> tuple[Handset, Page, str]:
    """A call of a demo plan of this test's own, and a second window that watches it."""
    plan = api.copy_of_demo()
    drawing = open_plan(window(), api, plan, room=0)
    phone = Handset(drawing.page)
    phone.call()
    with drawing.page.context.expect_page() as opened:
        drawing.page.get_by_role("link", name="Watch this call").click()
    watcher = opened.value
    expect(watcher.get_by_role("region", name="What happened")).to_be_visible()
    return phone, watcher, plan


def rows(page: Page) -> str:
    return page.get_by_role("region", name="What happened").inner_text()


def here(page: Page, name: str) -> None:
    expect(page.get_by_test_id(f"applet-{name}").locator(".card")).to_have_attribute("data-live", "here")


def source(page: Page, name: str):  # type: ignore[no-untyped-def]  # a Locator
    return page.get_by_role("region", name="Data sources").get_by_role("row").filter(
        has=page.get_by_text(name, exact=True)
    )  # fmt: skip


def test_the_same_call_moves_in_another_window(window: Windows, api: Api) -> None:
    phone, live, plan = rings(window, api)
    happened = live.get_by_role("region", name="What happened")
    phone.hears("Please key your account number")
    here(live, "Ask account number")
    expect(live.get_by_text("Live call")).to_be_visible()
    expect(happened).to_contain_text("Welcome to Harbour Water.")
    expect(happened).to_contain_text("Ask account number: Waits for keys")

    phone.types("44170921#")
    phone.waits("Waits for a key")
    here(live, "Pay the balance?")
    expect(live.get_by_test_id("applet-Welcome").locator(".card")).to_have_attribute("data-live", "passed")
    expect(live.get_by_test_id("applet-Unknown account").locator(".card")).to_have_attribute("data-dimmed", "true")
    expect(happened).to_contain_text("Caller keyed 8 keys")
    assert "44170921" not in rows(live)
    expect(happened.get_by_role("row").filter(has_text="Look up account").filter(has_text="200").first).to_be_visible()
    expect(source(live, "Balance")).to_contain_text("82.40")
    expect(source(live, "Balance").get_by_role("button", name="Look up account")).to_be_visible()
    expect(source(live, "Account").get_by_role("button", name="Ask account number")).to_be_visible()
    expect(source(live, "Session")).to_contain_text("set at the start")

    phone.types("1")
    phone.waits("On the payment line")
    here(live, "Pay by phone")
    expect(happened).to_contain_text("nothing is shown or kept")
    before = rows(live)
    expect(phone.line.get_by_text("To pay")).to_be_visible()
    for key in "411111111111111":
        phone.page.keyboard.press(key)
    expect(phone.line.get_by_text("Card number keyed: 15 digits")).to_be_attached()
    assert re.sub(r"\d+ s …|\d+(:\d+)? (s )?left[^\n]*", "", rows(live)) == re.sub(
        r"\d+ s …|\d+(:\d+)? (s )?left[^\n]*", "", before
    )
    phone.page.keyboard.press("1")
    phone.hears("Your receipt number is")
    expect(happened).to_contain_text("back from the payment line")
    phone.ended("the plan was done")

    expect(live.get_by_text("Call ended", exact=True)).to_be_visible()
    expect(happened).to_contain_text("Call ended: the plan was done")
    expect(source(live, "Balance")).to_contain_text("gone with the call")
    shown = live.content()
    assert "4111" not in shown
    assert "1111" not in shown
    assert "sandbox-pay-key" not in shown


def test_a_reload_in_mid_call_shows_the_same_picture(window: Windows, api: Api) -> None:
    phone, live, plan = rings(window, api)
    phone.types("44170921#")
    phone.waits("Waits for a key")
    here(live, "Pay the balance?")
    same_after_reload(live)
    phone.types("1")
    phone.waits("On the payment line")
    here(live, "Pay by phone")
    same_after_reload(live)
    expect(phone.line.get_by_text("To pay")).to_be_visible()
    phone.line.get_by_role("button", name="Give up").click()
    phone.waits("Rings at")
    here(live, "Speak to an agent")
    same_after_reload(live)
    phone.hang_up()
    expect(live.get_by_text("Call ended", exact=True)).to_be_visible()
    expect(live.get_by_role("region", name="What happened")).to_contain_text("Call ended: the caller hung up")
    same_after_reload(live)


def same_after_reload(live: Page) -> None:
    before = settled(live)
    live.reload()
    expect(live.get_by_role("region", name="Data sources").get_by_role("row").nth(1)).to_be_visible()
    for _ in range(20):
        if settled(live) == before:
            break
    assert live.evaluate(PICTURE) == before


def settled(live: Page) -> object:
    """The picture, once two looks in a row see the same."""
    last = live.evaluate(PICTURE)
    for _ in range(40):
        live.evaluate("() => new Promise((done) => setTimeout(done, 250))")
        now = live.evaluate(PICTURE)
        if now == last:
            break
        last = now
    return last


def test_a_watcher_who_comes_late_sees_it_all(window: Windows, api: Api) -> None:
    phone, live, plan = rings(window, api)
    phone.types("44170923#")
    phone.ended("the plan was done")
    expect(live.get_by_role("region", name="What happened")).to_contain_text("the plan was done")
    late = window(live.url)
    expect(late.get_by_role("region", name="What happened")).to_contain_text("the plan was done")
    assert settled(late) == settled(live)


def test_a_call_is_ended_from_its_page(window: Windows, api: Api) -> None:
    phone, live, plan = rings(window, api)
    phone.waits("Waits for a key")
    live.get_by_role("button", name="End call").click()
    live.get_by_role("dialog").get_by_role("button", name="End call").click()
    expect(live.get_by_text("Call ended", exact=True)).to_be_visible()
    phone.ended("ended by a colleague")


def test_the_list_of_calls_keeps_up(window: Windows, api: Api) -> None:
    listed = window("/calls")
    expect(listed.get_by_text("Keeps up")).to_be_visible()
    plan = api.copy_of_demo()
    name = api.draft(plan)["name"]
    drawing = open_plan(window(), api, plan, room=0)
    phone = Handset(drawing.page)
    phone.call()
    row = listed.get_by_role("row").filter(has_text=name)
    expect(row).to_contain_text("Ask account number")
    expect(row).to_contain_text("test call")
    phone.hang_up()
    expect(row).to_contain_text("the caller hung up")
    listed.get_by_text("Past", exact=True).click()
    expect(row).to_be_visible()
    listed.get_by_text("Live", exact=True).click()
    expect(row).to_have_count(0)
    listed.get_by_text("All", exact=True).click()
    row.get_by_role("link").click()
    expect(listed.get_by_text("Call ended", exact=True)).to_be_visible()


def test_who_may_only_look_sees_no_values(window: Windows, api: Api, person) -> None:  # type: ignore[no-untyped-def]
    phone, live, plan = rings(window, api)
    phone.types("44170921#")
    phone.waits("Waits for a key")
    here(live, "Pay the balance?")
    other = person("viewer")(live.url)
    here(other, "Pay the balance?")
    expect(source(other, "Balance")).to_be_visible()
    assert "82.40" not in other.get_by_role("region", name="Data sources").inner_text()
    answer = Api(other.context.request).get(f"/calls/{api.calls(plan)[0]['id']}")
    assert {found["value"] for found in answer["sources"]} == {None}
    expect(other.get_by_role("button", name="End call")).to_have_count(0)
    phone.hang_up()
    expect(other.get_by_text("Call ended", exact=True)).to_be_visible()
    stranger = person("nobody")(live.url)
    expect(stranger.get_by_text("There is nothing at this address")).to_be_visible()
