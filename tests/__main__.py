"""`make test`: runs everything this machine can run and says plainly what was left out.

Python's tests by pytest, the canvas's by vitest. tests/browser needs Chromium; tests/services needs PostgreSQL and
Redis. With REQUIRE_SERVICES=1 (as CI sets it) a missing one is a failure, and so is any skipped test.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
REQUIRED = os.environ.get("REQUIRE_SERVICES") == "1"
POSTGRES = os.environ.get("TEST_DATABASE_URL", "postgresql://postgres@127.0.0.1:5432/postgres")
REDIS = os.environ.get("TEST_REDIS_URL", "redis://127.0.0.1:6379/0")

# The least number of tests per folder: a folder that silently collects less is a broken suite, not a fast one.
LEAST = {
    "house": 40, "engine": 450, "applets": 900, "adapters": 220, "stories": 300, "callplans": 500, "designer": 600,
    "browser": 40, "services": 10,
}  # fmt: skip
NOTHING_RUN = 5  # pytest's code when a selection matched nothing in this part


def chromium() -> str | None:
    """The system's Chromium, or None."""
    named = os.environ.get("CHROMIUM")
    if named:
        return named if Path(named).exists() else None
    return next(
        (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
    )


def in_reach(url: str, port: int) -> bool:
    parts = urlsplit(url)
    try:
        with socket.create_connection((parts.hostname or "127.0.0.1", parts.port or port), timeout=1):
            return True
    except OSError:
        return False


def main() -> int:
    began = time.monotonic()
    left_out: list[str] = []
    failures: list[str] = []
    ignore: list[str] = []

    if not chromium():
        left_out.append(
            "tests/browser: no Chromium found. Install it (Debian: apt install chromium) or set CHROMIUM=/path."
        )
        ignore.append("browser")
    if not (in_reach(POSTGRES, 5432) and in_reach(REDIS, 6379)):
        left_out.append(
            "tests/services: PostgreSQL and Redis are not both in reach (TEST_DATABASE_URL, TEST_REDIS_URL)."
        )
        ignore.append("services")
    if REQUIRED and left_out:
        failures += left_out

    print("Canvas: vitest", flush=True)
    canvas = subprocess.run(["npm", "--prefix", "frontend", "run", "--silent", "test"], cwd=ROOT, check=False)
    if canvas.returncode:
        failures.append(f"vitest ended with {canvas.returncode}")

    reports = ROOT / "var" / "test-reports"
    shutil.rmtree(reports, ignore_errors=True)
    reports.mkdir(parents=True)
    # A process each: the browser's driver keeps an event loop that other tests must not meet.
    alone = ("browser", "services")
    parts = [["tests", *(f"--ignore=tests/{name}" for name in alone)], *([f"tests/{name}"] for name in alone)]
    for number, part in enumerate(parts):
        if part[0].removeprefix("tests/") in ignore:
            continue
        print("\nPython: pytest", *part, flush=True)
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            f"--junitxml={reports / f'{number}.xml'}",
            *part,
            *sys.argv[1:],
        ]
        code = subprocess.run(command, cwd=ROOT, check=False).returncode
        if code and not (code == NOTHING_RUN and sys.argv[1:]):
            failures.append(f"pytest {' '.join(part)} ended with {code}")
    if not sys.argv[1:]:
        failures += count(reports, ignore)

    print(f"\n{time.monotonic() - began:.0f} s")
    for line in left_out:
        print(f"Left out: {line}")
    for line in failures:
        print(f"Failed: {line}")
    if not failures:
        print("All that was run passed." if left_out else "Everything was run and passed.")
    return 1 if failures else 0


def count(reports: Path, ignore: list[str]) -> list[str]:
    """What the reports say against LEAST; a skip counts as a failure where everything is required."""
    found = dict.fromkeys(LEAST, 0)
    skipped = 0
    for case in (case for report in reports.glob("*.xml") for case in ET.parse(report).iter("testcase")):
        folder = re.match(r"tests\.(\w+)", case.get("classname", ""))
        if case.find("skipped") is not None:
            skipped += 1
        elif folder and folder[1] in found:
            found[folder[1]] += 1
    problems = [
        f"tests/{name} ran {found[name]} tests, at least {least} are expected"
        for name, least in LEAST.items()
        if name not in ignore and found[name] < least
    ]
    if skipped and REQUIRED:
        problems.append(f"{skipped} tests were skipped; here none may be")
    return problems


if __name__ == "__main__":
    sys.exit(main())
