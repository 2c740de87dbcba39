"""`manage.py rotate_secrets`: encrypt everything with the first of ENCRYPTION_KEYS."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from callplans.rotation import rotate


class Command(BaseCommand):
    help = "Encrypt all stored secrets with the first of ENCRYPTION_KEYS; afterwards the older keys may be removed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--count", action="store_true", help="only count, change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        done = rotate(only_count=options["count"])
        would = "would be " if options["count"] else ""
        self.stdout.write(f"{done.changed} {would}encrypted again, {done.current} already with the first key.")
        if done.unreadable:
            listed = "\n  ".join(done.unreadable[:20])
            raise CommandError(f"{len(done.unreadable)} cannot be opened with any of the keys:\n  {listed}")
