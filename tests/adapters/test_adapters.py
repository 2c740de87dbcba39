"""Every adapter by JSON cases: this hook gives this input, these commands give this document.

A file `cases/<provider>/<topic>.json` is a list of {name, do, ...what it needs, gives}. do: start | event | read (hook,
wait, memo, links), reply | hold (commands, links, settings), carry_on, act (command, leg). A hook's body is written as
JSON (`json`) or as text (`text`). `--rewrite-cases` writes what the code gives today: review the diff.
"""

from __future__ import annotations

import json
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import Any

import pytest

from callplans.engine.adapter import Document, Hook, Leg, Links, Request, adapters
from callplans.engine.words import commands as all_commands
from callplans.engine.words import waits

from .gate import check_ncco

CASES = Path(__file__).parent / "cases"
LINKS = {
    "wait": "https://flow.example.com/hooks/vonage/k1/c1/2.t",
    "again": "https://flow.example.com/hooks/vonage/k1/c1/1.t?heard=1",
    "after": 1.0,
    "event": "https://flow.example.com/hooks/vonage/k1/event",
}
NOW = 1793610904.0  # 2 November 2026, 09:15:04 UTC


def hook_of(case: dict[str, Any]) -> Hook:
    said = case.get("hook", {})
    body = json.dumps(said["json"]) if "json" in said else said.get("text", "")
    return Hook(
        method=said.get("method", "POST"),
        url="https://flow.example.com/hooks/vonage/k1/c1/1.t",
        query=[(name, value) for name, value in said.get("query", [])],
        body=body.encode(),
        now=NOW,
    )


def run(provider: str, case: dict[str, Any]) -> Any:
    adapter = adapters.get(provider)
    assert adapter is not None, f"no adapter is called {provider}"
    links = Links(**{**LINKS, **case.get("links", {})})
    settings = case.get("settings", {})
    match case["do"]:
        case "start":
            return adapter.start(hook_of(case))
        case "event":
            return adapter.event(hook_of(case))
        case "read":
            wait = waits.validate_python(case["wait"]) if case.get("wait") else None
            return adapter.read(hook_of(case), wait, case.get("memo", {}), links)
        case "reply":
            return adapter.reply(all_commands.validate_python(case["commands"]), links, settings)
        case "hold":
            return adapter.hold(all_commands.validate_python(case["commands"]), links, settings)
        case "carry_on":
            return adapter.carry_on()
        case "act":
            (command,) = all_commands.validate_python([case["command"]])
            return adapter.act(command, Leg(**case["leg"]), settings)
    raise AssertionError(f"unknown do: {case['do']}")


def plain(value: Any) -> Any:
    """What an adapter gave, as JSON: its class beside its fields, documents as what they hold."""
    if isinstance(value, Document):
        return {"is": "Document", "type": value.content_type, "holds": json.loads(value.body)}
    if isinstance(value, Request):
        return {"is": "Request", **asdict(value), "success": list(value.success)}
    if is_dataclass(value) and not isinstance(value, type):
        return {"is": type(value).__name__, **{name: plain(getattr(value, name)) for name in value.__slots__}} | (
            {"at": value.at} if hasattr(value, "at") else {}
        )
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value


def found() -> list[Any]:
    return [
        pytest.param(path, number, id=f"{path.parent.name}/{path.stem}: {case['name']}")
        for path in sorted(CASES.glob("*/*.json"))
        for number, case in enumerate(json.loads(path.read_text()))
    ]


@pytest.mark.parametrize(("path", "number"), found())
def test_case(path: Path, number: int, rewrite_cases: bool) -> None:
    cases = json.loads(path.read_text())
    case = cases[number]
    provider = path.parent.name
    given = run(provider, case)
    seen = json.loads(json.dumps(plain(given)))
    if rewrite_cases:
        case["gives"] = seen
        path.write_text(json.dumps(cases, indent=1, ensure_ascii=False) + "\n")
    assert seen == case.get("gives"), f"{path.name}: {case['name']}"
    document = given if isinstance(given, Document) else getattr(given, "document", None)
    if provider == "vonage" and document is not None and case["do"] != "carry_on":
        assert check_ncco(json.loads(document.body)) == []


def test_every_adapter_has_cases_for_all_it_does() -> None:
    for adapter in adapters.all():
        done = {
            case["do"] for path in (CASES / adapter.provider).glob("*.json") for case in json.loads(path.read_text())
        }
        assert done >= {"start", "event", "read", "reply", "hold", "carry_on", "act"}, adapter.provider


def test_the_same_case_is_not_told_twice() -> None:
    for path in CASES.glob("*/*.json"):
        names = [case["name"] for case in json.loads(path.read_text())]
        assert len(names) == len(set(names)), path
