"""The shapes of bodies and answers that are no plain rows, as pydantic models: the browser's types come from them.

Fields without a default are always there.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal, Union
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, RootModel, create_model

from callplans import operations as ops
from callplans.operations import AnyOperation, Name, Place, SeedIn

Role = Literal["owner", "editor", "viewer"]


class Shape(BaseModel):
    model_config = ConfigDict(extra="forbid")


# ---- operations -----------------------------------------------------------------------------------------------------


def _without_id(shape: type[BaseModel]) -> type[BaseModel]:
    """An operation as a quick fix proposes it: the browser gives it its id."""
    fields = {name: (info.annotation, info) for name, info in shape.model_fields.items() if name != "id"}
    made: type[BaseModel] = create_model(f"{shape.__name__}Fix", __base__=Shape, **fields)  # type: ignore[call-overload]  # fields by name
    return made


_FIXES = tuple(
    _without_id(shape)
    for shape in (
        ops.PlaceApplet,
        ops.RemoveApplet,
        ops.MoveApplet,
        ops.RenameApplet,
        ops.SetSetting,
        ops.WireExit,
        ops.UnwireExit,
        ops.SetPlan,
    )
)
FixOperation = Annotated[Union[_FIXES], Field(discriminator="op")]  # type: ignore[valid-type]  # made above


class Batch(Shape):
    """Operations based on a revision of the draft."""

    revision: int = Field(ge=0)
    operations: list[AnyOperation]


class LoggedBatch(Shape):
    """A batch that was applied: the revision it made, by whom and when."""

    revision: int
    author: str
    at: datetime
    operations: list[AnyOperation]


# ---- problems, errors -----------------------------------------------------------------------------------------------


class Fix(Shape):
    """A way to put a problem right: the words on its button, and operations still without ids."""

    label: str
    operations: list[FixOperation]


class Problem(Shape):
    """One thing wrong with a plan. `field`: dotted path in the applet's settings."""

    code: str
    grade: Literal["error", "warning"]
    words: str
    applet: str | None
    field: str | None
    exit: str | None
    params: dict[str, Any]
    fix: Fix | None
    also: list[Fix]


class WrongField(Shape):
    """`path` in the request; `applet`: key of the applet it is about; `field`: dotted path in its settings."""

    path: str
    code: str
    message: str
    applet: str | None = None
    field: str | None = None


class ImpactDestination(Shape):
    id: UUID
    name: str
    address: str


class ImpactMapping(Shape):
    """`live`: the plan is its live plan, else its test plan."""

    id: UUID
    live: bool
    priority: int


class Impact(Shape):
    """What deleting a plan takes along."""

    destinations: list[ImpactDestination]
    mappings: list[ImpactMapping]
    calls_live: int
    calls_past: int


class WrongLine(Shape):
    """A place in an Interaction Definition that cannot be read; line 0 is the whole text."""

    words: str
    line: int
    path: str


class ErrorBody(Shape):
    """What went wrong. Beside code, message and fields, what helps to go on: with stale_revision `revision` and
    `operations`, with has_errors and open_exits `problems`, with in_use `impact`, with calls_live `calls`, with
    bad_definition `lines`."""

    code: str
    message: str
    fields: list[WrongField]
    revision: int | None = None
    operations: list[LoggedBatch] | None = None
    problems: list[Problem] | None = None
    impact: Impact | None = None
    calls: int | None = None
    lines: list[WrongLine] | None = None


class ErrorAnswer(Shape):
    error: ErrorBody


# ---- session, catalogue ---------------------------------------------------------------------------------------------


class Person(Shape):
    id: int
    name: str
    email: str


class AccountHere(Shape):
    id: UUID
    name: str
    role: Role
    zone: str
    language: str


class Session(Shape):
    """Who is signed in, where, and what this install is. `csrf`: send it back as X-CSRFToken."""

    user: Person
    account: AccountHere
    csrf: str
    embedded: bool
    sandbox: bool


class FixedExit(Shape):
    """A way out with a fixed name; `when`: only shown then ("field", "!field", "field=value" on the settings)."""

    each: Literal[False]
    name: str
    label: str
    kind: Literal["normal", "failure", "end"]
    anywhere: bool = False
    when: str = ""
    short: str = ""


class ItemExit(Shape):
    """One exit per entry of the list at `path`: `<prefix>:<item[name]>`, labelled by `label` with {field}s."""

    each: Literal[True]
    path: str
    prefix: str
    name: str
    label: str
    kind: Literal["normal", "failure", "end"]
    when: str = ""


class AppletType(Shape):
    """An applet type whole: `schema` is the JSON Schema of its settings, with x-hints for the form."""

    model_config = ConfigDict(extra="forbid", protected_namespaces=())

    type: str
    title: str
    family: Literal[
        "speak", "ask", "data", "route", "connect", "pay", "queue", "record", "notify", "bot", "control"
    ]  # fmt: skip
    help: str
    version: int
    channels: list[str]
    summary: list[str]
    exits: list[FixedExit | ItemExit]
    uses: list[str]
    json_schema: dict[str, Any] = Field(alias="schema")


class AppletTypes(RootModel[list[AppletType]]):
    """The catalogue."""


# ---- plans ----------------------------------------------------------------------------------------------------------


class ProblemCounts(Shape):
    errors: int
    warnings: int


class PlanRow(Shape):
    """A plan in the list. `problems`: when the draft was last looked at; null: never."""

    id: UUID
    name: str
    description: str
    service_name: str
    revision: int
    live_version: int | None
    live_version_id: UUID | None
    changes_since_live: int
    status: Literal["Mapped", "Unmapped"]
    problems: ProblemCounts | None
    modified: datetime
    modified_by: str
    calls_live: int


class PlanIn(Shape):
    name: str = Field(min_length=1, max_length=120)
    description: str = Field("", max_length=2000)
    service_name: str = Field("", max_length=120)


class PlanPatch(Shape):
    name: str | None = Field(None, min_length=1, max_length=120)
    description: str | None = Field(None, max_length=2000)
    service_name: str | None = Field(None, max_length=120)


class DuplicateIn(Shape):
    """Without a name it is a "Copy of ..."."""

    name: str = Field("", max_length=120)


class DrawnApplet(Shape):
    key: UUID
    type: str
    name: Name
    settings: dict[str, Any]
    settings_version: int
    x: Place
    y: Place


class DrawnWire(Shape):
    """`target` null: the call is meant to end there."""

    source: UUID
    exit: str
    target: UUID | None


class VersionFields(Shape):
    initial: UUID | None
    hangup: UUID | None
    seeds: list[SeedIn]
    apology: str


class Names(Shape):
    """What the pickers offer."""

    sources: list[str]
    secrets: list[str]
    slots: list[str]


class Drawing(Shape):
    """A version as the canvas opens it: the draft, or a frozen one (whose problems are not listed)."""

    plan: UUID
    version_id: UUID
    state: Literal["draft", "published", "trial"]
    number: int | None
    name: str
    revision: int
    live_version: int | None
    changes_since_live: int
    version: VersionFields
    applets: list[DrawnApplet]
    wires: list[DrawnWire]
    problems: list[Problem]
    names: Names
    role: Role


class Applied(Shape):
    revision: int
    problems: list[Problem]


class PublishIn(Shape):
    revision: int = Field(ge=0)
    note: str = Field("", max_length=2000)
    accept_open_exits: bool = False


class VersionRow(Shape):
    id: UUID
    number: int
    revision: int
    note: str
    author: str
    published_at: datetime
    live: bool


class TrialIn(Shape):
    """`clid`: the number the browser phone pretends to call from, E.164."""

    revision: int = Field(ge=0)
    clid: str | None = Field(None, max_length=32, pattern=r"^\+[1-9][0-9]{5,14}$")


class TrialOut(Shape):
    """A call that may begin: post to `answer`, signed with `key`."""

    call: UUID
    key: str
    answer: str
    revision: int


class VersionRows(RootModel[list[VersionRow]]):
    """Published versions, the newest first."""
