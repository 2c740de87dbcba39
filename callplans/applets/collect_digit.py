"""IVR Collect Digit: one digit, into an IVR slot or a data source."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from callplans.engine.applet import register
from callplans.engine.gathering import Collecting, CollectSettings


class CollectDigitSettings(CollectSettings):
    most: Literal[1] = Field(
        1,
        title="Maximum number of digits to collect",
        description="Always one: the first key ends the input.",
        json_schema_extra={"x-section": "Standard options", "x-widget": "hidden"},
    )
    between_seconds: int = Field(
        3,
        title="Seconds to wait between keys",
        description="Has no effect on a single key.",
        ge=1,
        le=10,
        json_schema_extra={"x-section": "Standard options", "x-unit": "s", "x-widget": "hidden"},
    )


@register.add
class CollectDigit(Collecting[CollectDigitSettings]):
    """Asks the caller for one digit and keeps it for the applets that follow; a single key ends it. A caller who keys
    nothing, or only #, is asked again, and after the maximum no input count leaves by the no-input exit. Where each
    key should lead somewhere else, use a Menu."""

    type, title = "collect_digit", "IVR Collect Digit"
    Settings = CollectDigitSettings
    summary = (
        "[to_source or secure] one digit to $({source})",
        "[!to_source and !secure] one digit to slot {slot}",
        "one digit",
    )
