"""What is made from the code must be fresh: pages of docs/, the OpenAPI schema, the browser's types."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from designer.management.commands import docs as command

ROOT = Path(__file__).resolve().parents[2]


def test_generated_pages_are_fresh() -> None:
    call_command("docs", "--check")


def test_a_stale_page_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(command.PAGES, "applets.md", lambda: "something else")
    with pytest.raises(CommandError, match=r"applets\.md"):
        call_command("docs", "--check")


def test_the_schema_is_fresh(tmp_path: Path) -> None:
    made = tmp_path / "openapi.yaml"
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(made))
    assert made.read_text() == (ROOT / "docs/openapi.yaml").read_text(), "run `make types`"


def test_the_browsers_types_are_fresh(tmp_path: Path) -> None:
    made = tmp_path / "schema.d.ts"
    subprocess.run(
        ["npx", "--no-install", "openapi-typescript", str(ROOT / "docs/openapi.yaml"), "-o", str(made)],
        cwd=ROOT / "frontend", check=True, capture_output=True,
    )  # fmt: skip
    assert made.read_text() == (ROOT / "frontend/src/api/schema.d.ts").read_text(), "run `make types`"


def test_every_applet_tells_what_it_is_for() -> None:
    page = command.applets_page()
    rows = [line for line in page.splitlines() if line.startswith("| `")]
    assert len(rows) > 60
    assert page.count("\n## ") >= 12
