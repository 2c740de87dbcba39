"""Collect Input: several digits, into an IVR slot or a data source."""

from __future__ import annotations

from callplans.engine.applet import register
from callplans.engine.gathering import Collecting, CollectSettings


@register.add
class CollectInput(Collecting[CollectSettings]):
    """Asks the caller to key digits, such as an account number, and keeps them for the applets that follow. It goes on
    when the maximum is reached, at #, or after a pause. A caller who keys nothing is asked again, and after the
    maximum no input count leaves by the no-input exit. Tick Collect securely for what nobody may see or hear again."""

    type, title = "collect_input", "Collect Input"
    channels = ("calls", "messages")
    Settings = CollectSettings
    summary = (
        "[to_source or secure] up to {most} digits to $({source})",
        "[!to_source and !secure] up to {most} digits to slot {slot}",
        "digits, then #",
    )
