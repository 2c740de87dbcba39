"""A plan that does with what the caller keyed everything a plan can do, a web service that gives it back, and how both
are put into an installation."""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

NUMBER = "+441632960155"
SPACE = uuid.UUID("0c5b3f0e-5f3b-4f5e-8a55-2f7f3c5f7a01")


def key(name: str) -> str:
    return str(uuid.uuid5(SPACE, name))


def said(text: str = "") -> dict[str, str]:
    return {"file": "", "text": text}


def collect(source: str, most: int, secure: bool = False) -> dict[str, Any]:
    """Only two seconds and one try: nobody is kept waiting."""
    return {
        "prompt": said(f"Please key {most} digits, then press hash."), "most": most, "to_source": not secure,
        "secure": secure, "slot": "", "source": source, "max_no_input": 1, "no_input_prompt": said(),
        "first_seconds": 2, "between_seconds": 2,
    }  # fmt: skip


def ask(
    name: str, method: str, url: str, fields: dict[str, str], body: str = "", header: tuple[str, str] = ("X-N", "1")
) -> dict[str, Any]:
    return {
        "request": {
            "method": method, "url": url, "body": body, "escape_json": bool(body),
            "headers": [{"id": key(f"{name} header"), "key": header[0], "value": header[1]}],
        },
        "response": {
            "type": "JSON", "status_destination": f"{name} code",
            "fields": [
                {"id": key(f"{name} {where}"), "locator": where, "destination": to, "datatype": "string"}
                for where, to in fields.items()
            ],
        },
        "seconds": 5, "repeatable": False,
    }  # fmt: skip


def rows(*pairs: tuple[str, str]) -> dict[str, Any]:
    return {"rows": [{"id": key(f"row {name}"), "name": name, "value": value} for name, value in pairs]}


def rule(label: str, source: str, datatype: str, operator: str, value: str) -> dict[str, Any]:
    return {
        "id": key(f"rule {label}"), "label": label, "source": source, "datatype": datatype, "operator": operator,
        "value": value,
    }  # fmt: skip


def menu(text: str, *keys: str) -> dict[str, Any]:
    return {
        "prompt": said(text), "choices": [{"id": key(f"{text}/{k}"), "key": k, "label": k} for k in keys],
        "seconds": 2, "max_no_input": 1, "max_invalid": 1, "no_input_prompt": said(), "invalid_prompt": said(),
        "store": "Choice",
    }  # fmt: skip


def spell(source: str, kind: str = "characters") -> dict[str, Any]:
    return {"kind": kind, "source": source}


# name -> (type, settings). Every exit but those in WAYS leads to the next one in the list.
STEPS: dict[str, tuple[str, dict[str, Any]]] = {
    "Start": ("menu", menu("One number, press 1; in two parts, press 2; securely, press 3.", "1", "2", "3")),
    "Ask first": ("collect_input", collect("First", 8)),
    "Echo first": (
        "data_connector",
        ask("Echo first", "GET", "http://echo.test/parts/$(First)", {"text": "FirstText", "number": "FirstEcho"}),
    ),
    "Ask second": ("collect_input", collect("Second", 8)),
    "Echo second": (
        "data_connector",
        ask("Echo second", "GET", "http://echo.test/parts/$(Second)", {"text": "SecondText", "number": "SecondEcho"}),
    ),
    "Say parts": ("announcer", {"kind": "text", "text": "$(First), $(FirstText), $(FirstEcho), $(Second)."}),
    "Say texts": ("announcement", {"prompt": said("$(SecondText)")}),
    "Spell first": ("announcer", spell("FirstText")),
    "Spell second": ("announcer", spell("SecondText")),
    "Join": ("set_data_source", rows(("Account", "$(First)$(Second)"), ("Swapped", "$(Second) after $(First)"))),
    "Ask whole": ("collect_input", collect("Account", 16)),
    "Echo": (
        "data_connector",
        ask(
            "Echo", "POST", "http://echo.test/accounts/$(Account)?of=$(CLID)",
            {"number": "EchoNumber", "spaced": "EchoSpaced", "text": "EchoText", "name": "Name"},
            '{"account": "$(Account)", "also": ["$(First)", "$(Second)"]}', ("X-Account", "$(Account)"),
        ),
    ),
    "Say": ("announcer", {"kind": "text", "text": "You keyed $(Account). We read $(EchoText) and $(EchoSpaced)."}),
    "Spell number": ("announcer", spell("EchoNumber")),
    "Spell spaced": ("announcer", spell("EchoSpaced")),
    "As a number": ("announcer", spell("EchoNumber", "number")),
    "As money": ("announcer", spell("EchoText", "money")),
    "Copy": (
        "set_data_source",
        rows(("Copy", "$(Account)"), ("Copy of copy", "$(EchoSpaced)"), ("Mixed", "$(CLID)/$(EchoText)/$(Account)")),
    ),
    "Compare": (
        "data_router",
        {
            "rules": [
                rule("Larger", "EchoText", "number", "greater", "$(Account)"),
                rule("On a day", "Copy", "date", "equals", "$(Account)"),
                rule("The same", "Copy", "text", "equals", "$(EchoNumber)"),
            ]
        },
    ),
    "Look up": (
        "data_connector", ask("Look up", "GET", "http://billing.sandbox/v2/accounts/$(Account)", {"error": "Error"}),
    ),
    "Look up spaced": (
        "data_connector",
        ask("Look up spaced", "GET", "http://billing.sandbox/v2/accounts/$(Copy of copy)", {"error": "Error"}),
    ),
    "Not allowed": ("data_connector", ask("Not allowed", "GET", "http://10.0.0.1/$(Account)", {"error": "Error"})),
    "Pay": (
        "data_connector",
        ask(
            "Pay", "POST", "http://pay.sandbox/v1/sessions", {"session.id": "Session", "transfer.clid": "PayClid"},
            '{"callId": "$(CallGuid)", "account": "$(Account)", "amount": "12.00"}', ("X-Api-Key", "#(PayKey)"),
        ),
    ),
    "No payment line": ("pci_transfer", {"number": "Account", "clid": "PayClid", "seconds": 60}),
    "Ring": ("ccr", {
        "numbers": [{"id": key("ring"), "number": "$(Account)"}], "distribution": "sequential", "ring_seconds": 5,
        "again": False,
    }),
    "Ask safely": ("collect_input", collect("Safe", 16, secure=True)),
    "Copy safely": ("set_data_source", rows(("Safe copy", "$(Safe)"))),
    "Echo safely": (
        "data_connector",
        ask("Echo safely", "POST", "http://echo.test/safe/$(Safe)", {"text": "SafeText", "spaced": "SafeSpaced"},
            '{"account": "$(Safe copy)"}'),
    ),
    "Say safely": ("announcement", {"prompt": said("We read $(SafeText), $(SafeSpaced).")}),
    "Anything else": ("menu", menu("Your number is $(EchoText) or $(Account). To end, press 1.", "1")),
    "End": ("announcement", {"prompt": said("Goodbye.")}),
    "After all": ("data_connector", ask("After all", "POST", "http://echo.test/gone/$(Account)", {"text": "Last"})),
}  # fmt: skip
WAYS: dict[tuple[str, str], str | None] = {
    ("Start", "key:1"): "Ask whole", ("Start", "key:2"): "Ask first", ("Start", "key:3"): "Ask safely",
    ("End", "next"): None,
    ("Join", "next"): "Echo", ("Ring", "not_connected"): "Anything else", ("Anything else", "key:1"): "End",
    ("After all", "success"): None, ("After all", "interface_failure"): None,
}  # fmt: skip
EXITS = {
    "collect_input": ("next", "no_input"), "data_connector": ("success", "interface_failure"),
    "announcer": ("next", "failure"), "announcement": ("next",), "set_data_source": ("next",),
    "pci_transfer": ("next", "failure"), "ccr": ("not_connected",),
}  # fmt: skip


def drawing() -> dict[str, Any]:
    """The plan: {version, applets, wires} in the shape of a draft."""
    names = list(STEPS)
    applets, wires = [], []
    for at, (name, (type, settings)) in enumerate(STEPS.items()):
        applets.append(
            {"key": key(name), "type": type, "name": name, "settings": settings, "settings_version": 1,
             "x": at % 6 * 300, "y": at // 6 * 240}
        )  # fmt: skip
        exits: tuple[str, ...] = EXITS.get(type, ())
        if type == "menu":
            exits = (*(f"key:{choice['key']}" for choice in settings["choices"]), "no_input", "invalid")
        elif type == "data_router":
            exits = (*(f"rule:{r['id']}" for r in settings["rules"]), "no_match")
        for exit in exits:
            target = WAYS.get((name, exit), names[at + 1] if at + 1 < len(names) else None)
            wires.append({"source": key(name), "exit": exit, "target": target and key(target)})
    seeds = [{"id": key(f"seed {name}"), "name": name, "value": "none"} for name in ("Account", "PayClid")]
    version = {"initial": key("Start"), "hangup": key("After all"), "seeds": seeds, "apology": "Sorry."}
    return {"version": version, "applets": applets, "wires": wires}


INSTALL = """
import json
from django.contrib.auth import get_user_model
from callplans import drafts
from callplans.editing import Drawing
from callplans.models import Account, Connection, Destination, Mapping, Plan
account, connection = Account.objects.get(), Connection.objects.get()
user = get_user_model().objects.get(username="owner")
user.is_staff = user.is_superuser = True
user.save()
plan = Plan.objects.filter(name="Canary").first()
if plan is None:
    plan = drafts.create(account, user, "Canary", drawing=Drawing(
        **drawn["version"], applets={a["key"]: a for a in drawn["applets"]},
        wires={(w["source"], w["exit"]): w["target"] for w in drawn["wires"]}))
    drafts.publish(plan, user, "", accept_open_exits=True)
    destination = Destination.objects.create(
        account=account, connection=connection, kind="pstn", address=number, name="Canary", seeds=[])
    mapping = Mapping.objects.create(account=account, live_plan=plan, priority=100, seeds=[])
    mapping.destinations.add(destination)
plan.refresh_from_db()
print(json.dumps([str(plan.pk), str(plan.live_id)]))
"""


def install(manage: Callable[..., str]) -> tuple[str, str]:
    """Put the plan behind its number, unless it is there, and make the demo's owner an operator: (id of the plan, of
    its version). `manage` runs a management command beside the server and gives what it printed."""
    script = f"drawn, number = {drawing()!r}, {NUMBER!r}\n{INSTALL}"
    plan, version = json.loads(manage("shell", "-v0", "-c", script).strip().splitlines()[-1])
    return plan, version


class Echo(BaseHTTPRequestHandler):
    """A web service that gives back what it was asked for, in several spellings."""

    def do_GET(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        number = self.path.partition("?")[0].rpartition("/")[2]
        spaced = " ".join(number[n : n + 4] for n in range(0, len(number), 4))
        told = {"number": number, "spaced": spaced, "text": f"Part {spaced}.", "name": "Alex Rivers"}
        if len(number) > 8:
            told["text"] = f"Account {number}, card {spaced.replace(' ', '-')}"
        body = json.dumps(told).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET

    def log_message(self, format: str, *args: Any) -> None:
        """Not our log: this is somebody else's server."""


@contextmanager
def echo_service() -> Iterator[str]:
    """Runs it; gives the setting that lets the server reach it as http://echo.test."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"echo.test=http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
