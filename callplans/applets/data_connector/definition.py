"""The Interaction Definition: the same settings as the XML that users of VCC know (vcc 5.2).

Both ways without loss. What VCC's XML has no place for is kept aside: `seconds` and `repeatable` stay with the settings
(`from_xml(xml, previous)`), the JSON-escape switch is an attribute of ours, written only when it is on.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any
from xml.sax.saxutils import escape

from callplans.applets.data_connector.xmltree import BadXml, Node, parse

_SPACE = uuid.UUID("6d0a3c1e-58a4-4d8e-9a57-0f6f2d7b9c31")
_DATATYPES = {"string": "String", "number": "Number", "boolean": "Boolean", "date": "Date", "datetime": "DateTime"}
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_MOST_TEXT = 200 * 1024


class DefinitionError(Exception):
    """A definition that cannot be read. `problems`: every (words, line, path) found; line 0 means the whole text."""

    def __init__(self, problems: list[tuple[str, int, str]]) -> None:
        self.problems = problems
        self.words, self.line, self.path = problems[0]
        where = ", ".join(filter(None, (f"Line {self.line}" if self.line else "", self.path)))
        super().__init__(f"{where}: {self.words}" if where else self.words)


# ---- settings -> XML ------------------------------------------------------------------------------------------------


def to_xml(settings: dict[str, Any]) -> str:
    """The definition of these settings (plain JSON, possibly incomplete)."""
    request, response = _part(settings, "request"), _part(settings, "response")
    lines = ["<ApiInteraction>", "  <Request>"]
    lines.append(f"    <Url>{_text(request.get('url'))}</Url>")
    lines.append(f"    <Method>{_text(request.get('method') or 'GET')}</Method>")
    if headers := _rows(request, "headers"):
        lines.append("    <Headers>")
        for header in headers:
            key, value = _text(header.get("key")), _text(header.get("value"))
            lines.append(f"      <Header><Key>{key}</Key><Value>{value}</Value></Header>")
        lines.append("    </Headers>")
    body = str(request.get("body") or "")
    escapes = ' JsonEscape="true"' if request.get("escape_json") else ""
    if body:
        cdata = body.replace("]]>", "]]]]><![CDATA[>")
        lines.append(f"    <Body{escapes}><![CDATA[\n{cdata}\n    ]]></Body>")
    elif escapes:
        lines.append(f"    <Body{escapes}/>")
    lines += ["  </Request>", "  <Response>"]
    lines.append(f"    <Type>{_text(response.get('type') or 'JSON')}</Type>")
    if response.get("status_destination"):
        name = _text(response["status_destination"])
        lines.append(f"    <ResponseCodeDestination>{name}</ResponseCodeDestination>")
    if fields := _rows(response, "fields"):
        lines.append("    <Fields>")
        for row in fields:
            datatype = str(row.get("datatype") or "string")
            lines.append(
                f"      <Field><Locator>{_text(row.get('locator'))}</Locator>"
                f"<Destination>{_text(row.get('destination'))}</Destination>"
                f"<DataType>{_text(_DATATYPES.get(datatype, datatype))}</DataType></Field>"
            )
        lines.append("    </Fields>")
    return "\n".join([*lines, "  </Response>", "</ApiInteraction>", ""])


def _text(value: Any) -> str:
    return escape("" if value is None else str(value))


def _part(settings: dict[str, Any], name: str) -> dict[str, Any]:
    part = settings.get(name)
    return part if isinstance(part, dict) else {}


def _rows(part: dict[str, Any], name: str) -> list[dict[str, Any]]:
    rows = part.get(name)
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


# ---- XML -> settings ------------------------------------------------------------------------------------------------


def from_xml(xml: str, previous: dict[str, Any] | None = None) -> dict[str, Any]:
    """The settings a definition describes. Rows that are also in `previous` keep their ids.

    Comments are legal anywhere. Raises DefinitionError with every problem found.
    """
    try:
        data = xml.encode()
        if len(data) > _MOST_TEXT:
            raise BadXml(f"The definition is larger than {_MOST_TEXT // 1024} KiB.")
        root = parse(data)
    except UnicodeEncodeError:
        raise DefinitionError([("The definition holds characters that are not text.", 0, "")]) from None
    except BadXml as error:
        raise DefinitionError([(error.words, error.line, "")]) from None
    reader = _Reader()
    if root.name != "ApiInteraction":
        reader.fail(root, "/" + root.name, f"The outermost element must be ApiInteraction, not {root.name}.")
        raise DefinitionError(reader.problems)
    settings = reader.definition(root, previous or {})
    if reader.problems:
        raise DefinitionError(sorted(reader.problems, key=lambda problem: problem[1]))
    return settings


class _Reader:
    """Walks the elements and collects what is wrong with them."""

    def __init__(self) -> None:
        self.problems: list[tuple[str, int, str]] = []

    def fail(self, node: Node, path: str, words: str) -> None:
        self.problems.append((words, node.line, path))

    def definition(self, root: Node, previous: dict[str, Any]) -> dict[str, Any]:
        path = "/ApiInteraction"
        parts = self.parts(root, path, needed=("Request", "Response"))
        request = self.request(parts.get("Request"), f"{path}/Request", _part(previous, "request"))
        response = self.response(parts.get("Response"), f"{path}/Response", _part(previous, "response"))
        aside = {name: previous[name] for name in ("seconds", "repeatable") if name in previous}
        return {"request": request, "response": response, **({"seconds": 10, "repeatable": False} | aside)}

    def request(self, node: Node | None, path: str, previous: dict[str, Any]) -> dict[str, Any]:
        parts = self.parts(node, path, needed=("Url", "Method"), allowed=("Headers", "Body"))
        body = parts.get("Body")
        headers: list[dict[str, Any]] = []
        for row, where in self.items(parts.get("Headers"), f"{path}/Headers", "Header"):
            cells = self.parts(row, where, needed=("Key",), allowed=("Value",))
            key = self.leaf(cells.get("Key"), f"{where}/Key", most=200, least=1)
            headers.append({"key": key, "value": self.leaf(cells.get("Value"), f"{where}/Value", most=4_000)})
        return {
            "method": self.choice(parts.get("Method"), f"{path}/Method", {name.lower(): name for name in _METHODS}),
            "url": self.leaf(parts.get("Url"), f"{path}/Url", most=4_000, least=1),
            "headers": _with_ids(headers, _rows(previous, "headers"), "header"),
            "body": self.leaf(body, f"{path}/Body", most=50_000, one_line=False),
            "escape_json": body is not None and body.attributes.get("JsonEscape", "").strip().lower() == "true",
        }

    def response(self, node: Node | None, path: str, previous: dict[str, Any]) -> dict[str, Any]:
        parts = self.parts(node, path, needed=("Type",), allowed=("ResponseCodeDestination", "Fields"))
        fields: list[dict[str, Any]] = []
        datatypes = {name: name for name in _DATATYPES}
        for row, where in self.items(parts.get("Fields"), f"{path}/Fields", "Field"):
            cells = self.parts(row, where, needed=("Locator", "Destination"), allowed=("DataType",))
            typed = cells.get("DataType")
            fields.append(
                {
                    "locator": self.leaf(cells.get("Locator"), f"{where}/Locator", most=500, least=1),
                    "destination": self.leaf(cells.get("Destination"), f"{where}/Destination", most=255, least=1),
                    "datatype": self.choice(typed, f"{where}/DataType", datatypes) if typed else "string",
                }
            )
        status = parts.get("ResponseCodeDestination")
        return {
            "type": self.choice(parts.get("Type"), f"{path}/Type", {"xml": "XML", "json": "JSON"}),
            "status_destination": self.leaf(status, f"{path}/ResponseCodeDestination", most=255),
            "fields": _with_ids(fields, _rows(previous, "fields"), "field"),
        }

    def parts(
        self, node: Node | None, path: str, needed: tuple[str, ...] = (), allowed: tuple[str, ...] = ()
    ) -> dict[str, Node]:
        """The children by name, each at most once; everything else is reported."""
        if node is None:
            return {}
        found: dict[str, Node] = {}
        for child in node.children:
            if child.name not in (*needed, *allowed):
                known = ", ".join((*needed, *allowed))
                self.fail(child, f"{path}/{child.name}", f"{child.name} is not known here. Known are: {known}.")
            elif child.name in found:
                self.fail(child, f"{path}/{child.name}", f"{child.name} may be given only once.")
            else:
                found[child.name] = child
        if node.text.strip():
            self.fail(node, path, f"There is loose text inside {node.name}.")
        for name in needed:
            if name not in found:
                self.fail(node, f"{path}/{name}", f"{name} is missing.")
        return found

    def items(self, node: Node | None, path: str, name: str) -> list[tuple[Node, str]]:
        """The entries of a list, each with its path (counted from 1)."""
        if node is None:
            return []
        rows: list[tuple[Node, str]] = []
        for child in node.children:
            if child.name != name:
                self.fail(child, f"{path}/{child.name}", f"{child.name} is not known here, only {name} is.")
            else:
                rows.append((child, f"{path}/{name}[{len(rows) + 1}]"))
        if node.text.strip():
            self.fail(node, path, f"There is loose text inside {node.name}.")
        return rows

    def leaf(self, node: Node | None, path: str, most: int, least: int = 0, one_line: bool = True) -> str:
        """The text of an element, trimmed."""
        if node is None:
            return ""
        if node.children:
            self.fail(node.children[0], path, f"{node.name} takes text only, not {node.children[0].name}.")
            return ""
        text = node.text.strip(" \t\r\n")
        if one_line and any(sign in text for sign in "\t\r\n"):
            self.fail(node, path, f"{node.name} must be on one line.")
        if len(text) < least:
            self.fail(node, path, f"{node.name} is empty.")
        if len(text) > most:
            self.fail(node, path, f"{node.name} is longer than {most} characters.")
        return text

    def choice(self, node: Node | None, path: str, choices: dict[str, str]) -> str:
        """One of a few words, case ignored; the first one stands in when it is missing or wrong (and reported)."""
        first = next(iter(choices.values()))
        if node is None:
            return first
        text = self.leaf(node, path, most=100)
        if text.lower() not in choices:
            known = ", ".join(_DATATYPES.get(name, name) for name in choices.values())
            self.fail(node, path, f"{node.name} must be one of {known}.")
            return first
        return choices[text.lower()]


def _with_ids(rows: list[dict[str, Any]], previous: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    """The rows with ids: of the equal row before, else of the row at the same place, else made from place and kind."""
    taken: set[str] = set()
    ids: list[str | None] = [None] * len(rows)
    same: list[Callable[[int, int], bool]] = [
        lambda new, old: all(previous[old].get(name) == value for name, value in rows[new].items()),
        lambda new, old: new == old,
    ]
    for is_same in same:
        for new in range(len(rows)):
            for old, row in enumerate(previous) if ids[new] is None else ():
                id = str(row.get("id") or "")
                if id and id not in taken and is_same(new, old):
                    ids[new] = id
                    taken.add(id)
                    break
    made = []
    for new, row in enumerate(rows):
        id = ids[new] or ""
        turn = 0
        while not id or (ids[new] is None and id in taken):
            id = str(uuid.uuid5(_SPACE, f"{kind}/{new}/{turn}"))
            turn += 1
        taken.add(id)
        made.append({"id": id, **row})
    return made
