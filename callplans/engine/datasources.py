"""`$(Name)` and `#(Key)`: found once, cached, filled in one pass; and which of them settings read and write.

A key runs to the first `)`; there is no escape. What is filled in is never read for placeholders again: a web
service that answers `#(BillingKey)` must not pull that key into the next request.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from pydantic import BaseModel

from callplans.engine.applet import shows
from callplans.engine.words import Hidden, Text, clean

LONGEST_NAME = 255

_PLACEHOLDER = re.compile(r"([$#])\(([^)]*)\)")


@dataclass(frozen=True, slots=True)
class SourceRef:
    """`$(name)` in a text."""

    name: str


@dataclass(frozen=True, slots=True)
class SecretRef:
    """`#(key)` in a text."""

    key: str


Parts = tuple[str | SourceRef | SecretRef, ...]


@lru_cache(maxsize=8192)
def parse(text: str) -> Parts:
    """The text as literal pieces and references, in order; `$()` and `#()` without a name are literal."""
    parts: list[str | SourceRef | SecretRef] = []
    literal, end = "", 0
    for found in _PLACEHOLDER.finditer(text):
        literal += text[end : found.start()]
        end = found.end()
        name = found.group(2).strip()
        if not name:
            literal += found.group()
            continue
        if literal:
            parts.append(clean(literal))
            literal = ""
        parts.append(SourceRef(name) if found.group(1) == "$" else SecretRef(name))
    literal += text[end:]
    if literal:
        parts.append(clean(literal))
    return tuple(parts)


def names_in(text: str) -> set[str]:
    """Names of the data sources a text reads."""
    return {part.name for part in parse(text) if isinstance(part, SourceRef)} if "$(" in text else set()


def secrets_in(text: str) -> set[str]:
    """Keys of the settings a text needs."""
    return {part.key for part in parse(text) if isinstance(part, SecretRef)} if "#(" in text else set()


def fill(text: str, source: Callable[[str], str], secret: Callable[[str], str] | None = None) -> str:
    """The text with `source(name)` in the place of each `$(name)`, in one pass. Without `secret`, `#(Key)` stays as
    it is written: only a Data Connector knows it."""
    out: list[str] = []
    for part in parse(text):
        if type(part) is str:
            out.append(part)
        elif type(part) is SourceRef:
            out.append(source(part.name))
        elif type(part) is SecretRef:
            out.append(secret(part.key) if secret else f"#({part.key})")
    return "".join(out)


def template(text: str, source: Callable[[str], str | Hidden]) -> Text:
    """The text for an effect: data sources filled in, `#(Key)` and what `source` gives as Hidden left as references.
    Neighbouring pieces of plain text are joined; empty text gives an empty list."""
    out: Text = []
    for part in parse(text):
        piece: str | Hidden
        if type(part) is SourceRef:
            piece = source(part.name)
        elif type(part) is SecretRef:
            piece = Hidden("secret", part.key)
        else:
            piece = str(part)
        if isinstance(piece, str) and out and isinstance(out[-1], str):
            out[-1] += piece
        elif piece != "":
            out.append(piece)
    return out


# ---- what settings read and write -----------------------------------------------------------------------------------


def read_by_settings(settings: BaseModel) -> set[str]:
    """Data sources that settings read: fields marked x-source read, and every $( ) in texts. Hidden fields (x-when)
    do not count."""
    names: set[str] = set()
    for hints, text in _texts(settings):
        marked = hints.get("x-source")
        if marked is None:
            names |= names_in(text)
        elif marked == "read" and text:
            names.add(text)
    return names


def written_by_settings(settings: BaseModel) -> set[str]:
    """Data sources that settings write: fields marked x-source write that are not empty."""
    return {text for hints, text in _texts(settings) if hints.get("x-source") == "write" and text}


def secrets_in_settings(settings: BaseModel) -> set[str]:
    """Settings (`#(Key)`) needed: in fields marked x-placeholders all."""
    found = (secrets_in(text) for hints, text in _texts(settings) if hints.get("x-placeholders") == "all")
    return set().union(*found)


def _texts(settings: BaseModel) -> Iterator[tuple[dict[str, Any], str]]:
    """Every text in settings that is shown, with the hints of its field; through nested models and lists."""
    values = settings.__dict__
    for name, field in type(settings).model_fields.items():
        extra = field.json_schema_extra
        hints: dict[str, Any] = extra if isinstance(extra, dict) else {}
        if shows(hints.get("x-when"), values):
            yield from _texts_in(hints, values.get(name))


def _texts_in(hints: dict[str, Any], value: Any) -> Iterator[tuple[dict[str, Any], str]]:
    if isinstance(value, str):
        yield hints, value
    elif isinstance(value, BaseModel):
        yield from _texts(value)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _texts_in(hints, item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from _texts_in(hints, item)
