"""A real Chromium on a real server: `manage.py run` in an empty folder, as a newcomer starts it."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.__main__ import chromium
from tests.browser.api import Api
from tests.running import Running, running_server

SIZE = {"width": 1640, "height": 1000}
PATIENCE = 15_000
FAILED = pytest.StashKey[bool]()

# Another account than the demo's, with nothing in it, and a colleague of the demo's owner who may only look.
PEOPLE = """
from django.contrib.auth import get_user_model
from callplans.models import Account, Member
make = lambda name: get_user_model().objects.create_user(name, f"{name}@example.org", first_name=name.title())
Member.objects.create(account=Account.objects.create(name="Empty & Co"), user=make("nobody"), role="owner")
Member.objects.create(account=Account.objects.exclude(name="Empty & Co").get(), user=make("viewer"), role="viewer")
"""


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running_server(tmp_path_factory.mktemp("var")) as running:
        made = running.manage("shell", "-v0", "-c", PEOPLE)
        assert made.returncode == 0, made.stderr
        yield running


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = chromium()
    if path is None:
        pytest.skip("no Chromium: install it (Debian: apt install chromium) or set CHROMIUM=/path")
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(
            executable_path=path,
            args=["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--mute-audio",
                  "--disable-background-networking", "--disable-component-update", "--disable-sync"],
        )  # fmt: skip
        yield found
        found.close()


def new_context(browser: Browser, running: Running, cookies: Any = None, scheme: str = "light") -> BrowserContext:
    context = browser.new_context(
        base_url=running.address, viewport=SIZE, color_scheme=scheme, reduced_motion="reduce", storage_state=cookies
    )
    context.set_default_timeout(PATIENCE)
    context.set_default_navigation_timeout(2 * PATIENCE)
    return context


def signed_in(browser: Browser, running: Running, user: str) -> Any:
    """Signs in by the link, as a person does; the cookies are for the windows to come."""
    context = new_context(browser, running)
    page = context.new_page()
    page.goto(running.link(user))
    page.get_by_role("button", name=re.compile("sign in", re.I)).click()
    page.wait_for_url(lambda url: "/signin" not in url)
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture(scope="session")
def cookies(browser: Browser, server: Running) -> Callable[[str], Any]:
    known: dict[str, Any] = {}

    def of(user: str) -> Any:
        if user not in known:
            known[user] = signed_in(browser, server, user)
        return known[user]

    return of


@dataclass
class Window:
    """A signed-in browser window and what went wrong in it."""

    page: Page
    errors: list[str]


class Windows:
    """Opens windows of one signed-in person; remembers what threw in them."""

    def __init__(self, context: BrowserContext):
        self.context = context
        self.opened: list[Window] = []

    def __call__(self, path: str = "/") -> Page:
        page = self.context.new_page()
        window = Window(page, [])
        page.on("pageerror", lambda error: window.errors.append(f"{page.url}: {error}"))
        page.on(
            "console",
            lambda m: window.errors.append(m.text) if m.type == "error" and "Content Security" in m.text else None,
        )
        page.goto(path)
        self.opened.append(window)
        return page

    def close(self, failed: bool) -> list[str]:
        """Closes them; of a failed test with SHOTS=<folder> set, a picture of each is kept."""
        if failed and os.environ.get("SHOTS"):
            for n, window in enumerate(self.opened):
                window.page.screenshot(path=Path(os.environ["SHOTS"]) / f"failed-{n}.png")
        self.context.close()
        return [error for window in self.opened for error in window.errors]


@pytest.fixture
def person(
    server: Running, browser: Browser, cookies: Callable[[str], Any], request: pytest.FixtureRequest
) -> Iterator[Callable[..., Windows]]:
    """Windows of a person of the shared server, by user name."""
    known: dict[tuple[str, str], Windows] = {}

    def of(user: str, scheme: str = "light") -> Windows:
        if (user, scheme) not in known:
            known[user, scheme] = Windows(new_context(browser, server, cookies(user), scheme))
        return known[user, scheme]

    yield of
    failed = FAILED in request.node.stash
    errors = [error for windows in known.values() for error in windows.close(failed)]
    assert errors == []


@pytest.fixture
def window(person: Callable[..., Windows]) -> Windows:
    """Windows of the demo account's owner; the test fails when a page threw an error."""
    return person("owner")


@pytest.fixture
def api(window: Windows) -> Api:
    """The API as the owner's browser speaks it."""
    return Api(window.context.request)


@pytest.fixture(autouse=True)
def _chromium_needed(browser: Browser) -> None:
    """Every test here drives it."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.failed:
        item.stash[FAILED] = True
    return report


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser" in item.nodeid:
            item.add_marker(pytest.mark.browser)
