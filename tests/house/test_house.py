"""The rules of the house, as tests: who imports whom, what mirrors what, what is pinned, how large a room may grow."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def tracked(*patterns: str) -> list[Path]:
    """Files of the repository, those not committed yet included."""
    out = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *patterns],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return [ROOT / line for line in out.stdout.splitlines() if (ROOT / line).is_file()]


def test_imports_point_inwards() -> None:
    run = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"], cwd=ROOT, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.parametrize("name", ["requirements.txt", "tests/requirements.txt"])
def test_every_requirement_is_pinned_and_says_why(name: str) -> None:
    lines = [line for line in (ROOT / name).read_text().splitlines() if line.strip() and not line.startswith("#")]
    assert lines
    for line in lines:
        assert re.fullmatch(r"[\w.\-]+(\[[\w,]+\])?==[\w.]+ +# \S.{10,}", line), f"{name}: {line!r}"


def test_npm_packages_are_pinned_and_the_lock_names_no_download_address() -> None:
    package = json.loads((ROOT / "frontend/package.json").read_text())
    for group in ("dependencies", "devDependencies"):
        for name, version in package[group].items():
            assert re.fullmatch(r"\d+\.\d+\.\d+", version), f"{name} is {version}: pin it exactly"
    lock = json.loads((ROOT / "frontend/package-lock.json").read_text())
    assert [name for name, entry in lock["packages"].items() if "resolved" in entry and not entry.get("link")] == []
    assert "omit-lockfile-registry-resolved=true" in (ROOT / "frontend/.npmrc").read_text()


def test_no_room_is_crowded() -> None:
    crowded = []
    for path in tracked("*.py", "*.ts", "*.tsx"):
        name = path.relative_to(ROOT).as_posix()
        if "migrations/" in name or name.startswith("tests/") or name.endswith((".d.ts", ".test.ts", ".test.tsx")):
            continue
        most = 400 if path.suffix == ".py" else 300
        lines = len(path.read_text().splitlines())
        if lines > most:
            crowded.append(f"{name}: {lines} lines, {most} at most")
    assert crowded == []


# Declarations that are proved by the tests of what uses them.
WITHOUT_OWN_TEST = {"callplans/apps.py", "callplans/engine/errors.py", "callplans/engine/plan.py"}


def modules_of(folder: str) -> list[str]:
    return [
        name
        for path in tracked(f"{folder}/*.py")
        if (name := path.relative_to(ROOT).as_posix()).count("/") == folder.count("/") + 1
        and path.name != "__init__.py"
        and name not in WITHOUT_OWN_TEST
    ]


@pytest.mark.parametrize("module", modules_of("callplans/engine") + modules_of("callplans"))
def test_every_module_has_its_test_file(module: str) -> None:
    stem = Path(module).stem
    folder = "engine" if "/engine/" in module else "callplans"
    candidates = [path.name for path in (ROOT / "tests" / folder).glob("test_*.py")]
    # test_editing_ops.py mirrors editing.py; test_connector.py would not
    assert any(name == f"test_{stem}.py" or name.startswith(f"test_{stem}_") for name in candidates), (
        f"{module} has no tests/{folder}/test_{stem}.py"
    )


def test_every_applet_has_its_cases_and_every_case_its_applet() -> None:
    types = {
        path.stem if path.name != "__init__.py" else path.parent.name
        for path in tracked("callplans/applets/*.py", "callplans/applets/*/__init__.py")
        if path != ROOT / "callplans/applets/__init__.py" and path.parent.name in ("applets", path.parent.name)
        and (path.parent.name == "applets" or path.name == "__init__.py")
    }  # fmt: skip
    cases = {path.stem for path in (ROOT / "tests/applets/cases").glob("*.json")}
    assert types == cases


def test_packages_whose_import_must_have_no_effect_are_empty() -> None:
    for name in ("callplans/__init__.py", "callplans/engine/__init__.py", "callplans/applets/__init__.py"):
        assert (ROOT / name).read_text().strip() == ""


def test_every_setting_read_from_the_environment_is_documented() -> None:
    source = (ROOT / "designer/settings.py").read_text()
    names = set(re.findall(r"""(?:env|flag|needed|whole)\(\s*"([A-Z_]+)\"""", source))
    assert len(names) > 10
    documented = (ROOT / "docs/settings.md").read_text()
    assert sorted(name for name in names if f"`{name}`" not in documented) == []


def test_readme_names_commands_and_files_that_exist() -> None:
    readme = (ROOT / "README.md").read_text()
    make = (ROOT / "Makefile").read_text()
    for target in set(re.findall(r"`?make ([a-z-]+)", readme)):
        assert re.search(rf"^{target}:", make, re.M), f"README says make {target}"
    for link in re.findall(r"\]\((?!https?:)([^)#]+)", readme):
        assert (ROOT / link).exists(), f"README links to {link}"


def test_nothing_unfinished_is_committed() -> None:
    mark = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|HA" + r"CK)\b")
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in tracked("*.py", "*.ts", "*.tsx")
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if mark.search(line)
    ]
    assert found == []
