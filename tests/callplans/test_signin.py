"""Links that sign in once."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.utils import timezone

from callplans.models import SignInLink
from callplans.signin import make_link, peek_link, use_link
from tests.callplans.people import People


def token(link: str) -> str:
    return link.rsplit("/", 1)[1]


def test_good_once(people: People) -> None:
    link = make_link(people.owner)
    assert link.startswith(f"{settings.PUBLIC_BASE_URL}/signin/")
    assert peek_link(token(link)) == people.owner
    assert peek_link(token(link)) == people.owner
    assert use_link(token(link)) == people.owner
    assert use_link(token(link)) is None
    assert peek_link(token(link)) is None


def test_only_a_hash_is_stored(people: People) -> None:
    link = make_link(people.owner)
    assert token(link) not in str(list(SignInLink.objects.values()))


def test_twelve_hours(people: People) -> None:
    link = make_link(people.owner)
    made = SignInLink.objects.get()
    assert timedelta(hours=11, minutes=59) < made.expires - timezone.now() <= timedelta(hours=12)
    SignInLink.objects.update(expires=timezone.now() - timedelta(seconds=1))
    assert use_link(token(link)) is None


@pytest.mark.parametrize("wrong", ["", "x", "\ud800", "é" * 1000])
def test_wrong_tokens(people: People, wrong: str) -> None:
    make_link(people.owner)
    assert use_link(wrong) is None


def test_those_who_may_not_sign_in(people: People) -> None:
    link = make_link(people.owner)
    people.owner.is_active = False
    people.owner.save()
    assert use_link(token(link)) is None


def test_old_links_are_swept_away(people: People) -> None:
    make_link(people.owner)
    SignInLink.objects.update(expires=timezone.now() - timedelta(days=2))
    make_link(people.owner)
    assert SignInLink.objects.count() == 1


class TestCommand:
    def test_the_owner_by_default(self, people: People) -> None:
        people.stranger.memberships.all().delete()
        out = StringIO()
        call_command("signin", stdout=out)
        assert use_link(token(out.getvalue().strip())) == people.owner

    def test_somebody_by_name(self, people: People) -> None:
        out = StringIO()
        call_command("signin", "viewer", stdout=out)
        assert use_link(token(out.getvalue().strip())) == people.viewer
        with pytest.raises(CommandError, match="nobody"):
            call_command("signin", "nobody")

    def test_before_there_is_an_account(self, db: None) -> None:
        with pytest.raises(CommandError, match="demo"):
            call_command("signin")
