"""Announcement: one fixed prompt."""

from __future__ import annotations

from pydantic import Field

from callplans.engine.applet import Applet, Exit, Next, Prompt, Settings, register
from callplans.engine.call import CallView
from callplans.engine.checks import Problem


class AnnouncementSettings(Settings):
    prompt: Prompt = Field(
        Prompt(),
        title="Announcement",
        description="What the caller hears: the audio file of this announcement, or its alternative text.",
        json_schema_extra={"x-widget": "prompt"},
    )


@register.add
class Announcement(Applet[AnnouncementSettings]):
    """Plays a recording to the caller, or speaks a text, and goes on at once: the next applets are already at work
    while the caller is still listening. The text may hold data sources, such as $(Name)."""

    type, title, family = "announcement", "Announcement", "speak"
    Settings = AnnouncementSettings
    exits = (Exit("next", "Following this announcement, next applet is", short="Next"),)
    summary = ("“{prompt.text}”", "{prompt.file}", "nothing to say yet")

    def enter(self, call: CallView) -> Next:
        call.say(self.settings.prompt)
        return "next"

    def check(self) -> list[Problem]:
        if self.settings.prompt.file or self.settings.prompt.text.strip():
            return []
        words = "There is neither a text nor an audio file: the caller hears nothing."
        return [Problem("silent", "warning", words, field="prompt")]
