"""Plans for the tests of checks: drawn briefly, turned into what a call runs on, and edited by operations."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from pydantic import ValidationError

from callplans.engine.applet import register
from callplans.engine.plan import PlacedApplet, Plan


def draft(
    applets: dict[str, tuple[str, dict[str, Any]]],
    wires: dict[str, dict[str, str | None]] | None = None,
    initial: str | None = "",
    hangup: str | None = None,
    seeds: dict[str, str] | None = None,
) -> dict[str, Any]:
    """A drawing: key -> (type, settings); the name is the key. Without `initial` the first applet is it."""
    return {
        "initial": next(iter(applets), None) if initial == "" else initial,
        "hangup": hangup,
        "seeds": seeds or {},
        "applets": {
            key: {"key": key, "type": type, "name": key, "settings": deepcopy(settings), "x": 300.0 * n, "y": 0.0}
            for n, (key, (type, settings)) in enumerate(applets.items())
        },
        "wires": deepcopy(wires or {}),
    }


def plan_of(drawing: dict[str, Any]) -> Plan:
    placed = {}
    for key, applet in drawing["applets"].items():
        one = PlacedApplet(**applet)
        kind = register.get(one.type)
        if kind is None:
            one.trouble = "gone"
        else:
            try:
                one.applet = kind(kind.Settings.model_validate(one.settings))
            except ValidationError as error:
                one.trouble = str(error)
        placed[key] = one
    return Plan(
        id="p", version="v", initial=drawing["initial"], hangup=drawing["hangup"], seeds=drawing["seeds"],
        applets=placed, wires=drawing["wires"],
    )  # fmt: skip


def applied(drawing: dict[str, Any], operations: list[dict[str, Any]]) -> dict[str, Any]:
    """The drawing after these operations, as the server carries them out."""
    new = deepcopy(drawing)
    for op in operations:
        match op["op"]:
            case "place":
                assert op["applet"]["key"] not in new["applets"]
                new["applets"][op["applet"]["key"]] = deepcopy(op["applet"])
            case "remove":
                del new["applets"][op["key"]]
                new["wires"].pop(op["key"], None)
                for exits in new["wires"].values():
                    for exit in [exit for exit, target in exits.items() if target == op["key"]]:
                        del exits[exit]
            case "rename":
                new["applets"][op["key"]]["name"] = op["name"]
            case "wire":
                new["wires"].setdefault(op["source"], {})[op["exit"]] = op["target"]
            case "unwire":
                del new["wires"][op["source"]][op["exit"]]
            case "set_plan":
                new[op["field"]] = op["value"]
            case "set":
                here: Any = new["applets"][op["key"]]["settings"]
                for step in op["path"][:-1]:
                    here = _inside(here, step)
                here[op["path"][-1]] = op["value"]
            case other:
                raise AssertionError(other)
    return new


def _inside(here: Any, step: str) -> Any:
    if isinstance(here, list):
        return next(item for item in here if item["id"] == step)
    return here.setdefault(step, {})


# ---- settings of applets, briefly -----------------------------------------------------------------------------------


def say(text: str = "Hello.") -> tuple[str, dict[str, Any]]:
    return "announcement", {"prompt": {"file": "", "text": text}}


def menu(*keys: str, **more: Any) -> tuple[str, dict[str, Any]]:
    choices = [{"id": f"c{key}", "key": key, "label": ""} for key in keys or ("1",)]
    return "menu", {"prompt": {"file": "", "text": "Press 1."}, "choices": choices} | more


def collect(source: str, most: int = 8, **more: Any) -> tuple[str, dict[str, Any]]:
    prompt = {"file": "", "text": "Key it, then #."}
    return "collect_input", {"prompt": prompt, "most": most, "to_source": True, "source": source} | more


def put(**values: str) -> tuple[str, dict[str, Any]]:
    return "set_data_source", {
        "rows": [{"id": f"r{n}", "name": k, "value": v} for n, (k, v) in enumerate(values.items())]
    }


def ask(
    url: str = "https://a.example/", status: str = "", fields: dict[str, str] | None = None, **request: Any
) -> tuple[str, dict[str, Any]]:
    rows = [
        {"id": f"f{n}", "locator": where, "destination": to} for n, (to, where) in enumerate((fields or {}).items())
    ]
    response = {"type": "JSON", "status_destination": status, "fields": rows}
    return "data_connector", {"request": {"method": "GET", "url": url} | request, "response": response}


def route(source: str, *values: str, operator: str = "equals", datatype: str = "text") -> tuple[str, dict[str, Any]]:
    rules = [
        {"id": f"r{n}", "label": value, "source": source, "datatype": datatype, "operator": operator, "value": value}
        for n, value in enumerate(values)
    ]
    return "data_router", {"rules": rules}


def pay(number: str = "Line", clid: str = "PayClid") -> tuple[str, dict[str, Any]]:
    return "pci_transfer", {"number": number, "clid": clid}


def connect(*numbers: str) -> tuple[str, dict[str, Any]]:
    return "ccr", {"numbers": [{"id": f"n{n}", "number": number} for n, number in enumerate(numbers)]}
