"""Edit operations as data: their shapes and sizes, and how what is wrong with them is told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal, Union
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

MOST_OPERATIONS = 5000

Settings = dict[str, Any]
ExitName = Annotated[str, Field(min_length=1, max_length=120)]
Place = Annotated[float, Field(ge=-1e7, le=1e7, allow_inf_nan=False)]
Name = Annotated[str, Field(max_length=120)]


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid")


class AppletIn(_Shape):
    """An applet as the browser places it. `key` is made there."""

    key: UUID
    type: str = Field(min_length=1, max_length=64)
    name: Name
    settings: Settings = Field(default_factory=dict)
    settings_version: int = Field(1, ge=1, le=10_000)
    x: Place = 0
    y: Place = 0


class SeedIn(_Shape):
    """A data source set when a call begins."""

    id: str = Field(max_length=64)
    name: str = Field(max_length=255)
    value: str = Field(max_length=10_000)


class _Operation(_Shape):
    id: UUID


class PlaceApplet(_Operation):
    op: Literal["place"]
    applet: AppletIn


class RemoveApplet(_Operation):
    op: Literal["remove"]
    key: UUID


class MoveApplet(_Operation):
    op: Literal["move"]
    key: UUID
    x: Place
    y: Place


class RenameApplet(_Operation):
    op: Literal["rename"]
    key: UUID
    name: Name


class SetSetting(_Operation):
    """`path`: names, an element of a list by its `id` (or its position where items have none). Without `value` the
    setting is deleted; an item whose id is not in the list yet is added at its end."""

    op: Literal["set"]
    key: UUID
    path: list[Annotated[str, Field(max_length=255)]] = Field(max_length=20)
    value: Any = None


class WireExit(_Operation):
    """`target` null: the call is meant to end there."""

    op: Literal["wire"]
    source: UUID
    exit: ExitName
    target: UUID | None = None


class UnwireExit(_Operation):
    op: Literal["unwire"]
    source: UUID
    exit: ExitName


class SetPlan(_Operation):
    """A field of the version: `initial` and `hangup` hold an applet's key, `seeds` a list, `apology` a text."""

    op: Literal["set_plan"]
    field: Literal["initial", "hangup", "seeds", "apology"]
    value: Any = None


AnyOperation = Annotated[
    Union[PlaceApplet, RemoveApplet, MoveApplet, RenameApplet, SetSetting, WireExit, UnwireExit, SetPlan],
    Field(discriminator="op"),
]
_operation: TypeAdapter[Any] = TypeAdapter(AnyOperation)
seeds: TypeAdapter[list[SeedIn]] = TypeAdapter(Annotated[list[SeedIn], Field(max_length=500)])
apology: TypeAdapter[str] = TypeAdapter(Annotated[str, Field(max_length=1500)])


@dataclass(slots=True)
class FieldError:
    """One thing that is wrong. `path` in the request; `applet`: its key; `field`: dotted path in its settings."""

    path: str
    code: str
    message: str
    applet: str | None = None
    field: str | None = None


class Invalid(Exception):
    """The request cannot be done as it stands; nothing was changed."""

    def __init__(self, fields: list[FieldError], message: str = "") -> None:
        super().__init__(message or fields[0].message)
        self.fields = fields


def parse(operations: Any) -> list[Any]:
    """Operations as JSON -> as data. Raises Invalid."""
    if not isinstance(operations, list) or not operations:
        raise Invalid([FieldError("operations", "required", "A batch has at least one operation.")])
    if len(operations) > MOST_OPERATIONS:
        raise Invalid([FieldError("operations", "too_long", f"A batch has at most {MOST_OPERATIONS} operations.")])
    parsed: list[Any] = []
    errors: list[FieldError] = []
    seen: set[UUID] = set()
    for index, raw in enumerate(operations):
        try:
            operation = _operation.validate_python(raw)
        except ValidationError as error:
            tag = raw.get("op") if isinstance(raw, dict) else None
            for found in error.errors(include_url=False, include_context=False, include_input=False):
                loc = found["loc"][1:] if found["loc"][:1] == (tag,) else found["loc"]
                errors.append(FieldError(dotted("operations", index, *loc), found["type"], plain(found)))
            continue
        if operation.id in seen:
            errors.append(FieldError(f"operations.{index}.id", "duplicate_id", "Two operations have the same id."))
        seen.add(operation.id)
        parsed.append(operation)
    if errors:
        raise Invalid(errors)
    return parsed


def dotted(*parts: str | int) -> str:
    """operations, 0, applet -> operations.0.applet"""
    return ".".join(str(part) for part in parts)


def plain(error: Any) -> str:
    """pydantic's words for an error, without its technical beginning."""
    words: str = error["msg"]
    return words.removeprefix("Value error, ").removeprefix("Assertion failed, ")
