"""`manage.py signin [user]`: print a link that signs a person in once."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser

from callplans.models import Member
from callplans.signin import make_link


class Command(BaseCommand):
    help = "Print a link that signs a person in once, within twelve hours."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("user", nargs="?", help="user name or e-mail; left out: the first account's owner")

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(make_link(self.person(options["user"])))

    def person(self, wanted: str | None) -> Any:
        users = get_user_model()._default_manager.filter(is_active=True)
        if wanted:
            found = list((users.filter(username=wanted) | users.filter(email__iexact=wanted))[:2])
            if len(found) != 1:
                raise CommandError(f"{'No' if not found else 'More than one'} active user is called {wanted!r}.")
            return found[0]
        owner = Member.objects.filter(role="owner", user__is_active=True).select_related("user").first()
        if owner is None:
            raise CommandError("There is no account yet: `manage.py demo` makes the demo account.")
        return owner.user
