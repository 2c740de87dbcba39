"""A call as the engine sees it: its state, which is JSON between two inputs, and the little of it an applet may touch.

Applets get a `CallView` and nothing else. Everything they do through it lands in the state, in the step's commands
and effects, and in its events; events never hold a collected value or a setting, only lengths and masked texts.
"""

from __future__ import annotations

import copy
import random
from dataclasses import dataclass, field, fields
from functools import lru_cache
from typing import Any

from callplans.engine.applet import Prompt
from callplans.engine.datasources import LONGEST_NAME, SourceRef, parse
from callplans.engine.datasources import fill as fill_parts
from callplans.engine.datasources import template as template_parts
from callplans.engine.errors import BadState
from callplans.engine.masking import SECRET, bullets, hide, mask, masking
from callplans.engine.plan import Plan
from callplans.engine.words import Caller, Effect, Event, Hidden, Sound, Text, clean

MOST_EFFECTS = 10
MOST_KEYED = 16
SHORTEST_TRACED = 4
"""Collected values shorter than this are too common to be looked for in other texts."""


@dataclass(slots=True, frozen=True)
class Source:
    """A data source's value. `collected`: keyed by the caller, or copied from what was; `applet`: key of the applet
    that wrote it, None for what the call began with."""

    value: str | None
    collected: bool = False
    applet: str | None = None


@dataclass(slots=True)
class CallState:
    """Everything of a call between two inputs. `wait`: the wait as JSON, or None while nothing is waited for;
    `ended`: why the call is over, empty while it is not; `seen_keys`: case-folded name -> first spelling;
    `effects`: number of the last effect; `walked`, `total`, `effects_turn`: counted against the limits; `keyed`: the
    last digits collected in the open, those that others replaced included: parts of a card number are known by them."""

    plan: str
    version: str
    applet: str | None = None
    applet_since: float = 0.0
    wait: dict[str, Any] | None = None
    wait_since: float = 0.0
    scraps: dict[str, Any] = field(default_factory=dict)
    sources: dict[str, Source] = field(default_factory=dict)
    sealed: dict[str, Source] = field(default_factory=dict)
    card: dict[str, Any] = field(default_factory=dict)
    caller: Caller = "present"
    recording: str = "off"
    talking: bool = False
    ended: str = ""
    seed: int = 0
    draws: int = 0
    effects: int = 0
    effects_turn: int = 0
    walked: int = 0
    total: int = 0
    seen_keys: dict[str, str] = field(default_factory=dict)
    keyed: list[str] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON; `from_json` gives an equal state back."""
        data = {name: getattr(self, name) for name in _NAMES}
        for part in ("sources", "sealed"):
            data[part] = {
                name: {"value": s.value, "collected": s.collected, "applet": s.applet} for name, s in data[part].items()
            }
        return _own(data)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> CallState:
        """Raises BadState for what `to_json` did not write. Fields it does not know are left out, new ones empty."""
        try:
            known = _own({name: data[name] for name in _NAMES if name in data})
            for part in ("sources", "sealed"):
                known[part] = {name: Source(**source) for name, source in known.get(part, {}).items()}
            return cls(**known)
        except (TypeError, AttributeError) as wrong:
            raise BadState("not a call's state") from wrong

    def copy(self) -> CallState:
        """A state of its own: changing it leaves this one as it is."""
        new = copy.copy(self)
        new.sources, new.sealed, new.seen_keys = dict(self.sources), dict(self.sealed), dict(self.seen_keys)
        new.scraps = copy.deepcopy(self.scraps) if self.scraps else {}
        new.card = copy.deepcopy(self.card) if self.card else {}
        return new


_NAMES = tuple(f.name for f in fields(CallState))


def _own(data: dict[str, Any]) -> dict[str, Any]:
    """The data with its JSON parts copied, so that nobody else's changes reach it."""
    for part in ("scraps", "card", "wait"):
        if data.get(part) is not None:
            data[part] = copy.deepcopy(data[part]) if data[part] else {}
    data["seen_keys"] = dict(data.get("seen_keys", {}))
    return data


def seconds_to_say(text: str) -> float:
    """About how long it takes to say this: 14 characters a second, and a little at commas and full stops."""
    if not text:
        return 0.0
    stops = text.count(".") + text.count("?")
    return int(len(text) / 1.4 + 4 * stops + 2 * text.count(",") + 0.5) / 10


@lru_cache(maxsize=4096)
def _fixed(text: str, masked: bool) -> tuple[str, str] | None:
    """A text as it is said, and as the record may keep it; None when it holds data sources."""
    if any(isinstance(part, SourceRef) for part in parse(text)):
        return None
    said = fill_parts(text, lambda name: "")
    return said, mask(fill_parts(text, lambda name: "", lambda key: SECRET))


class CallView:
    """What an applet sees of its call, and may do to it."""

    __slots__ = ("_state", "commands", "effects", "events", "muted", "now", "plan", "too_many_effects")

    def __init__(self, plan: Plan, state: CallState, now: float) -> None:
        self.plan = plan
        self.now = now
        self._state = state
        self.commands: list[Any] = []
        self.effects: list[Effect] = []
        self.events: list[Event] = []
        self.too_many_effects = False
        self.muted = False

    # ---- what is known ----

    @property
    def caller(self) -> Caller:
        """present, absent (a callback not yet answered) or gone."""
        return self._state.caller

    @property
    def recording(self) -> str:
        """off, on or paused."""
        return self._state.recording

    @property
    def talking(self) -> bool:
        """Whether something was said of which nobody knows yet that it has been heard."""
        return self._state.talking

    @property
    def scraps(self) -> dict[str, Any]:
        """JSON of the applet's own, from entering to leaving."""
        return self._state.scraps

    @property
    def card(self) -> dict[str, Any]:
        """JSON that stays with the call from applet to applet."""
        return self._state.card

    @property
    def place(self) -> tuple[str, str]:
        """Key and name of the applet that is running."""
        key = self._state.applet or ""
        placed = self.plan.applets.get(key)
        return key, placed.name if placed else ""

    @property
    def effects_left(self) -> int:
        """How many effects this turn may still have before the call is stopped."""
        return MOST_EFFECTS - self._state.effects_turn

    def wired(self, exit: str) -> bool:
        """Whether this exit of the running applet has a wire."""
        return self.plan.wired(self._state.applet or "", exit)

    def chance(self) -> float:
        """The next number in [0, 1): the same for the same call at the same point."""
        self._state.draws += 1
        return random.Random(f"{self._state.seed}:{self._state.draws}").random()  # noqa: S311  # must repeat itself

    # ---- data sources ----

    def get(self, key: str) -> str | None:
        """The value, sealed ones included; None: never written, or written as null."""
        found = self._find(key)
        return found.value if found else None

    def is_sealed(self, key: str) -> bool:
        """Whether the value was collected securely, or copied from one that was."""
        return self._spelling(key) in self._state.sealed

    def is_collected(self, key: str) -> bool:
        """Whether the value was keyed by the caller (also securely), or copied from one that was."""
        found = self._find(key)
        return bool(found and found.collected)

    def sources(self) -> dict[str, str | None]:
        """The open data sources."""
        return {name: source.value for name, source in self._state.sources.items()}

    def set(self, key: str, value: str | None, sealed: bool = False, collected: bool = False) -> None:
        """Write a data source; the last writer wins. Give `sealed` and `collected` of the origin when copying. A value
        that a web service gives back just as the caller keyed it counts as collected too."""
        state = self._state
        key = clean(key[:LONGEST_NAME])
        name = state.seen_keys.setdefault(key.casefold(), key)
        value = None if value is None else clean(value)
        collected = collected or sealed or self._was_keyed(value)
        (state.sources if sealed else state.sealed).pop(name, None)
        (state.sealed if sealed else state.sources)[name] = Source(value, collected, state.applet)
        if collected and not sealed and value and value.isdigit():
            state.keyed = [*state.keyed, value][-MOST_KEYED:]
        self.event(
            "set", name=name, length=None if value is None else len(value), sealed=sealed, collected=collected,
            null=value is None,
        )  # fmt: skip

    # ---- texts ----

    def fill(self, text: str, show_sealed: bool = False) -> str:
        """For ears and eyes: data sources filled in, sealed ones as bullets unless asked for."""

        def source(name: str) -> str:
            found = self._find(name)
            if found is None or found.value is None:
                return ""
            return bullets(len(found.value)) if not show_sealed and self.is_sealed(name) else found.value

        return fill_parts(text, source)

    def shown(self, text: str) -> str:
        """As the record may keep it: collected values and settings as bullets, card-like runs masked."""

        def source(name: str) -> str:
            found = self._find(name)
            if found is None or found.value is None:
                return ""
            return bullets(len(found.value)) if found.collected and masking() else self.scrub(found.value)

        return mask(fill_parts(text, source, lambda key: SECRET))

    def template(self, text: str) -> Text:
        """For effects: settings and sealed values stay references until they are sent."""

        def source(name: str) -> str | Hidden:
            spelling = self._spelling(name)
            if spelling in self._state.sealed:
                return Hidden("sealed", spelling)
            found = self._state.sources.get(spelling)
            return found.value or "" if found else ""

        return template_parts(text, source)

    # ---- what it does ----

    def sound(self, prompt: Prompt | str, barge_in: bool = False) -> Sound | None:
        """A prompt, or a text with placeholders, as something to be heard; None when there is nothing to hear. A
        file is played instead of the text, which then only says what is in it."""
        file, text = ("", prompt) if isinstance(prompt, str) else (prompt.file, prompt.text)
        if not file and not text:
            return None
        fixed = _fixed(text, masking())
        said, masked = fixed or (self.fill(text), self.shown(text))
        if not said and not file:
            return None
        return Sound(said or None, file or None, None, self.plan.language, None, barge_in, masked)

    def say(self, what: Prompt | Sound | str | None, barge_in: bool = False, masked: str | None = None) -> None:
        """Say it in the background. A string is words as they are, never read for placeholders; where they hold a
        collected value give `masked`, what the record may keep of them. Nobody on the line: nothing is said."""
        sound = self._sound(what, barge_in, masked)
        if sound is None or self.muted or self._state.caller != "present":
            return
        self.commands.append(sound)
        self.heard_by_caller(sound)

    def do(self, effect: Effect) -> None:
        """Have it done without waiting for the answer; to wait, return it."""
        if self.number(effect):
            what = getattr(effect, "label", "") or ""
            self.event("did", effect=self._state.effects, what=getattr(effect, "kind", ""), label=self.scrub(what))

    def issue(self, code: str, words: str) -> None:
        """Something the author should know. `words` must not be built from what the caller keyed."""
        self.event("issue", code=code, words=self.scrub(words))

    def note(self, kind: str, **data: Any) -> None:
        """Any other event; texts in it are masked."""
        self.event(kind, **{name: self.scrub(v) if isinstance(v, str) else v for name, v in data.items()})

    # ---- for the loop ----

    def event(self, kind: str, **data: Any) -> None:
        """Record what happened, as it is."""
        self.events.append(Event(kind, self._state.applet, data, self.now))

    def number(self, effect: Effect) -> bool:
        """Give the effect its number and let it go; False when the turn has had all its effects."""
        if self._state.effects_turn >= MOST_EFFECTS:
            self.too_many_effects = True
            return False
        self._state.effects_turn += 1
        self._state.effects += 1
        effect.n = self._state.effects
        self.effects.append(effect)
        return True

    def heard_by_caller(self, sound: Sound) -> None:
        """Record a sound that goes out to the caller."""
        self._state.talking = True
        text, seconds = sound.masked, sound.seconds
        if text is None:
            text = self.scrub(sound.text or "")
        if seconds is None:
            seconds = seconds_to_say(sound.text or "")
        data: dict[str, Any] = {"text": text, "seconds": seconds}
        if sound.file:
            data["file"] = sound.file
        self.events.append(Event("said", self._state.applet, data, self.now))

    def scrub(self, text: str) -> str:
        """The text with card-like runs and every collected value that is found in it hidden."""
        if not masking():
            return text
        sources = (*self._state.sources.values(), *self._state.sealed.values())
        keyed = {source.value for source in sources if source.collected and source.value}
        return mask(hide(text, (value for value in keyed if len(value) >= SHORTEST_TRACED)))

    # ---- inside ----

    def _spelling(self, key: str) -> str:
        return self._state.seen_keys.get(key.casefold(), key)

    def _find(self, key: str) -> Source | None:
        name = self._spelling(key)
        return self._state.sources.get(name) or self._state.sealed.get(name)

    def _was_keyed(self, value: str | None) -> bool:
        if value is None or len(value) < SHORTEST_TRACED:
            return False
        state = self._state
        return any(s.collected and s.value == value for part in (state.sources, state.sealed) for s in part.values())

    def _sound(self, what: Prompt | Sound | str | None, barge_in: bool, masked: str | None) -> Sound | None:
        if isinstance(what, str):
            words = clean(what)
            return Sound(words, None, None, self.plan.language, None, barge_in, masked) if words else None
        return self.sound(what, barge_in) if isinstance(what, Prompt) else what
