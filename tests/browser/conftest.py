"""A real Chromium on a real server: `manage.py run` in an empty folder, as a newcomer starts it."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.__main__ import chromium

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Running:
    """The server: its address, its sign-in link, and what it has printed."""

    address: str
    folder: Path
    env: dict[str, str]
    lines: list[str] = field(default_factory=list)

    def link(self) -> str:
        """A new sign-in link for the demo account's owner."""
        made = subprocess.run(
            [sys.executable, "manage.py", "signin"], cwd=ROOT, env=self.env, capture_output=True, text=True, check=True
        )
        return re.search(r"http://\S+/signin/\S+", made.stdout)[0]  # type: ignore[index]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    port, folder = free_port(), tmp_path_factory.mktemp("var")
    keep = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "REDIS_URL", "PUBLIC_BASE_URL")}
    env = {**keep, "PORT": str(port), "VAR_DIR": str(folder), "PYTHONUNBUFFERED": "1"}
    running = Running(f"http://127.0.0.1:{port}", folder, env)
    process = subprocess.Popen(
        [sys.executable, "manage.py", "run", "--port", str(port)],
        cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip

    def listen() -> None:
        assert process.stdout
        for line in process.stdout:
            running.lines.append(line.rstrip())

    threading.Thread(target=listen, daemon=True).start()
    try:
        until = time.monotonic() + 90
        while not any("Sign in" in line for line in running.lines):
            if process.poll() is not None or time.monotonic() > until:
                pytest.fail("the server did not start:\n" + "\n".join(running.lines))
            time.sleep(0.1)
        yield running
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()


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


@dataclass
class Window:
    """A signed-in browser window and what went wrong in it."""

    page: Page
    context: BrowserContext
    errors: list[str]


@pytest.fixture
def window(server: Running, browser: Browser) -> Iterator[Callable[..., Window]]:
    """Opens signed-in windows of one person; fails the test when a page threw an error."""
    opened: list[Window] = []
    context: BrowserContext | None = None

    def open_window(path: str = "/", scheme: str = "light") -> Window:
        nonlocal context
        first = context is None
        if context is None:
            context = browser.new_context(
                viewport={"width": 1640, "height": 1000}, color_scheme=scheme, reduced_motion="reduce"
            )
            context.set_default_timeout(15_000)
        page = context.new_page()
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(f"{error}"))
        page.on(
            "console", lambda m: errors.append(m.text) if m.type == "error" and "Content Security" in m.text else None
        )
        if first:
            page.goto(server.link())
            page.get_by_role("button", name=re.compile("sign in", re.I)).click()
            page.wait_for_url(lambda url: "/signin" not in url)
        page.goto(server.address + path)
        opened.append(Window(page, context, errors))
        return opened[-1]

    yield open_window
    errors = [error for each in opened for error in each.errors]
    if context:
        context.close()
    assert errors == []


@pytest.fixture(autouse=True)
def _chromium_needed(browser: Browser) -> None:
    """Every test here drives it."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser" in item.nodeid:
            item.add_marker(pytest.mark.browser)
