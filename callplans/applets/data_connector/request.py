"""From settings to the request: every placeholder filled in, in one pass; what is hidden stays a reference."""

from __future__ import annotations

from collections.abc import Callable

from callplans.applets.data_connector.http_rules import encode_at, json_escaped
from callplans.applets.data_connector.settings import DataConnectorSettings
from callplans.engine.datasources import SecretRef, SourceRef, parse
from callplans.engine.words import Fetch, Hidden, Locate, Text

Lookup = Callable[[str], str | Hidden]
"""A data source's value by name; empty text where it has none, a reference where it was collected securely."""


def build_fetch(settings: DataConnectorSettings, lookup: Lookup, label: str = "") -> Fetch:
    """The request these settings describe. Nothing in a value is ever read for placeholders."""
    request, response = settings.request, settings.response
    escape = json_escaped if request.escape_json else str
    return Fetch(
        method=request.method,
        url=_address(request.url, lookup),
        headers=[(_text(header.key, lookup), _text(header.value, lookup)) for header in request.headers],
        body=_text(request.body, lookup, escape),
        seconds=float(settings.seconds),
        answer="xml" if response.type == "XML" else "json",
        locate=[Locate(field.locator, field.datatype) for field in response.fields],
        repeatable=settings.repeatable,
        escape_json=request.escape_json,
        label=label or f"{request.method} {request.url}",
    )


def placeholders(settings: DataConnectorSettings) -> list[str]:
    """Names of the data sources in the definition, each once (case ignored), in the order of their first use."""
    request = settings.request
    texts = [request.url, *(text for header in request.headers for text in (header.key, header.value)), request.body]
    seen: dict[str, str] = {}
    for text in texts:
        for part in parse(text):
            if isinstance(part, SourceRef):
                seen.setdefault(part.name.casefold(), part.name)
    return list(seen.values())


def _text(text: str, lookup: Lookup, escape: Callable[[str], str] = str) -> Text:
    pieces: Text = []
    for part in parse(text):
        if isinstance(part, SecretRef):
            _add(pieces, Hidden("secret", part.key))
        elif isinstance(part, SourceRef):
            value = lookup(part.name)
            _add(pieces, value if isinstance(value, Hidden) else escape(value))
        else:
            _add(pieces, part)
    return pieces


def _address(text: str, lookup: Lookup) -> Text:
    pieces: Text = []
    before = ""  # what stands before, a letter in the place of what is hidden
    for part in parse(text):
        piece: str | Hidden
        if isinstance(part, SecretRef):
            piece = Hidden("secret", part.key)
        elif isinstance(part, SourceRef):
            value = lookup(part.name)
            piece = value if isinstance(value, Hidden) else encode_at(before, value)
        else:
            piece = part
        before += "h" if isinstance(piece, Hidden) else piece
        _add(pieces, piece)
    return pieces


def _add(pieces: Text, piece: str | Hidden) -> None:
    if isinstance(piece, str) and pieces and isinstance(pieces[-1], str):
        pieces[-1] += piece
    elif piece != "":
        pieces.append(piece)
