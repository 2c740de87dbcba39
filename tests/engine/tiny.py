"""Applets of a few lines each, unregistered, and `draw`: the engine is tested without the real ones."""

from __future__ import annotations

from typing import Any, ClassVar

from callplans.engine.applet import Applet, Exit, ExitPerItem, Next, Settings
from callplans.engine.call import CallState, CallView
from callplans.engine.plan import PlacedApplet, Plan
from callplans.engine.step import Step, take_step
from callplans.engine.words import (
    CallStarted,
    Dial,
    DialEnded,
    Drain,
    Fetch,
    Fetched,
    Gather,
    Input,
    Keys,
    Recording,
    TakeNext,
    Wait,
)

NEXT = Exit("next", "Next")
FAILED = Exit("failed", "Failed", kind="failure")


class Words(Settings):
    """All tiny applets share these; each uses what it needs."""

    text: str = ""
    to: str = ""
    most: int = 4
    times: int = 1


class Tiny(Applet[Words]):
    family = "control"
    Settings = Words
    exits: ClassVar[tuple[Exit | ExitPerItem, ...]] = (NEXT,)

    def __init__(self, text: str = "", **settings: Any) -> None:
        super().__init__(Words(text=text, **settings))


class Say(Tiny):
    type, title = "say", "Say"

    def enter(self, call: CallView) -> Next:
        call.say(call.sound(self.settings.text))
        return "next"


class Copy(Tiny):
    """Sets `to` to the filled text; a lone $(Name) is copied with all that is known of it."""

    type, title = "copy", "Copy"

    def enter(self, call: CallView) -> Next:
        text = self.settings.text
        name = text[2:-1]
        call.set(self.settings.to, call.get(name), sealed=call.is_sealed(name), collected=call.is_collected(name))
        return "next"


class Ask(Tiny):
    type, title = "ask", "Ask"
    exits = (NEXT, Exit("silent", "Silent", kind="failure"))
    uses = (Gather,)
    sealed = False

    def enter(self, call: CallView) -> Next:
        sound = call.sound(self.settings.text)
        return Gather(prompts=[sound] if sound else [], most=self.settings.most, sealed=self.sealed)

    def resume(self, call: CallView, heard: Input) -> Next:
        if not isinstance(heard, Keys):
            return "silent"
        call.set(self.settings.to, heard.digits, collected=True, sealed=self.sealed)
        return "next"


class AskSafely(Ask):
    type, title = "ask_safely", "Ask safely"
    sealed = True


class Get(Tiny):
    """Fetches; keeps the first value in `to`. Notes being cut off in the data source Cut."""

    type, title = "get", "Get"
    exits = (NEXT, FAILED)
    uses = (Fetch,)

    def enter(self, call: CallView) -> Next:
        text = self.settings.text
        return Fetch(method="GET", url=call.template(text), label=f"GET {call.shown(text)}", seconds=7)

    def resume(self, call: CallView, heard: Input) -> Next:
        if not isinstance(heard, Fetched) or heard.error:
            return "failed"
        if self.settings.to:
            call.set(self.settings.to, heard.values[0])
        return "next"

    def cut_off(self, call: CallView, why: str) -> None:
        call.set("Cut", why)
        call.say("never heard")


class Ring(Tiny):
    type, title = "ring", "Ring"
    exits = (Exit("connected", "Connected", kind="end"), FAILED)
    uses = (Dial,)
    private = False

    def enter(self, call: CallView) -> Next:
        return Dial(to=call.fill(self.settings.to), ring=15, private=self.private, talk=60 if self.private else None)

    def resume(self, call: CallView, heard: Input) -> Next:
        return "connected" if isinstance(heard, DialEnded) and heard.outcome == "talked" else "failed"


class Pay(Ring):
    type, title = "pay", "Pay"
    exits = (NEXT, FAILED)
    private = True

    def resume(self, call: CallView, heard: Input) -> Next:
        return "next"


class Rotate(Tiny):
    type, title = "rotate", "Rotate"
    uses = (TakeNext,)

    def enter(self, call: CallView) -> Next:
        return TakeNext(counter="c", of=3)

    def resume(self, call: CallView, heard: Input) -> Next:
        call.set("N", str(heard.value["n"]))  # type: ignore[attr-defined]  # only Answered comes here
        return "next"


class Tape(Tiny):
    """Drains, then switches recording as `text` says."""

    type, title = "tape", "Tape"
    uses = (Drain, Recording)

    def enter(self, call: CallView) -> Next:
        return Drain() if call.talking else self.switch()

    def resume(self, call: CallView, heard: Input) -> Next:
        return self.switch() if heard.kind == "played" else "next"  # type: ignore[attr-defined]  # every input has it

    def switch(self) -> Wait:
        return Recording(do=self.settings.text)  # type: ignore[arg-type]  # a test's own word


class Spend(Tiny):
    """Sends `times` requests without waiting for them."""

    type, title = "spend", "Spend"

    def enter(self, call: CallView) -> Next:
        for _ in range(self.settings.times):
            call.do(Fetch(method="POST", url=["http://x"], label="POST http://x"))
        return "next"


class Broken(Tiny):
    """A fault wherever `text` says: enter, resume, cut_off, exit (unknown), nothing (returns None)."""

    type, title = "broken", "Broken"
    exits: ClassVar[tuple[Exit | ExitPerItem, ...]] = (NEXT, FAILED)
    uses = (Gather,)

    def enter(self, call: CallView) -> Next:
        if self.settings.text == "enter":
            raise ZeroDivisionError("4111111111111111")
        if self.settings.text == "exit":
            return "no such exit"
        if self.settings.text == "nothing":
            return None  # type: ignore[return-value]  # the fault under test
        return Gather()

    def resume(self, call: CallView, heard: Input) -> Next:
        return {"next": "next"}[self.settings.text]

    def cut_off(self, call: CallView, why: str) -> None:
        call.set("Cut", why)
        if self.settings.text == "cut_off":
            raise ZeroDivisionError


class BrokenForGood(Broken):
    """Without an exit for failures."""

    type, title = "broken_for_good", "Broken for good"
    exits = (NEXT,)


class Dice(Tiny):
    type, title = "dice", "Dice"

    def enter(self, call: CallView) -> Next:
        call.set(self.settings.to, f"{call.chance():.12f}")
        return "next"


Drawn = dict[str, tuple[Applet[Any] | None, dict[str, str | None]]]


def draw(drawn: Drawn, hangup: str | None = None, **plan: Any) -> Plan:
    """A plan from name -> (applet, wires); names are the keys, the first one is the initial applet."""
    placed = {
        name: PlacedApplet(name, applet.type if applet else "unknown", name.title(), {}, applet=applet)
        for name, (applet, _) in drawn.items()
    }
    wires = {name: wires for name, (_, wires) in drawn.items()}
    plan.setdefault("apology", "Sorry.")
    return Plan(
        "plan-1", "version-1", initial=next(iter(drawn), None), hangup=hangup, applets=placed, wires=wires, **plan
    )


def start(plan: Plan, **started: Any) -> Step:
    begun: dict[str, Any] = {"at": 100.0, "call": "call-1", "clid": "+447700900123", "dialled": "+441632960100"}
    return take_step(plan, None, CallStarted(**(begun | started)))


def go(plan: Plan, step: Step, *inputs: Input) -> Step:
    """The steps that follow; every input must be taken."""
    for heard in inputs:
        step = take_step(plan, step.state, heard)
        assert step.took, heard
    return step


def kinds(step: Step) -> list[str]:
    return [event.kind for event in step.events]


def of_kind(step: Step, kind: str) -> list[dict[str, Any]]:
    return [event.data for event in step.events if event.kind == kind]


def said(step: Step) -> list[str | None]:
    return [command.text for command in step.commands if command.kind == "sound"]


def state_after(*values: tuple[str, str | None, bool, bool]) -> tuple[CallState, CallView]:
    """A state that holds (name, value, sealed, collected), with a view on it that has no events yet."""
    state = CallState("plan-1", "version-1")
    view = CallView(Plan("plan-1", "version-1"), state, 100.0)
    for name, value, sealed, collected in values:
        view.set(name, value, sealed=sealed, collected=collected)
    view.events.clear()
    return state, view
