"""Which plan answers: connection and number dialled -> destination -> mapping -> version. Asked when a call begins."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q

from callplans.models import Connection, Destination, Mapping
from callplans.plans import seeds_of


@dataclass(frozen=True, slots=True)
class Route:
    """Where a call goes. `seeds`: destination before mapping before plan; `test`: by the testing plan."""

    plan_id: UUID
    plan_version_id: UUID
    seeds: dict[str, str]
    destination: Destination
    mapping: Mapping
    test: bool


def resolve(connection: Connection, dialled: str, clid: str | None) -> Route | None:
    """The route of a call, or None: nothing is mapped to that number, or its plan has never been published.

    The mapping with the highest priority counts, at a tie the one modified last. Callers listed in its `sources`
    reach its test plan, all others its live plan.
    """
    destination = (
        Destination.objects.filter(Q(connection=connection) | Q(connection=None), account=connection.account_id)
        .filter(address=dialled)
        .first()
    )
    if destination is None:
        return None
    mapping = (
        destination.mappings.select_related("live_plan__live", "test_plan__live")
        .order_by("-priority", "-modified", "id")
        .first()
    )
    if mapping is None:
        return None
    test = mapping.test_plan is not None and clid is not None and clid in mapping.sources
    plan = mapping.test_plan if test and mapping.test_plan is not None else mapping.live_plan
    if plan.live is None:
        return None
    seeds = seeds_of(destination.seeds, mapping.seeds, plan.live.seeds)
    return Route(plan.pk, plan.live.pk, seeds, destination, mapping, test)
