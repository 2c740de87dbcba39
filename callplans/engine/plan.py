"""The frozen drawing a call runs on. Built by `callplans.plans` from rows, and by tests from JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from callplans.engine.applet import Applet, ExitKind


@dataclass(slots=True)
class PlacedApplet:
    """One applet on a plan. `applet` is the type's instance with its settings, or None when it cannot run:
    the type is gone or the settings are incomplete; `trouble` then says so in plain words."""

    key: str
    type: str
    name: str
    settings: dict[str, Any]
    settings_version: int = 1
    x: float = 0
    y: float = 0
    applet: Applet[Any] | None = None
    trouble: str = ""
    _kinds: dict[str, ExitKind] | None = field(default=None, init=False, repr=False, compare=False)

    def exit_kinds(self) -> dict[str, ExitKind]:
        """The exits this applet has, in the form's order, each with its kind; empty when it cannot run."""
        if self._kinds is None:
            applet = self.applet
            drawn = applet.drawn_exits(applet.settings.model_dump(mode="json")) if applet else []
            self._kinds = {exit.name: exit.kind for exit in drawn}
        return self._kinds


@dataclass(slots=True)
class Plan:
    """`wires`: source key -> exit name -> target key, or None where the exit is meant to end the call.
    `seeds`: the plan's own data sources; `apology`: said before a call that failed is ended."""

    id: str
    version: str
    name: str = ""
    initial: str | None = None
    hangup: str | None = None
    seeds: dict[str, str] = field(default_factory=dict)
    apology: str = ""
    language: str = "en-GB"
    zone: str = "UTC"
    payment_lines: dict[str, list[str]] = field(default_factory=dict)
    """Numbers a private leg may dial, each with the caller ids allowed on it (E.164). Account data, read at load."""
    files: Mapping[str, str] = field(default_factory=dict)
    """Audio files that a data source may name: name in lower case -> the file to be played."""
    applets: Mapping[str, PlacedApplet] = field(default_factory=dict)
    wires: Mapping[str, Mapping[str, str | None]] = field(default_factory=dict)

    def wired(self, source: str, exit: str) -> bool:
        """Whether the exit has a wire: to an applet, or to nothing on purpose."""
        return exit in self.wires.get(source, {})

    def target(self, source: str, exit: str) -> str | None:
        """Key of the applet an exit leads to; None: the call ends there."""
        return self.wires.get(source, {}).get(exit)
