"""Which plan answers a number."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from callplans import drafts
from callplans.models import Connection, Destination, Mapping, Plan
from callplans.routing import Route, resolve
from tests.callplans.people import People, op, publishable

NUMBER, CALLER = "+441632960100", "+447700900123"


@pytest.fixture
def connection(people: People) -> Connection:
    return Connection.objects.create(account=people.account, provider="vonage", name="Vonage")


@pytest.fixture
def destination(people: People, connection: Connection) -> Destination:
    return Destination.objects.create(account=people.account, connection=connection, address=NUMBER, name="Payments")


def published(people: People, name: str) -> Plan:
    plan = publishable(people, name)
    drafts.publish(plan, people.owner)
    return plan


def mapping(people: People, destination: Destination, plan: Plan, **fields: object) -> Mapping:
    made = Mapping.objects.create(account=people.account, live_plan=plan, **fields)
    made.destinations.add(destination)
    return made


def found(connection: Connection, clid: str | None = CALLER) -> Route:
    route = resolve(connection, NUMBER, clid)
    assert route is not None
    return route


def test_the_live_plan_answers(people: People, connection: Connection, destination: Destination) -> None:
    plan = published(people, "Water")
    made = mapping(people, destination, plan)
    route = found(connection)
    assert (route.plan_id, route.plan_version_id, route.test) == (plan.pk, plan.live_id, False)
    assert (route.destination, route.mapping) == (destination, made)


def test_nothing_answers(people: People, connection: Connection, destination: Destination) -> None:
    assert resolve(connection, NUMBER, CALLER) is None
    mapping(people, destination, publishable(people, "Never published"))
    assert resolve(connection, NUMBER, CALLER) is None
    assert resolve(connection, "+441632960199", CALLER) is None
    assert resolve(connection, "", None) is None


def test_other_connections_and_other_accounts(people: People, connection: Connection, destination: Destination) -> None:
    plan = published(people, "Water")
    mapping(people, destination, plan)
    second = Connection.objects.create(account=people.account, provider="vonage", name="Second")
    theirs = Connection.objects.create(account=people.other_account, provider="vonage", name="Theirs")
    assert resolve(second, NUMBER, CALLER) is None
    destination.connection = None
    destination.save()
    assert found(second).plan_id == plan.pk
    assert resolve(theirs, NUMBER, CALLER) is None


def test_the_highest_priority_counts(people: People, connection: Connection, destination: Destination) -> None:
    low, high = published(people, "Low"), published(people, "High")
    mapping(people, destination, high, priority=10_000)
    mapping(people, destination, low, priority=9_999)
    assert found(connection).plan_id == high.pk


def test_at_a_tie_the_one_modified_last(people: People, connection: Connection, destination: Destination) -> None:
    one, two = published(people, "One"), published(people, "Two")
    first = mapping(people, destination, one, priority=5)
    mapping(people, destination, two, priority=5)
    Mapping.objects.filter(pk=first.pk).update(modified=timezone.now() - timedelta(hours=1))
    assert found(connection).plan_id == two.pk
    first.save()
    assert found(connection).plan_id == one.pk


def test_listed_callers_reach_the_test_plan(people: People, connection: Connection, destination: Destination) -> None:
    live, test = published(people, "Live"), published(people, "Test")
    mapping(people, destination, live, test_plan=test, sources=[CALLER])
    assert (found(connection).plan_id, found(connection).test) == (test.pk, True)
    for clid in ("+447700900124", None):
        assert (found(connection, clid).plan_id, found(connection, clid).test) == (live.pk, False)
    Mapping.objects.update(test_plan=None)
    assert (found(connection).plan_id, found(connection).test) == (live.pk, False)


def test_seeds_of_destination_before_mapping_before_plan(
    people: People, connection: Connection, destination: Destination
) -> None:
    def seeds(**values: str) -> list[dict[str, str]]:
        return [{"id": name, "name": name, "value": value} for name, value in values.items()]

    plan = publishable(people, "Water")
    drafts.apply(
        plan, people.owner, 1, [op("set_plan", field="seeds", value=seeds(brand="plan", Desk="plan", Only="plan"))]
    )
    drafts.publish(plan, people.owner)
    destination.seeds = seeds(Brand="destination")
    destination.save()
    mapping(people, destination, plan, seeds=seeds(BRAND="mapping", desk="mapping"))
    assert found(connection).seeds == {"Brand": "destination", "desk": "mapping", "Only": "plan"}


def test_it_costs_two_questions(
    people: People, connection: Connection, destination: Destination, django_assert_num_queries: object
) -> None:
    mapping(people, destination, published(people, "Water"))
    with django_assert_num_queries(2):  # type: ignore[operator]  # pytest-django's
        found(connection)
