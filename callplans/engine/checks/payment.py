"""The pattern of self-service payment: start a payment, transfer, ask for the result, route on it. And what the
providers in reach cannot do for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from callplans.engine.checks.data import Names
from callplans.engine.checks.drawing import lead_to
from callplans.engine.checks.fields import Facts
from callplans.engine.checks.graph import Edge, Graph
from callplans.engine.checks.problem import Fix, Problem, World
from callplans.engine.checks.words import problem
from callplans.engine.datasources import parse

MOST_OPEN_DIGITS = 12


def payment(graph: Graph, names: Names, world: World) -> Iterator[Problem]:
    """All of it; nothing for plans without a payment applet."""
    paying = [facts for key, facts in graph.facts.items() if facts.family == "pay" and key in names.must]
    if not paying:
        return
    before = graph.reached([facts.key for facts in paying], back=True)
    routed = {
        writer
        for key, facts in graph.facts.items()
        if facts.family == "route"
        for low in facts.reads
        for writer in names.setters(key, low)
    }
    for facts in paying:
        yield from _start(graph, names, world, facts)
        yield from _result(graph, routed, facts)
        yield from _lines(world, facts)
    yield from _retries(graph, names, paying)
    yield from _long_inputs(graph, before)
    yield from _recorded(graph, world, paying, before)


def _start(graph: Graph, names: Names, world: World, facts: Facts) -> Iterator[Problem]:
    """Number and CLID: set on every path, by a connector whose failure leads somewhere, to a payment line."""
    told: set[tuple[str, str]] = set()
    for name, path in facts.reading():
        if not names.is_set(facts.key, name):
            yield problem("payment_source_unset", facts.key, path, source=name)
        setters = names.setters(facts.key, name)
        if not setters and name.casefold() in {seed.casefold() for seed in graph.plan.seeds}:
            value = next(v for seed, v in graph.plan.seeds.items() if seed.casefold() == name.casefold())
            yield from _literal(world, facts.key, path, path or "", value)
        for key in setters:
            writer = graph.facts[key]
            if "Fetch" not in writer.waits:
                yield problem("payment_source_not_fetched", facts.key, path, source=name, writer=writer.name)
                yield from _written_literally(world, facts, path or "", writer, name)
                continue
            for exit in graph.exits[key]:
                if (
                    exit.kind == "failure"
                    and graph.plan.target(key, exit.name) is None
                    and (key, exit.name) not in told
                ):
                    told.add((key, exit.name))
                    fixes = lead_to(graph, key, exit.name)
                    fix = fixes[0] if fixes else None
                    yield problem(
                        "payment_start_failure", key, exit=exit.name, fix=fix, name=writer.name, label=exit.label
                    )


def _written_literally(world: World, facts: Facts, role: str, writer: Facts, name: str) -> Iterator[Problem]:
    for use in writer.uses:
        if use.kind in ("write", "slot") and use.source.casefold() == name.casefold():
            beside = writer.beside(use.path)
            value = beside.get("value", beside.get("text"))
            prefix = use.path.rpartition(".")[0]
            path = ".".join(filter(None, (prefix, "value" if "value" in beside else "text")))
            if isinstance(value, str) and all(isinstance(part, str) for part in parse(value)):
                yield from _literal(world, writer.key, path, role, value)


def _literal(world: World, key: str, path: str | None, role: str, value: str) -> Iterator[Problem]:
    """A number typed into the plan is known now: it must be a payment line, or a caller id of one."""
    if role == "clid":
        if not any(value in ids for ids in world.payment_lines.values()):
            yield problem("payment_not_a_clid", key, path, number=value)
    elif value not in world.payment_lines:
        yield problem("payment_not_a_line", key, path, number=value)


def _result(graph: Graph, routed: set[str], facts: Facts) -> Iterator[Problem]:
    """Behind the transfer a connector asks for the result, and a router reads one of its values."""
    ways = [exit for exit in graph.exits[facts.key] if exit.kind == "normal"]
    targets = [edge.target for edge in graph.out[facts.key] if edge.kind == "normal"]

    def ends(key: str) -> bool:
        return "Fetch" in graph.facts[key].waits or graph.facts[key].family == "pay"

    asking = [key for key in graph.reached(targets, stop=ends) if "Fetch" in graph.facts[key].waits]
    if not asking:
        exit = ways[0] if ways else None
        yield problem(
            "payment_result_not_fetched", facts.key, exit=exit.name if exit else None, label=exit.label if exit else ""
        )
        return
    if not any(key in routed for key in asking):
        yield problem("payment_result_not_routed", asking[0], name=graph.facts[asking[0]].name)


def _retries(graph: Graph, names: Names, paying: list[Facts]) -> Iterator[Problem]:
    """A way from the transfer back to it that starts no new payment."""
    bit = {facts.key: 1 << n for n, facts in enumerate(paying)}
    renews: dict[str, int] = {}
    for facts in paying:
        for low in facts.reads:
            for writer in names.writers.get(low, ()):
                if "Fetch" in graph.facts[writer].waits:
                    renews[writer] = renews.get(writer, 0) | bit[facts.key]

    def along(edge: Edge, here: int) -> int:
        renewed = renews.get(edge.source, 0) if edge.kind != "failure" else 0
        return here & ~renewed | bit.get(edge.source, 0)

    start = {key: 0 for key in (graph.initial, graph.hangup) if key}
    fixes = 0
    perhaps, surely = graph.flow(start, along), graph.flow(start, along, every=True)
    for facts in paying:
        mine = bit[facts.key]
        writers = [
            key
            for key in dict.fromkeys(w for low in sorted(facts.reads) for w in names.setters(facts.key, low))
            if renews.get(key, 0) & mine
        ]
        if not writers or not perhaps.get(facts.key, 0) & mine:
            continue
        joining = _joining(graph, facts.key, surely, along, mine, renews) if len(writers) == 1 and fixes < 20 else []
        fixes += 1
        fix = None
        if joining:
            label = f"Lead it to “{graph.facts[writers[0]].name}”"
            operations = [{"op": "wire", "source": e.source, "exit": e.exit, "target": writers[0]} for e in joining]
            fix = Fix(label, operations)
        yield problem("payment_retry", facts.key, fix=fix, writer=graph.facts[writers[0]].name)


def _joining(
    graph: Graph, pay: str, surely: dict[str, int], along: Callable[[Edge, int], int], mine: int, renews: dict[str, int]
) -> list[Edge]:
    """Where a way that only second attempts take joins that of the first ones: what must be led elsewhere."""
    leading = graph.reached([pay], stop=partial(_renews, renews, mine), back=True)
    return [
        edge
        for key in leading
        if key == pay or not (surely.get(key, 0) | renews.get(key, 0)) & mine
        for edge in graph.into[key]
        if edge.source in surely and along(edge, surely[edge.source]) & mine
    ]


def _renews(renews: dict[str, int], bits: int, key: str) -> bool:
    return bool(renews.get(key, 0) & bits)


def _long_inputs(graph: Graph, before: dict[str, None]) -> Iterator[Problem]:
    """Inputs long enough for a card number, kept openly, on the way to a payment."""
    for key in before:
        facts = graph.facts[key]
        most = facts.at("most")
        if "Gather" not in facts.waits or not isinstance(most, int) or most <= MOST_OPEN_DIGITS or facts.at("secure"):
            continue
        operations = [facts.set("secure", True)]
        if not facts.at("source"):  # what is collected securely needs a data source in the place of a slot
            operations.append(facts.set("source", f"IVRSlot|{facts.at('slot') or facts.name}"))
        fewer = Fix(f"Take at most {MOST_OPEN_DIGITS} digits", [facts.set("most", MOST_OPEN_DIGITS)])
        yield problem(
            "payment_long_input", key, "secure", fix=Fix("Collect securely", operations), also=[fewer], most=most
        )


def _lines(world: World, facts: Facts) -> Iterator[Problem]:
    """Payment lines: none at all, or with caller ids that a connection cannot present."""
    if not world.payment_lines:
        yield problem("payment_no_line", facts.key)
    for provider in world.providers:
        why = provider.can.get("present_any", "yes")
        for line, ids in world.payment_lines.items() if why != "yes" else ():
            foreign = set(ids) - set(provider.own_numbers)
            if foreign:
                yield problem(
                    "provider_clid", facts.key, connection=provider.connection, line=line, count=len(foreign),
                    why=why.rstrip(".") + ".",
                )  # fmt: skip


def _recorded(graph: Graph, world: World, paying: list[Facts], before: dict[str, None]) -> Iterator[Problem]:
    """A recording that may run while a card is keyed, at a provider that cannot pause it."""
    recorders = [graph.facts[key] for key in before if graph.facts[key].family == "record"]
    if not recorders:
        return
    for provider in world.providers:
        why = provider.can.get("pause_recording", "yes")
        if why != "yes" and provider.can.get("record", "yes") == "yes":
            for facts in paying:
                yield problem(
                    "provider_pause", facts.key, recorder=recorders[0].name, connection=provider.connection,
                    why=why.rstrip(".") + ".",
                )  # fmt: skip
