"""The plan as a graph: edges that a call can take, who reaches whom, and facts that flow along the edges."""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from heapq import heapify, heappop, heappush

from callplans.engine.applet import DrawnExit, ExitKind
from callplans.engine.checks.fields import Facts
from callplans.engine.plan import Plan

# Waits that ask the caller. A dial asks too, but only where it came about: not by a failure exit.
ASKS = frozenset(("Gather", "Record"))

_SORRY = re.compile(r"\b(sorry|apolog\w*|unfortunately|cannot|can't|not able|unable)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Edge:
    source: str
    exit: str
    label: str
    kind: ExitKind
    target: str


class Graph:
    """Applets by key, their exits, and the edges between them. `order`: place of each applet, as a call meets them."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.facts = {key: Facts(placed) for key, placed in plan.applets.items()}
        self.exits = {key: self._exits(facts) for key, facts in self.facts.items()}
        self.out: dict[str, list[Edge]] = {key: [] for key in self.facts}
        self.into: dict[str, list[Edge]] = {key: [] for key in self.facts}
        for key, exits in self.exits.items():
            for exit in exits:
                target = plan.target(key, exit.name)
                if target in self.facts:
                    edge = Edge(key, exit.name, exit.label, exit.kind, target)
                    self.out[key].append(edge)
                    self.into[target].append(edge)
        self.initial = plan.initial if plan.initial in self.facts else None
        self.hangup = plan.hangup if plan.hangup in self.facts else None
        self.from_initial = self.reached([self.initial] if self.initial else [])
        self.from_hangup = self.reached([self.hangup] if self.hangup else [])
        self.rank = self._ranks()
        met = list(dict.fromkeys([*self.from_initial, *self.from_hangup, *self.facts]))
        self.order = {key: n for n, key in enumerate(met)}

    def _exits(self, facts: Facts) -> list[DrawnExit]:
        if facts.kind is not None:
            return facts.kind.drawn_exits(facts.placed.settings)
        # A type that is gone: its wires are what is known of its exits.
        return [DrawnExit(name, name, "normal") for name in self.plan.wires.get(facts.key, {})]

    def _ranks(self) -> dict[str, int]:
        """Places in an order in which, loops aside, every applet comes after those that lead to it."""
        left: list[str] = []
        seen: set[str] = set()
        for root in [key for key in (self.initial, self.hangup) if key] + list(self.facts):
            if root in seen:
                continue
            seen.add(root)
            work = [(root, iter(self.out[root]))]
            while work:
                key, edges = work[-1]
                edge = next((edge for edge in edges if edge.target not in seen), None)
                if edge is None:
                    left.append(key)
                    work.pop()
                else:
                    seen.add(edge.target)
                    work.append((edge.target, iter(self.out[edge.target])))
        return {key: n for n, key in enumerate(reversed(left))}

    @cached_property
    def names(self) -> set[str]:
        """The applets' names, case folded."""
        return {facts.name.strip().casefold() for facts in self.facts.values()}

    @cached_property
    def apologies(self) -> list[str]:
        """Applets to send a call to when something went wrong, the best one first: those that say sorry, then those
        that other failure exits lead to most."""
        led = Counter(edge.target for edges in self.out.values() for edge in edges if edge.kind == "failure")
        says = [
            key
            for key, facts in self.facts.items()
            if facts.family == "speak" and (_SORRY.search(facts.name) or _SORRY.search(_said(facts)))
        ]
        others = [key for key, _ in led.most_common(len(says) + 2) if key not in says]
        return sorted(says, key=lambda key: -led[key]) + others

    def reached(
        self, start: Iterable[str], stop: Callable[[str], bool] = lambda key: False, back: bool = False
    ) -> dict[str, None]:
        """The applets that can be reached from `start`, itself included, in the order met; `stop` ones are not left."""
        seen = dict.fromkeys(start)
        todo = deque(seen)
        while todo:
            key = todo.popleft()
            if stop(key):
                continue
            for edge in self.into[key] if back else self.out[key]:
                other = edge.source if back else edge.target
                if other not in seen:
                    seen[other] = None
                    todo.append(other)
        return seen

    def reachable(self, key: str) -> bool:
        """Whether a call can come here; everything counts while there is no initial applet."""
        return self.initial is None or key in self.from_initial or key in self.from_hangup

    def asks(self, edge: Edge) -> bool:
        """Whether the caller has been asked something when a call goes along here."""
        facts = self.facts[edge.source]
        return facts.kind is None or bool(facts.waits & ASKS) or ("Dial" in facts.waits and edge.kind == "normal")

    def flow(self, start: dict[str, int], along: Callable[[Edge, int], int], every: bool = False) -> dict[str, int]:
        """What holds on arriving at each applet that is reached from `start`, as bits: on some path, or on every one.

        `along` gives what holds behind an exit, from what holds on arriving at its applet. It goes in rounds, each from
        the beginning to the end: what a loop brings back waits for the next one, or a plan full of loops would take a
        hundred visits to each applet.
        """
        state = dict(start)
        todo = [(self.rank[key], key) for key in start]
        heapify(todo)
        later: list[tuple[int, str]] = []
        waiting = set(start)
        while todo or later:
            if not todo:
                todo, later = later, []
                heapify(todo)
            at, key = heappop(todo)
            waiting.discard(key)
            here = state[key]
            for edge in self.out[key]:
                bits = along(edge, here)
                before = state.get(edge.target)
                after = bits if before is None else (before & bits if every else before | bits)
                if after != before:
                    state[edge.target] = after
                    if edge.target not in waiting:
                        waiting.add(edge.target)
                        rank = self.rank[edge.target]
                        if rank > at:
                            heappush(todo, (rank, edge.target))
                        else:
                            later.append((rank, edge.target))
        return state

    def silent_loops(self) -> list[list[str]]:
        """Groups of applets a call can go round in without the caller being asked (strongly connected components)."""
        silent = {key: [e.target for e in edges if not self.asks(e)] for key, edges in self.out.items()}
        number: dict[str, int] = {}
        low: dict[str, int] = {}
        path: list[str] = []
        on_path: set[str] = set()
        loops: list[list[str]] = []
        for root in self.facts:
            if root in number:
                continue
            work: list[tuple[str, int]] = [(root, 0)]
            while work:
                key, at = work.pop()
                if key not in number:
                    number[key] = low[key] = len(number)
                    path.append(key)
                    on_path.add(key)
                for n in range(at, len(silent[key])):
                    target = silent[key][n]
                    if target not in number:
                        work += [(key, n), (target, 0)]
                        break
                    if target in on_path:
                        low[key] = min(low[key], low[target])
                else:
                    if low[key] == number[key]:
                        group = _tail(path, key)
                        del path[len(path) - len(group) :]
                        on_path.difference_update(group)
                        if len(group) > 1 or key in silent[key]:
                            loops.append(sorted(group, key=self.order.__getitem__))
        return loops


def _tail(path: list[str], key: str) -> list[str]:
    """The end of `path` from `key` on, found from the end: a long path must not be searched from its beginning."""
    at = len(path) - 1
    while path[at] != key:
        at -= 1
    return path[at:]


def _said(facts: Facts) -> str:
    return str(facts.at("prompt.text") or facts.at("text") or "")
