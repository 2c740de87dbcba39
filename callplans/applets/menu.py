"""Menu: one key, one way on."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator

from callplans.engine.applet import Applet, Exit, ExitPerItem, Next, Prompt, Settings, register
from callplans.engine.call import CallView
from callplans.engine.checks import Problem
from callplans.engine.form import ItemId, unique
from callplans.engine.gathering import counted, heard_prompts, silent
from callplans.engine.words import Gather, Input, Keys

Key = Literal["1", "2", "3", "4", "5", "6", "7", "8", "9", "0", "*", "#"]


class Choice(Settings):
    id: ItemId
    key: Key = Field(
        title="Key", description="The key the caller presses; each only once.", json_schema_extra={"x-widget": "key"}
    )
    label: str = Field("", title="Label", description="What the key is for, shown beside its exit.", max_length=100)


class MenuSettings(Settings):
    prompt: Prompt = Field(
        Prompt(),
        title="Prompt",
        description="Tells the caller which key does what.",
        json_schema_extra={"x-widget": "prompt"},
    )
    choices: list[Choice] = Field(
        title="Options",
        description="The keys on offer; each has an exit of its own.",
        min_length=1,
        max_length=12,
        json_schema_extra={"x-item": "Option"},
    )
    seconds: int = Field(
        5,
        title="Seconds to wait for a key",
        description="Counted from the end of the prompt.",
        ge=1,
        le=60,
        json_schema_extra={"x-unit": "s"},
    )
    store: str = Field(
        "",
        title="Store key in data source",
        description="Optional: the name of the data source that takes the key pressed.",
        max_length=255,
        json_schema_extra={"x-source": "write"},
    )
    max_no_input: int = Field(
        3,
        title="Maximum no input count",
        description="How often the caller may press nothing before the call leaves by the no-input exit.",
        ge=1,
        le=10,
        json_schema_extra={"x-section": "No input"},
    )
    no_input_prompt: Prompt = Field(
        Prompt(),
        title="No-input prompt",
        description="Heard before the menu is repeated because no key was pressed.",
        json_schema_extra={"x-section": "No input", "x-widget": "prompt"},
    )
    max_invalid: int = Field(
        3,
        title="Maximum invalid count",
        description="How often the caller may press a key that is not on offer before the call leaves by that exit.",
        ge=1,
        le=10,
        json_schema_extra={"x-section": "Invalid key"},
    )
    invalid_prompt: Prompt = Field(
        Prompt(),
        title="Invalid prompt",
        description="Heard before the menu is repeated because the key is not on offer.",
        json_schema_extra={"x-section": "Invalid key", "x-widget": "prompt"},
    )

    @field_validator("choices")
    @classmethod
    def _once_each(cls, choices: list[Choice]) -> list[Choice]:
        unique(choices, "id", "key")
        return choices


@register.add
class Menu(Applet[MenuSettings]):
    """Asks the caller to press a key and leaves by that key's exit. The caller may press it while the prompt is still
    speaking. No key, or one that is not on offer, repeats the menu until the maximum for it is reached, and then
    leaves by an exit of its own."""

    type, title, family = "menu", "Menu", "ask"
    channels = ("calls", "messages")
    Settings = MenuSettings
    exits = (
        ExitPerItem("choices", prefix="key", name="key", label="{key}  {label}"),
        Exit("no_input", "No input", kind="failure"),
        Exit("invalid", "Invalid key", kind="failure"),
    )
    uses = (Gather,)
    summary = ("“{prompt.text}”", "{prompt.file}", "{choices|count} keys", "no keys yet")

    def enter(self, call: CallView) -> Next:
        return self._ask(call, self.settings.prompt)

    def resume(self, call: CallView, heard: Input) -> Next:
        settings = self.settings
        key = _key(heard)
        if not key:
            if counted(call, "no_input", settings.max_no_input):
                return "no_input"
            return self._ask(call, settings.no_input_prompt, settings.prompt)
        if any(choice.key == key for choice in settings.choices):
            if settings.store.strip():
                call.set(settings.store, key, collected=True)
            return f"key:{key}"
        if counted(call, "invalid", settings.max_invalid):
            return "invalid"
        return self._ask(call, settings.invalid_prompt, settings.prompt)

    def _ask(self, call: CallView, *prompts: Prompt) -> Next:
        # No finish key: # is a key like any other here, and one key is all there is.
        return Gather(prompts=heard_prompts(call, *prompts), most=1, finish="", first=self.settings.seconds)

    def check(self) -> list[Problem]:
        return silent(self.settings.prompt)


def _key(heard: Input) -> str:
    """The key pressed; empty for none. A provider may report # as the end of the input and not as a key."""
    if not isinstance(heard, Keys):
        return ""
    return heard.digits[:1] or ("#" if heard.ended_by == "finish_key" else "")
