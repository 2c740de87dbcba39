"""Which field of an applet's settings reads, writes or mentions what; also where settings are incomplete, so that a
problem can name its field."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal, get_args

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from callplans.engine.applet import Applet, register, shows
from callplans.engine.datasources import SecretRef, SourceRef, parse
from callplans.engine.plan import PlacedApplet

SLOT = "IVRSlot|"


@dataclass(frozen=True, slots=True)
class Use:
    """One name in one field. read: the field holds the name of a data source; write, slot: likewise, written;
    source: `$(name)` in a text; secret: `#(name)` where it is resolved; stray: `#(name)` where it is not."""

    kind: Literal["read", "write", "slot", "source", "secret", "stray"]
    name: str
    path: str
    text: str

    @property
    def source(self) -> str:
        """The data source that is meant."""
        return SLOT + self.name if self.kind == "slot" else self.name


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    hints: dict[str, Any]
    default: Any
    model: type[BaseModel] | None


@lru_cache(maxsize=512)
def _fields(model: type[BaseModel]) -> tuple[_Field, ...]:
    found = []
    for name, field in model.model_fields.items():
        extra = field.json_schema_extra
        hints: dict[str, Any] = dict(extra) if isinstance(extra, dict) else {}
        if callable(extra):
            extra(hints)
        default = None if field.default is PydanticUndefined else field.default
        parts = (field.annotation, *get_args(field.annotation))
        nested = next((p for p in parts if isinstance(p, type) and issubclass(p, BaseModel)), None)
        found.append(_Field(name, hints, default, nested))
    return tuple(found)


def _texts(model: type[BaseModel], values: Any, path: str) -> Iterator[tuple[dict[str, Any], str, str]]:
    """(hints, path, text) for every text that is shown."""
    if isinstance(values, BaseModel):
        values = values.__dict__
    if not isinstance(values, dict):
        return
    known = {field.name: values.get(field.name, field.default) for field in _fields(model)}
    for field in _fields(model):
        if shows(field.hints.get("x-when"), known):
            yield from _texts_in(field, known[field.name], path + field.name)


def _texts_in(field: _Field, value: Any, path: str) -> Iterator[tuple[dict[str, Any], str, str]]:
    if isinstance(value, str):
        yield field.hints, path, value
    elif isinstance(value, list):
        for n, item in enumerate(value):
            # An entry without an id cannot be named by an operation; only damaged settings have one.
            if isinstance(item, BaseModel) or (isinstance(item, dict) and item.get("id")):
                yield from _texts_in(field, item, f"{path}.{n}")
    elif field.model is not None:
        yield from _texts(field.model, value, path + ".")


def uses(kind: type[Applet[Any]], settings: Any) -> list[Use]:
    """Every name in these settings (a model, or JSON that may be incomplete), in the form's order."""
    found: list[Use] = []
    for hints, path, text in _texts(kind.Settings, settings, ""):
        marked = hints.get("x-source")
        if marked in ("read", "write", "slot"):
            if text.strip():
                found.append(Use(marked, text, path, text))
            continue
        here: Literal["secret", "stray"] = "secret" if hints.get("x-placeholders") == "all" else "stray"
        for part in dict.fromkeys(parse(text)):
            if isinstance(part, SourceRef):
                found.append(Use("source", part.name, path, text))
            elif isinstance(part, SecretRef):
                found.append(Use(here, part.key, path, text))
    return found


class Facts:
    """What is known of one placed applet without a call."""

    def __init__(self, placed: PlacedApplet) -> None:
        self.placed = placed
        self.key = placed.key
        self.name = placed.name
        self.kind = register.get(placed.type)
        applet = placed.applet
        settings = applet.settings if applet is not None else placed.settings
        self.uses = uses(self.kind, settings) if self.kind else []
        reads = {use.source for use in self.uses if use.kind in ("read", "source")}
        writes = {use.source for use in self.uses if use.kind in ("write", "slot")}
        self.reads = {name.casefold(): name for name in sorted(applet.reads() if applet else reads)}
        self.writes = {name.casefold(): name for name in sorted(applet.writes() if applet else writes)}
        self.family = self.kind.family if self.kind else ""
        self.waits = {wait.__name__ for wait in self.kind.uses} if self.kind else set()

    def reading(self) -> Iterator[tuple[str, str | None]]:
        """(name, path) of every data source read; path None where no field names it."""
        left = dict(self.reads)
        for use in self.uses:
            if use.kind in ("read", "source") and use.source.casefold() in self.reads:
                left.pop(use.source.casefold(), None)
                yield use.source, use.path
        for name in left.values():
            yield name, None

    def at(self, path: str) -> Any:
        """The part of the settings (as JSON) at a dotted path; None where there is none."""
        here: Any = self.placed.settings
        for step in path.split("."):
            if isinstance(here, dict):
                here = here.get(step)
            elif isinstance(here, list) and step.isdigit() and int(step) < len(here):
                here = here[int(step)]
            else:
                return None
        return here

    def beside(self, path: str) -> dict[str, Any]:
        """The fields around the one at this path."""
        parent = self.at(path.rpartition(".")[0]) if "." in path else self.placed.settings
        return parent if isinstance(parent, dict) else {}

    def set(self, path: str, value: Any) -> dict[str, Any]:
        """The operation that sets a field; entries of lists are named by their ids."""
        steps: list[str] = []
        done = ""
        for step in path.split("."):
            done = f"{done}.{step}" if done else step
            item = self.at(done)
            by_id = step.isdigit() and isinstance(item, dict) and item.get("id")
            steps.append(str(by_id) if by_id else step)
        return {"op": "set", "key": self.key, "path": steps, "value": value}


def renamed(use: Use, name: str) -> str:
    """The field's value with this use of a data source spelled otherwise."""
    if use.kind == "slot":
        return name[len(SLOT) :]
    if use.kind != "source":
        return name
    out = []
    for part in parse(use.text):
        if isinstance(part, SourceRef):
            out.append(f"$({name if part.name == use.name else part.name})")
        elif isinstance(part, SecretRef):
            out.append(f"#({part.key})")
        else:
            out.append(part)
    return "".join(out)
