"""`manage.py run`: brings the embedded install up to date, loads the demo account once, and serves it."""

from __future__ import annotations

import os
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from designer.embedded import Busy, listen, only_one, serve


class Command(BaseCommand):
    help = "Start the embedded install: web server, workers and sweeper in one process."
    requires_system_checks: list[str] = []  # the checks run below, once the folder is ours

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--port", type=int, default=settings.PORT)
        parser.add_argument("--host", default="127.0.0.1")

    def handle(self, *args: Any, port: int, host: str, **options: Any) -> None:
        if not settings.EMBEDDED:
            raise CommandError(
                "DATABASE_URL or REDIS_URL is set: start `make web` and `make workers`, or unset both for the embedded "
                "install."
            )
        if str(port) != os.environ.get("PORT", str(settings.PORT)):
            raise CommandError(f"Set PORT={port} in the environment as well: addresses are made from it.")
        try:
            server = listen(host, port)
            with only_one(settings.VAR_DIR), server:
                self._say("    database")
                call_command("migrate", interactive=False, verbosity=0)
                self._say("    demo account")
                call_command("demo", verbosity=0)
                serve(server, lambda: self._welcome(host, port))
        except Busy as trouble:
            raise CommandError(str(trouble)) from trouble
        self._say("Stopped.")

    def _welcome(self, host: str, port: int) -> None:
        from callplans.models import Member, Role
        from callplans.signin import make_link

        owner = Member.objects.filter(role=Role.OWNER).select_related("user").order_by("created").first()
        self._say("")
        self._say(self.style.SUCCESS(f"Ready at {settings.PUBLIC_BASE_URL}"))
        if owner:
            self._say(f"Sign in (good once, for 12 hours): {self.style.SUCCESS(make_link(owner.user))}")
        self._say("Another link: .venv/bin/python manage.py signin. Stop with Ctrl+C; your data stays in var/.")

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()
