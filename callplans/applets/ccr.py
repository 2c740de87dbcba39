"""Call Connect Router: the caller is connected to the first of several numbers that answers."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator

from callplans.engine.applet import Applet, Exit, Next, Settings, register
from callplans.engine.call import CallView
from callplans.engine.checks import Problem
from callplans.engine.datasources import names_in
from callplans.engine.form import ItemId, Needed, options, unique
from callplans.engine.reading import is_e164
from callplans.engine.words import Answered, Dial, DialEnded, Input, TakeNext

MOST_ATTEMPTS = 100
"""Numbers dialled on one visit: engaged lines answer at once, and must not be called all the group time long."""

SPARE_EFFECTS = 3
"""Of a turn's effects, left for the applets that follow: a long list of numbers then goes on in its own order."""


class Number(Settings):
    id: ItemId
    number: Needed = Field(
        title="Number",
        description="In E.164, such as +442079460001; with the values of data sources in it where wanted.",
        max_length=255,
        json_schema_extra={"x-placeholders": "sources", "minLength": 1},
    )


class CcrSettings(Settings):
    numbers: list[Number] = Field(
        title="Numbers",
        description="1 to 30 telephone numbers; each is tried for the no answer timeout.",
        min_length=1,
        max_length=30,
        json_schema_extra={"x-item": "Number"},
    )
    distribution: Literal["sequential", "rotary"] = Field(
        "sequential",
        title="Distribution type",
        description="Sequential always starts at the 1st number; rotary starts after the number used last.",
        json_schema_extra=options({"sequential": "Sequential starting at 1st number", "rotary": "Rotary"}),
    )
    ring_seconds: int = Field(
        15,
        title="No answer timeout (seconds)",
        description="How long each number rings before the next one is tried.",
        ge=1,
        le=120,
        json_schema_extra={"x-unit": "s"},
    )
    again: bool = Field(
        False,
        title="Try agents more than once",
        description="At the end of the list, start over until the group timeout.",
    )
    group_seconds: int = Field(
        60,
        title="Group timeout (seconds)",
        description="How long the numbers are tried in all.",
        ge=1,
        le=3600,
        json_schema_extra={"x-unit": "s", "x-when": "again"},
    )

    @field_validator("numbers")
    @classmethod
    def _ids(cls, numbers: list[Number]) -> list[Number]:
        unique(numbers, "id")
        return numbers


@register.add
class Ccr(Applet[CcrSettings]):
    """Rings one number after the other and connects the caller to the first that answers; the call then leaves the
    plan. When nobody does, by the end of the list or the group timeout, it goes on with the applet for that. A number
    that is not a whole telephone number is skipped."""

    type, title, family = "ccr", "Call Connect Router", "connect"
    Settings = CcrSettings
    exits = (
        Exit("connected", "Connected", kind="end"),
        Exit("not_connected", "Applet to run if we do not connect", kind="failure", short="Not connected"),
    )
    uses = (Dial, TakeNext)
    summary = ("{numbers|count} numbers, {ring_seconds} s each", "no numbers yet")

    def enter(self, call: CallView) -> Next:
        for at, row in enumerate(self.settings.numbers, 1):
            if not is_e164(call.fill(row.number).strip()):
                call.issue("not_e164", f"Number {at} is not a telephone number in E.164: it is skipped.")
        call.scraps.update(began=call.now, tried=[], attempts=0)
        return self._next(call)

    def resume(self, call: CallView, heard: Input) -> Next:
        if isinstance(heard, Answered):
            return self._dial(call, heard)
        if isinstance(heard, DialEnded) and heard.outcome == "talked":
            return "connected"
        return self._next(call)

    def _next(self, call: CallView) -> Next:
        """Dial the next number, or ask which one is next, or give up."""
        settings, scraps = self.settings, call.scraps
        numbers = self._numbers(call)
        if numbers and settings.again and not set(numbers) - set(scraps["tried"]):
            scraps["tried"] = []
        over = settings.again and call.now - scraps["began"] >= settings.group_seconds
        if over or scraps["attempts"] >= MOST_ATTEMPTS or not set(numbers) - set(scraps["tried"]):
            return "not_connected"
        if settings.distribution == "rotary" and call.effects_left > SPARE_EFFECTS:
            # Asked before each number, not once a call: so the next call starts after the number used last.
            return TakeNext(counter=call.place[0], of=len(settings.numbers))
        return self._dial(call, None)

    def _dial(self, call: CallView, turn: Answered | None) -> Next:
        """Dial the first number not tried yet, from the rotary's position on when there is one."""
        settings, scraps = self.settings, call.scraps
        numbers = self._numbers(call)
        left = [at for at in numbers if at not in scraps["tried"]]
        first = turn.value.get("n") if turn else 0
        first = first if isinstance(first, int) else 0
        at = next((at for at in left if at >= first), left[0])
        scraps["tried"] = [*scraps["tried"], at]
        scraps["attempts"] += 1
        ring = float(settings.ring_seconds)
        if settings.again:
            ring = max(1.0, min(ring, scraps["began"] + settings.group_seconds - call.now))
        return Dial(to=numbers[at], ring=ring)

    def _numbers(self, call: CallView) -> dict[int, str]:
        """Place in the list -> number, without those that cannot be dialled."""
        filled = ((at, call.fill(row.number).strip()) for at, row in enumerate(self.settings.numbers))
        return {at: number for at, number in filled if is_e164(number)}

    def check(self) -> list[Problem]:
        problems: list[Problem] = []
        seen: set[str] = set()
        for at, row in enumerate(self.settings.numbers):
            number = row.number.strip()
            if not names_in(number) and not is_e164(number):
                words = f"“{number}” is not a telephone number in E.164, such as +442079460001: it is skipped."
                problems.append(Problem("not_e164", "error", words, field=f"numbers.{at}.number"))
            elif number in seen:
                words = f"“{number}” is in the list twice."
                problems.append(Problem("duplicate_number", "warning", words, field=f"numbers.{at}.number"))
            seen.add(number)
        return problems
