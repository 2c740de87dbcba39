"""Whole calls as scripts, played without telephone, network or clock: what the caller does, what web services answer.

A story as JSON (every part may be left out):

    {"caller": "+447700900123",
     "does": ["44170921#", "1", "", "hang up"],             keys, "" for silence; silent when nothing is left
     "services": {"Look up account": [{"status": 200, "body": {...}}, {"error": "timeout"}]},   by applet's name
     "dials": {"Speak to an agent": [{"outcome": "no_answer"}, {"outcome": "talked", "seconds": 40}]},
     "hang_up_at": 3}                                       the wait, counted from 0, at which the caller hangs up

Answers and outcomes are used in order; the last one serves for all that follow. `trouble_at` is `hang_up_at` for a wait
that the provider cannot keep.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from callplans.engine.call import CallState, seconds_to_say
from callplans.engine.errors import BadStory
from callplans.engine.plan import PlacedApplet, Plan
from callplans.engine.step import Step, take_step
from callplans.engine.words import (
    Answered,
    CallStarted,
    Dial,
    DialEnded,
    Drain,
    Event,
    Fetch,
    Fetched,
    Gather,
    HungUp,
    Input,
    Keys,
    Locate,
    Outcome,
    Played,
    Recording,
    RecordingChanged,
    Silence,
    Sound,
    TakeNext,
    Text,
    Trouble,
    Wait,
)

Reader = Callable[[str, bytes, str, Sequence[Locate]], tuple[list[str | None], list[str]]]
"""Finds values in an answer: (json or xml, body, content type, what) -> (values, issues)."""

HANG_UP = "hang up"
MOST_STEPS = 3000

T = TypeVar("T")


@dataclass(slots=True)
class Answer:
    """What a web service answers. `body`: JSON as it is, or text; `values` instead of it where nobody reads bodies."""

    status: int | None = None
    body: Any = None
    error: str = ""
    values: list[str | None] | None = None
    seconds: float = 0.2


@dataclass(slots=True)
class DialOutcome:
    outcome: Outcome = "no_answer"
    seconds: float = 0.0


@dataclass(slots=True)
class Story:
    caller: str | None = "+447700900123"
    does: list[str] = field(default_factory=list)
    services: dict[str, list[Answer]] = field(default_factory=dict)
    dials: dict[str, list[DialOutcome]] = field(default_factory=dict)
    seeds: dict[str, str] = field(default_factory=dict)
    hang_up_at: int | None = None
    trouble_at: int | None = None

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Story:
        """Raises BadStory for parts it does not know."""
        try:
            plain = {name: part for name, part in data.items() if name not in ("services", "dials")}
            services = {name: [Answer(**a) for a in answers] for name, answers in data.get("services", {}).items()}
            dials = {name: [DialOutcome(**d) for d in ended] for name, ended in data.get("dials", {}).items()}
            return cls(services=services, dials=dials, **plain)
        except (TypeError, AttributeError) as wrong:
            raise BadStory(str(wrong)) from wrong


@dataclass(slots=True)
class Request:
    """A request as the plan made it: settings and sealed values as the references they still are."""

    applet: str
    method: str
    url: str
    headers: dict[str, str]
    body: str


@dataclass(slots=True)
class Told:
    """How a story went. `said`: what the caller heard, in order; `route`: names of the applets entered;
    `left`: (name, exit), None where it was left against its will; `waits`: (name, wait), local ones left out."""

    plan: Plan
    said: list[str] = field(default_factory=list)
    route: list[str] = field(default_factory=list)
    left: list[tuple[str, str | None]] = field(default_factory=list)
    waits: list[tuple[str, Wait]] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    inputs: list[Input] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)

    @property
    def state(self) -> CallState:
        return self.steps[-1].state

    @property
    def ended(self) -> str:
        return self.state.ended

    @property
    def sources(self) -> dict[str, str | None]:
        return {name: source.value for name, source in self.state.sources.items()}

    def issues(self) -> list[str]:
        """Codes of the issues, in order."""
        return [event.data["code"] for event in self.events if event.kind == "issue"]

    def lines(self) -> list[str]:
        """The record of the call, one line an event."""
        start = self.events[0].at
        labels = {key: labels_of(placed) for key, placed in self.plan.applets.items()}
        found = ((event, line_of(event, labels.get(event.applet or ""))) for event in self.events)
        return [f"{event.at - start:7.1f}  {_name(self.plan, event.applet):<24}  {line}" for event, line in found]


def tell(plan: Plan, story: Story, read: Reader | None = None) -> Told:
    """Play the story to its end. Raises BadStory when it lacks an answer or does not end."""
    return _Teller(plan, story, read).tell()


def written(text: Text) -> str:
    """A text of an effect with its references as their author wrote them."""
    return "".join(p if isinstance(p, str) else f"{'#' if p.of == 'secret' else '$'}({p.key})" for p in text)


class _Teller:
    def __init__(self, plan: Plan, story: Story, read: Reader | None) -> None:
        self.plan, self.story, self.read = plan, story, read
        self.told = Told(plan)
        self.now = 1_700_000_000.0
        self.does = iter(story.does)
        self.answers = {name: _last_stays(answers) for name, answers in story.services.items()}
        self.outcomes = {name: _last_stays(ended) for name, ended in story.dials.items()}
        self.counters: dict[str, int] = {}

    def tell(self) -> Told:
        state: CallState | None = None
        heard: Input = CallStarted(self.now, "call-1", self.story.caller, "+441632960100", self.story.seeds, seed=1)
        while state is None or not state.ended:
            if len(self.told.steps) > MOST_STEPS:
                raise BadStory("the story does not end")
            step = self.take(state, heard)
            state = CallState.from_json(json.loads(json.dumps(step.state.to_json())))
            if step.waits is not None:
                heard = self.answer(step.waits)
            elif not state.ended:
                raise BadStory(f"the plan took no notice of {heard}")
        return self.told

    def take(self, state: CallState | None, heard: Input) -> Step:
        told, step = self.told, take_step(self.plan, state, heard)
        told.inputs.append(heard)
        told.steps.append(step)
        told.events += step.events
        for event in step.events:
            name = _name(self.plan, event.applet)
            if event.kind == "entered":
                told.route.append(name)
            elif event.kind == "left":
                told.left.append((name, event.data["exit"]))
        for command in step.commands:
            for sound in command.prompts if isinstance(command, Gather) else [command]:
                if isinstance(sound, Sound):
                    told.said.append(f"[{sound.file}]" if sound.file else sound.text or "")
                    self.now += sound.seconds or seconds_to_say(sound.text or "")
        return step

    def answer(self, wait: Wait) -> Input:
        """What the world outside does about a wait."""
        name = _name(self.plan, self.told.steps[-1].state.applet)
        if isinstance(wait, TakeNext):
            n = self.counters[wait.counter] = self.counters.get(wait.counter, -1) + 1
            return Answered(self.now, wait.n, {"n": n % wait.of})
        at = len(self.told.waits)
        self.told.waits.append((name, wait))
        if isinstance(wait, Fetch):
            headers = {written(key): written(value) for key, value in wait.headers}
            self.told.requests.append(Request(name, wait.method, written(wait.url), headers, written(wait.body)))
        self.now += 1
        if at == self.story.hang_up_at:
            return HungUp(self.now)
        if at == self.story.trouble_at:
            return Trouble(self.now, "callback_lost")
        match wait:
            case Gather():
                return self.keys(wait)
            case Fetch():
                return self.fetched(name, wait)
            case Dial():
                ended = self.next_of(self.outcomes, name)
                self.now += ended.seconds
                return DialEnded(self.now, ended.outcome, ended.seconds)
            case Drain():
                return Played(self.now)
            case Recording():
                return RecordingChanged(self.now, True)
        raise BadStory(f"nothing in a story answers {type(wait).__name__}")

    def keys(self, wait: Gather) -> Input:
        does = next(self.does, "")
        if does == HANG_UP:
            return HungUp(self.now)
        self.now += wait.first if not does else len(does) * 0.5
        if not does:
            return Silence(self.now)
        digits, finish, _ = does.partition(wait.finish) if wait.finish else (does, "", "")
        if len(digits) >= wait.most:
            return Keys(self.now, digits[: wait.most], "full")
        return Keys(self.now, digits, "finish_key" if finish else "pause")

    def fetched(self, name: str, wait: Fetch) -> Input:
        answer = self.next_of(self.answers, name)
        self.now += wait.seconds if answer.error == "timeout" else answer.seconds
        if answer.error or answer.status is None:
            return Fetched(self.now, wait.n, error=answer.error or "refused")
        values, issues = answer.values or [], list[str]()
        if answer.values is None and self.read is not None:
            body = answer.body if isinstance(answer.body, str) else json.dumps(answer.body)
            values, issues = self.read(wait.answer, body.encode(), "", wait.locate)
        return Fetched(self.now, wait.n, answer.status, values, issues)

    def next_of(self, found: dict[str, Iterator[T]], name: str) -> T:
        if name not in found:
            raise BadStory(f"the story does not say what happens at {name!r}")
        return next(found[name])


def _last_stays(items: list[T]) -> Iterator[T]:
    """The items, then the last one for ever; an empty list is a BadStory when it is asked."""
    yield from items
    if not items:
        raise BadStory("an empty list of answers")
    while True:
        yield items[-1]


def _name(plan: Plan, key: str | None) -> str:
    placed = plan.applets.get(key or "")
    return placed.name if placed else ""


def labels_of(placed: PlacedApplet) -> dict[str, str]:
    """Exit name -> label."""
    applet = placed.applet
    drawn = applet.drawn_exits(applet.settings.model_dump(mode="json")) if applet else []
    return {exit.name: exit.label for exit in drawn}


def line_of(event: Event, labels: dict[str, str] | None = None) -> str:
    """One event in plain words, for a terminal. `labels` of the exits of its applet."""
    data = event.data
    match event.kind:
        case "said":
            return f"says: {data['text'] or data.get('file', '')}"
        case "left":
            exit = data["exit"]
            return f"leaves by “{(labels or {}).get(exit, exit)}”" if exit else "is left"
        case "asked":
            about = data.get("label") or data.get("to") or ""
            return f"waits: {data['what']} {about}".rstrip() + (
                f" (up to {data['seconds']:g} s)" if "seconds" in data else ""
            )
        case "heard":
            return "hears: " + ", ".join(
                f"{k} {v}" if k != "what" else str(v) for k, v in data.items() if v not in (None, "", [])
            )
        case "set":
            return f"sets {data['name']}" + (" to null" if data["null"] else f", {data['length']} characters")
        case "issue":
            return f"issue: {data['words']}"
        case _:
            return " ".join([event.kind.replace("_", " "), *(str(v) for v in data.values() if v not in (None, ""))])
