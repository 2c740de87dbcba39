"""IVR Set Menu String: a constant text into an IVR slot."""

from __future__ import annotations

from pydantic import Field

from callplans.engine.applet import Applet, Exit, Next, Settings, register
from callplans.engine.call import CallView
from callplans.engine.form import Needed
from callplans.engine.gathering import LONGEST_SLOT, slot_source


class SetMenuStringSettings(Settings):
    slot: Needed = Field(
        title="Slot",
        description="The IVR slot that takes the text; slot OrderId is the data source $(IVRSlot|OrderId).",
        max_length=LONGEST_SLOT,
        json_schema_extra={"x-source": "slot", "minLength": 1},
    )
    text: str = Field(
        "", title="Text", description="Stored as it is written, at most 255 characters; may be empty.", max_length=255
    )


@register.add
class SetMenuString(Applet[SetMenuStringSettings]):
    """Stores a fixed text in an IVR slot. The caller hears nothing. For a text with data sources in it, or for any
    other data source, use Set Data Source."""

    type, title, family = "set_menu_string", "IVR Set Menu String", "data"
    Settings = SetMenuStringSettings
    exits = (Exit("next", "Next applet", short="Next"),)
    summary = ("slot {slot} = “{text}”", "slot {slot} = empty text", "no slot yet")

    def enter(self, call: CallView) -> Next:
        call.set(slot_source(self.settings.slot), self.settings.text)
        return "next"

    def reads(self) -> set[str]:
        return set()

    def writes(self) -> set[str]:
        return {slot_source(self.settings.slot)}
