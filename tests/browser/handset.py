"""The phone beside the canvas, as a caller uses it."""

from __future__ import annotations

import re
from contextlib import suppress

from playwright.sync_api import Error, Locator, Page, expect

TURN = 20_000  # a call's turn on a busy machine


class Handset:
    def __init__(self, page: Page):
        self.page = page
        self.log = page.get_by_role("list", name="What was said and keyed")
        self.line = page.get_by_role("region", name="Payment system's own line")
        self.agent = page.get_by_role("region", name="Somebody else's phone")

    def call(self) -> None:
        self.page.get_by_role("button", name="Call", exact=True).click()

    def hears(self, text: str) -> None:
        """Listens until this is said; speech before it is skipped, so that nobody waits for it."""
        said = self.log.get_by_text(text)
        skip = self.page.get_by_role("button", name="Skip")
        for _ in range(30):
            expect(said.or_(skip).first).to_be_visible(timeout=TURN)
            if said.count():
                return
            self._skip(skip)
        raise AssertionError(f"never said: {text}\n{self.log.inner_text()}")

    def waits(self, words: str | re.Pattern[str]) -> None:
        """Skips speech until the phone says that it waits for this."""
        skip = self.page.get_by_role("button", name="Skip")
        state = self.page.locator(".phone-state").get_by_text(words)
        for _ in range(30):
            expect(state.or_(skip).first).to_be_visible(timeout=TURN)
            if state.count():
                return
            self._skip(skip)
        raise AssertionError(f"never waited for {words}\n{self.log.inner_text()}")

    def _skip(self, skip: Locator) -> None:
        """Skips what is being said; it may be over by now."""
        with suppress(Error):
            skip.click(timeout=1000)

    def keys(self, keys: str) -> None:
        """Waits until keys are wanted, then presses them on the keypad."""
        self.waits("Waits for a key")
        pad = self.page.get_by_role("group", name="Keypad")
        for key in keys:
            pad.get_by_role("button", name=key, exact=True).click()

    def types(self, keys: str) -> None:
        """The same with the keyboard."""
        self.waits("Waits for a key")
        for key in keys:
            self.page.keyboard.press(key)

    def pays(self, does: str) -> None:
        """What happens on the payment line: "Test card", "Declined", "Give up" or "Line fails"."""
        self.waits("On the payment line")
        expect(self.line.get_by_text("To pay")).to_be_visible(timeout=TURN)
        self.line.get_by_role("button", name=does).click()

    def agent_does(self, *does: str) -> None:
        """What the next agent's telephone does: "Answers", "Busy", "No answer", "Hangs up"."""
        for act in does:
            button = self.agent.get_by_role("button", name=act)
            self.waits(re.compile("Rings at|Talking with"))
            button.click()

    def ended(self, why: str) -> None:
        self.waits(f"Call ended: {why}")

    def hang_up(self) -> None:
        self.page.get_by_role("button", name="Hang up").click()
