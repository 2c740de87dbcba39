"""`manage.py demo`: the demo account with its plan, numbers and keys. A second run changes nothing."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from designer.sandbox.loading import load


class Command(BaseCommand):
    help = "Load the demo account Harbour Water with its plan Pay your water bill."

    def handle(self, *args: Any, **options: Any) -> None:
        load(self.stdout.write)
        if not settings.SANDBOX:
            self.stderr.write("SANDBOX is off: the demo plan's web services do not answer on this server.")
