"""Everything encrypted with an older master key, encrypted again with the first one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db.models import Model

from callplans.models import Call
from callplans.models.fields import (
    CannotOpen,
    Ciphertext,
    EncryptedTextField,
    aad,
    made_by_first_key,
    open_sealed,
    seal,
)


@dataclass(slots=True)
class Rotated:
    """`current`: values that needed nothing; `unreadable`: table.column.row of what no key opens."""

    current: int = 0
    changed: int = 0
    unreadable: list[str] = field(default_factory=list)


def columns() -> list[tuple[type[Model], str, str]]:
    """(model, attribute, column) of all that is encrypted with a master key."""
    found: list[tuple[type[Model], str, str]] = [(Call, "key", "key")]
    for model in apps.get_app_config("callplans").get_models():
        fields = (f for f in model._meta.local_concrete_fields if isinstance(f, EncryptedTextField))
        found += [(model, f.attname, f.column) for f in fields]
    return found


def rotate(only_count: bool = False) -> Rotated:
    """Go through all rows. A value that somebody else changes meanwhile is left to them: theirs has the first key."""
    done = Rotated()
    for model, attribute, column in columns():
        rows = model._default_manager.order_by("pk").exclude(**{f"{attribute}__isnull": True})
        for pk, value in rows.values_list("pk", attribute).iterator(chunk_size=500):
            _one(model, attribute, aad(model._meta.db_table, column, pk), pk, str(value), only_count, done)
    return done


def _one(
    model: type[Model], attribute: str, bound_to: bytes, pk: Any, stored: str, only_count: bool, done: Rotated
) -> None:
    try:
        plain = open_sealed(stored, bound_to)
    except CannotOpen:
        done.unreadable.append(bound_to.decode())
        return
    if made_by_first_key(stored):
        done.current += 1
        return
    done.changed += 1
    if not only_count:
        rows = model._default_manager.filter(pk=pk, **{attribute: Ciphertext(stored)})
        rows.update(**{attribute: Ciphertext(seal(plain, bound_to))})
