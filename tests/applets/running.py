"""Runs one case of `cases/<type>.json`: an applet with its settings, what the call holds, what is heard; and says what
came of it, as JSON. The same function serves the cases, the mutants and the random plans.

A case: {"name", "settings", "given", "inputs", "expect"}.

given: {"sources": {name: value}, "collected": [names], "sealed": [names], "recording": "on", "zone", "language",
    "payment_lines": {number: [caller ids]}, "files": {name: file}}; all may be left out.
inputs: inputs as JSON without `at`; each comes "after" so many seconds, 1 when not said. An `effect` that is not said
    is the one that is waited for.
expect: written by `pytest tests/applets --rewrite-cases`, read by whoever reviews the diff.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from callplans.engine import words
from callplans.engine.applet import Applet, Exit, Next, Settings
from callplans.engine.call import CallState, CallView
from callplans.engine.plan import PlacedApplet, Plan
from callplans.engine.step import Step, take_step

CASES = Path(__file__).with_name("cases")
START = 1_605_000_000.0
"""2020-11-10 09:20 UTC, a Tuesday."""
OWN = {"CallGuid", "CLID", "DialledNumber"}


class Given(Settings):
    sources: dict[str, str | None] = {}
    collected: list[str] = []
    sealed: list[str] = []
    recording: Literal["off", "on", "paused"] = "off"


class Before(Applet[Given]):
    """Stands before the applet that is tried and sets what the call holds by then."""

    type, title, family = "before", "Before", "control"
    Settings = Given
    exits = (Exit("next", "Next"),)

    def enter(self, call: CallView) -> Next:
        for name, value in self.settings.sources.items():
            sealed = name in self.settings.sealed
            call.set(name, value, sealed=sealed, collected=sealed or name in self.settings.collected)
        return self._recorded(call)

    def resume(self, call: CallView, heard: words.Input) -> Next:
        return self._recorded(call)

    def _recorded(self, call: CallView) -> Next:
        if call.recording == self.settings.recording:
            return "next"
        return words.Recording(do="start" if call.recording == "off" else "pause")


@dataclass
class Ran:
    """What came of a case. `steps`: from the one that entered the applet on."""

    steps: list[Step] = field(default_factory=list)
    exits: list[str] = field(default_factory=list)

    @property
    def state(self) -> CallState:
        return self.steps[-1].state

    def waits(self) -> set[type[words.Wait]]:
        return {type(step.waits) for step in self.steps if step.waits is not None}

    def to_json(self) -> dict[str, Any]:
        """What a case expects; fields at their defaults are left out."""
        state = self.state
        return {
            "exit": self.exits[-1] if self.exits else None,
            "ended": state.ended,
            "steps": [
                {
                    "commands": [_plain(command) for command in step.commands],
                    "effects": [_plain(effect) for effect in step.effects],
                    "events": list(_events(step)),
                }
                for step in self.steps
            ],
            "sources": {name: source.value for name, source in state.sources.items() if name not in OWN},
            "sealed": {name: source.value for name, source in state.sealed.items()},
            "collected": [
                name for part in (state.sources, state.sealed) for name, source in part.items() if source.collected
            ],
        }


def plan_around(cls: type[Applet[Any]], settings: dict[str, Any], given: dict[str, Any]) -> Plan:
    """A plan of two applets: the one that sets what is given, and the one that is tried, all its exits wired to
    nothing so that the call ends behind it."""
    applet = cls(cls.Settings.model_validate(settings))
    known = Given(**{name: given[name] for name in Given.model_fields if name in given})
    exits = {exit.name: None for exit in cls.drawn_exits(settings)}
    return Plan(
        id="plan",
        version="1",
        initial="before",
        language=given.get("language", "en-GB"),
        zone=given.get("zone", "Europe/London"),
        payment_lines=given.get("payment_lines", {}),
        files=given.get("files", {}),
        applets={
            "before": PlacedApplet("before", "before", "Before", {}, applet=Before(known)),
            "it": PlacedApplet("it", cls.type, "It", settings, applet=applet),
        },
        wires={"before": {"next": "it"}, "it": exits},
    )


def run(plan: Plan, inputs: list[dict[str, Any]]) -> Ran:
    """The call from its start through these inputs."""
    ran = Ran()
    at = START
    start = words.CallStarted(at=at, call="c-1", clid="+447700900123", dialled="+441632960100", seed=7)
    step = take_step(plan, None, start)
    while step.state.applet == "before" and not step.state.ended:
        step = take_step(plan, step.state, words.RecordingChanged(at=at, ok=True))
    ran.steps.append(step)
    for data in inputs:
        data = dict(data)
        at += data.pop("after", 1)
        wait = ran.steps[-1].waits
        if data["kind"] in ("answered", "fetched") and "effect" not in data:
            data["effect"] = wait.n if isinstance(wait, words.Effect) else 0
        heard = words.inputs.validate_python({**data, "at": at})
        # Through JSON and back, as between two requests.
        state = CallState.from_json(json.loads(json.dumps(ran.state.to_json())))
        ran.steps.append(take_step(plan, state, heard))
    ran.exits = [
        str(event.data["exit"])
        for step in ran.steps
        for event in step.events
        if event.kind == "left" and event.applet == "it" and event.data["exit"]
    ]
    return ran


def run_case(cls: type[Applet[Any]], case: dict[str, Any]) -> Ran:
    given = case.get("given", {})
    return run(plan_around(cls, case["settings"], given), case.get("inputs", []))


def cases_of(type: str) -> list[dict[str, Any]]:
    path = CASES / f"{type}.json"
    return list(json.loads(path.read_text())["cases"]) if path.exists() else []


def written(value: Any, indent: int = 0) -> str:
    """JSON for reviewers: what fits on a line stays on one."""
    flat = json.dumps(value, ensure_ascii=False)
    if len(flat) + indent <= 118 or not isinstance(value, dict | list) or not value:
        return flat
    pad = " " * (indent + 1)
    if isinstance(value, dict):
        parts = [f"{pad}{json.dumps(key)}: {written(part, indent + 1)}" for key, part in value.items()]
    else:
        parts = [pad + written(part, indent + 1) for part in value]
    inside = ",\n".join(parts)
    opened, closed = "{}" if isinstance(value, dict) else "[]"
    return f"{opened}\n{inside}\n{' ' * indent}{closed}"


def _plain(word: Any) -> dict[str, Any]:
    adapter = words.effects if isinstance(word, words.Effect) else words.commands
    many = word if isinstance(word, words.Effect) else [word]
    dumped = adapter.dump_python(many, mode="json", exclude_defaults=True)
    return {"kind": word.kind, **(dumped if isinstance(word, words.Effect) else dumped[0])}


def _events(step: Step) -> Iterator[dict[str, Any]]:
    for event in step.events:
        if event.applet == "it" or event.kind in ("ended", "hung_up", "ignored"):
            yield {"kind": event.kind, **event.data}
