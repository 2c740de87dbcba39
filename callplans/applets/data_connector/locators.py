"""Finding values in the answer of a web service, and reading them as their type (vcc 5.2). Pure.

JSON: `access_token`, `session.id`, `items[0].price`, `["a name"]`, an optional leading `$.`; counted from 0.
XML: `/name`, `/payment/outcome`, `/payment/@id`, `/items/item[2]`, counted from 1; tried from the document's root, then
below the root element. Name-space prefixes are ignored. Of several elements of one name the first is meant.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from typing import Any

from callplans.applets.data_connector.xmltree import MOST_BYTES, BadXml, Node, parse
from callplans.engine.reading import as_boolean, as_date, as_moment, as_number
from callplans.engine.words import Locate, clean

Found = tuple[str | None, str]
"""A value (None: null or not usable) and what is wrong with it (empty: nothing)."""

_MOST_VALUE = 32 * 1024


class BadLocator(ValueError):
    """A locator that is not written in the dialect; the words say what is wrong."""


class Unreadable(Exception):
    """The body is not what the definition says it is."""


# ---- locators -------------------------------------------------------------------------------------------------------

_JSON_STEP = re.compile(
    r"""(?P<name>[^.\[\]"'\s][^.\[\]"']*) | \[(?P<index>\d{1,9})\] | \[(?P<quote>["'])(?P<quoted>.+?)(?P=quote)\]""",
    re.VERBOSE,
)
_XML_STEP = re.compile(r"(?P<name>[^\s/@\[\]]+)(\[(?P<index>[1-9]\d{0,8})\])?")


def json_steps(locator: str) -> list[str | int]:
    """`items[0].price` -> ["items", 0, "price"]. Raises BadLocator."""
    text = locator.strip()
    if text == "$":
        return []
    if text.startswith(("$.", "$[")):
        text = text[1:].removeprefix(".")
    steps: list[str | int] = []
    at = 0
    while at < len(text) or not steps:
        dotted = at > 0 and text[at : at + 1] == "."
        step = _JSON_STEP.match(text, at + dotted)
        if step is None or (step["name"] and at > 0 and not dotted) or (dotted and not step["name"]):
            raise BadLocator(f"“{locator}” is not a JSON locator. Write it like session.id or items[0].price.")
        steps.append(int(step["index"]) if step["index"] else step["quoted"] or step["name"].rstrip())
        at = step.end()
    return steps


def xml_steps(locator: str) -> list[tuple[str, int]]:
    """`/items/item[2]/@id` -> [("items", 1), ("item", 2), ("@id", 0)]. Raises BadLocator."""
    text = locator.strip().removeprefix("/")
    steps: list[tuple[str, int]] = []
    pieces = text.split("/")
    for place, piece in enumerate(pieces):
        if piece.startswith("@") and place == len(pieces) - 1 and re.fullmatch(r"@[^\s/@\[\]]+", piece):
            steps.append(("@" + piece[1:].rpartition(":")[2], 0))
        elif step := _XML_STEP.fullmatch(piece):
            steps.append((step["name"].rpartition(":")[2], int(step["index"] or 1)))
        else:
            raise BadLocator(f"“{locator}” is not an XML locator. Write it like /payment/outcome or /payment/@id.")
    return steps


def check_locator(answer_type: str, locator: str) -> str:
    """What is wrong with how the locator is written; empty: nothing."""
    try:
        xml_steps(locator) if answer_type.lower() == "xml" else json_steps(locator)
    except BadLocator as error:
        return str(error)
    return ""


# ---- bodies ---------------------------------------------------------------------------------------------------------


class _Number(str):
    """A JSON number as it was written: 82.40 must not become 82.4."""

    __slots__ = ()


def _no_constant(name: str) -> Any:
    raise ValueError(name)


def _read_json(body: bytes, content_type: str) -> Any:
    charset = _charset(content_type) or "utf-8-sig"
    try:
        text = body.decode("utf-8-sig" if charset in ("utf-8", "utf8") else charset)
        return json.loads(text, parse_float=_Number, parse_int=_Number, parse_constant=_no_constant)
    except (ValueError, LookupError, RecursionError):
        raise Unreadable("The answer is not JSON.") from None


def _read_xml(body: bytes, content_type: str) -> Node:
    charset = _charset(content_type)
    if charset and charset not in ("utf-8", "utf8") and not body.lstrip().startswith(b"<?xml"):
        try:  # the transport knows the encoding and the document does not say it
            body = body.decode(charset).encode()
        except (ValueError, LookupError):
            raise Unreadable("The answer is not XML.") from None
    try:
        return parse(body.lstrip(b" \t\r\n"))
    except BadXml as error:
        raise Unreadable(f"The answer is not XML that can be read: {error.words}") from None


def _charset(content_type: str) -> str:
    found = re.search(r"charset\s*=\s*\"?([\w.:-]{1,40})", content_type, re.IGNORECASE)
    return found[1].lower() if found else ""


def _find_json(document: Any, locator: str) -> Found:
    here = document
    for step in json_steps(locator):
        at_index = isinstance(step, int) and isinstance(here, list) and step < len(here)
        if not at_index and not (isinstance(step, str) and isinstance(here, dict) and step in here):
            return None, f"“{locator}” is not in the answer."
        here = here[step]
    if here is None:
        return None, ""
    if isinstance(here, bool):
        return str(here).lower(), ""
    if isinstance(here, str):
        return str(here), ""
    return None, f"“{locator}” is a group of values, not one value."


def _find_xml(root: Node, locator: str) -> Found:
    steps = xml_steps(locator)
    above = Node("", 0, children=[root])
    for start in (above, root):
        here: Node | None = start
        for name, index in steps:
            if here is None:
                break
            if name.startswith("@"):
                if name[1:] in here.attributes:
                    return here.attributes[name[1:]].strip(), ""
                here = None
                break
            same = [child for child in here.children if child.name == name]
            here = same[index - 1] if len(same) >= index else None
        if here is not None:
            if here.children:
                return None, f"“{locator}” is a group of values, not one value."
            return here.text.strip(), ""
    return None, f"“{locator}” is not in the answer."


# ---- types ----------------------------------------------------------------------------------------------------------

_TYPES: dict[str, tuple[str, Callable[[str], object]]] = {
    "number": ("a number", as_number),
    "boolean": ("true or false", as_boolean),
    "date": ("a date", lambda text: as_date(text, "UTC")),
    "datetime": ("a date and time", lambda text: as_moment(text, "UTC")),
}


def read_type(datatype: str, text: str, locator: str) -> Found:
    """The text as it is kept: trimmed where it has a type; null and an issue when it cannot be read as that type, by
    the same reading that rules and announcements use later."""
    if datatype in _TYPES:
        name, read = _TYPES[datatype]
        text = text.strip()
        return (None, f"“{locator}” is not {name}.") if read(text) is None else (text, "")
    if len(text) > _MOST_VALUE:
        return None, f"“{locator}” is longer than {_MOST_VALUE // 1024} KiB."
    return clean(text), ""


# ---- the door -------------------------------------------------------------------------------------------------------


def read_answer(
    answer_type: str, body: bytes, content_type: str, locate: Sequence[Locate]
) -> tuple[list[str | None], list[str]]:
    """(values in the order of `locate`, issues in plain words without any value).

    answer_type: "json" or "xml", case ignored. A body that is not of that type gives no values at all ([], one issue);
    a value that is missing or not of its type is None, with an issue.
    """
    read = read_fields(answer_type, body, content_type, locate)
    if isinstance(read, str):
        return [], [read]
    return [value for value, _ in read], [issue for _, issue in read if issue]


def read_fields(answer_type: str, body: bytes, content_type: str, locate: Sequence[Locate]) -> list[Found] | str:
    """One (value, issue) per entry of `locate`; a text when the body as a whole cannot be read."""
    if not locate:
        return []
    is_xml = answer_type.lower() == "xml"
    try:
        if len(body) > MOST_BYTES:
            raise Unreadable(f"The answer is larger than {MOST_BYTES // 1024} KiB.")
        document: Any = _read_xml(body, content_type) if is_xml else _read_json(body, content_type)
    except Unreadable as error:
        return str(error)
    found: list[Found] = []
    for wanted in locate:
        try:
            value, issue = (_find_xml if is_xml else _find_json)(document, wanted.locator)
        except BadLocator as error:
            value, issue = None, str(error)
        found.append((value, issue) if value is None else read_type(wanted.datatype, value, wanted.locator))
    return found
