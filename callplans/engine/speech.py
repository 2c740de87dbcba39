"""Values as words to be spoken: numbers, dates, times, weekdays, characters, amounts of money. Pure; English only.

Two grammars, as the value prompts of the applet reference have them: standard ("Monday nine November two thousand
twenty") and british ("Monday ninth of November two thousand and twenty"). None: there is no way to say it.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from callplans.engine.reading import as_number


def _listed(words: str) -> list[str]:
    return words.split()


_SMALL = _listed(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
)
_TENS = _listed("- - twenty thirty forty fifty sixty seventy eighty ninety")
_SCALES = ((10**12, "trillion"), (10**9, "billion"), (10**6, "million"), (10**3, "thousand"))
_ORDINALS = _listed(
    "- first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth "
    "fifteenth sixteenth seventeenth eighteenth nineteenth twentieth twenty-first twenty-second twenty-third "
    "twenty-fourth twenty-fifth twenty-sixth twenty-seventh twenty-eighth twenty-ninth thirtieth thirty-first"
)
_DAYS = _listed("Monday Tuesday Wednesday Thursday Friday Saturday Sunday")
_MONTHS = _listed("- January February March April May June July August September October November December")
_SIGNS = {
    "-": "dash", "_": "underscore", ".": "dot", ",": "comma", "@": "at", "/": "slash", "\\": "backslash",
    "+": "plus", "*": "star", "#": "hash", ":": "colon", ";": "semicolon", "&": "and", "%": "percent", "=": "equals",
    "(": "open bracket", ")": "close bracket", "!": "exclamation mark", "?": "question mark", "'": "apostrophe",
    '"': "quote", "£": "pound", "€": "euro", "$": "dollar",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Currency:
    """How an amount is said: one, many, and the same of its hundredth part; none where it has no such part."""

    title: str
    sign: str
    one: str
    many: str
    cent: str = ""
    cents: str = ""


CURRENCIES = {
    "GBP": Currency("Pound sterling", "£", "pound", "pounds", "penny", "pence"),
    "EUR": Currency("Euro", "€", "euro", "euros", "cent", "cents"),
    "USD": Currency("US dollar", "$", "dollar", "dollars", "cent", "cents"),
    "AUD": Currency("Australian dollar", "$", "dollar", "dollars", "cent", "cents"),
    "CAD": Currency("Canadian dollar", "$", "dollar", "dollars", "cent", "cents"),
    "NZD": Currency("New Zealand dollar", "$", "dollar", "dollars", "cent", "cents"),
    "CHF": Currency("Swiss franc", "", "franc", "francs", "centime", "centimes"),
    "INR": Currency("Indian rupee", "₹", "rupee", "rupees", "paisa", "paise"),
    "ZAR": Currency("South African rand", "R", "rand", "rand", "cent", "cents"),
    "JPY": Currency("Japanese yen", "¥", "yen", "yen"),
}


def cardinal(number: int, british: bool) -> str | None:
    """A whole number from 0 to below a quadrillion: 120 is "one hundred (and) twenty"."""
    if not 0 <= number < 10**15:
        return None
    words: list[str] = []
    rest = number
    for size, name in _SCALES:
        if rest >= size:
            words += [_below_thousand(rest // size, british), name]
            rest %= size
    if rest or not words:
        if words and british and rest < 100:
            words.append("and")
        words.append(_below_thousand(rest, british))
    return " ".join(words)


def _below_thousand(number: int, british: bool) -> str:
    hundreds, rest = divmod(number, 100)
    small = _SMALL[rest] if rest < 20 else _TENS[rest // 10] + (f"-{_SMALL[rest % 10]}" if rest % 10 else "")
    if not hundreds:
        return small
    if not rest:
        return f"{_SMALL[hundreds]} hundred"
    return f"{_SMALL[hundreds]} hundred {'and ' if british else ''}{small}"


def say_number(number: Decimal, british: bool) -> str | None:
    """82.40 is "eighty-two point four zero": the digits behind the point as they were written."""
    whole, _, fraction = format(abs(number), "f").partition(".")
    words = cardinal(int(whole), british)
    if words is None or len(fraction) > 30:
        return None
    if fraction:
        words += " point " + " ".join(_SMALL[int(digit)] for digit in fraction)
    return f"minus {words}" if number < 0 else words


def say_year(year: int, british: bool) -> str:
    """1984 is "nineteen eighty-four", 1905 "nineteen oh five", 2020 "two thousand (and) twenty"."""
    century, rest = divmod(year, 100)
    if 11 <= century <= 19:
        tail = "hundred" if not rest else f"oh {_SMALL[rest]}" if rest < 10 else _below_thousand(rest, british)
        return f"{_below_thousand(century, british)} {tail}"
    return cardinal(year, british) or ""


def say_date(day: dt.date, british: bool) -> str:
    number = f"{_ORDINALS[day.day]} of" if british else _below_thousand(day.day, british)
    return f"{_DAYS[day.weekday()]} {number} {_MONTHS[day.month]} {say_year(day.year, british)}"


def say_time(time: dt.time) -> str:
    """14:30 is "two thirty p.m.", 9:05 "nine oh five a.m."; 0:00 and 12:00 have names."""
    if time.minute == 0 and time.hour in (0, 12):
        return "noon" if time.hour else "midnight"
    minute = "" if not time.minute else f" oh {_SMALL[time.minute]}" if time.minute < 10 else f" {_two(time.minute)}"
    return f"{_two(time.hour % 12 or 12)}{minute} {'p.m.' if time.hour >= 12 else 'a.m.'}"


def _two(number: int) -> str:
    return _below_thousand(number, british=False)


def say_weekday(day: dt.date, today: dt.date | None) -> str:
    """The name of the day; yesterday, today or tomorrow when `today` is given and it is one of them."""
    if today is not None:
        near = {-1: "yesterday", 0: "today", 1: "tomorrow"}.get((day - today).days)
        if near:
            return near
    return _DAYS[day.weekday()]


def say_characters(text: str) -> str | None:
    """One by one: "R-5b 12" is "R dash 5 B, 1 2". Letters as capitals: some voices read "a" as an article."""
    if len(text) > 255:
        return None
    groups = (" ".join(_SIGNS.get(sign, sign.upper()) for sign in group) for group in text.split())
    return ", ".join(groups) or None


def say_money(text: str, code: str) -> str | None:
    """82.40 in GBP is "82 pounds 40", 0.40 "40 pence", 82.05 "82 pounds 5 pence". The amount may carry its currency's
    own sign or code; another one's makes it unreadable, and so does a part of a penny."""
    currency = CURRENCIES.get(code)
    if currency is None:
        return None
    amount = as_number(_bare(text, code, currency.sign))
    if amount is None:
        return None
    whole, _, fraction = format(abs(amount), "f").partition(".")
    fraction = fraction.rstrip("0")
    if len(fraction) > (2 if currency.cents else 0) or len(whole) > 15:
        return None
    units, cents = int(whole), int(fraction.ljust(2, "0"))
    minus = "minus " if amount < 0 else ""
    hundredths = f"{cents} {currency.cent if cents == 1 else currency.cents}"
    if cents and not units:
        return minus + hundredths
    said = f"{minus}{units} {currency.one if units == 1 else currency.many}"
    if not cents:
        return said
    return f"{said} {cents}" if cents >= 10 else f"{said} {hundredths}"


def _bare(text: str, code: str, sign: str) -> str:
    """The amount without its own currency's code and sign."""
    text = text.strip()
    minus = text.startswith("-")
    text = text.removeprefix("-").strip()
    if text.upper().endswith(code):
        text = text[: -len(code)].strip()
    if text.upper().startswith(code):
        text = text[len(code) :].strip()
    if sign:
        text = text.removeprefix(sign).removesuffix(sign).strip()
    return f"-{text}" if minus else text
