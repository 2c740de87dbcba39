"""What a check finds, what it needs to know beside the plan, and how a finding is put right."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field as made
from typing import Any, Literal

Grade = Literal["error", "warning"]


@dataclass(slots=True)
class Fix:
    """A quick fix: the words on its button, and the operations that carry it out (without ids)."""

    label: str
    operations: list[dict[str, Any]]


@dataclass(slots=True)
class Problem:
    """One thing wrong with a plan. `field`: dotted path in the applet's settings; `exit`: the exit it speaks of.

    An applet's own `check()` leaves `applet` out: `check_plan` fills it in. `fix` is the fix offered first, `also`
    are other ways to put it right. `words` are made from `code` and `params`, see `words.py` beside this file.
    """

    code: str
    grade: Grade
    words: str
    applet: str | None = None
    field: str | None = None
    exit: str | None = None
    fix: Fix | None = None
    params: dict[str, Any] = made(default_factory=dict)
    also: list[Fix] = made(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """{code, grade, words, applet, field, exit, params, fix: {label, operations}|null, also: [fix]}."""
        return {
            "code": self.code,
            "grade": self.grade,
            "words": self.words,
            "applet": self.applet,
            "field": self.field,
            "exit": self.exit,
            "params": self.params,
            "fix": _fix_json(self.fix) if self.fix else None,
            "also": [_fix_json(fix) for fix in self.also],
        }


def _fix_json(fix: Fix) -> dict[str, Any]:
    return {"label": fix.label, "operations": fix.operations}


@dataclass(slots=True)
class Capabilities:
    """A connection over which calls reach the plan: what its provider can (capability -> "yes" or the reason why
    not), and the numbers that are the connection's own."""

    connection: str
    provider: str
    can: dict[str, str] = made(default_factory=dict)
    own_numbers: list[str] = made(default_factory=list)


@dataclass(slots=True)
class World:
    """What the plan meets in its account.

    secrets: keys that can be used (they have a value, or are null on purpose); secrets_empty: keys without a value;
    payment_lines: number -> caller ids; providers: connections whose destinations reach this plan; seeds: data
    sources that destinations and mappings set before the plan begins.
    """

    secrets: set[str] = made(default_factory=set)
    secrets_empty: set[str] = made(default_factory=set)
    payment_lines: dict[str, list[str]] = made(default_factory=dict)
    providers: list[Capabilities] = made(default_factory=list)
    seeds: set[str] = made(default_factory=set)
