"""Loads the demo account, once: what somebody has changed since is never touched again."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction

from callplans import drafts
from callplans.editing import Drawing
from callplans.models import Account, Connection, Destination, Mapping, Member, PaymentLine, Plan, Secret
from designer.sandbox.demo import ACCOUNT, draft

FALLBACK = [{"action": "talk", "text": "We are sorry, we cannot take your call just now.", "language": "en-GB"}]


def drawing() -> Drawing:
    """The demo plan as a drawing."""
    plan = draft()
    return Drawing(
        **plan["version"],
        applets={applet["key"]: applet for applet in plan["applets"]},
        wires={(wire["source"], wire["exit"]): wire["target"] for wire in plan["wires"]},
    )


@transaction.atomic
def load(tell: Callable[[str], None] = lambda line: None) -> Account:
    """The demo account. `tell` hears a line for everything that is made."""
    there = Account.objects.filter(name=ACCOUNT["name"]).first()
    if there is not None:
        tell(f"Demo account {there.name!r} is there already: nothing changed.")
        return there

    account = Account.objects.create(**{name: ACCOUNT[name] for name in ("name", "zone", "language")})
    tell(f"Account {account.name!r}")
    owner = _owner()
    Member.objects.create(account=account, user=owner, role="owner")
    tell(f"Owner {owner.get_username()!r}, who signs in by link (`manage.py signin` prints one)")
    for key, value in ACCOUNT["secrets"].items():
        Secret.objects.create(account=account, key=key, value=value)
        tell(f"Custom configuration setting #({key})")
    for line in ACCOUNT["payment_lines"]:
        PaymentLine.objects.create(account=account, **line)
        tell(f"Payment line {line['number']} with {len(line['caller_ids'])} caller ids")
    connection = Connection.objects.create(
        account=account,
        secrets={"signature_secret": secrets.token_urlsafe(32)},
        fallback=json.dumps(FALLBACK),
        **ACCOUNT["connection"],
    )
    tell(f"Connection {connection.name!r} with a signature secret of its own")
    _plan(account, owner, connection, tell)
    return account


def _plan(account: Account, owner: Any, connection: Connection, tell: Callable[[str], None]) -> Plan:
    described = draft()
    plan = drafts.create(account, owner, described["name"], described["description"], drawing=drawing())
    destination = Destination.objects.create(account=account, connection=connection, **ACCOUNT["destination"])
    mapping = Mapping.objects.create(account=account, live_plan=plan, **ACCOUNT["mapping"])
    mapping.destinations.add(destination)
    tell(f"Destination {destination.address}, mapped to {plan.name!r}")
    version = drafts.publish(plan, owner, "The demo plan as it is delivered.")
    tell(f"Call plan {plan.name!r} with {len(described['applets'])} applets, published as version {version.number}")
    return plan


def _owner() -> Any:
    """A person without a password. Superuser only in the embedded install, where nobody else is meant to come in."""
    users: Any = get_user_model()._default_manager
    person = ACCOUNT["owner"]
    user, made = users.get_or_create(username=person["username"], defaults=person)
    if made:
        user.set_unusable_password()
        user.is_staff = user.is_superuser = bool(settings.EMBEDDED)
        user.save()
    return user
