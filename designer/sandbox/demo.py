"""The demo account "Harbour Water" as data: its plan *Pay your water bill*, numbers, settings and connection.

`DRAFT` has the shape of a draft in the API: {name, description, version: {initial, hangup, seeds, apology},
applets: [{key, type, name, settings, settings_version, x, y}], wires: [{source, exit, target}]}; a wire whose target
is None is an exit that is meant to end the call. Keys are made from names, so every install has the same ones.
`manage.py demo` loads it; the stories and the browser tests draw and call it.
"""

from __future__ import annotations

import uuid
from copy import deepcopy
from typing import Any

_SPACE = uuid.UUID("5b0d8a52-2f3e-4c57-9a0a-0d6f3a1c7e11")

PAY_KEY = "sandbox-pay-key"
PAYMENT_LINE = "+441632960900"
PAYMENT_CLIDS = [f"+4416329607{n:02}" for n in range(100)]
DESTINATION = "+441632960100"
AGENTS = ["+442079460001", "+442079460002"]
CALLER = "+447700900123"

ACCOUNT: dict[str, Any] = {
    "name": "Harbour Water",
    "zone": "Europe/London",
    "language": "en-GB",
    "owner": {"username": "owner", "email": "owner@harbourwater.example", "first_name": "Olive", "last_name": "Owner"},
    "secrets": {"PayKey": PAY_KEY},
    "payment_lines": [{"number": PAYMENT_LINE, "name": "Automated payments", "caller_ids": PAYMENT_CLIDS}],
    "connection": {
        "provider": "vonage",
        "name": "Vonage (demo)",
        # The payment system's caller ids are listed: the pretend provider presents them, a real one must own them.
        "settings": {"own_numbers": [DESTINATION, *PAYMENT_CLIDS], "unsigned": "refuse"},
    },
    "destination": {
        "kind": "pstn",
        "address": DESTINATION,
        "name": "Pay by phone",
        "description": "The number printed on the bill.",
        "seeds": [],
    },
    "mapping": {"priority": 100, "seeds": []},
}


def key(name: str) -> str:
    """The fixed uuid of an applet or item of this plan."""
    return str(uuid.uuid5(_SPACE, name))


def _said(text: str) -> dict[str, str]:
    return {"file": "", "text": text}


def _rule(
    applet: str, label: str, source: str, operator: str, value: str = "", datatype: str = "text"
) -> dict[str, Any]:
    return {
        "id": key(f"{applet}/{label}"),
        "label": label,
        "source": source,
        "datatype": datatype,
        "operator": operator,
        "value": value,
    }


def _connector(
    applet: str,
    method: str,
    url: str,
    answer: str,
    status: str,
    fields: list[tuple[str, str, str]],
    headers: list[tuple[str, str]] | None = None,
    body: str = "",
) -> dict[str, Any]:
    return {
        "request": {
            "method": method,
            "url": url,
            "headers": [
                {"id": key(f"{applet}/header/{name}"), "key": name, "value": value} for name, value in headers or []
            ],
            "body": body,
            "escape_json": bool(body),
        },
        "response": {
            "type": answer,
            "status_destination": status,
            "fields": [
                {"id": key(f"{applet}/field/{where}"), "locator": where, "destination": to, "datatype": datatype}
                for where, to, datatype in fields
            ],
        },
        "seconds": 10,
        "repeatable": False,
    }


def _menu(applet: str, text: str, choices: list[tuple[str, str]]) -> dict[str, Any]:
    return {
        "prompt": _said(text),
        "choices": [{"id": key(f"{applet}/{digit}"), "key": digit, "label": label} for digit, label in choices],
        "seconds": 5,
        "max_no_input": 3,
        "max_invalid": 3,
        "no_input_prompt": _said("We did not hear a key."),
        "invalid_prompt": _said("That key is not on offer."),
        "store": "",
    }


_RESULT = _connector(
    "Get the result",
    "GET",
    "http://pay.sandbox/v1/sessions/$(Session)/result",
    "XML",
    "ResultCode",
    [("/payment/outcome", "Outcome", "string"), ("/payment/receipt", "Receipt", "string")],
    [("X-Api-Key", "#(PayKey)")],
)


# name -> (type, column, y, settings, exits). Columns are 300 apart; a target None is meant to end the call.
# Exits of items are written by the item's label ("rule:Found") or key ("key:1").
_Drawn = tuple[str, int, int, dict[str, Any], dict[str, str | None]]
_DRAWING: dict[str, _Drawn] = {
    "Welcome": (
        "announcement", 0, 0,
        {"prompt": _said("Welcome to Harbour Water. Here you can pay your water bill by card.")},
        {"next": "Ask account number"},
    ),
    "Ask account number": (
        "collect_input", 1, 0,
        {
            "prompt": _said("Please key your account number, then press hash."),
            "most": 8,
            "to_source": True,
            "secure": False,
            "slot": "",
            "source": "Account",
            "max_no_input": 3,
            "no_input_prompt": _said("We did not hear any keys. Your account number is at the top of your bill."),
            "first_seconds": 5,
            "between_seconds": 3,
        },
        {"next": "Look up account", "no_input": "Speak to an agent"},
    ),
    "Look up account": (
        "data_connector", 2, 0,
        _connector(
            "Look up account",
            "GET",
            "http://billing.sandbox/v2/accounts/$(Account)",
            "JSON",
            "LookupCode",
            [("account.name", "Name", "string"), ("account.balance", "Balance", "number")],
        ),
        {"success": "Account found?", "interface_failure": "Not working"},
    ),
    "Account found?": (
        "data_router", 3, 0,
        {
            "rules": [
                _rule("Account found?", "Found", "LookupCode", "equals", "200", "number"),
                _rule("Account found?", "Unknown", "LookupCode", "equals", "404", "number"),
            ]
        },
        {"rule:Found": "Anything to pay?", "rule:Unknown": "Unknown account", "no_match": "Not working"},
    ),
    "Unknown account": (
        "announcement", 3, 200,
        {"prompt": _said("We do not know that account number.")},
        {"next": "Ask account number"},
    ),
    "Anything to pay?": (
        "data_router", 4, 0,
        {
            "rules": [
                _rule("Anything to pay?", "Owes money", "Balance", "greater", "0", "number"),
                _rule("Anything to pay?", "Owes nothing", "Balance", "less_or_equal", "0", "number"),
            ]
        },
        {"rule:Owes money": "Name the account", "rule:Owes nothing": "Nothing to pay", "no_match": "Not working"},
    ),
    "Nothing to pay": (
        "announcement", 5, 0,
        {"prompt": _said("Thank you. There is nothing to pay on this account. Goodbye.")},
        {"next": None},
    ),
    "Name the account": (
        "announcement", 0, 360,
        {"prompt": _said("Thank you. This is the account of $(Name). The balance is")},
        {"next": "Say the balance"},
    ),
    "Say the balance": (
        "announcer", 1, 360,
        {"kind": "money", "source": "Balance", "currency": "GBP"},
        {"next": "Pay the balance?", "failure": "Not working"},
    ),
    "Pay the balance?": (
        "menu", 2, 360,
        _menu(
            "Pay the balance?",
            "To pay this now by card, press 1. To speak to us, press 2.",
            [("1", "Pay now"), ("2", "Speak to us")],
        ),
        {
            "key:1": "Clear last attempt", "key:2": "Speak to an agent",
            "no_input": "Speak to an agent", "invalid": "Speak to an agent",
        },
    ),
    "Clear last attempt": (
        "set_data_source", 3, 360,
        {
            "rows": [
                {"id": key("Clear last attempt/Session"), "name": "Session", "value": "none"},
                {"id": key("Clear last attempt/Outcome"), "name": "Outcome", "value": "UNKNOWN"},
            ]
        },
        {"next": "Start payment"},
    ),
    "Start payment": (
        "data_connector", 4, 360,
        _connector(
            "Start payment",
            "POST",
            "http://pay.sandbox/v1/sessions",
            "JSON",
            "PayCode",
            [
                ("session.id", "Session", "string"),
                ("transfer.number", "PayLine", "string"),
                ("transfer.clid", "PayClid", "string"),
            ],
            [("Content-Type", "application/json"), ("X-Api-Key", "#(PayKey)")],
            '{"callId": "$(CallGuid)", "callerNumber": "$(CLID)", "account": "$(Account)",\n'
            ' "amount": "$(Balance)", "currency": "GBP"}',
        ),
        {"success": "Payment started?", "interface_failure": "Not working"},
    ),
    "Payment started?": (
        "data_router", 5, 360,
        {"rules": [_rule("Payment started?", "Started", "PayCode", "equals", "201", "number")]},
        {"rule:Started": "Connecting you", "no_match": "Not working"},
    ),
    "Connecting you": (
        "announcement", 0, 600,
        {"prompt": _said("We are connecting you to our automated payment system. Please have your card ready.")},
        {"next": "Pay by phone"},
    ),
    "Pay by phone": (
        "pci_transfer", 1, 600,
        {"number": "PayLine", "clid": "PayClid", "seconds": 600},
        {"next": "Get the result", "failure": "Not working"},
    ),
    "Get the result": (
        "data_connector", 2, 600,
        _RESULT,
        {"success": "Paid?", "interface_failure": "Result unknown"},
    ),
    "Paid?": (
        "data_router", 3, 600,
        {
            "rules": [
                _rule("Paid?", "No result", "ResultCode", "not_equals", "200", "number"),
                _rule("Paid?", "Paid", "Outcome", "equals", "PAID"),
                _rule("Paid?", "Declined", "Outcome", "equals", "DECLINED"),
                _rule("Paid?", "Abandoned", "Outcome", "equals", "ABANDONED"),
            ]
        },
        {
            "rule:No result": "Result unknown", "rule:Paid": "Payment received", "rule:Declined": "Try again?",
            "rule:Abandoned": "Payment given up", "no_match": "Result unknown",
        },
    ),
    "Payment received": (
        "announcement", 4, 600,
        {"prompt": _said("Thank you, your payment has been received. Your receipt number is")},
        {"next": "Read receipt"},
    ),
    "Read receipt": (
        "announcer", 5, 600,
        {"kind": "characters", "source": "Receipt"},
        {"next": "Goodbye", "failure": "Goodbye"},
    ),
    "Goodbye": (
        "announcement", 5, 780,
        {"prompt": _said("Thank you for calling Harbour Water. Goodbye.")},
        {"next": None},
    ),
    "Try again?": (
        "menu", 4, 780,
        _menu(
            "Try again?",
            "Your card was declined; no money was taken. To try another card, press 1. To speak to us, press 2.",
            [("1", "Another card"), ("2", "Speak to us")],
        ),
        {
            "key:1": "Clear last attempt", "key:2": "Speak to an agent",
            "no_input": "Speak to an agent", "invalid": "Speak to an agent",
        },
    ),
    "Result unknown": (
        "announcement", 0, 1000,
        {
            "prompt": _said(
                "We could not learn whether your payment went through. Please do not pay again; a colleague will help."
            )
        },
        {"next": "Speak to an agent"},
    ),
    "Payment given up": (
        "announcement", 1, 1000,
        {"prompt": _said("Your payment was not completed. A colleague will help you.")},
        {"next": "Speak to an agent"},
    ),
    "Not working": (
        "announcement", 2, 1000,
        {"prompt": _said("We are sorry, we cannot do this automatically just now. A colleague will help you.")},
        {"next": "Speak to an agent"},
    ),
    "Speak to an agent": (
        "ccr", 3, 1000,
        {
            "numbers": [{"id": key(f"Speak to an agent/{n}"), "number": number} for n, number in enumerate(AGENTS)],
            "distribution": "sequential",
            "ring_seconds": 15,
            "again": False,
        },
        {"connected": None, "not_connected": "Sorry"},
    ),
    "Sorry": (
        "announcement", 4, 1000,
        {"prompt": _said("We are sorry, all our colleagues are busy. Please call again later. Goodbye.")},
        {"next": None},
    ),
    "Payment begun?": (
        "data_router", 0, 1220,
        {
            "rules": [
                _rule("Payment begun?", "Not begun", "Session", "equals", "none"),
                _rule("Payment begun?", "Not started", "Session", "is_null"),
            ]
        },
        {"rule:Not begun": None, "rule:Not started": None, "no_match": "Fetch the result"},
    ),
    "Fetch the result": (
        "data_connector", 1, 1220,
        _RESULT,
        {"success": None, "interface_failure": None},
    ),
}  # fmt: skip


def _exit(applet: str, exit: str) -> str:
    """The exit as wired: "rule:Found" -> "rule:<id of that rule>"; every other exit is called what it is."""
    prefix, colon, label = exit.partition(":")
    return f"rule:{key(f'{applet}/{label}')}" if colon and prefix == "rule" else exit


def draft() -> dict[str, Any]:
    """The demo plan as a draft, freshly made: callers may change their copy."""
    return {
        "name": "Pay your water bill",
        "description": "Callers hear their balance and pay it by card through the automated payment system.",
        "version": {
            "initial": key("Welcome"),
            "hangup": key("Payment begun?"),
            # Known from the start, so that the hang-up applet can tell a payment that was begun.
            "seeds": [{"id": key("seed/Session"), "name": "Session", "value": "none"}],
            "apology": "We are sorry, something went wrong with this call. Please call again later. Goodbye.",
        },
        "applets": [
            {
                "key": key(name),
                "type": type,
                "name": name,
                "settings": deepcopy(settings),
                "settings_version": 1,
                "x": column * 300,
                "y": y,
            }
            for name, (type, column, y, settings, _) in _DRAWING.items()
        ],
        "wires": [
            {"source": key(name), "exit": _exit(name, exit), "target": None if target is None else key(target)}
            for name, (_, _, _, _, exits) in _DRAWING.items()
            for exit, target in exits.items()
        ],
    }


DRAFT: dict[str, Any] = draft()
"""Read it, do not write to it; `draft()` makes one of your own."""
