"""Vonage Voice: signed webhooks (GET and POST) in, NCCO out.

A connection's secrets: {api_key?, signature_secret, previous_signature_secret?, application_id?, private_key?}; its
settings: {own_numbers: [E.164], unsigned: "refuse" | "retry", language?}.
"""

from __future__ import annotations

from typing import Any, ClassVar
from urllib.parse import quote

from callplans.adapters.vonage import events, ncco, signature
from callplans.adapters.vonage.numbers import DEFAULT_REGION, region
from callplans.engine.adapter import (
    Adapter,
    Document,
    Hook,
    Leg,
    Links,
    Malformed,
    Read,
    Request,
    Start,
    Verdict,
    adapters,
)
from callplans.engine.words import HangUp, Wait


@adapters.add
class Vonage(Adapter):
    """Vonage Voice API."""

    provider: ClassVar[str] = "vonage"
    title: ClassVar[str] = "Vonage"
    can: ClassVar[dict[str, str]] = {
        "dtmf": "yes",
        "barge_in": "yes",
        "speech": "yes",
        "present_own": "yes",
        "present_any": "Vonage presents only numbers that belong to the connection; any other arrives as unknown.",
        "pause_recording": "Vonage has no way to pause a recording that runs.",
        "record": "Recording is not offered for Vonage.",
        "whisper": "Words for the called party before connecting are not offered for Vonage.",
    }
    hold_after: ClassVar[float] = 2.0

    def check(self, hook: Hook, secrets: dict[str, Any], settings: dict[str, Any]) -> Verdict:
        return signature.check(hook, secrets, settings)

    def start(self, hook: Hook) -> Start | Malformed:
        return events.start(hook)

    def event(self, hook: Hook) -> Read:
        return events.event(hook)

    def read(self, hook: Hook, wait: Wait | None, memo: dict[str, Any], links: Links) -> Read:
        return events.read(hook, wait, memo, links)

    def reply(self, commands: list[Any], links: Links, settings: dict[str, Any]) -> Document:
        return ncco.document(ncco.reply(commands, links, settings))

    def hold(self, commands: list[Any], links: Links, settings: dict[str, Any]) -> Document:
        return ncco.document(ncco.hold(commands, links, settings))

    def carry_on(self) -> Document:
        return Document(b"{}")

    def act(self, command: Any, leg: Leg, settings: dict[str, Any]) -> list[Request]:
        """204 is done; 404 means that the call is gone, which for a hang-up is the same."""
        if not isinstance(command, HangUp):
            return []
        where = region(leg.data.get("region")) if leg.data.get("region") else DEFAULT_REGION
        url = f"{where}/v1/calls/{quote(str(leg.data.get('uuid') or leg.id), safe='')}"
        return [Request("PUT", url, {"action": "hangup"}, auth="vonage", success=(200, 204, 404))]
