"""The words spoken between the outside and a plan: inputs, waits (commands and effects), events.

Slots dataclasses, because a turn makes dozens of them; one pydantic TypeAdapter per union turns them to JSON and
back at the edges (`input_to_json`, `input_from_json`, ...). Every class carries `kind`, its name in snake case.
Times are seconds since the epoch (float, UTC), durations are seconds.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar, Literal, Union

from pydantic import Field, TypeAdapter

Caller = Literal["present", "absent", "gone"]
Outcome = Literal["talked", "busy", "no_answer", "rejected", "cancelled", "failed"]


# ---- text -----------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Hidden:
    """A value that stays a reference until it is sent: `#(Key)` or a securely collected data source."""

    of: Literal["secret", "sealed"]
    key: str


Text = list[str | Hidden]
"""Text filled in one pass and never read for placeholders again; `effects.py` alone resolves what is hidden."""


@dataclass(slots=True)
class Sound:
    """Something to be heard. `masked` is the same text as the record may keep it: collected values as bullets."""

    text: str | None = None
    file: str | None = None
    voice: str | None = None
    language: str | None = None
    seconds: float | None = None
    barge_in: bool = False
    masked: str | None = None
    kind: Literal["sound"] = "sound"


# ---- inputs ---------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Input:
    """Base of everything that comes in. `at` is the only clock a plan ever sees."""

    at: float


@dataclass(slots=True)
class CallStarted(Input):
    """The call begins. `seeds`: data sources, destination before mapping before plan (already merged)."""

    call: str
    clid: str | None
    dialled: str
    seeds: dict[str, str] = field(default_factory=dict)
    seed: int = 0
    applet: str | None = None
    caller: Caller = "present"
    card: dict[str, Any] = field(default_factory=dict)
    kind: Literal["call_started"] = "call_started"


@dataclass(slots=True)
class Keys(Input):
    digits: str
    ended_by: Literal["full", "finish_key", "pause"] = "full"
    kind: Literal["keys"] = "keys"


@dataclass(slots=True)
class Silence(Input):
    kind: Literal["silence"] = "silence"


@dataclass(slots=True)
class Speech(Input):
    text: str
    confidence: float = 0.0
    kind: Literal["speech"] = "speech"


@dataclass(slots=True)
class Played(Input):
    """All that was said has been heard."""

    kind: Literal["played"] = "played"


@dataclass(slots=True)
class Recorded(Input):
    name: str
    seconds: float | None = None
    bytes: int | None = None
    kind: Literal["recorded"] = "recorded"


@dataclass(slots=True)
class RecordingChanged(Input):
    ok: bool
    kind: Literal["recording_changed"] = "recording_changed"


@dataclass(slots=True)
class DialEnded(Input):
    outcome: Outcome
    seconds: float = 0.0
    reason: str = ""
    kind: Literal["dial_ended"] = "dial_ended"


@dataclass(slots=True)
class LegAnswered(Input):
    kind: Literal["leg_answered"] = "leg_answered"


@dataclass(slots=True)
class Fetched(Input):
    """A web service answered or did not.

    `status`: HTTP status, or None when there was no answer. `values`: what the applet's locators found, in the order
    of its fields (None: not found or not readable). `issues`: what went wrong while reading it. `error`: empty, or
    timeout | dns | refused | blocked | secret_missing | too_large | lost. The body itself is never kept.
    """

    effect: int
    status: int | None = None
    values: list[str | None] = field(default_factory=list)
    issues: list[str] = field(default_factory=list)
    error: str = ""
    kind: Literal["fetched"] = "fetched"


@dataclass(slots=True)
class Answered(Input):
    """Any other effect's answer."""

    effect: int
    value: dict[str, Any] = field(default_factory=dict)
    error: str = ""
    kind: Literal["answered"] = "answered"


@dataclass(slots=True)
class Moved(Input):
    applet: str
    by: str
    kind: Literal["moved"] = "moved"


@dataclass(slots=True)
class Stopped(Input):
    by: str
    kind: Literal["stopped"] = "stopped"


@dataclass(slots=True)
class HungUp(Input):
    by: Literal["caller", "provider", "lost"] = "caller"
    kind: Literal["hung_up"] = "hung_up"


@dataclass(slots=True)
class Trouble(Input):
    """The wait cannot be kept: callback lost, holds used up, command refused by the provider."""

    why: str
    kind: Literal["trouble"] = "trouble"


AnyInput = Annotated[
    Union[
        CallStarted, Keys, Silence, Speech, Played, Recorded, RecordingChanged, DialEnded, LegAnswered, Fetched,
        Answered, Moved, Stopped, HungUp, Trouble,
    ],
    Field(discriminator="kind"),
]  # fmt: skip


# ---- waits ----------------------------------------------------------------------------------------------------------


@dataclass(slots=True, kw_only=True)
class Wait:
    """Base of everything that can be waited for. `open_to`: other people's inputs that may also end it."""

    answers: ClassVar[tuple[str, ...]] = ()
    needs_caller: ClassVar[bool] = True
    open_to: tuple[str, ...] = ()

    def takes(self, heard: Input) -> bool:
        """Whether this input ends the wait."""
        kind: str = heard.kind  # type: ignore[attr-defined]  # every concrete Input has it
        return kind == "trouble" or kind in self.open_to or kind in self.answers


@dataclass(slots=True, kw_only=True)
class HangUp:
    """Ends the call; never waited for, always the last command."""

    reason: str = ""
    kind: Literal["hang_up"] = "hang_up"


@dataclass(slots=True, kw_only=True)
class Gather(Wait):
    """Collect keys. `first`: seconds until the first key, counted from the end of speech; `between`: between keys."""

    answers: ClassVar = ("keys", "silence", "speech")
    prompts: list[Sound] = field(default_factory=list)
    most: int = 1
    least: int = 1
    finish: str = "#"
    first: float = 5.0
    between: float = 3.0
    barge_in: bool = True
    sealed: bool = False
    speech: bool = False
    hints: list[str] = field(default_factory=list)
    language: str | None = None
    kind: Literal["gather"] = "gather"


@dataclass(slots=True, kw_only=True)
class Record(Wait):
    answers: ClassVar = ("recorded", "silence")
    name: str
    seconds: int = 180
    finish: str = "#"
    silence: int = 5
    beep: bool = True
    kind: Literal["record"] = "record"


@dataclass(slots=True, kw_only=True)
class Dial(Wait):
    """Connect the caller to another leg. `private`: a payment leg, of which nothing is shown or kept but its times."""

    answers: ClassVar = ("dial_ended",)
    to: str
    via: Literal["phone", "sip", "agent", "bot"] = "phone"
    present: str | None = None
    ring: float = 30.0
    talk: float | None = None
    private: bool = False
    headers: dict[str, str] = field(default_factory=dict)
    whisper: Sound | None = None
    kind: Literal["dial"] = "dial"


@dataclass(slots=True, kw_only=True)
class Drain(Wait):
    """Wait until all that was said has been heard."""

    answers: ClassVar = ("played",)
    kind: Literal["drain"] = "drain"


@dataclass(slots=True, kw_only=True)
class Recording(Wait):
    answers: ClassVar = ("recording_changed",)
    do: Literal["start", "pause", "resume", "stop"]
    name: str = ""
    kind: Literal["recording"] = "recording"


@dataclass(slots=True, kw_only=True)
class Effect(Wait):
    """What the outside world must do. `n` is set by the engine: unique in the call."""

    answers: ClassVar = ("answered",)
    needs_caller: ClassVar[bool] = False
    local: ClassVar[bool] = False
    n: int = 0

    def takes(self, heard: Input) -> bool:
        if getattr(heard, "effect", self.n) != self.n:
            return False
        return Wait.takes(self, heard)


@dataclass(slots=True)
class Locate:
    """One value to be found in an answer. `datatype`: string | number | boolean | date | datetime."""

    locator: str
    datatype: Literal["string", "number", "boolean", "date", "datetime"] = "string"


@dataclass(slots=True, kw_only=True)
class Fetch(Effect):
    """One HTTP request. Only `method` and the answer's reading are plain; the rest may hold hidden references."""

    answers: ClassVar = ("fetched",)
    method: str
    url: Text
    headers: list[tuple[Text, Text]] = field(default_factory=list)
    body: Text = field(default_factory=list)
    seconds: float = 10.0
    answer: Literal["json", "xml"] = "json"
    locate: list[Locate] = field(default_factory=list)
    repeatable: bool = False
    escape_json: bool = False
    label: str = ""
    """The request as the record may show it: method and address without collected values and secrets."""
    kind: Literal["fetch"] = "fetch"


@dataclass(slots=True, kw_only=True)
class TakeNext(Effect):
    """Local: the next number of a counter that all calls share (rotary). Answer: {"n": int}, 0 <= n < of."""

    local: ClassVar[bool] = True
    counter: str
    of: int
    kind: Literal["take_next"] = "take_next"


AnyEffect = Annotated[Union[Fetch, TakeNext], Field(discriminator="kind")]
AnyWait = Annotated[Union[Gather, Record, Dial, Drain, Recording, Fetch, TakeNext], Field(discriminator="kind")]
Command = Annotated[Union[Sound, HangUp, Gather, Record, Dial, Drain, Recording], Field(discriminator="kind")]


# ---- events ---------------------------------------------------------------------------------------------------------

EVENT_KINDS = (
    "started", "entered", "left", "said", "asked", "heard", "set", "did", "issue", "fault", "ignored", "hung_up",
    "moved", "stopped", "ended", "leg", "hold", "recording_file",
)  # fmt: skip


@dataclass(slots=True)
class Event:
    """What happened, for the record and the live view. Never holds a collected value or a secret, only its length.

    data by kind: started{clid,dialled,caller} entered{} left{exit|null: against its will,to,seconds}
    said{text,seconds,file?} asked{what,seconds?,speaking?,...} heard{what,...,length?}
    set{name,length,sealed,collected,null} did{effect,what,label} issue{code,words} fault{why,where} ignored{what}
    hung_up{by} moved{to,by} stopped{by} ended{why,then?: what it was after the caller had gone}
    leg{status,...} hold{} (leg and hold come from `calls.hear`, not from the engine)
    """

    kind: str
    applet: str | None = None
    data: dict[str, Any] = field(default_factory=dict)
    at: float = 0.0


# ---- edges ----------------------------------------------------------------------------------------------------------

inputs: TypeAdapter[Any] = TypeAdapter(AnyInput)
waits: TypeAdapter[Any] = TypeAdapter(AnyWait)
effects: TypeAdapter[Any] = TypeAdapter(AnyEffect)
commands: TypeAdapter[Any] = TypeAdapter(list[Command])
events: TypeAdapter[Any] = TypeAdapter(list[Event])

_UNCLEAN = re.compile("[\x00\ud800-\udfff]")


def clean(text: str) -> str:
    """Text that every database takes: NUL and lone surrogates become the replacement character."""
    return _UNCLEAN.sub("\N{REPLACEMENT CHARACTER}", text)
