"""What applets' settings are declared with: choices with labels, names that must be filled in, lists without
duplicates, fields that are needed only in some modes.

What is merely not filled in yet is reported as pydantic's `missing` and `too_short`, which a draft accepts; what can
never become right (a duplicate key) is an error of its own type, which it refuses. Both carry the path of the field.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, Field, ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError

T = TypeVar("T")


def options(labels: Mapping[str, str], when: Mapping[str, str] | None = None, **hints: Any) -> Callable[[Any], None]:
    """`json_schema_extra` of a field with fixed choices: each value with its label, and where `when` names it with the
    condition under which it is offered, in the order given; `hints` (x_when=...) become the field's x-hints."""

    def extend(schema: dict[str, Any]) -> None:
        schema.pop("enum", None)
        schema["oneOf"] = [
            {"const": value, "title": label} | ({"x-when": when[value]} if when and value in when else {})
            for value, label in labels.items()
        ]
        schema.update({name.replace("_", "-"): hint for name, hint in hints.items()})

    return extend


def _filled(text: str) -> str:
    if not text.strip():
        raise PydanticCustomError("too_short", "Fill this in.")
    return text


Needed = Annotated[str, AfterValidator(_filled)]
"""Text that must be filled in, not only with blanks. Say `"minLength": 1` beside it, for the browser's form."""

ItemId = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9_-]{1,64}$",
        title="Id",
        description="Made by the editor; names the entry for as long as it lives.",
        json_schema_extra={"x-widget": "hidden"},
    ),
]
"""What an entry of a list is called: given once, never by position, so that reordering re-wires nothing."""


def unique(items: Sequence[T], *fields: str) -> None:
    """Raise, at the second one's path, when two items have the same value in one of these fields."""
    errors = []
    for field in fields:
        seen: set[Any] = set()
        for at, item in enumerate(items):
            value = getattr(item, field)
            if value in seen:
                error = PydanticCustomError("duplicate", "{value} is used twice.", {"value": str(value)})
                errors.append(InitErrorDetails(type=error, loc=(at, field), input=value))
            seen.add(value)
    if errors:
        raise ValidationError.from_exception_data("duplicate", errors)


def needed(fields: Iterable[tuple[str, bool]]) -> None:
    """Raise `missing` at each (field, whether it is needed and not filled in), for a validator of the whole model."""
    error = PydanticCustomError("missing", "Fill this in.")
    errors = [InitErrorDetails(type=error, loc=(field,), input="") for field, lacking in fields if lacking]
    if errors:
        raise ValidationError.from_exception_data("missing", errors)
