"""What edit operations do to a drawing. Pure: rows are `callplans.plans`' business.

A drawing in the making refuses only wrong shapes and sizes, exits and applets that do not exist, and keys used twice;
what is merely incomplete is stored and listed as a problem.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from callplans.engine.applet import register
from callplans.operations import (
    FieldError,
    Invalid,
    MoveApplet,
    PlaceApplet,
    RemoveApplet,
    RenameApplet,
    SetPlan,
    SetSetting,
    UnwireExit,
    WireExit,
    apology,
    dotted,
    plain,
    seeds,
)

MOST_APPLETS = 2000
MOST_SETTINGS = 256 * 1024
"""Bytes of one applet's settings as JSON."""

INCOMPLETE = frozenset({"missing", "too_short", "string_too_short"})
"""pydantic's errors that a draft may have."""

Known = Callable[[str, str], bool]


@dataclass(slots=True)
class Drawing:
    """A version as plain data. `applets`: key -> {key, type, name, settings, settings_version, x, y};
    `wires`: (source key, exit) -> target key, or None where the call is meant to end."""

    initial: str | None = None
    hangup: str | None = None
    seeds: list[dict[str, Any]] = field(default_factory=list)
    apology: str = ""
    applets: dict[str, dict[str, Any]] = field(default_factory=dict)
    wires: dict[tuple[str, str], str | None] = field(default_factory=dict)

    def copy(self) -> Drawing:
        """Applets and wires may be added, removed and replaced in the copy; they are never changed in place."""
        return Drawing(self.initial, self.hangup, self.seeds, self.apology, dict(self.applets), dict(self.wires))


def edit(drawing: Drawing, operations: list[Any], known: Known = lambda what, name: False) -> Drawing:
    """The drawing after a batch. `known("applet", key)` and `known("wire", "<source> <exit>")` say whether that was
    part of the plan before: what is brought back may be what could not be drawn anew. Raises Invalid."""
    after = drawing.copy()
    for index, operation in enumerate(operations):
        try:
            _DO[operation.op](after, operation)
        except _Wrong as wrong:
            key = str(getattr(operation, "key", None) or getattr(operation, "source", None) or "") or None
            path = dotted("operations", index, *wrong.at)
            raise Invalid([FieldError(path, wrong.code, wrong.words, applet=key)]) from None
    if len(after.applets) > max(MOST_APPLETS, len(drawing.applets)):
        raise Invalid([FieldError("operations", "too_many", f"A plan has at most {MOST_APPLETS} applets.")])
    errors = [*_judge_settings(drawing, after, operations, known), *_judge_exits(drawing, after, operations, known)]
    if errors:
        raise Invalid(errors)
    return after


def removed(before: Drawing, after: Drawing) -> dict[str, list[Any]]:
    """What an edit took away, as `Operation.removed` keeps it."""
    gone = [applet for key, applet in before.applets.items() if key not in after.applets]
    wires = [{"source": s, "exit": e, "target": t} for (s, e), t in before.wires.items() if (s, e) not in after.wires]
    return {key: value for key, value in (("applets", gone), ("wires", wires)) if value}


# ---- one operation --------------------------------------------------------------------------------------------------


class _Wrong(Exception):
    def __init__(self, code: str, words: str, *at: str | int) -> None:
        self.code, self.words, self.at = code, words, at


def _there(drawing: Drawing, key: UUID, *at: str) -> str:
    if str(key) not in drawing.applets:
        raise _Wrong("missing_applet", f"This plan has no applet {key}.", *at)
    return str(key)


def _place(drawing: Drawing, op: PlaceApplet) -> None:
    key = str(op.applet.key)
    if key in drawing.applets:
        raise _Wrong("duplicate_key", "An applet with this key is already on the plan.", "applet", "key")
    drawing.applets[key] = op.applet.model_dump(mode="json")


def _remove(drawing: Drawing, op: RemoveApplet) -> None:
    key = _there(drawing, op.key, "key")
    del drawing.applets[key]
    drawing.wires = {(s, e): t for (s, e), t in drawing.wires.items() if key not in (s, t)}
    drawing.initial = None if drawing.initial == key else drawing.initial
    drawing.hangup = None if drawing.hangup == key else drawing.hangup


def _move(drawing: Drawing, op: MoveApplet) -> None:
    key = _there(drawing, op.key, "key")
    drawing.applets[key] = drawing.applets[key] | {"x": op.x, "y": op.y}


def _rename(drawing: Drawing, op: RenameApplet) -> None:
    key = _there(drawing, op.key, "key")
    drawing.applets[key] = drawing.applets[key] | {"name": op.name}


def _set(drawing: Drawing, op: SetSetting) -> None:
    applet = drawing.applets[_there(drawing, op.key, "key")]
    kind = register.get(applet["type"])
    if kind is None:
        words = f"The applet type {applet['type']!r} no longer exists: its settings are kept as they are."
        raise _Wrong("type_gone", words, "key")
    holder = {"settings": lifted(applet)}
    delete = "value" not in op.model_fields_set
    _put(holder, ["settings", *op.path], deepcopy(op.value), delete)
    if not isinstance(holder.get("settings"), dict):
        raise _Wrong("dict_type", "Settings are an object.", "value")
    drawing.applets[str(op.key)] = applet | {"settings": holder["settings"], "settings_version": kind.version}


def _put(node: Any, path: list[str], value: Any, delete: bool) -> None:
    """Set or delete what `path` names below `node`, in place. Objects on the way are made."""
    for depth, name in enumerate(path):
        last = depth == len(path) - 1
        if isinstance(node, list):
            index = _index(node, name)
            if last and delete:
                if index is not None:
                    del node[index]
                return
            if index is None and last and isinstance(value, dict) and value.get("id") == name:
                node.append(value)
                return
            if index is None:
                raise _Wrong("no_item", f"The list has no item {name!r}.", "path", depth - 1)
            if last:
                node[index] = value
            node = node[index]
        elif isinstance(node, dict):
            if last and delete:
                node.pop(name, None)
                return
            if last:
                node[name] = value
            elif name not in node or node[name] is None:
                if delete:
                    return
                node[name] = {}
            node = node[name]
        else:
            raise _Wrong("no_field", f"There is nothing below {path[depth - 1]!r}.", "path", depth - 1)


def _index(items: list[Any], name: str) -> int | None:
    for index, item in enumerate(items):
        if isinstance(item, dict) and item.get("id") == name:
            return index
    if name.isascii() and name.isdigit() and len(name) < 6 and int(name) < len(items):
        item = items[int(name)]
        return None if isinstance(item, dict) and item.get("id") else int(name)
    return None


def _wire(drawing: Drawing, op: WireExit) -> None:
    source = _there(drawing, op.source, "source")
    drawing.wires[source, op.exit] = None if op.target is None else _there(drawing, op.target, "target")


def _unwire(drawing: Drawing, op: UnwireExit) -> None:
    drawing.wires.pop((_there(drawing, op.source, "source"), op.exit), None)


def _set_plan(drawing: Drawing, op: SetPlan) -> None:
    try:
        if op.field in ("initial", "hangup"):
            key = None if op.value is None else _there(drawing, UUID(str(op.value)), "value")
            setattr(drawing, op.field, key)
        elif op.field == "seeds":
            drawing.seeds = [seed.model_dump() for seed in seeds.validate_python(op.value)]
        else:
            drawing.apology = apology.validate_python(op.value, strict=True)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)[0]
        raise _Wrong(found["type"], plain(found), "value", *found["loc"]) from None
    except ValueError:
        raise _Wrong("uuid_parsing", "An applet is named by its key.", "value") from None


_DO: dict[str, Callable[[Drawing, Any], None]] = {
    "place": _place, "remove": _remove, "move": _move, "rename": _rename, "set": _set, "wire": _wire,
    "unwire": _unwire, "set_plan": _set_plan,
}  # fmt: skip


# ---- the drawing after a batch --------------------------------------------------------------------------------------


def lifted(applet: dict[str, Any]) -> dict[str, Any]:
    """An applet's settings in today's shape, as a copy; unchanged where the type is gone or newer than we are."""
    kind = register.get(applet["type"])
    settings = deepcopy(applet["settings"])
    if kind is None or applet["settings_version"] >= kind.version:
        return settings
    try:
        return kind.lift(deepcopy(settings), applet["settings_version"])
    except (LookupError, TypeError, ValueError, AttributeError):  # not what that version ever wrote
        return settings


def settings_errors(type: str, settings: dict[str, Any]) -> list[Any]:
    """What a draft must refuse in settings: pydantic's errors without those of incompleteness."""
    kind = register.get(type)
    if kind is None:
        return []
    try:
        kind.Settings.model_validate_json(json.dumps(settings), strict=True)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        return [e for e in found if e["type"] not in INCOMPLETE]
    return []


def _judge_settings(before: Drawing, after: Drawing, operations: list[Any], known: Known) -> Iterator[FieldError]:
    touched: dict[str, list[tuple[int, Any]]] = {}
    for index, op in enumerate(operations):
        if op.op in ("place", "set"):
            touched.setdefault(str(op.applet.key if op.op == "place" else op.key), []).append((index, op))
    for key, touching in touched.items():
        applet = after.applets.get(key)
        if applet is None:
            continue
        was = before.applets.get(key)
        kind = register.get(applet["type"])
        placed = next((i for i, op in touching if op.op == "place"), None)
        if placed is not None and kind is None and not known("applet", key):
            words = f"There is no applet type {applet['type']!r}."
            yield FieldError(dotted("operations", placed, "applet", "type"), "unknown_type", words, key)
            continue
        if placed is not None and kind is not None and applet["settings_version"] > kind.version:
            words = f"{kind.title} knows settings up to version {kind.version}."
            yield FieldError(dotted("operations", placed, "applet", "settings_version"), "too_new", words, key)
            continue
        settings = lifted(applet)
        same = was is not None and was["type"] == applet["type"]
        old = {(e["loc"], e["type"]) for e in settings_errors(was["type"], lifted(was))} if was and same else set()
        new = [e for e in settings_errors(applet["type"], settings) if (e["loc"], e["type"]) not in old]
        for error in new:
            path = _blame(touching, _names(settings, error["loc"]), error["loc"])
            yield FieldError(path, error["type"], plain(error), key, dotted(*error["loc"]))
        if not new and len(json.dumps(applet["settings"])) > MOST_SETTINGS:
            words = f"The settings of one applet may have at most {MOST_SETTINGS // 1024} KiB."
            yield FieldError(_blame(touching, ()), "too_large", words, key)


def _judge_exits(before: Drawing, after: Drawing, operations: list[Any], known: Known) -> Iterator[FieldError]:
    for source, exit in after.wires:
        if (source, exit) in before.wires:
            continue
        applet = after.applets[source]
        kind = register.get(applet["type"])
        if kind is None or any(drawn.name == exit for drawn in kind.drawn_exits(lifted(applet))):
            continue
        if known("wire", f"{source} {exit}"):
            continue
        index = next(
            i
            for i, op in reversed(list(enumerate(operations)))
            if op.op == "wire" and (str(op.source), op.exit) == (source, exit)
        )
        words = f"{applet['name'] or kind.title} has no exit {exit!r}."
        yield FieldError(dotted("operations", index, "exit"), "unknown_exit", words, source)


def _names(settings: Any, loc: tuple[str | int, ...]) -> tuple[str, ...]:
    """An error's place as an operation's path would name it: items by their id."""
    names: list[str] = []
    node = settings
    for part in loc:
        if isinstance(part, int) and isinstance(node, list) and part < len(node):
            node = node[part]
            names.append(str(node["id"]) if isinstance(node, dict) and node.get("id") else str(part))
        else:
            node = node.get(part) if isinstance(node, dict) else None
            names.append(str(part))
    return tuple(names)


def _blame(touching: list[tuple[int, Any]], names: tuple[str, ...], loc: tuple[str | int, ...] = ()) -> str:
    """Path in the request of the operation that brought an error: the last one that names its place, a part of the way
    there, or something below it, else the last one that touched the applet."""
    for index, op in reversed(touching):
        if op.op == "place":
            return dotted("operations", index, "applet", "settings", *loc)
        shared = min(len(op.path), len(names)) if names else len(op.path)
        if tuple(op.path[:shared]) == names[:shared]:
            return dotted("operations", index, "value", *loc[len(op.path) :])
    index, op = touching[-1]
    return dotted("operations", index, "value")
