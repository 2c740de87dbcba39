"""What is wrong with the drawing itself: where it begins, what leads where, what is not filled in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from callplans.engine.applet import Applet
from callplans.engine.checks.graph import Graph
from callplans.engine.checks.problem import Fix, Problem
from callplans.engine.checks.words import problem


def beginning(graph: Graph) -> Iterator[Problem]:
    """An initial applet there is none of; initial and hang-up applets that are gone."""
    plan = graph.plan
    if not plan.applets:
        yield problem("empty_plan")
        return
    if graph.initial is None:
        first = min(plan.applets.values(), key=lambda placed: (bool(graph.into[placed.key]), placed.x, placed.y))
        fix = Fix(f"Begin with “{first.name}”", [{"op": "set_plan", "field": "initial", "value": first.key}])
        yield problem("initial_gone" if plan.initial else "no_initial", fix=fix)
    if plan.hangup and graph.hangup is None:
        fix = Fix("No hang-up applet", [{"op": "set_plan", "field": "hangup", "value": None}])
        yield problem("hangup_gone", fix=fix)


def names(graph: Graph) -> Iterator[Problem]:
    """Applets without a name, or with another one's."""
    taken = set(graph.names)
    seen: set[str] = set()
    for key, facts in graph.facts.items():
        name = facts.name.strip()
        if name and name.casefold() not in seen:
            seen.add(name.casefold())
            continue
        base = name or (facts.kind.title if facts.kind else "Applet")
        free = next(
            new for n in range(2 if name else 1, len(taken) + 3) if (new := f"{base} {n}").casefold() not in taken
        )
        taken.add(free.casefold())
        fix = Fix(f"Call it “{free}”", [{"op": "rename", "key": key, "name": free}])
        yield problem("same_name", key, fix=fix, name=name) if name else problem("no_name", key, fix=fix)


def types(graph: Graph) -> Iterator[Problem]:
    """Types that are gone, settings that are incomplete, and what each type knows of itself."""
    for key, facts in graph.facts.items():
        placed, kind = facts.placed, facts.kind
        if kind is None:
            fix = Fix("Remove it", [{"op": "remove", "key": key}])
            yield problem("unknown_type", key, fix=fix, name=facts.name, type=placed.type)
        elif placed.applet is not None:
            for own in placed.applet.check():
                own.applet = own.applet or key
                yield own
        else:
            lacking = list(_lacking(kind, placed.settings))
            for path, words in lacking:
                yield problem("incomplete", key, field=path, what=words)
            if not lacking:
                yield problem("incomplete", key, what=placed.trouble or "It cannot run.")


def _lacking(kind: type[Applet[Any]], settings: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """(path, words) of each field that is missing or wrong."""
    try:
        kind.Settings.model_validate(settings)
    except ValidationError as error:
        for one in error.errors(include_url=False, include_input=False):
            yield from _told(kind.Settings, one["loc"], one["type"], one["msg"], one.get("ctx", {}))


def _told(
    model: type[BaseModel], loc: tuple[int | str, ...], code: str, message: str, ctx: dict[str, Any]
) -> Iterator[tuple[str, str]]:
    titles: list[str] = []
    here: type[BaseModel] | None = model
    section = False
    for step in loc:
        if isinstance(step, int):
            titles.append(str(step + 1))
        elif here is not None and step in here.model_fields:
            field = here.model_fields[step]
            titles.append(field.title or step)
            parts = (field.annotation, *get_args(field.annotation))
            here = next((p for p in parts if isinstance(p, type) and issubclass(p, BaseModel)), None)
            section = here is field.annotation
    path, title = ".".join(map(str, loc)), " ".join(titles) or "Settings"
    if code == "missing" and here is not None and section:  # a whole section: its own fields say it better
        for name, field in here.model_fields.items():
            if field.is_required():
                yield f"{path}.{name}", f"“{title}: {field.title or name}” is not filled in."
        return
    least = ctx.get("min_length")
    if code in ("missing", "string_too_short") or (code == "too_short" and not ctx.get("field_type")):
        yield path, f"“{title}” is not filled in."
    elif code == "too_short":
        yield path, f"“{title}” needs at least {least}."
    else:
        yield path, f"“{title}”: {message.rstrip('.')}."


def wires(graph: Graph) -> Iterator[Problem]:
    """Wires whose exit or whose applet is gone."""
    plan = graph.plan
    for source, wired in plan.wires.items():
        facts = graph.facts.get(source)
        declared = {exit.name for exit in graph.exits.get(source, [])}
        for exit, target in wired.items():
            fix = Fix("Remove the wire", [{"op": "unwire", "source": source, "exit": exit}])
            if facts is None or (target is not None and target not in graph.facts):
                yield problem("broken_wire", source if facts else None, exit=exit, fix=fix)
            elif exit not in declared:
                yield problem("orphan_wire", source, exit=exit, fix=fix, name=facts.name, label=exit)


def unreachable(graph: Graph) -> Iterator[Problem]:
    """Applets no call can come to."""
    for key, facts in graph.facts.items():
        if not graph.reachable(key):
            fix = Fix("Remove it", [{"op": "remove", "key": key}])
            yield problem("unreachable", key, fix=fix, name=facts.name)


def open_exits(graph: Graph) -> Iterator[Problem]:
    """Exits without a wire that do not end by nature; failure exits first."""
    for key in graph.facts:
        if not graph.reachable(key):
            continue
        for exit in sorted(graph.exits[key], key=lambda exit: exit.kind != "failure"):
            if exit.kind == "end" or graph.plan.wired(key, exit.name):
                continue
            meant = Fix("Meant to end here", [{"op": "wire", "source": key, "exit": exit.name, "target": None}])
            fixes = [meant]
            if exit.kind == "failure":
                fixes = [*lead_to(graph, key, exit.name), meant]
            yield problem("open_exit", key, exit=exit.name, fix=fixes[0], also=fixes[1:], label=exit.label)


def lead_to(graph: Graph, key: str, exit: str) -> list[Fix]:
    """The fix that wires an exit to the best apologetic applet but itself, if there is one."""
    for other in graph.apologies:
        if other != key:
            operation = {"op": "wire", "source": key, "exit": exit, "target": other}
            return [Fix(f"Send to “{graph.facts[other].name}”", [operation])]
    return []


def loops(graph: Graph) -> Iterator[Problem]:
    """Rounds in which the caller is never asked anything."""
    for group in graph.silent_loops():
        shown = ", ".join(f"“{graph.facts[key].name}”" for key in group[:4])
        more = f" and {len(group) - 4} more" if len(group) > 4 else ""
        yield problem("silent_loop", group[0], names=shown + more)


def after_hang_up(graph: Graph) -> Iterator[Problem]:
    """Applets that need the caller where nobody is on the line."""
    for key in graph.from_hangup:
        facts = graph.facts[key]
        waits = facts.kind.uses if facts.kind else ()
        if key not in graph.from_initial and waits and all(wait.needs_caller for wait in waits):
            yield problem("hangup_needs_caller", key, name=facts.name)
