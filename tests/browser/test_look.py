"""Every page in light and dark: readable, named, nothing wider than the window. With SHOTS=<folder> each is drawn."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.api import DEMO, Api
from tests.browser.conftest import Windows
from tests.browser.drawing import open_plan
from tests.browser.handset import Handset

PAGES = ["/", "/calls", "/destinations", "/connections", "/settings", "/payment-lines"]

# Controls without a name, text that is hard to read on its ground, and what is wider than the window.
FAULTS = """() => {
  const faults = [];
  const seen = (el) => el.checkVisibility({opacityProperty: true, visibilityProperty: true});
  const about = (el) => `${el.tagName.toLowerCase()}.${String(el.className.baseVal ?? el.className).slice(0, 60)}`;
  const wide = document.documentElement.scrollWidth;
  if (wide > innerWidth + 1) faults.push(`page is ${wide} wide`);
  for (const el of document.querySelectorAll('button, a[href], input, textarea, select, [role=button]')) {
    if (!seen(el) || el.type === 'hidden') continue;
    const named = el.getAttribute('aria-label') || el.getAttribute('aria-labelledby') || el.innerText?.trim() ||
      el.labels?.length || el.title || el.placeholder;
    if (!named) faults.push(`no name: ${about(el)}`);
  }
  // Colours in any notation, by painting them.
  const paper = new OffscreenCanvas(1, 1).getContext('2d', {willReadFrequently: true});
  const known = new Map();
  const rgb = (text) => {
    if (!known.has(text)) {
      paper.clearRect(0, 0, 1, 1);
      paper.fillStyle = text;
      paper.fillRect(0, 0, 1, 1);
      const [r, g, b, a] = paper.getImageData(0, 0, 1, 1).data;
      known.set(text, [r, g, b, a / 255]);
    }
    return known.get(text);
  };
  const light = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((c) => (c /= 255) <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const over = ([r, g, b, a = 1], [x, y, z]) => [r * a + x * (1 - a), g * a + y * (1 - a), b * a + z * (1 - a)];
  const ground = (el) => {
    const layers = [];
    for (let at = el; at; at = at.parentElement) {
      const colour = rgb(getComputedStyle(at).backgroundColor);
      if (colour[3] > 0) layers.push(colour);
      if (colour[3] === 1) break;
    }
    return layers.reverse().reduce((below, layer) => over(layer, below), [255, 255, 255]);
  };
  const unjudged = '[disabled], [aria-disabled=true], [data-disabled], [data-dimmed], .react-flow__attribution, svg';
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const el = node.parentElement;
    if (!node.data.trim() || !el || !seen(el) || el.closest(unjudged)) continue;
    const style = getComputedStyle(el);
    const behind = ground(el);
    const [a, b] = [light(over(rgb(style.color), behind)), light(behind)].sort((p, q) => q - p);
    const contrast = (a + 0.05) / (b + 0.05);
    const large = parseFloat(style.fontSize) >= 18.6;
    if (contrast >= (large ? 3 : 4.45)) continue;
    faults.push(`contrast ${contrast.toFixed(2)}: ${about(el)} "${node.data.trim().slice(0, 40)}"`);
  }
  return [...new Set(faults)];
}"""


def looks_right(page: Page, name: str) -> None:
    page.evaluate("() => document.fonts.ready")
    if os.environ.get("SHOTS"):
        page.screenshot(path=Path(os.environ["SHOTS"]) / f"{name}.png")
    assert page.evaluate(FAULTS) == []


@pytest.fixture(params=["light", "dark"])
def scheme(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_the_pages(person: Callable[..., Windows], scheme: str) -> None:
    page = person("owner", scheme)()
    for path in PAGES:
        page.goto(path)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        expect(page.get_by_label("Loading")).to_have_count(0)
        looks_right(page, f"page{path.replace('/', '-')}-{scheme}")


def test_the_dialogs(person: Callable[..., Windows], scheme: str) -> None:
    page = person("owner", scheme)()
    for path, button in [
        ("/", "New call plan"), ("/destinations", "New destination"), ("/connections", "New connection"),
        ("/settings", "New setting"), ("/payment-lines", "New payment line"),
    ]:  # fmt: skip
        page.goto(path)
        page.get_by_role("button", name=button).first.click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_role("button", name="Save").or_(dialog.get_by_role("button", name="Make it and draw")).click()
        expect(dialog.get_by_text("This is needed.").or_(dialog.get_by_role("alert")).first).to_be_visible()
        looks_right(page, f"dialog{path.replace('/', '-')}-{scheme}")


def test_the_editor_with_every_form(person: Callable[..., Windows], scheme: str) -> None:
    windows = person("owner", scheme)
    api = Api(windows.context.request)
    drawing = open_plan(windows(), api, api.plan(DEMO)["id"], room=0)
    looks_right(drawing.page, f"editor-{scheme}")
    for name in ("Welcome", "Ask account number", "Start payment", "Paid?", "Pay the balance?", "Say the balance",
                 "Clear last attempt", "Pay by phone", "Speak to an agent"):  # fmt: skip
        drawing.choose(name)
        looks_right(drawing.page, f"form-{name.replace(' ', '-').replace('?', '').lower()}-{scheme}")


def test_an_empty_plan_and_one_with_problems(person: Callable[..., Windows], scheme: str) -> None:
    windows = person("owner", scheme)
    api = Api(windows.context.request)
    drawing = open_plan(windows(), api, api.new_plan())
    expect(drawing.page.get_by_role("heading", name="This plan is empty")).to_be_visible()
    looks_right(drawing.page, f"empty-{scheme}")
    drawing.drop("menu", (0, 0), "Choose")
    drawing.drop("data_connector", (340, 0), "Fetch")
    drawing.saved()
    expect(drawing.problems.get_by_role("listitem").first).to_be_visible()
    looks_right(drawing.page, f"problems-{scheme}")
    drawing.page.get_by_role("button", name="Publish").click(force=True)
    expect(drawing.page.get_by_role("dialog", name="Not ready to publish")).to_be_visible()
    looks_right(drawing.page, f"publish-refused-{scheme}")


def test_a_call_and_its_page(person: Callable[..., Windows], scheme: str) -> None:
    windows = person("owner", scheme)
    api = Api(windows.context.request)
    page = open_plan(windows(), api, api.copy_of_demo(), room=0).page
    phone = Handset(page)
    phone.call()
    phone.types("44170921#")
    phone.waits("Waits for a key")
    looks_right(page, f"phone-{scheme}")
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Watch this call").click()
    live: Any = opened.value
    phone.types("1")
    phone.waits("On the payment line")
    expect(phone.line.get_by_text("To pay")).to_be_visible()
    looks_right(page, f"phone-payment-{scheme}")
    expect(live.get_by_test_id("applet-Pay by phone").locator(".card")).to_have_attribute("data-live", "here")
    looks_right(live, f"live-{scheme}")
    phone.hang_up()
    phone.ended("the caller hung up")
    looks_right(page, f"phone-ended-{scheme}")
    expect(live.get_by_text("Call ended", exact=True)).to_be_visible()
    looks_right(live, f"live-ended-{scheme}")
