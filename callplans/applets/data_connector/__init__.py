"""The Data Connector: an applet type of several rooms. `settings` what it is told, `definition` the same as XML,
`request` and `http_rules` what goes out, `locators` and `xmltree` what comes back."""

from __future__ import annotations

from callplans.applets.data_connector.http_rules import Refused, checked_address, header_name_trouble
from callplans.applets.data_connector.locators import check_locator
from callplans.applets.data_connector.request import build_fetch
from callplans.applets.data_connector.settings import DataConnectorSettings
from callplans.engine.applet import Applet, Exit, Next, register
from callplans.engine.call import CallView
from callplans.engine.checks import Problem
from callplans.engine.datasources import parse
from callplans.engine.words import Fetch, Fetched, Hidden, Input

# Why there was no answer, by Fetched.error.
TROUBLE = {
    "timeout": "The web service did not answer in time.",
    "dns": "The web service's host name is not known.",
    "refused": "The web service could not be reached, or broke off the connection.",
    "blocked": "The request was not allowed: its address is private, or a value does not belong where it stands.",
    "secret_missing": "A custom configuration setting is missing or has no value. Nothing was sent.",
    "too_large": "The answer of the web service was too large.",
    "redirects": "The web service redirected the request too often.",
    "lost": "The request was begun and its answer was lost. It was not sent again.",
}


@register.add
class DataConnector(Applet[DataConnectorSettings]):
    """Asks a web service and keeps values of its answer as data sources.

    Any answer, an HTTP error included, leaves by the successful exit: route on the status code next. No answer in
    time, a host that is not known or refuses, and a setting without a value leave by the interface failure exit, and
    nothing is stored.
    """

    type, title, family = "data_connector", "Data Connector", "data"
    Settings = DataConnectorSettings
    channels = ("calls", "messages")
    exits = (
        Exit("success", "Successful action, next applet is", short="Success"),
        Exit("interface_failure", "Interface failure", kind="failure"),
    )
    uses = (Fetch,)
    summary = ("{request.method} {request.url}", "No address yet")

    def enter(self, call: CallView) -> Next:
        def lookup(name: str) -> str | Hidden:
            piece = call.template(f"$({name})")
            return piece[0] if piece else ""

        request = self.settings.request
        return build_fetch(self.settings, lookup, label=f"{request.method} {call.shown(request.url)}")

    def resume(self, call: CallView, heard: Input) -> Next:
        if not isinstance(heard, Fetched) or heard.error or heard.status is None:
            code = heard.error if isinstance(heard, Fetched) and heard.error else "lost"
            call.issue(f"fetch_{code}", TROUBLE.get(code, TROUBLE["refused"]))
            return "interface_failure"
        response = self.settings.response
        if response.status_destination:
            call.set(response.status_destination, str(heard.status))
        for field, value in zip(response.fields, heard.values, strict=False):  # no values at all: body not readable
            call.set(field.destination, value)
        for words in heard.issues:
            call.issue("answer", words)
        return "success"

    def check(self) -> list[Problem]:
        request, response = self.settings.request, self.settings.response
        found = [Problem("bad_address", "error", words, field="request.url") for words in _address_trouble(request.url)]
        for n, header in enumerate(request.headers):
            if len(parse(header.key)) == 1 and "(" not in header.key and (words := header_name_trouble(header.key)):
                found.append(Problem("bad_header", "error", words, field=f"request.headers.{n}.key"))
        if request.body and request.method == "GET":
            words = "A GET request has no body for most web services; choose POST, or empty the body."
            found.append(Problem("body_with_get", "warning", words, field="request.body"))
        taken: dict[str, str] = {}
        if response.status_destination:
            taken[response.status_destination.casefold()] = "the status code"
        for n, field in enumerate(response.fields):
            where = f"response.fields.{n}"
            if words := check_locator(response.type, field.locator):
                found.append(Problem("bad_locator", "error", words, field=f"{where}.locator"))
            name = field.destination.casefold()
            if name in taken:
                words = f"“{field.destination}” is also written from {taken[name]}; the last one wins."
                found.append(Problem("written_twice", "warning", words, field=f"{where}.destination"))
            taken.setdefault(name, f"“{field.locator}”")
        return found


def _address_trouble(url: str) -> list[str]:
    """What is wrong with the parts of the address that are known before a call: placeholders stand in as a letter."""
    parts = parse(url)
    if not isinstance(parts[0], str):
        return []  # even the scheme comes from a value; the finished address is judged before it is sent
    try:
        checked_address("".join(part if isinstance(part, str) else "1" for part in parts))
    except Refused as refused:
        return [str(refused)]
    return []
