"""The demo plan "Pay your water bill" as the engine runs it, and the world around it, for stories."""

from __future__ import annotations

from copy import deepcopy
from functools import cache
from typing import Any

from callplans.applets.data_connector.locators import read_answer
from callplans.engine.applet import register
from callplans.engine.plan import PlacedApplet, Plan
from callplans.engine.story import Story, Told, tell
from designer.sandbox import demo

ACCOUNT = "44170921"
CARD = "4111111111111111"

FOUND: dict[str, Any] = {
    "status": 200,
    "body": {"account": {"number": ACCOUNT, "name": "Ada Lovelace", "balance": "82.40"}},
}
UNKNOWN: dict[str, Any] = {"status": 404, "body": {"error": "unknown account"}}
STARTED: dict[str, Any] = {
    "status": 201,
    "body": {"session": {"id": "s-9"}, "transfer": {"number": demo.PAYMENT_LINE, "clid": demo.PAYMENT_CLIDS[7]}},
}
TALKED = {"outcome": "talked", "seconds": 40.0}
BUSY = {"outcome": "busy"}
WELCOME = "Welcome to Harbour Water. Here you can pay your water bill by card."
NOT_WORKING = "We are sorry, we cannot do this automatically just now. A colleague will help you."
UNKNOWN_RESULT = "We could not learn whether your payment went through. Please do not pay again; a colleague will help."


def result(outcome: str, receipt: str = "") -> dict[str, Any]:
    """The payment system's answer about a session."""
    return {"status": 200, "body": f"<payment><outcome>{outcome}</outcome><receipt>{receipt}</receipt></payment>"}


def drawn(draft: dict[str, Any]) -> Plan:
    """A draft as the engine runs it. The register is full: Django has started."""
    version = draft["version"]
    wires: dict[str, dict[str, str | None]] = {}
    for wire in draft["wires"]:
        wires.setdefault(wire["source"], {})[wire["exit"]] = wire["target"]
    return Plan(
        id="plan-1",
        version="version-1",
        name=draft["name"],
        initial=version["initial"],
        hangup=version["hangup"],
        seeds={seed["name"]: seed["value"] for seed in version["seeds"]},
        apology=version["apology"],
        language=demo.ACCOUNT["language"],
        zone=demo.ACCOUNT["zone"],
        payment_lines={line["number"]: line["caller_ids"] for line in demo.ACCOUNT["payment_lines"]},
        applets={applet["key"]: _placed(applet) for applet in draft["applets"]},
        wires=wires,
    )


def _placed(applet: dict[str, Any]) -> PlacedApplet:
    cls = register.get(applet["type"])
    assert cls is not None, applet["type"]
    instance = cls(cls.Settings.model_validate(applet["settings"]))
    return PlacedApplet(applet["key"], applet["type"], applet["name"], applet["settings"], applet=instance)


@cache
def plan() -> Plan:
    """The demo plan; it is never changed by a call."""
    return drawn(demo.draft())


def story(**changes: Any) -> Story:
    """The call that goes well: account found, payment made. `changes` replace whole parts or, in services and dials,
    single applets."""
    good: dict[str, Any] = {
        "does": [ACCOUNT, "1"],
        "services": {
            "Look up account": [FOUND],
            "Start payment": [STARTED],
            "Get the result": [result("PAID", "R-5")],
            "Fetch the result": [result("PENDING")],
        },
        "dials": {"Pay by phone": [{"outcome": "talked", "seconds": 95.0}], "Speak to an agent": [TALKED]},
    }
    for part, change in deepcopy(changes).items():
        good[part] = good[part] | change if isinstance(change, dict) else change
    return Story.from_json(good)


def told(on: Plan | None = None, **changes: Any) -> Told:
    """How the demo call goes with these changes."""
    return tell(on or plan(), story(**changes), read_answer)
