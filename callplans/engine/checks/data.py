"""What is wrong with data sources and settings: read before they are set, spelled differently, not there, and
answers of web services used without a look at their status code."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any
from uuid import UUID, uuid5

from callplans.engine.applet import register
from callplans.engine.checks.fields import Facts, Use, renamed
from callplans.engine.checks.graph import Edge, Graph
from callplans.engine.checks.problem import Fix, Problem, World
from callplans.engine.checks.words import problem

ALWAYS = ("CallGuid", "CLID", "DialledNumber")
STATUS = "response.status_destination"
_SPACE = UUID("0c7a2c1f-8d55-4c0e-9b9e-3f0f5b7f2a6d")


class Names:
    """Who sets which data source, and what holds where. Names are compared without regard to case.

    `must`: on arriving at an applet, set on every path; `may`: definitions (writer, name) that can still hold there.
    """

    def __init__(self, graph: Graph, world: World) -> None:
        self.graph = graph
        self.guesses = 0
        self.spelled: dict[str, str] = {}
        for name in (*ALWAYS, *graph.plan.seeds, *sorted(world.seeds)):
            self.spelled.setdefault(name.casefold(), name)
        self.begin = frozenset(self.spelled)
        met = sorted(graph.facts.values(), key=lambda facts: graph.order[facts.key])
        self.writers: dict[str, list[str]] = {}
        for facts in met:
            for low, name in facts.writes.items():
                self.spelled.setdefault(low, name)
                self.writers.setdefault(low, []).append(facts.key)
        self.bit = {low: 1 << n for n, low in enumerate(self.spelled)}
        self.definitions = [(key, low) for low, keys in self.writers.items() for key in keys]
        self._defined: dict[str, int] = {}
        self._of_name: dict[str, int] = {}
        for n, (key, low) in enumerate(self.definitions):
            self._defined[key] = self._defined.get(key, 0) | 1 << n
            self._of_name[low] = self._of_name.get(low, 0) | 1 << n
        self._sets = {key: self.bits(facts.writes) for key, facts in graph.facts.items()}
        self._kills = {key: sum(self._of_name[low] for low in facts.writes) for key, facts in graph.facts.items()}
        self.must = graph.flow(self._start(), self._set_along, every=True)
        self.may = graph.flow(dict.fromkeys(self._start(), 0), self._defined_along)

    def bits(self, lows: Any) -> int:
        found = 0
        for low in lows:
            found |= self.bit.get(low, 0)
        return found

    def _start(self) -> dict[str, int]:
        graph = self.graph
        start: dict[str, int] = {}
        begin = self.bits(self.begin)
        if graph.hangup:
            # The caller may hang up anywhere: what some applet before sets counts as perhaps set, not as a problem.
            for key in graph.from_initial:
                begin |= self._sets[key]
            start[graph.hangup] = begin
        if graph.initial:
            start[graph.initial] = self.bits(self.begin)
        return start

    def _set_along(self, edge: Edge, here: int) -> int:
        return here if edge.kind == "failure" else here | self._sets[edge.source]

    def _defined_along(self, edge: Edge, here: int) -> int:
        if edge.kind == "failure" or not self._kills[edge.source]:
            return here
        return here & ~self._kills[edge.source] | self._defined.get(edge.source, 0)

    def is_set(self, key: str, name: str) -> bool:
        """Whether the data source is set on every path to this applet."""
        low = name.casefold()
        return low in self.bit and bool(self.must.get(key, 0) & self.bit[low])

    def setters(self, key: str, name: str) -> list[str]:
        """The applets whose value of it can be there on arriving at this one."""
        found = self.may.get(key, 0) & self._of_name.get(name.casefold(), 0)
        return [writer for writer in self.writers.get(name.casefold(), ()) if found & self._defined[writer]]

    def lacking(self, key: str, name: str) -> Edge | None:
        """An edge by which a call can come here without it."""
        bit = self.bit.get(name.casefold(), 0)
        for edge in self.graph.into[key]:
            if edge.source in self.must and not self._set_along(edge, self.must[edge.source]) & bit:
                return edge
        return None


def unset(graph: Graph, names: Names) -> Iterator[Problem]:
    """Data sources read where nothing, or not every path, has set them. Payment applets have their own check."""
    for key in names.must:
        facts = graph.facts[key]
        for name, path in () if facts.family == "pay" else facts.reading():
            if names.is_set(key, name):
                continue
            if name.casefold() not in names.spelled:
                yield _never_set(facts, name, path, names)
            elif not _asks_whether_null(facts, path):
                edge = names.lacking(key, name)
                if edge is None:
                    yield problem("unset_at_start", key, path, source=name)
                else:
                    before = graph.facts[edge.source].name
                    yield problem("maybe_unset", key, path, source=name, before=before, label=edge.label)


def _never_set(facts: Facts, name: str, path: str | None, names: Names) -> Problem:
    fixes = []
    use = _use(facts, name, path)
    names.guesses += 1  # looking for what was meant takes long: a few times it helps, hundreds of times it does not
    for low in get_close_matches(name.casefold(), names.spelled, 1, 0.8) if use and names.guesses <= 20 else ():
        fixes.append(_respell(facts, use, names.spelled[low]))
    return problem("never_set", facts.key, path, fix=fixes[0] if fixes else None, source=name)


def _asks_whether_null(facts: Facts, path: str | None) -> bool:
    """A rule that asks whether it is null expects that it may be."""
    return path is not None and str(facts.beside(path).get("operator", "")) in ("is_null", "is_not_null")


def _use(facts: Facts, name: str, path: str | None) -> Use | None:
    return next((use for use in facts.uses if use.path == path and use.source == name), None)


def _respell(facts: Facts, use: Use | None, name: str) -> Fix:
    if use is None:
        raise ValueError(name)
    return Fix(f"Write $({name})", [facts.set(use.path, renamed(use, name))])


def spelling(graph: Graph, names: Names) -> Iterator[Problem]:
    """The same name in different cases."""
    for facts in graph.facts.values():
        for use in facts.uses:
            if use.kind in ("secret", "stray"):
                continue
            usual = names.spelled.setdefault(use.source.casefold(), use.source)
            if usual != use.source and (use.kind != "slot" or usual.startswith(use.source[:8])):
                fix = _respell(facts, use, usual)
                yield problem("spelling", facts.key, use.path, fix=fix, source=use.source, other=usual)


def dialled_number(graph: Graph) -> Iterator[Problem]:
    for facts in graph.facts.values():
        for name, path in facts.reading():
            if name.casefold() == "diallednumber":
                yield problem("dialled_number", facts.key, path)


def secrets(graph: Graph, world: World) -> Iterator[Problem]:
    """Settings that are not there, have no value, or stand where they do not work."""
    usable = {key.casefold() for key in world.secrets}
    empty = {key.casefold() for key in world.secrets_empty}
    for facts in graph.facts.values():
        for use in facts.uses:
            low = use.name.casefold()
            if use.kind == "stray":
                yield problem("secret_not_here", facts.key, use.path, secret=use.name)
            elif use.kind == "secret" and low in empty:
                yield problem("empty_secret", facts.key, use.path, secret=use.name)
            elif use.kind == "secret" and low not in usable:
                yield problem("unknown_secret", facts.key, use.path, secret=use.name)


def status_ignored(graph: Graph, names: Names) -> Iterator[Problem]:
    """Values of an answer used before a router has looked at its status code."""
    fetching = {key: facts for key, facts in graph.facts.items() if "Fetch" in facts.waits}
    status = {key: str(facts.at(STATUS) or "").casefold() for key, facts in fetching.items()}
    unchecked: list[tuple[str, str]] = [
        (key, low) for key, facts in fetching.items() for low in facts.writes if low != status[key]
    ]
    bit = {pair: 1 << n for n, pair in enumerate(unchecked)}
    made = {key: sum(bit[key, low] for low in facts.writes if low != status[key]) for key, facts in fetching.items()}
    of_name: dict[str, int] = {}
    of_status: dict[str, int] = {}
    for key, low in unchecked:
        of_name[low] = of_name.get(low, 0) | bit[key, low]
        if status[key]:
            of_status[status[key]] = of_status.get(status[key], 0) | bit[key, low]
    clears: dict[str, int] = {}
    for key, facts in graph.facts.items():
        clear = sum(of_name.get(low, 0) for low in facts.writes)
        if facts.family == "route":
            for low in facts.reads:
                clear |= of_status.get(low, 0)
        clears[key] = clear

    def along(edge: Edge, here: int) -> int:
        if edge.kind == "failure":
            return here
        return here & ~clears[edge.source] | made.get(edge.source, 0)

    start = {key: 0 for key in (graph.initial, graph.hangup) if key}
    told: set[str] = set()
    for key, here in graph.flow(start, along).items():
        facts = graph.facts[key]
        checked = clears[key] if facts.family == "route" else 0
        for low in facts.reads if here else ():
            for writer in names.setters(key, low):
                if writer not in told and here & bit.get((writer, low), 0) & ~checked:
                    told.add(writer)
                    fix = _look_at_status(graph, fetching[writer])
                    name = names.spelled[low]
                    yield problem("status_ignored", writer, STATUS, fix=fix, source=name, reader=facts.name)


def _look_at_status(graph: Graph, facts: Facts) -> Fix | None:
    """Put a Data Router on the status code right behind the connector; values that are not good go to an apology."""
    ways = [edge for edge in graph.out[facts.key] if edge.kind == "normal"]
    if len(ways) != 1 or register.get("data_router") is None:
        return None
    key, rule = str(uuid5(_SPACE, f"{facts.key}/router")), str(uuid5(_SPACE, f"{facts.key}/rule"))
    if key in graph.facts:
        return None
    operations: list[dict[str, Any]] = []
    status = str(facts.at(STATUS) or "")
    if not status:
        status = f"{facts.name} status"[:255]
        operations.append(facts.set(STATUS, status))
    settings = {
        "rules": [
            {"id": rule, "label": "Good", "source": status, "datatype": "number", "operator": "less", "value": "300"}
        ]
    }
    x, y = facts.placed.x + 150, facts.placed.y + 120
    placed = {
        "key": key, "type": "data_router", "name": _free(graph, f"{facts.name}: good answer?"), "settings": settings,
        "settings_version": 1, "x": x, "y": y,
    }  # fmt: skip
    operations += [
        {"op": "place", "applet": placed},
        {"op": "wire", "source": facts.key, "exit": ways[0].exit, "target": key},
        {"op": "wire", "source": key, "exit": f"rule:{rule}", "target": ways[0].target},
    ]
    for sorry in graph.apologies[:1]:
        operations.append({"op": "wire", "source": key, "exit": "no_match", "target": sorry})
    return Fix("Look at the status code first", operations)


def _free(graph: Graph, name: str) -> str:
    free = name
    n = 2
    while free.casefold() in graph.names:
        free, n = f"{name} {n}", n + 1
    return free


def sealed_spoken(graph: Graph, names: Names) -> Iterator[Problem]:
    """What was collected securely is never said: an applet that speaks it has nothing to say, or fails."""
    for key in names.must:
        facts = graph.facts[key]
        for name, path in facts.reading() if facts.family in ("speak", "ask") else ():
            for writer in names.setters(key, name):
                if graph.facts[writer].at("secure") is True:
                    yield problem("sealed_spoken", key, path, source=name, writer=graph.facts[writer].name)
                    break
