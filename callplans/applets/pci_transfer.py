"""Self Service Transfer to PCI: the caller talks to the automated payment system, and nothing of it is kept here."""

from __future__ import annotations

from pydantic import Field

from callplans.engine.applet import Applet, Exit, Next, Settings, register
from callplans.engine.call import CallView
from callplans.engine.checks import Problem
from callplans.engine.form import Needed
from callplans.engine.reading import is_e164
from callplans.engine.words import Dial, DialEnded, Input, Recording, RecordingChanged

_SECTION = "Transfer To PCI Self Service Settings"


class PciTransferSettings(Settings):
    number: Needed = Field(
        title="Destination number",
        description="The data source that holds the payment system's number, from its answer to the session's start.",
        max_length=255,
        json_schema_extra={"x-section": _SECTION, "x-source": "read", "minLength": 1},
    )
    clid: Needed = Field(
        title="CLID",
        description="The data source that holds the number to call from: by it the payment system knows this call.",
        max_length=255,
        json_schema_extra={"x-section": _SECTION, "x-source": "read", "minLength": 1},
    )
    seconds: int = Field(
        600,
        title="Maximum time",
        description="The transfer is ended after this time.",
        ge=10,
        le=3600,
        json_schema_extra={"x-section": _SECTION, "x-unit": "s"},
    )


@register.add
class PciTransfer(Applet[PciTransferSettings]):
    """Connects the caller to the automated payment system, where the card number is keyed: nothing of that leg is
    heard, shown or stored here but its times, and a recording is paused for it. When it is over the call goes on,
    whatever the outcome: ask for the result with a Data Connector. Only the account's payment lines can be called."""

    type, title, family = "pci_transfer", "Self Service Transfer to PCI", "pay"
    Settings = PciTransferSettings
    exits = (
        Exit("next", "Next applet", short="Next"),
        Exit("failure", "Next applet on failure", kind="failure", short="Failure"),
    )
    uses = (Dial, Recording)
    summary = ("to $({number}) as $({clid})", "no payment line yet")

    def enter(self, call: CallView) -> Next:
        dial = self._dial(call)
        if dial is not None and call.recording == "on":
            return Recording(do="pause")
        return dial or "failure"

    def resume(self, call: CallView, heard: Input) -> Next:
        if isinstance(heard, RecordingChanged):
            return self._recording_changed(call, heard.ok)
        talked = isinstance(heard, DialEnded) and heard.outcome == "talked"
        if not talked:
            call.issue("transfer_refused", "The payment system did not take the call.")
        exit = "next" if talked else "failure"
        if call.scraps.get("paused"):
            call.scraps["exit"] = exit
            return Recording(do="resume")
        return exit

    def _recording_changed(self, call: CallView, ok: bool) -> Next:
        exit = call.scraps.get("exit")
        if exit is not None:
            if not ok:
                call.issue("recording_not_resumed", "The recording could not be resumed after the payment.")
            return str(exit)
        if not ok:
            # A card number must not get into a recording: better no payment than that.
            call.issue("recording_not_paused", "The recording could not be paused, so the caller was not transferred.")
            return "failure"
        call.scraps["paused"] = True
        return self._dial(call) or "failure"

    def _dial(self, call: CallView) -> Dial | None:
        """The transfer; None, with an issue that names no value, when it may not or cannot be made."""
        number, clid = call.get(self.settings.number), call.get(self.settings.clid)
        for name, value in ((self.settings.number, number), (self.settings.clid, clid)):
            if value is None:
                call.issue("no_value", f"$({name}) has no value: the caller cannot be transferred.")
                return None
            if not is_e164(value):
                call.issue("not_e164", f"$({name}) is not a telephone number in E.164, such as +441632960900.")
                return None
        if number is None or number not in call.plan.payment_lines:
            call.issue("not_a_payment_line", "The destination number is not one of the account's payment lines.")
            return None
        if clid not in call.plan.payment_lines[number]:
            call.issue("clid_not_allowed", "This CLID is not among the caller ids of the payment line.")
            return None
        return Dial(to=number, present=clid, talk=self.settings.seconds, private=True)

    def check(self) -> list[Problem]:
        if self.settings.number.casefold() != self.settings.clid.casefold():
            return []
        words = "The destination number and the CLID are the same data source."
        return [Problem("same_source", "error", words, field="clid")]
