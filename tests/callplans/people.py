"""An account with an owner, an editor and a viewer, and a stranger who owns another account; and drawings to edit."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User

from callplans import drafts
from callplans.models import Account, Member, Plan


@dataclass
class People:
    account: Account
    owner: User
    editor: User
    viewer: User
    other_account: Account
    stranger: User


def make_people() -> People:
    account = Account.objects.create(name="Harbour Water", zone="Europe/London", language="en-GB")
    other = Account.objects.create(name="Somebody else")
    users = {
        name: User.objects.create(username=name, first_name=name.title()) for name in ("owner", "editor", "viewer")
    }
    for role, user in users.items():
        Member.objects.create(account=account, user=user, role=role)
    stranger = User.objects.create(username="stranger")
    Member.objects.create(account=other, user=stranger, role="owner")
    return People(account=account, other_account=other, stranger=stranger, **users)


def new_id() -> str:
    return str(uuid.uuid4())


def op(kind: str, **fields: Any) -> dict[str, Any]:
    return {"id": new_id(), "op": kind, **fields}


def applet(type: str, name: str = "", key: str | None = None, **settings: Any) -> dict[str, Any]:
    return {"key": key or new_id(), "type": type, "name": name or type, "settings": settings, "x": 10, "y": 20}


def say(text: str, **more: Any) -> dict[str, Any]:
    return applet("announcement", prompt={"file": "", "text": text}, **more)


def menu(*keys: str, **more: Any) -> dict[str, Any]:
    choices = [{"id": new_id(), "key": key, "label": f"Option {key}"} for key in keys]
    return applet("menu", prompt={"file": "", "text": "Press a key."}, choices=choices, **more)


def place(*applets: dict[str, Any]) -> list[dict[str, Any]]:
    return [op("place", applet=one) for one in applets]


def wire(source: dict[str, Any], exit: str, target: dict[str, Any] | None) -> dict[str, Any]:
    return op("wire", source=source["key"], exit=exit, target=target and target["key"])


def publishable(people: People, name: str = "Greeting") -> Plan:
    """A plan that says hello and is meant to end then."""
    plan = drafts.create(people.account, people.owner, name)
    hello = say("Hello.")
    batch = [*place(hello), wire(hello, "next", None), op("set_plan", field="initial", value=hello["key"])]
    drafts.apply(plan, people.owner, 0, batch)
    return Plan.objects.get(pk=plan.pk)
