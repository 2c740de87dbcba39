"""Who may do what."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser

from callplans import access
from callplans.models import Secret
from tests.callplans.people import People, publishable

TABLE = {
    "owner": {"view", "edit", "publish", "call", "manage"},
    "editor": {"view", "edit", "publish", "call"},
    "viewer": {"view"},
    "stranger": set(),
}


@pytest.mark.parametrize("name", TABLE)
def test_the_table(people: People, name: str) -> None:
    user, plan = getattr(people, name), publishable(people)
    secret = Secret.objects.create(account=people.account, key="PayKey")
    for thing in (people.account, plan, plan.draft, secret):
        may = {action for action in access.MAY["owner"] if access.may(user, action, thing)}  # type: ignore[arg-type]  # all actions
        assert may == TABLE[name]


def test_nobody_and_those_who_left(people: People) -> None:
    assert not access.may(AnonymousUser(), "view", people.account)
    assert access.account_of(AnonymousUser()) is None
    people.owner.is_active = False
    assert not access.may(people.owner, "view", people.account)
    assert access.may(people.editor, "edit", people.account)
    people.editor.memberships.all().delete()
    assert not access.may(people.editor, "view", people.account)
    assert access.account_of(people.editor) is None


def test_an_unknown_role_may_nothing(people: People) -> None:
    people.viewer.memberships.update(role="caretaker")
    assert not access.may(people.viewer, "view", people.account)


def test_the_account_joined_first(people: People) -> None:
    people.stranger.memberships.create(account=people.account, role="viewer")
    assert access.account_of(people.stranger) == people.other_account
    assert access.may(people.stranger, "view", people.account)
    assert not access.may(people.stranger, "edit", people.account)
