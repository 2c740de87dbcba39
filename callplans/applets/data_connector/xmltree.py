"""A small, safe reader of XML: no document type, no entities, bounded in size, depth and number of elements."""

from __future__ import annotations

from dataclasses import dataclass, field
from io import BytesIO
from typing import Any
from xml.sax.handler import ContentHandler
from xml.sax.xmlreader import AttributesImpl

from defusedxml.common import DefusedXmlException
from defusedxml.sax import make_parser

MOST_BYTES = 256 * 1024
MOST_DEPTH = 64
MOST_ELEMENTS = 20_000


class BadXml(Exception):
    """XML that is not read; `words` say why, `line` where (1 is the first), 0 when it has no place."""

    def __init__(self, words: str, line: int = 0) -> None:
        super().__init__(words)
        self.words = words
        self.line = line


@dataclass(slots=True)
class Node:
    """One element. Names are without their name-space prefix; `text` is its own text, comments left out."""

    name: str
    line: int
    attributes: dict[str, str] = field(default_factory=dict)
    text: str = ""
    children: list[Node] = field(default_factory=list)

    def child(self, name: str) -> Node | None:
        return next((child for child in self.children if child.name == name), None)


def _local(name: str) -> str:
    return name.rpartition(":")[2]


class _Builder(ContentHandler):
    def __init__(self) -> None:
        super().__init__()
        self.root: Node | None = None
        self.open: list[tuple[Node, list[str]]] = []
        self.elements = 0
        self.locator: Any = None

    def setDocumentLocator(self, locator: Any) -> None:
        self.locator = locator

    def line(self) -> int:
        return int(self.locator.getLineNumber() or 0) if self.locator else 0

    def startElement(self, name: str, attrs: AttributesImpl) -> None:
        self.elements += 1
        if len(self.open) >= MOST_DEPTH:
            raise BadXml(f"Elements are nested deeper than {MOST_DEPTH}.", self.line())
        if self.elements > MOST_ELEMENTS:
            raise BadXml(f"It has more than {MOST_ELEMENTS} elements.", self.line())
        attributes = {_local(key): str(attrs.getValue(key)) for key in attrs.getNames()}
        node = Node(_local(name), self.line(), attributes)
        if self.open:
            self.open[-1][0].children.append(node)
        else:
            self.root = node
        self.open.append((node, []))

    def characters(self, content: str) -> None:
        if self.open:
            self.open[-1][1].append(content)

    def endElement(self, name: str) -> None:
        node, pieces = self.open.pop()
        node.text = "".join(pieces)


def parse(data: bytes) -> Node:
    """The root element of a document. Raises BadXml for everything that is not plain, bounded XML."""
    if len(data) > MOST_BYTES:
        raise BadXml(f"It is larger than {MOST_BYTES // 1024} KiB.")
    builder = _Builder()
    parser = make_parser()
    parser.forbid_dtd = True
    parser.setContentHandler(builder)
    try:
        parser.parse(BytesIO(data))
    except BadXml:
        raise
    except DefusedXmlException:
        raise BadXml("Document types and entities are not accepted.", builder.line()) from None
    except Exception as error:  # expat's own errors, unknown encodings: all of them mean "not XML"
        words = getattr(error, "getMessage", lambda: "")() or "it cannot be read"
        line = getattr(error, "getLineNumber", builder.line)() or builder.line()
        raise BadXml(f"This is not well-formed XML: {words}.", int(line)) from None
    if builder.root is None:
        raise BadXml("It is empty.")
    return builder.root
