"""The canvas as a hand uses it: places of the plan, cards, exits, drags, the form at the right."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import FloatRect, Locator, Page, expect

from tests.browser.api import Api, applet

BOARD = "main .edit-board"
# Where the plan's origin is on the screen, and how large it is drawn.
VIEW = """() => {
  const box = document.querySelector('.react-flow').getBoundingClientRect();
  const m = new DOMMatrix(getComputedStyle(document.querySelector('.react-flow__viewport')).transform);
  return {x: box.x + m.e, y: box.y + m.f, zoom: m.a};
}"""
Place = tuple[float, float]


class Drawing:
    """The editor of one plan in a window."""

    def __init__(self, page: Page, api: Api, plan: str):
        self.page, self.api, self.plan = page, api, plan
        self.form = page.get_by_role("complementary", name="Settings of the chosen applet")
        self.palette = page.get_by_role("complementary", name="Applets")
        self.problems = page.get_by_role("region", name="Problems")

    # -- looking --

    def card(self, name: str) -> Locator:
        return self.page.get_by_test_id(f"applet-{name}")

    def exit(self, name: str, exit: str) -> Locator:
        """The socket of an exit; a router's rule by its label: "rule:Paid"."""
        prefix, _, label = exit.partition(":")
        if prefix == "rule":
            rules = applet(self.draft(), name)["settings"]["rules"]
            exit = "rule:" + next(rule["id"] for rule in rules if rule["label"] == label)
        return self.card(name).get_by_test_id(f"exit-{exit}")

    def at(self, place: Place) -> Place:
        """A place of the plan as a place of the window."""
        view = self.page.evaluate(VIEW)
        return view["x"] + place[0] * view["zoom"], view["y"] + place[1] * view["zoom"]

    def saved(self) -> None:
        """Waits until the bar says so."""
        expect(self.page.get_by_role("status").filter(has_text=re.compile("^Saved$"))).to_be_visible()

    def draft(self) -> dict[str, Any]:
        """The draft as the server has it, once everything is saved."""
        self.saved()
        return self.api.draft(self.plan)

    # -- the mouse --

    def drag(self, start: Place, end: Place) -> None:
        """Press, move in a few steps, let go: what a hand does."""
        mouse = self.page.mouse
        mouse.move(*start)
        mouse.down()
        mouse.move((start[0] + end[0]) / 2, (start[1] + end[1]) / 2, steps=4)
        mouse.move(*end, steps=4)
        mouse.up()

    def drop(self, type: str, place: Place, name: str = "") -> None:
        """Drags a type from the palette to a place of the plan (the new card's head is there), and names it."""
        item = self.palette.get_by_test_id(f"palette-{type}")
        item.scroll_into_view_if_needed()
        self.drag(middle(item), self.at((place[0] + 118, place[1] + 25)))
        self._chosen(name)

    def wire(self, source: str, exit: str, target: str) -> None:
        """Drags from the exit into the card of the target."""
        box = box_of(self.card(target))
        self.drag(middle(self.exit(source, exit)), (box["x"] + box["width"] / 2, box["y"] + box["height"] / 3))

    def add_after(self, source: str, exit: str, what: str, place: Place, name: str = "") -> None:
        """Drags from the exit to an empty place, and chooses in the picker what comes next."""
        self.drag(middle(self.exit(source, exit)), self.at(place))
        self.pick(what)
        self._chosen(name)

    def pick(self, what: str, group: str = "New applet") -> None:
        """Chooses in the open picker: a new applet by its type's title, or one that is "On this plan"."""
        self.page.get_by_role("combobox", name="Find or add an applet").fill(what)
        self.page.get_by_role("group", name=group).get_by_role("option", name=what).first.click()

    def _chosen(self, name: str) -> None:
        """The new applet's form is open; give it its name."""
        field = self.form.get_by_role("textbox", name="Name of the applet")
        expect(field).to_be_visible()
        if name:
            field.fill(name)
            expect(self.card(name)).to_be_visible()

    def choose(self, name: str) -> None:
        """Clicks the card: its form opens."""
        box = box_of(self.card(name))
        self.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + min(12, box["height"] / 4))
        expect(self.form.get_by_role("textbox", name="Name of the applet")).to_have_value(name)

    def zoom_out(self, times: int) -> None:
        for _ in range(times):
            self.page.get_by_role("button", name="Zoom out").click()

    # -- the form --

    def field(self, label: str) -> Locator:
        """A field by its label; of several the first."""
        return self.form.get_by_label(label, exact=True).first

    def fill(self, label: str, text: str, within: Locator | None = None) -> None:
        """Types over what is in a field, whether it is a plain one or one with tokens."""
        found = (within or self.form).get_by_label(label, exact=True).first
        found.click()
        found.fill(text)
        found.page.keyboard.press("Escape")  # what is offered for a half-typed placeholder

    def select(self, label: str, option: str, within: Locator | None = None) -> None:
        found = (within or self.form).get_by_label(label, exact=True).first
        found.click()
        self.page.get_by_role("option", name=option, exact=True).click()

    def add(self, what: str) -> None:
        """One more entry of a list."""
        self.form.get_by_role("button", name=f"Add {what}", exact=True).click()

    def row(self, title: str, n: int = -1) -> Locator:
        """A row of a short list (the last, unless said)."""
        rows = self.form.locator(".list").filter(has=self.page.get_by_text(title, exact=True)).locator("tbody tr")
        return rows.last if n < 0 else rows.nth(n)


def middle(locator: Locator) -> Place:
    box = box_of(locator)
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def box_of(locator: Locator) -> FloatRect:
    expect(locator).to_be_visible()
    box = locator.bounding_box()
    assert box
    return box


def open_plan(page: Page, api: Api, plan: str, room: int = 3) -> Drawing:
    """The editor of this plan; `room`: so often zoomed out, for cards to be dropped around those that are there."""
    page.goto(f"/plans/{plan}")
    expect(page.get_by_role("button", name="Publish")).to_be_visible()
    drawing = Drawing(page, api, plan)
    drawing.zoom_out(room)
    return drawing
