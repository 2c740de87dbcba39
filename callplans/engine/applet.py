"""What an applet type is: settings, exits, behaviour; and the register of types.

A type is told whole in one file of `callplans/applets/`; importing the folder fills the register. The browser draws
exits and forms from `describe()` alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from callplans.engine.words import Input, Wait

if TYPE_CHECKING:
    from callplans.engine.call import CallView
    from callplans.engine.checks import Problem

Next = str | Wait
"""What an applet returns: leave by this exit, or wait for this."""

Family = Literal["speak", "ask", "data", "route", "connect", "pay", "queue", "record", "notify", "bot", "control"]
ExitKind = Literal["normal", "failure", "end"]


class Settings(BaseModel):
    """Base of all settings. Unknown fields are refused. Hints for the form, in `json_schema_extra` of a field:

    x-source: "read" | "write" | "slot"   the field holds the name of a data source (picker); "slot": of an IVR slot,
                                   without its prefix; what the type does with it is in its `writes`
    x-placeholders: "sources" | "all"   text with $(Name); "all" also takes #(Key)
    x-widget: "prompt" | "multiline" | "code" | "key" | "hidden"   how to edit it, where the type does not tell
    x-when: "field=value" | "field" | "!field"   shown only then (sibling field, same grammar as Exit.when); an entry of
                                   a field's `oneOf` may carry it too: that choice is offered only then
    x-section: "Title"             starts or joins a section of the form
    x-unit: "s" | "ms" | ...       shown behind the number
    x-item: "Rule"                 what one entry of a list is called ("Add rule")
    x-copy: true                   entries of this list can be duplicated
    x-status: true                 the data source takes a web service's HTTP status code
    """

    model_config = ConfigDict(extra="forbid", str_max_length=10_000, validate_default=False)


class Prompt(Settings):
    """Something to be heard: the recorded file when there is one, else the text."""

    file: str = Field("", title="Audio file", description="A .wav file; it is played instead of the text.")
    text: str = Field(
        "",
        title="Alternative text",
        description="Spoken when there is no audio file.",
        json_schema_extra={"x-placeholders": "sources", "x-widget": "multiline"},
    )


S = TypeVar("S", bound=Settings)
WaitType = type[Wait]
SettingsType = type[Settings]


@dataclass(frozen=True, slots=True)
class Exit:
    """A way out with a fixed name. `when`: "f" (set), "!f" (not set) or "f=v" on the settings; else it is hidden.
    `short`: the label where room is scarce, on the card."""

    name: str
    label: str
    kind: ExitKind = "normal"
    when: str | None = None
    anywhere: bool = False
    short: str | None = None


@dataclass(frozen=True, slots=True)
class ExitPerItem:
    """One exit per entry of a list in the settings: `<prefix>:<item[name]>`, labelled by `label` with {field}s."""

    path: str
    prefix: str
    name: str = "id"
    label: str = "{label}"
    kind: ExitKind = "normal"
    when: str | None = None


@dataclass(frozen=True, slots=True)
class DrawnExit:
    """An exit as it stands on one applet: what `ExitPerItem` gave for its items, and every `Exit` that shows.
    `short`: the label in a sentence or on a card."""

    name: str
    label: str
    kind: ExitKind
    short: str = ""


class Applet(Generic[S]):
    """Base of all types. The class docstring is the help text shown in the palette and the form.

    summary: templates for the line on the card, the first one whose {paths} are all non-empty is used; `{path}` is a
    value, `{path|count}` a list's length; `[kind=file] {file}` counts only when that holds (same grammar as
    Exit.when); the last may have no path.
    """

    type: ClassVar[str]
    title: ClassVar[str]
    family: ClassVar[Family]
    version: ClassVar[int] = 1
    channels: ClassVar[tuple[str, ...]] = ("calls",)
    exits: ClassVar[tuple[Exit | ExitPerItem, ...]] = ()
    uses: ClassVar[tuple[WaitType, ...]] = ()
    summary: ClassVar[tuple[str, ...]] = ()
    Settings: ClassVar[SettingsType]

    settings: S

    def __init__(self, settings: S) -> None:
        self.settings = settings

    def enter(self, call: CallView) -> Next:
        """The call arrives here."""
        raise NotImplementedError

    def resume(self, call: CallView, heard: Input) -> Next:
        """The wait this applet returned has ended with this input. Only types that wait have it."""
        raise NotImplementedError

    def cut_off(self, call: CallView, why: str) -> None:
        """Left against its will: hung_up, moved, stopped, fault, nobody_on_the_line. Data and effects only."""

    def reads(self) -> set[str]:
        """Data sources this applet reads: every $( ) in its settings, and every field marked x-source read."""
        from callplans.engine.datasources import read_by_settings

        return read_by_settings(self.settings)

    def writes(self) -> set[str]:
        """Data sources this applet writes: every field marked x-source write."""
        from callplans.engine.datasources import written_by_settings

        return written_by_settings(self.settings)

    def secrets(self) -> set[str]:
        """Custom configuration settings it needs: every #(Key) in fields marked x-placeholders all."""
        from callplans.engine.datasources import secrets_in_settings

        return secrets_in_settings(self.settings)

    def check(self) -> list[Problem]:
        """Problems only this type can know."""
        return []

    @classmethod
    def lift(cls, data: dict[str, Any], version: int) -> dict[str, Any]:
        """Settings written by an older version, in today's shape."""
        return data

    # -- what is known without a call --

    @classmethod
    def drawn_exits(cls, settings: dict[str, Any]) -> list[DrawnExit]:
        """The exits this applet has with these settings (plain JSON, possibly incomplete), in the form's order."""
        return list(_drawn(cls.exits, settings))

    @classmethod
    def describe(cls) -> dict[str, Any]:
        """The type as data: what the API's catalogue and the docs show."""
        return {
            "type": cls.type,
            "title": cls.title,
            "family": cls.family,
            "help": " ".join((cls.__doc__ or "").split()),
            "version": cls.version,
            "channels": list(cls.channels),
            "summary": list(cls.summary),
            "exits": [
                {"each": isinstance(e, ExitPerItem), **{k: v for k, v in asdict(e).items() if v is not None}}
                for e in cls.exits
            ],
            "uses": [wait.__name__ for wait in cls.uses],
            "schema": cls.Settings.model_json_schema(),
        }


def shows(when: str | None, settings: dict[str, Any]) -> bool:
    """Whether a `when` ("f", "!f", "f=v", "f=v,w") holds on plain settings; "f=v" compares as text, booleans as
    true/false. Several are joined by " or " or by " and ", never both."""
    if when is None:
        return True
    if " or " in when:
        return any(shows(part, settings) for part in when.split(" or "))
    if " and " in when:
        return all(shows(part, settings) for part in when.split(" and "))
    if when.startswith("!"):
        return not settings.get(when[1:])
    name, equals, wanted = when.partition("=")
    value = settings.get(name)
    if not equals:
        return bool(value)
    if isinstance(value, bool):
        value = str(value).lower()
    return str(value) in wanted.split(",")


_FIELD = re.compile(r"\{(\w+)\}")


def _filled(label: str, item: dict[str, Any]) -> str:
    values = {name: "" if value is None else str(value) for name, value in item.items()}
    return _FIELD.sub(lambda found: values.get(found[1], ""), label).strip()


def _drawn(exits: tuple[Exit | ExitPerItem, ...], settings: dict[str, Any]) -> Iterator[DrawnExit]:
    for exit in exits:
        if not shows(exit.when, settings):
            continue
        if isinstance(exit, Exit):
            yield DrawnExit(exit.name, exit.label, exit.kind, exit.short or exit.label)
            continue
        items: Any = settings
        for step in exit.path.split("."):
            items = items.get(step) if isinstance(items, dict) else None
        for item in items if isinstance(items, list) else ():
            if isinstance(item, dict) and item.get(exit.name) not in (None, ""):
                label = _filled(exit.label, item) or str(item[exit.name])
                yield DrawnExit(f"{exit.prefix}:{item[exit.name]}", label, exit.kind, label)


class Register:
    """The applet types by their `type`; filled by importing the folder of applets."""

    def __init__(self) -> None:
        self._types: dict[str, type[Applet[Any]]] = {}

    def add(self, cls: type[Applet[Any]]) -> type[Applet[Any]]:
        """Class decorator: `@register.add`."""
        if cls.type in self._types and self._types[cls.type] is not cls:
            raise ValueError(f"two applet types are called {cls.type!r}")
        self._types[cls.type] = cls
        return cls

    def get(self, type: str) -> type[Applet[Any]] | None:
        return self._types.get(type)

    def all(self) -> list[type[Applet[Any]]]:
        return sorted(self._types.values(), key=lambda t: (t.family, t.title))


register = Register()
