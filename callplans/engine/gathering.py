"""What the applets that ask for keys share: asking again after silence, and collecting digits into a data source."""

from __future__ import annotations

from typing import ClassVar, TypeVar

from pydantic import Field, model_validator

from callplans.engine.applet import Applet, Exit, ExitPerItem, Family, Next, Prompt, Settings
from callplans.engine.call import CallView
from callplans.engine.checks import Problem
from callplans.engine.form import needed
from callplans.engine.words import Gather, Input, Keys, Sound, Wait

SLOT = "IVRSlot|"
LONGEST_SLOT = 255 - len(SLOT)
_KEYS = frozenset("0123456789*")
_HASH = ("#", "hash", "pound", "square", "gate")
_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


def slot_source(slot: str) -> str:
    """The data source behind an IVR slot: OrderId is IVRSlot|OrderId."""
    return SLOT + slot


def heard_prompts(call: CallView, *prompts: Prompt) -> list[Sound]:
    """The prompts that can be heard, in order; a key cuts them short."""
    return [sound for prompt in prompts if (sound := call.sound(prompt, barge_in=True)) is not None]


def counted(call: CallView, what: str, most: int) -> bool:
    """Count one more of it on this visit; whether that was the last one allowed."""
    times = int(call.scraps.get(what, 0)) + 1
    call.scraps[what] = times
    return times >= most


def silent(prompt: Prompt) -> list[Problem]:
    """The warning for a prompt in which there is nothing to hear."""
    if prompt.file or prompt.text.strip():
        return []
    words = "There is neither a text nor an audio file: the caller is not told what to key."
    return [Problem("silent", "warning", words, field="prompt")]


class CollectSettings(Settings):
    prompt: Prompt = Field(
        Prompt(),
        title="Input prompt",
        description="Asks the caller for the digits. Where their number is not fixed, mention # as the last key.",
        json_schema_extra={"x-section": "Standard options", "x-widget": "prompt"},
    )
    most: int = Field(
        title="Maximum number of digits to collect",
        description="The applet goes on as soon as the caller has keyed this many, or #.",
        ge=1,
        le=64,
        json_schema_extra={"x-section": "Standard options"},
    )
    to_source: bool = Field(
        False,
        title="Collect to data source?",
        description="Store the digits in a data source of any name in place of an IVR slot.",
        json_schema_extra={"x-section": "Standard options"},
    )
    secure: bool = Field(
        False,
        title="Collect securely",
        description="The digits live for the call only, are masked everywhere, and are never spoken.",
        json_schema_extra={"x-section": "Standard options"},
    )
    slot: str = Field(
        "",
        title="Destination",
        description="The IVR slot that takes the digits; slot OrderId is the data source $(IVRSlot|OrderId).",
        max_length=LONGEST_SLOT,
        json_schema_extra={"x-section": "Standard options", "x-source": "slot", "x-when": "!to_source and !secure"},
    )
    source: str = Field(
        "",
        title="Destination",
        description="The data source that takes the digits.",
        max_length=255,
        json_schema_extra={"x-section": "Standard options", "x-source": "write", "x-when": "to_source or secure"},
    )
    first_seconds: int = Field(
        5,
        title="Seconds to wait for the first key",
        description="Counted from the end of the prompt.",
        ge=1,
        le=60,
        json_schema_extra={"x-section": "Standard options", "x-unit": "s"},
    )
    between_seconds: int = Field(
        3,
        title="Seconds to wait between keys",
        description="After this pause what was keyed so far is taken.",
        ge=1,
        le=10,
        json_schema_extra={"x-section": "Standard options", "x-unit": "s"},
    )
    max_no_input: int = Field(
        3,
        title="Maximum no input count",
        description="How often the caller may key nothing before the call leaves by the no-input exit.",
        ge=1,
        le=10,
        json_schema_extra={"x-section": "No input"},
    )
    no_input_prompt: Prompt = Field(
        Prompt(),
        title="No-input prompt",
        description="Heard before the input prompt is repeated.",
        json_schema_extra={"x-section": "No input", "x-widget": "prompt"},
    )

    @model_validator(mode="after")
    def _has_destination(self) -> CollectSettings:
        named = self.to_source or self.secure
        needed((("source", named and not self.source.strip()), ("slot", not named and not self.slot.strip())))
        return self

    @property
    def destination(self) -> str:
        """The data source that takes the digits."""
        return self.source if self.to_source or self.secure else slot_source(self.slot)


C = TypeVar("C", bound=CollectSettings)


class Collecting(Applet[C]):
    """Asks for digits, again after silence, and stores them without the # that ends them."""

    family: ClassVar[Family] = "ask"
    channels: ClassVar[tuple[str, ...]] = ("calls",)
    uses: ClassVar[tuple[type[Wait], ...]] = (Gather,)
    exits: ClassVar[tuple[Exit | ExitPerItem, ...]] = (
        Exit("next", "Next applet after digits collected", short="Digits collected"),
        Exit("no_input", "Applet to go to after maximum no input", kind="failure", short="No input"),
    )

    def enter(self, call: CallView) -> Next:
        return self._ask(call, self.settings.prompt)

    def resume(self, call: CallView, heard: Input) -> Next:
        settings = self.settings
        keyed = heard.digits.partition("#")[0] if isinstance(heard, Keys) else ""
        digits = "".join(key for key in keyed if key in _KEYS)[: settings.most]
        if digits:
            call.set(settings.destination, digits, sealed=settings.secure, collected=True)
            return "next"
        if counted(call, "no_input", settings.max_no_input):
            return "no_input"
        return self._ask(call, settings.no_input_prompt, settings.prompt)

    def _ask(self, call: CallView, *prompts: Prompt) -> Next:
        return Gather(
            prompts=heard_prompts(call, *prompts),
            most=self.settings.most,
            finish="#",
            first=self.settings.first_seconds,
            between=self.settings.between_seconds,
            sealed=self.settings.secure,
        )

    def writes(self) -> set[str]:
        return {self.settings.destination}

    def check(self) -> list[Problem]:
        settings = self.settings
        problems = silent(settings.prompt)
        text = settings.prompt.text.lower()
        if settings.most > 1 and text and not _says_how_to_end(text, settings.most):
            words = "The prompt does not mention #, the key that ends the input when fewer digits are keyed."
            problems.append(Problem("hash_not_mentioned", "warning", words, field="prompt.text"))
        if settings.most > 12 and not settings.secure:
            words = "More than 12 digits are collected unsecured: a card number fits in. Tick “Collect securely”."
            problems.append(
                Problem("many_digits_unsecured", "warning", words, field="secure", params={"most": settings.most})
            )
        return problems


def _says_how_to_end(text: str, most: int) -> bool:
    """Whether a prompt mentions #, or the number of digits and so a fixed length."""
    words = set(text.replace("-", " ").replace(".", " ").replace(",", " ").split())
    fixed = {str(most), _NUMBERS[most] if most < len(_NUMBERS) else str(most)}
    return any(sign in text for sign in _HASH) or bool(words & fixed)
