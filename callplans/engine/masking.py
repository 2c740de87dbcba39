"""What must never be written: card-like runs of digits, collected values, settings.

For free text and what callers key. Never call it on ids, times or E.164 fields: those are typed and stay whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

BULLET = "\N{BULLET}"
SECRET = BULLET * 4
"""How the value of a setting is shown, whatever its length."""

_JOIN = "\x1f"
_BETWEEN = r"\s.,\-\u2010-\u2015"
_SEPARATOR = rf"[{_BETWEEN}{_JOIN}]{{0,2}}"
_RUN = re.compile(rf"\d(?:{_SEPARATOR}\d){{12,}}")
_NUMBER = re.compile(r"\+[1-9]\d{6,14}\Z")
_AMOUNT = re.compile(r"\d+[.,]\d{1,2}\Z")
_ID = re.compile(r"[A-Za-z]\d|\d[A-Za-z]")

_SPELLED = 64  # digits; the most that an applet collects
_MOST_PARTS = 5

_on = True


def set_masking(on: bool) -> None:
    """Switch masking off or on. Off only to prove that a search for leaks can find one; refused in production."""
    global _on
    _on = on


def masking() -> bool:
    """Whether masking is on."""
    return _on


def bullets(n: int) -> str:
    """`n` bullets, at most 32: a value of which only the length may be known."""
    return BULLET * min(n, 32)


def mask(text: str) -> str:
    """The text with every card-like run hidden: 13 to 19 digits that pass the Luhn test, also split by spaces,
    dashes, dots or commas, also inside longer runs. Numbers written +44... with at most 15 digits stay."""
    if not _on or len(text) < 13 or not _RUN.search(text):
        return text
    return _RUN.sub(_hide, text)


def mask_together(values: Sequence[str | None]) -> list[str]:
    """The values masked each, and across neighbours: a card number keyed into two prompts is hidden in both.
    None becomes empty text. Amounts (82.40), numbers written +44... and ids (letters that touch digits) are never
    joined to their neighbours: by chance alone an id's last digits would hide an account number."""
    if not _on:
        return [value or "" for value in values]
    alone = [
        value is not None and bool(_AMOUNT.match(value) or value.startswith("+") or _ID.search(value))
        for value in values
    ]
    groups: list[list[str]] = []
    for i, value in enumerate(values):
        if not groups or alone[i] or alone[i - 1]:
            groups.append([])
        groups[-1].append((value or "").replace(_JOIN, " "))
    return [text for group in groups for text in mask(_JOIN.join(group)).split(_JOIN)]


def hide(text: str, values: Iterable[str]) -> str:
    """The text with each of these values hidden; digits also where they are spelled: 4417-0921, 4 4 1 7."""
    for value in sorted(values, key=len, reverse=True):
        if value.isdigit() and len(value) <= _SPELLED:
            spelled = rf"[{_BETWEEN}]{{0,2}}".join(value)
            text = re.sub(spelled, lambda found: bullets(len(found.group())), text)
        else:
            text = text.replace(value, bullets(len(value)))
    return text


def card_parts(pieces: Sequence[str]) -> set[str]:
    """Those of the pieces that the caller keyed, in this order, that make a card number together: several in a row, or
    two with others between them."""
    if not _on:
        return set()
    runs = [pieces[i : i + n] for n in range(2, _MOST_PARTS + 1) for i in range(len(pieces) - n + 1)]
    runs += [(pieces[i], pieces[j]) for i in range(len(pieces)) for j in range(i + 2, len(pieces))]
    return {part for run in runs if _is_card("".join(run)) for part in run}


def _is_card(digits: str) -> bool:
    return 13 <= len(digits) <= 19 and digits.isdigit() and _luhn([int(digit) for digit in digits])


def _hide(found: re.Match[str]) -> str:
    run = found.group()
    start = found.start()
    places = [i for i, c in enumerate(run) if c.isdigit()]
    digits = [int(run[i]) for i in places]
    if start and found.string[start - 1] == "+" and len(digits) <= 15 and len(run) == len(digits):
        return run
    if len(digits) > 400:
        return BULLET * len(run)
    hidden: set[int] = set()
    for first in range(len(digits) - 12):
        for length in range(min(19, len(digits) - first), 12, -1):
            if _luhn(digits[first : first + length]):
                hidden.update(places[first : first + length])
                break
    return "".join(BULLET if i in hidden else c for i, c in enumerate(run)) if hidden else run


def _luhn(digits: list[int]) -> bool:
    if not any(digits):
        return False
    odd = digits[-1::-2]
    even = (2 * d - 9 if d > 4 else 2 * d for d in digits[-2::-2])
    return (sum(odd) + sum(even)) % 10 == 0
