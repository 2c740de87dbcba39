"""What is wrong with a plan, in plain words, with the applet, the field and, where there is one, a quick fix.

`fields` and `graph` find the facts; `drawing`, `data` and `payment` judge them; `words` says it.
"""

from __future__ import annotations

from collections.abc import Iterator

from callplans.engine.checks.problem import Capabilities, Fix, Grade, Problem, World
from callplans.engine.plan import Plan

__all__ = ["Capabilities", "Fix", "Grade", "Problem", "World", "check_plan"]


def check_plan(plan: Plan, world: World) -> list[Problem]:
    """Every problem: those of the plan as a whole first, errors before warnings, then as a call meets the applets."""
    # Applets import this package for `Problem`; what judges them is imported when it is needed.
    from callplans.engine.checks import data, drawing, payment
    from callplans.engine.checks.graph import Graph

    graph = Graph(plan)

    def found() -> Iterator[Problem]:
        yield from drawing.beginning(graph)
        yield from drawing.types(graph)
        yield from drawing.names(graph)
        yield from drawing.wires(graph)
        yield from drawing.loops(graph)
        yield from drawing.after_hang_up(graph)
        names = data.Names(graph, world)
        yield from payment.payment(graph, names, world)
        yield from data.secrets(graph, world)
        yield from data.unset(graph, names)
        yield from data.sealed_spoken(graph, names)
        yield from data.status_ignored(graph, names)
        yield from data.spelling(graph, names)
        yield from data.dialled_number(graph)
        yield from drawing.unreachable(graph)
        yield from drawing.open_exits(graph)

    problems = list(found())
    # On the way to a payment the same input is told of once, with its fixes.
    told = {("many_digits_unsecured", p.applet) for p in problems if p.code == "payment_long_input"}
    problems = [p for p in problems if (p.code, p.applet) not in told]
    last = len(graph.order)
    return sorted(
        problems, key=lambda p: (p.grade != "error", -1 if p.applet is None else graph.order.get(p.applet, last))
    )
