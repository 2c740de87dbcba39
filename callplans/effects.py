"""Carries out effects: the only door to the outside.

`run` sends the request of a Fetch and reads the answer at once, so that its body is never kept; `run_test` does the
same for an author who wants to see it; `send` carries out what an adapter described. Hidden references (settings,
securely collected values) are resolved here and nowhere else, and never leave this module but in the request.
All functions block, keep their deadline, may be called from any thread, and raise nothing the outside can cause.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import jwt
from django.conf import settings as django_settings

from callplans.applets.data_connector import TROUBLE
from callplans.applets.data_connector.http_rules import checked_address, checked_header, encode_at, json_escaped
from callplans.applets.data_connector.locators import read_answer, read_fields
from callplans.applets.data_connector.request import build_fetch
from callplans.applets.data_connector.request import placeholders as placeholders_of
from callplans.applets.data_connector.settings import DataConnectorSettings
from callplans.engine import words
from callplans.engine.adapter import Request
from callplans.engine.masking import SECRET, mask
from callplans.engine.words import Fetch, Fetched, Hidden, Text
from callplans.guard import TROUBLES, Answer, Deadline, Outgoing, Resolver, exchange, trouble_of

MOST_REDIRECTS = 5
MOST_SECONDS = 10.0

ResolveSecret = Callable[[str], str | None]
"""key -> value, None where the setting is null. Raises LookupError when it is missing or has no value."""
ResolveSealed = Callable[[str], str | None]
"""name -> value of a securely collected data source."""


class _NoSecret(Exception):
    """A setting is missing or has no value."""


# ---- the three doors ------------------------------------------------------------------------------------------------


def run(
    effect: Fetch | dict[str, Any],
    resolve_secret: ResolveSecret,
    resolve_sealed: ResolveSealed,
    deadline: float,
    *,
    idempotency_key: str = "",
    allow: Mapping[str, str] | None = None,
    resolver: Resolver | None = None,
) -> Fetched:
    """Send a Fetch and read its answer.

    effect: as the engine gave it, or its JSON. deadline: seconds since the epoch; looked at right before sending, and
    never more than the effect's own seconds (10 at most) from now. idempotency_key: made of call, turn and effect
    number. allow, resolver: for tests; else the operator's allow-list and the system's resolver.
    """
    fetch = words.effects.validate_python(effect) if isinstance(effect, dict) else effect
    if not isinstance(fetch, Fetch):
        raise TypeError(f"{type(fetch).__name__} is answered from our own rows, not here")
    error, answer = _ask(fetch, resolve_secret, resolve_sealed, deadline, idempotency_key, allow, resolver)
    heard = Fetched(at=time.time(), effect=fetch.n, error=error)
    if answer is not None:
        heard.status = answer.status
        if not answer.trouble:
            heard.values, heard.issues = read_answer(fetch.answer, answer.body, answer.content_type, fetch.locate)
        elif fetch.locate:
            heard.issues = [answer.trouble]
    return heard


def run_test(
    settings: dict[str, Any],
    values: Mapping[str, str],
    resolve_secret: ResolveSecret,
    *,
    allow: Mapping[str, str] | None = None,
    resolver: Resolver | None = None,
) -> dict[str, Any]:
    """Run a Data Connector's request once with sample values, for its author; nothing is kept.

    settings: of a data_connector, need not be saved; values: placeholder name -> sample. Settings are shown as
    bullets, card-like runs masked. Returns {request: {method, url, headers: [{key, value}], body}, status, seconds,
    values: [{destination, value, issues}], issues, body, error, words}. Raises pydantic's ValidationError for
    settings that are incomplete.
    """
    model = DataConnectorSettings.model_validate(settings)
    samples = {name.casefold(): value for name, value in values.items()}
    fetch = build_fetch(model, lambda name: samples.get(name.casefold(), ""))
    used: list[str] = []

    def watched(key: str) -> str | None:
        value = resolve_secret(key)
        if value:
            used.append(value)
        return value

    began = time.monotonic()
    error, answer = _ask(
        fetch, watched, lambda name: "", time.time() + fetch.seconds, str(uuid.uuid4()), allow, resolver
    )
    result: dict[str, Any] = {
        "request": _shown_request(fetch),
        "status": answer.status if answer else None,
        "seconds": round(time.monotonic() - began, 3),
        "values": [],
        "issues": [],
        "body": _hide(answer.body.decode("utf-8", "replace"), used) if answer else "",
        "error": error,
        "words": TROUBLE.get(error, ""),
    }
    if answer is None:
        return result
    if model.response.status_destination:
        row = {"destination": model.response.status_destination, "value": str(answer.status), "issues": []}
        result["values"].append(row)
    read = answer.trouble or read_fields(fetch.answer, answer.body, answer.content_type, fetch.locate)
    if isinstance(read, str):
        result["issues"] = [read] if fetch.locate else []
        return result
    for row_settings, (value, issue) in zip(model.response.fields, read, strict=True):
        shown = None if value is None else _hide(value, used)
        issues = [issue] if issue else []
        result["values"].append({"destination": row_settings.destination, "value": shown, "issues": issues})
    return result


def placeholders(settings: dict[str, Any]) -> list[str]:
    """Names of the data sources a Data Connector's definition reads, for which `run_test` takes samples. Raises
    pydantic's ValidationError for settings that are incomplete."""
    return placeholders_of(DataConnectorSettings.model_validate(settings))


@dataclass(slots=True)
class Sent:
    """How an adapter's request went. `ok`: the provider answered with one of the statuses that count as success."""

    ok: bool
    status: int | None = None
    error: str = ""


def send(
    request: Request,
    secrets: Mapping[str, Any],
    deadline: float,
    *,
    allow: Mapping[str, str] | None = None,
    resolver: Resolver | None = None,
) -> Sent:
    """Send a provider what its adapter described, signed as `request.auth` says with the connection's keys.

    deadline: seconds since the epoch. Redirects are not followed: no provider's interface needs one.
    """
    sign = _SIGNERS.get(request.auth)
    if sign is None:
        return Sent(False, error="unsigned")
    try:
        headers = list(sign(secrets).items())
    except (KeyError, ValueError, TypeError, jwt.PyJWTError):
        return Sent(False, error="secret_missing")
    body = b""
    if request.body is not None:
        body = json.dumps(request.body).encode()
        headers.append(("Content-Type", "application/json"))
    ready = Outgoing(request.method, request.url, headers, body)
    error, answer = _guarded(lambda time_left: exchange(ready, time_left, _allowed(allow), 0, resolver), deadline)
    status = answer.status if answer else None
    return Sent(status in request.success, status, error)


# ---- signing --------------------------------------------------------------------------------------------------------


def vonage_token(secrets: Mapping[str, Any], now: float | None = None) -> str:
    """An application JWT (RS256), good for a minute. secrets: application_id, private_key (PEM)."""
    at = int(time.time() if now is None else now)
    claims = {
        "application_id": str(secrets["application_id"]),
        "iat": at,
        "nbf": at,
        "exp": at + 60,
        "jti": str(uuid.uuid4()),
    }
    return jwt.encode(claims, str(secrets["private_key"]), algorithm="RS256")


_SIGNERS: dict[str, Callable[[Mapping[str, Any]], dict[str, str]]] = {
    "": lambda secrets: {},
    "vonage": lambda secrets: {"Authorization": f"Bearer {vonage_token(secrets)}"},
}


# ---- from references to a request -----------------------------------------------------------------------------------


class _Filler:
    """Resolves hidden references and remembers which setting was missing."""

    def __init__(self, resolve_secret: ResolveSecret, resolve_sealed: ResolveSealed) -> None:
        self.resolve_secret = resolve_secret
        self.resolve_sealed = resolve_sealed

    def value(self, hidden: Hidden) -> str:
        if hidden.of == "sealed":
            return self.resolve_sealed(hidden.key) or ""
        try:
            value = self.resolve_secret(hidden.key)
        except LookupError:
            raise _NoSecret(hidden.key) from None
        if value == "":
            raise _NoSecret(hidden.key)
        return value or ""

    def text(self, text: Text, change: Callable[[str], str] = str) -> str:
        return "".join(piece if isinstance(piece, str) else change(self.value(piece)) for piece in text)

    def address(self, text: Text) -> str:
        done = ""
        for piece in text:
            done += piece if isinstance(piece, str) else encode_at(done, self.value(piece))
        return done


def _hides(text: Text) -> bool:
    return any(isinstance(piece, Hidden) for piece in text)


def _ready(fetch: Fetch, filler: _Filler, idempotency_key: str) -> Outgoing:
    """Everything filled in and judged. Raises _NoSecret and Refused."""
    # All settings are resolved before anything is judged: a missing one is reported as that, whatever else is wrong.
    address = filler.address(fetch.url)
    filled = [(filler.text(key), filler.text(value)) for key, value in fetch.headers]
    body = filler.text(fetch.body, json_escaped if fetch.escape_json else str).strip(" \t\r\n")
    headers: dict[str, tuple[str, str]] = {}
    private: set[str] = set()
    for (key, value), texts in zip(filled, fetch.headers, strict=True):
        name, value = checked_header(key, value)
        headers[name.lower()] = (name, value)
        if _hides(texts[0]) or _hides(texts[1]):
            private.add(name.lower())
    if idempotency_key:
        headers.setdefault("idempotency-key", ("Idempotency-Key", idempotency_key))
    return Outgoing(
        fetch.method, checked_address(address), list(headers.values()), body.encode("utf-8", "replace"), private,
        _hides(fetch.body),
    )  # fmt: skip


def _ask(
    fetch: Fetch,
    resolve_secret: ResolveSecret,
    resolve_sealed: ResolveSealed,
    deadline: float,
    idempotency_key: str,
    allow: Mapping[str, str] | None,
    resolver: Resolver | None,
) -> tuple[str, Answer | None]:
    """(error, answer): exactly one of the two."""
    until = min(deadline, time.time() + min(fetch.seconds, MOST_SECONDS))

    def go(time_left: Deadline) -> Answer:
        ready = _ready(fetch, _Filler(resolve_secret, resolve_sealed), idempotency_key)
        return exchange(ready, time_left, _allowed(allow), MOST_REDIRECTS, resolver)

    return _guarded(go, until)


def _allowed(allow: Mapping[str, str] | None) -> Mapping[str, str]:
    return django_settings.OUTGOING_ALLOW if allow is None else allow


def _guarded(go: Callable[[Deadline], Answer], until: float) -> tuple[str, Answer | None]:
    """Do it by then, and give trouble its name."""
    try:
        time_left = Deadline(until - time.time())
        time_left.left()
        return "", go(time_left)
    except _NoSecret:
        return "secret_missing", None
    except TROUBLES as error:
        return trouble_of(error), None


# ---- what may be shown ----------------------------------------------------------------------------------------------


def _shown_request(fetch: Fetch) -> dict[str, Any]:
    """The request as its author may see it: bullets in the place of settings."""

    def show(text: Text) -> str:
        return mask("".join(piece if isinstance(piece, str) else SECRET for piece in text))

    headers = [{"key": show(key), "value": show(value)} for key, value in fetch.headers]
    return {"method": fetch.method, "url": show(fetch.url), "headers": headers, "body": show(fetch.body)}


def _hide(text: str, secrets: list[str]) -> str:
    """Text from outside without the settings that were sent, in case the service gives them back."""
    for secret in sorted(secrets, key=len, reverse=True):
        if len(secret) >= 4:
            for form in {secret, quote(secret, safe=""), json_escaped(secret)}:
                text = text.replace(form, SECRET)
    return mask(text)
