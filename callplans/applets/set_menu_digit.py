"""IVR Set Menu Digit: a constant digit into an IVR slot."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from callplans.engine.applet import Applet, Exit, Next, Settings, register
from callplans.engine.call import CallView
from callplans.engine.form import Needed
from callplans.engine.gathering import LONGEST_SLOT, slot_source


class SetMenuDigitSettings(Settings):
    slot: Needed = Field(
        title="Slot",
        description="The IVR slot that takes the digit; slot OrderId is the data source $(IVRSlot|OrderId).",
        max_length=LONGEST_SLOT,
        json_schema_extra={"x-source": "slot", "minLength": 1},
    )
    digit: Literal["1", "2", "3", "4", "5", "6", "7", "8", "9", "0", "*", "#"] = Field(
        title="Digit", description="The key that is stored.", json_schema_extra={"x-widget": "key"}
    )


@register.add
class SetMenuDigit(Applet[SetMenuDigitSettings]):
    """Stores a digit in an IVR slot, as if the caller had pressed that key. The caller hears nothing."""

    type, title, family = "set_menu_digit", "IVR Set Menu Digit", "data"
    Settings = SetMenuDigitSettings
    exits = (Exit("next", "Next applet", short="Next"),)
    summary = ("slot {slot} = {digit}", "no slot yet")

    def enter(self, call: CallView) -> Next:
        call.set(slot_source(self.settings.slot), self.settings.digit)
        return "next"

    def writes(self) -> set[str]:
        return {slot_source(self.settings.slot)}
