"""One step of a call: one input, and everything the plan does until its next wait.

Pure: the same plan, state, input and answers give the same step. Never raises for what a caller or an author can
cause; it records it, and the caller hears the plan's apology.
"""

from __future__ import annotations

import copy
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

from callplans.engine.applet import Next, register
from callplans.engine.call import CallState, CallView, Source
from callplans.engine.plan import PlacedApplet, Plan
from callplans.engine.record import asked_data, heard_data
from callplans.engine.words import (
    AnyWait,
    CallStarted,
    Effect,
    Event,
    Gather,
    HangUp,
    HungUp,
    Input,
    LegAnswered,
    Moved,
    Recording,
    RecordingChanged,
    Stopped,
    Trouble,
    Wait,
    clean,
    waits,
)

MOST_WALKED = 100
"""Applets between two inputs of the caller."""
MOST_IN_ALL = 1000
"""Applets in a call."""

ENDINGS = (
    "end_of_plan",  # the wire leads to nothing: meant to end here
    "open_exit",  # the exit has no wire
    "left_plan",  # an exit of kind end: the caller was connected elsewhere
    "hung_up",  # nobody on the line any more, and the hang-up applet, if any, is done
    "nobody_on_the_line",  # an applet needs the caller of a callback that was not answered
    "stopped",  # by an operator
    "limit",  # too many applets or effects
    "fault",  # a fault in an applet that has no failure exit
    "trouble",  # a wait could not be kept, and the applet has no failure exit
    "incomplete",  # an applet that cannot run: its settings are incomplete or its type is gone
    "missing_applet",  # the plan leads to an applet it does not have, or has no initial applet
    "never_started",  # an input for a call that never began
)

APOLOGY = "We are sorry, something went wrong. Please call again later. Goodbye."
"""Said where the plan has no apology of its own."""

_OVER: str | None = None
_CALLER_HEARD = frozenset({"keys", "speech", "recorded"})
_NEW_TURN = _CALLER_HEARD | {"silence"}
_SILENT_AGAIN = _NEW_TURN | {"played", "dial_ended"}
_RECORDING = {"start": "on", "pause": "paused", "resume": "on", "stop": "off"}
_WAITS = frozenset(get_args(get_args(AnyWait)[0]))


@dataclass(slots=True)
class Step:
    """`commands`: what this step says, with the waiting command or HangUp last; after an effect that is waited for
    there is only what was said so far. `effects`: all of them, also the one in `waits`, numbered by `n`; a local one
    is answered by taking the next step at once. `took`: False when the input was ignored and nothing changed."""

    state: CallState
    at: float
    commands: list[Any] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    waits: Wait | None = None
    took: bool = True


def take_step(plan: Plan, state: CallState | None, heard: Input) -> Step:
    """Take the call one step on. The state given is left as it is; `state` is None only before CallStarted."""
    new = CallState(plan.id, plan.version) if state is None else state.copy()
    walk = _Walk(plan, new, heard.at)
    key = walk.begin(heard) if state is None else walk.hear(heard)
    while key is not None:
        key = walk.enter(key)
    view = walk.view
    return Step(new, heard.at, view.commands, view.effects, view.events, walk.waits, walk.took)


class _Walk:
    """Methods that return `str | None` give the key of the applet to enter next; None: the step is over."""

    __slots__ = ("plan", "state", "took", "view", "waits")

    def __init__(self, plan: Plan, state: CallState, now: float) -> None:
        self.plan = plan
        self.state = state
        self.view = CallView(plan, state, now)
        self.waits: Wait | None = None
        self.took = True

    # ---- what was heard ----

    def begin(self, heard: Input) -> str | None:
        state = self.state
        if not isinstance(heard, CallStarted):
            if isinstance(heard, HungUp):
                state.caller = "gone"
                self.view.event("hung_up", by=heard.by)
                return self.end("hung_up")
            self.ignore(heard)
            return self.end("never_started")
        state.seed, state.caller, state.card = heard.seed, heard.caller, copy.deepcopy(heard.card)
        own = {"CallGuid": heard.call, "CLID": heard.clid, "DialledNumber": self.plan.id}
        for seeds in (own, heard.seeds, self.plan.seeds):
            for name, value in seeds.items():
                name = clean(name)
                if name.casefold() not in state.seen_keys:
                    state.seen_keys[name.casefold()] = name
                    state.sources[name] = Source(None if value is None else clean(value))
        self.view.event("started", clid=heard.clid, dialled=heard.dialled, caller=heard.caller)
        return self.go_to(heard.applet or self.plan.initial)

    def hear(self, heard: Input) -> str | None:
        state = self.state
        if state.ended or isinstance(heard, CallStarted):
            return self.ignore(heard)
        if isinstance(heard, HungUp):
            return self.hung_up(heard)
        if isinstance(heard, Stopped):
            self.view.event("stopped", by=heard.by)
            self.cut_off("stopped")
            return self.end("stopped")
        if isinstance(heard, Moved):
            if heard.applet not in self.plan.applets:
                return self.ignore(heard)
            self.view.event("moved", to=heard.applet, by=heard.by)
            self.cut_off("moved")
            self.left(None, heard.applet)
            return heard.applet
        wait: Wait | None = None if state.wait is None else waits.validate_python(state.wait)
        if wait is None or not wait.takes(heard):
            return self.ignore(heard)
        return self.go_on(wait, heard)

    def go_on(self, wait: Wait, heard: Input) -> str | None:
        """The wait has ended: the applet that returned it goes on."""
        state = self.state
        kind: str = heard.kind  # type: ignore[attr-defined]  # every concrete Input has it
        talked = getattr(heard, "outcome", "") == "talked"
        if kind in _CALLER_HEARD or talked:
            state.walked = 0
        if kind in _NEW_TURN or talked:
            state.effects_turn = 0
        if kind in _SILENT_AGAIN:
            state.talking = False
        if isinstance(heard, LegAnswered):
            state.caller = "present"
        if isinstance(heard, RecordingChanged) and isinstance(wait, Recording) and heard.ok:
            state.recording = _RECORDING[wait.do]
        self.view.event("heard", **heard_data(self.view, wait, heard, state.wait_since))
        state.wait = None
        placed = self.runnable(state.applet)
        if placed is None or placed.applet is None:
            return None
        if isinstance(heard, Trouble):
            return self.fail("trouble")
        return self.settle(self.ask(placed.applet.resume, heard))

    def hung_up(self, heard: HungUp) -> str | None:
        state = self.state
        if state.caller == "gone":
            return self.ignore(heard)
        self.view.event("hung_up", by=heard.by)
        state.caller, state.talking = "gone", False
        state.walked = state.effects_turn = 0
        self.cut_off("hung_up")
        self.left(None, self.plan.hangup)
        return self.plan.hangup if self.plan.hangup else self.end("hung_up")

    def ignore(self, heard: Input) -> str | None:
        self.took = False
        self.view.event("ignored", what=getattr(heard, "kind", ""))
        return _OVER

    # ---- the loop ----

    def go_to(self, key: str | None) -> str | None:
        if key is None:
            self.view.issue("no_initial", "The plan has no initial applet.")
            return self.apologise("missing_applet")
        return key

    def enter(self, key: str) -> str | None:
        state = self.state
        state.applet, state.applet_since, state.scraps = key, self.view.now, {}
        placed = self.runnable(key)
        if placed is None or placed.applet is None:
            return None
        state.walked += 1
        state.total += 1
        if state.walked > MOST_WALKED or state.total > MOST_IN_ALL:
            words = "The plan went through too many applets without hearing from the caller."
            if state.total > MOST_IN_ALL:
                words = "The plan went through too many applets in one call."
            self.view.issue("too_many_applets", words)
            return self.apologise("limit")
        self.view.event("entered")
        return self.settle(self.ask(placed.applet.enter))

    def settle(self, answer: Next | None) -> str | None:
        """What becomes of an applet's answer; None is a fault."""
        if self.view.too_many_effects:
            return self.effects_used_up()
        if answer is None:
            return self.fail("fault")
        return self.wait(answer) if isinstance(answer, Wait) else self.leave(answer)

    def leave(self, exit: str) -> str | None:
        state, plan = self.state, self.plan
        key = state.applet or ""
        kind = plan.applets[key].exit_kinds().get(exit)
        if kind is None:
            self.view.event("fault", why="unknown_exit", where=self.view.scrub(exit[:100]))
            return self.fail("fault")
        target = None if kind == "end" else plan.target(key, exit)
        self.left(exit, target)
        if target is not None:
            return target
        if kind == "end":
            return self.end("left_plan")
        return self.end("end_of_plan" if plan.wired(key, exit) else "open_exit")

    def wait(self, wait: Wait) -> str | None:
        state = self.state
        if wait.needs_caller and state.caller != "present":
            self.cut_off("nobody_on_the_line")
            return self.end("nobody_on_the_line")
        wait = copy.copy(wait)
        if isinstance(wait, Effect):
            if not self.view.number(wait):
                return self.effects_used_up()
        else:
            for prompt in wait.prompts if isinstance(wait, Gather) else ():
                self.view.heard_by_caller(prompt)
            self.view.commands.append(wait)
        state.wait, state.wait_since = waits.dump_python(wait, mode="json"), self.view.now
        self.view.event("asked", **asked_data(self.view, wait))
        self.waits = wait
        return None

    # ---- when something is wrong ----

    def ask(self, method: Callable[..., Next], *heard: Input) -> Next | None:
        """Let the applet decide. A fault in it is recorded without its message, which could hold anything."""
        try:
            answer = method(self.view, *heard)
        except Exception as error:  # whatever it is, the call goes on without this applet
            at = traceback.extract_tb(error.__traceback__)[-1]
            self.view.event("fault", why=type(error).__name__, where=f"{Path(at.filename).name}:{at.lineno}")
        else:
            if isinstance(answer, str) or type(answer) in _WAITS:
                return answer
            self.view.event("fault", why="no_answer", where=type(answer).__name__)
        self.cut_off("fault")
        return None

    def fail(self, why: str) -> str | None:
        """Leave by the first failure exit; without one apologise and end."""
        key = self.state.applet or ""
        for exit, kind in self.plan.applets[key].exit_kinds().items():
            if kind == "failure":
                if not self.plan.wired(key, exit):
                    self.apology()
                return self.leave(exit)
        return self.apologise(why)

    def runnable(self, key: str | None) -> PlacedApplet | None:
        """The applet, or None when the call had to end because it cannot run."""
        placed = self.plan.applets.get(key or "")
        if placed is None:
            self.view.issue("missing_applet", "The plan leads to an applet that it does not have.")
            self.apologise("missing_applet")
            return None
        if placed.applet is not None:
            return placed
        self.view.event("entered")
        if register.get(placed.type) is None:
            self.view.issue("missing_type", placed.trouble or f"There is no applet type {placed.type!r}.")
        else:
            self.view.issue("incomplete_applet", placed.trouble or f"{placed.name} is incomplete.")
            self.view.say(f"The applet {placed.name} is incomplete.")
        self.apologise("incomplete")
        return None

    def effects_used_up(self) -> str | None:
        self.view.issue("too_many_effects", "The plan asked too much of other systems without hearing from the caller.")
        self.cut_off("fault")
        return self.apologise("limit")

    def cut_off(self, why: str) -> None:
        """Tell the applet that it is left against its will; what it would say is not said any more."""
        state, view = self.state, self.view
        state.wait = None
        placed = self.plan.applets.get(state.applet or "")
        if placed is None or placed.applet is None:
            return
        view.muted = True
        try:
            placed.applet.cut_off(view, why)
        except Exception as error:  # as in ask
            view.event("fault", why=type(error).__name__, where="cut_off")
        view.muted = view.too_many_effects = False

    def apology(self) -> None:
        self.view.say(self.view.sound(self.plan.apology or APOLOGY))

    def apologise(self, why: str) -> str | None:
        self.apology()
        return self.end(why)

    def left(self, exit: str | None, to: str | None) -> None:
        """`exit` is None when it was left against its will."""
        seconds = self.view.now - self.state.applet_since
        seconds = round(seconds, 3) if seconds > 0 else 0.0
        self.view.event("left", exit=exit, to=to, seconds=seconds)
        self.state.scraps = {}

    def end(self, why: str) -> str | None:
        """The call is over. Whatever ended it after the caller had gone, it ended because the caller had gone."""
        state = self.state
        data = {"why": why}
        if state.caller == "gone" and why != "stopped":
            data = {"why": "hung_up"} if why == "hung_up" else {"why": "hung_up", "then": why}
        state.ended = data["why"]
        self.view.event("ended", **data)
        state.wait, state.scraps, state.applet = None, {}, None
        if state.caller != "gone":
            self.view.commands.append(HangUp(reason=state.ended))
        return _OVER
