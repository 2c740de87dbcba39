"""Who may do what. One table, asked by API, sockets and pages alike."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

from callplans.models import Account, Member, Role

Action = Literal["view", "edit", "publish", "call", "manage"]

MAY: dict[str, frozenset[str]] = {
    Role.VIEWER: frozenset({"view"}),
    Role.EDITOR: frozenset({"view", "edit", "publish", "call"}),
    Role.OWNER: frozenset({"view", "edit", "publish", "call", "manage"}),
}
"""`manage`: destinations, mappings, connections, secrets and payment lines."""


def membership(user: Any) -> Member | None:
    """A person's place in the account they work in: the one they joined first."""
    if not getattr(user, "is_authenticated", False) or not user.is_active:
        return None
    return Member.objects.filter(user=user).select_related("account").order_by("created", "id").first()


def account_of(user: Any) -> Account | None:
    """The account a person works in."""
    member = membership(user)
    return member.account if member else None


def account_id_of(obj: Any) -> UUID | None:
    """The account a row belongs to, by way of its plan where it has none itself."""
    if isinstance(obj, Account):
        return obj.pk
    found = getattr(obj, "account_id", None)
    if found is None and getattr(obj, "plan_id", None):
        found = obj.plan.account_id
    return found


def role_in(user: Any, obj: Any) -> str | None:
    """A person's role in the account of `obj` (an account, or any row of one); None: a stranger."""
    account = account_id_of(obj)
    if account is None or not getattr(user, "is_authenticated", False) or not user.is_active:
        return None
    return Member.objects.filter(user=user, account=account).values_list("role", flat=True).first()


def allows(role: str | None, action: Action) -> bool:
    return action in MAY.get(role or "", ())


def may(user: Any, action: Action, obj: Any) -> bool:
    """Whether this person may do this with this row. Asks the database: a member who was removed is a stranger."""
    return allows(role_in(user, obj), action)
