"""`manage.py dial <number>`: a whole call from the terminal, over the webhooks that Vonage would send to the server."""

from __future__ import annotations

import re
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from callplans.models import Connection, Destination
from designer.sandbox.carrier import AGENTS, PAYMENTS, Account, Carrier, CarrierError, Moment, Script
from designer.sandbox.demo import CALLER, DESTINATION

SHOWN = {
    "said": "plan    ",
    "keyed": "caller  ",
    "silent": "caller  ",
    "connecting": "dials   ",
    "leg": "line    ",
    "payment": "payment ",
    "ended": "end     ",
}


class Command(BaseCommand):
    help = "Play a whole call to a destination over HTTP, as its provider would, and print it as it goes."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("number", help=f"destination to call, for example {DESTINATION}")
        parser.add_argument(
            "--keys",
            default="",
            help='what the caller keys each time the plan listens, separated by commas: "44170921#,1"; '
            'nothing between commas is silence, "hangup" puts the receiver down',
        )
        parser.add_argument(
            "--payment",
            default="paid",
            help=f"what happens on the payment line: {', '.join(PAYMENTS)}; several by commas, one for each visit",
        )
        parser.add_argument("--agent", default="answered", choices=AGENTS, help="how the other numbers answer")
        parser.add_argument("--clid", default=CALLER, help="the caller's number, or withheld")
        parser.add_argument("--base-url", default=settings.PUBLIC_BASE_URL, help="where the server runs")

    def handle(self, *args: Any, **options: Any) -> None:
        payments = [word.strip() for word in options["payment"].split(",")]
        if wrong := [word for word in payments if word not in PAYMENTS]:
            raise CommandError(f"--payment {wrong[0]!r} is not one of {', '.join(PAYMENTS)}.")
        keys = [word.strip() for word in options["keys"].split(",")] if options["keys"] else []
        if bad := [word for word in keys if not re.fullmatch(r"[0-9*#]*|hangup", word)]:
            raise CommandError(f"--keys {bad[0]!r}: a telephone has 0-9, * and #.")
        clid = None if options["clid"] == "withheld" else options["clid"]
        if clid is not None and not re.fullmatch(r"\+[1-9][0-9]{6,14}", clid):
            raise CommandError(f"--clid {clid!r} is no number like {CALLER}, and not withheld.")

        connection = self.connection(options["number"])
        account = Account(
            options["base_url"],
            str(connection.pk),
            connection.secrets["signature_secret"],
            connection.secrets.get("api_key", ""),
        )
        script = Script(keys, payments, options["agent"], clid)
        self.stdout.write(f"{clid or 'withheld'} calls {options['number']}")
        try:
            Carrier(account, options["number"], script, watch=self.show).play()
        except CarrierError as error:
            raise CommandError(str(error)) from None

    def connection(self, number: str) -> Connection:
        """The Vonage connection that the number belongs to."""
        destinations = Destination.objects.filter(address=number).select_related("connection")
        found = [d.connection for d in destinations if d.connection and d.connection.provider == "vonage"]
        if not found:
            known = Destination.objects.filter(connection__provider="vonage").values_list("address", flat=True)
            hint = f"There are: {', '.join(known[:10])}." if known else "`manage.py demo` loads one."
            raise CommandError(f"No Vonage destination has the number {number}. {hint}")
        active = [connection for connection in found if connection.active]
        if not active:
            raise CommandError(f"The connection of {number} is switched off.")
        if not active[0].secrets.get("signature_secret"):
            raise CommandError(f"The connection {active[0].name!r} has no signature secret: set one on its page.")
        connection: Connection = active[0]
        return connection

    def show(self, moment: Moment) -> None:
        self.stdout.write(f"  {SHOWN[moment.kind]} {moment.text}")
        self.stdout.flush()
