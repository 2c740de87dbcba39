"""The catalogue: what each code says, in plain words. `{name}` is a parameter. Applets' own checks word themselves."""

from __future__ import annotations

from typing import Any

from callplans.engine.checks.problem import Fix, Grade, Problem

CATALOGUE: dict[str, tuple[Grade, str]] = {
    # the drawing
    "empty_plan": ("error", "The plan has no applets yet. Drag one from the palette onto the canvas."),
    "no_initial": ("error", "No initial applet is chosen: calls would have nowhere to begin."),
    "initial_gone": ("error", "The initial applet is no longer on the plan."),
    "hangup_gone": ("error", "The hang-up applet is no longer on the plan."),
    "same_name": ("error", "Two applets are called “{name}”. Names must be unique in a plan."),
    "no_name": ("error", "This applet has no name."),
    "unknown_type": ("error", "“{name}” is of a type that no longer exists ({type}). A call that comes here ends."),
    "incomplete": ("error", "{what}"),
    "unreachable": ("warning", "Nothing leads to “{name}”: no call can ever come here."),
    "open_exit": ("warning", "“{exit}” leads nowhere: the call ends there."),
    "orphan_wire": ("warning", "A wire leaves by the exit “{exit}”, which “{name}” no longer has."),
    "broken_wire": ("error", "A wire leads to or from an applet that is not on the plan."),
    "silent_loop": (
        "error",
        "{names}: a call can go round here without ever asking the caller anything. It would be stopped.",
    ),
    "hangup_needs_caller": ("warning", "“{name}” needs the caller, but after hang-up nobody is on the line."),
    # data sources and settings
    "never_set": ("warning", "$({source}) is never set in this plan, so it is empty here."),
    "maybe_unset": ("warning", "$({source}) may have no value yet when the call comes from “{before}” by “{exit}”."),
    "unset_at_start": ("warning", "$({source}) has no value yet when the call begins here."),
    "spelling": ("warning", "$({source}) is written $({other}) elsewhere. Both mean the same data source."),
    "sealed_spoken": ("error", "$({source}) is collected securely by “{writer}”: it cannot be spoken to the caller."),
    "dialled_number": ("warning", "$(DialledNumber) holds the plan's ID, not reliably the number that was dialled."),
    "unknown_secret": ("error", "There is no custom configuration setting #({secret}): the request is never sent."),
    "empty_secret": ("warning", "The custom configuration setting #({secret}) has no value: the request is not sent."),
    "secret_not_here": ("warning", "#({secret}) works only in a Data Connector. Here it stays as it is written."),
    "status_ignored": (
        "warning",
        "“{reader}” uses $({source}) before a Data Router has looked at the status code. An HTTP error comes this "
        "way too.",
    ),
    # payment
    "payment_source_unset": ("error", "$({source}) is not set on every path to this transfer."),
    "payment_source_not_fetched": (
        "warning",
        "$({source}) is set by “{writer}”, not by a Data Connector: the payment system will not know this call.",
    ),
    "payment_start_failure": (
        "warning",
        "When “{name}” cannot start the payment, its exit “{exit}” leads nowhere. The caller needs an answer.",
    ),
    "payment_result_not_fetched": (
        "warning",
        "No Data Connector asks for the result after the transfer. The exit “{exit}” says nothing about the payment.",
    ),
    "payment_result_not_routed": ("warning", "No Data Router looks at the result that “{name}” fetches."),
    "payment_retry": (
        "warning",
        "A second attempt comes back here without starting a new payment. Lead it to “{writer}” instead.",
    ),
    "payment_long_input": (
        "warning",
        "Up to {most} digits are kept openly on the way to a payment. A card number keyed here by mistake would be "
        "stored.",
    ),
    "payment_no_line": ("warning", "The account has no payment lines yet, so every transfer leaves by failure."),
    "payment_not_a_line": ("error", "{number} is not one of the account's payment lines."),
    "payment_not_a_clid": ("error", "{number} is not a caller id of any of the account's payment lines."),
    "provider_clid": (
        "warning",
        "{connection} cannot present {count} of the caller ids of the payment line {line}: {why} Transfers with them "
        "leave by failure.",
    ),
    "provider_pause": (
        "error",
        "The call may be recorded by “{recorder}” before the caller keys a card, and {connection} cannot pause a "
        "recording: {why}",
    ),
}  # fmt: skip


def problem(
    code: str,
    applet: str | None = None,
    field: str | None = None,
    exit: str | None = None,
    fix: Fix | None = None,
    also: list[Fix] | None = None,
    **params: Any,
) -> Problem:
    """A problem of the catalogue. `label`, where given, is how the exit is called on screen: {exit} in the words."""
    grade, words = CATALOGUE[code]
    if "label" in params:
        params["exit"] = params.pop("label")
    return Problem(code, grade, words.format(**params), applet, field, exit, fix, params, also or [])
