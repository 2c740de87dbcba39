"""Text read as a type: number, boolean, date, time, date and time. All values of a call are text; this is where they
become something else. Unreadable is None, never an error and never a guess: 09/11/2026 is nobody's date.
"""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from zoneinfo import ZoneInfo

_NUMBER = re.compile(r"[+-]?([0-9]{1,30}|[0-9]{1,3}(,[0-9]{3}){1,9})(\.[0-9]{1,30})?([eE][+-]?[0-9]{1,2})?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{8}")
_MOMENT = re.compile(
    r"(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{8})[T ](?P<time>[0-9]{2}:[0-9]{2}(:[0-9]{2})?)(\.[0-9]{1,9})?"
    r"(?P<offset>Z|[+-][0-9]{2}:?[0-9]{2})?"
)
_TIME = re.compile(r"([0-9]{2}):?([0-9]{2})(?::?[0-9]{2}(\.[0-9]{1,9})?)?")
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_YES, _NO = frozenset(("true", "yes", "1", "on")), frozenset(("false", "no", "0", "off"))


@lru_cache(maxsize=64)
def zone_of(name: str) -> dt.tzinfo:
    """The time zone of that name; UTC for a name nobody knows."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return dt.UTC


def is_e164(text: str | None) -> bool:
    """Whether this is a whole telephone number as networks write it: +442079460001."""
    return text is not None and _E164.fullmatch(text) is not None


def as_number(text: str) -> Decimal | None:
    """82.40, -7, 1,082.40, 1e3."""
    text = text.strip()
    if not _NUMBER.fullmatch(text):
        return None
    try:
        return Decimal(text.replace(",", ""))
    except InvalidOperation:
        return None


def as_boolean(text: str) -> bool | None:
    """true, yes, 1, on / false, no, 0, off, in any case."""
    word = text.strip().lower()
    return True if word in _YES else False if word in _NO else None


def as_date(text: str, zone: str) -> dt.date | None:
    """2026-11-09, 20261109, or the day of a date and time, in `zone` where that carries an offset of its own."""
    text = text.strip()
    if not _DAY.fullmatch(text):
        moment = as_moment(text, zone)
        return moment.astimezone(zone_of(zone)).date() if moment else None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def as_moment(text: str, zone: str) -> dt.datetime | None:
    """2026-11-09T14:30, with seconds and an offset where wanted; without an offset it is meant in `zone`, and a bare
    date is its midnight there."""
    text = text.strip()
    found = _MOMENT.fullmatch(text)
    if found:
        text = f"{found['day']}T{found['time']}{found['offset'] or ''}"
    elif not _DAY.fullmatch(text):
        return None
    try:
        moment = dt.datetime.fromisoformat(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=zone_of(zone))
        # Comparable with every other one, and known to exist in the zone's calendar too (year 1 need not).
        moment.astimezone(zone_of(zone))
        return moment.astimezone(dt.UTC)
    except (ValueError, OverflowError):
        return None


def as_time(text: str, zone: str) -> dt.time | None:
    """14:30, 14:30:05, 1430, or the time of a date and time, in `zone`."""
    text = text.strip()
    found = _TIME.fullmatch(text)
    if found:
        hour, minute = int(found[1]), int(found[2])
        return dt.time(hour, minute) if hour < 24 and minute < 60 else None
    moment = as_moment(text, zone) if _MOMENT.fullmatch(text) else None
    return moment.astimezone(zone_of(zone)).time().replace(microsecond=0) if moment else None


def day_of(at: float, zone: str) -> dt.date:
    """The calendar day in `zone` at a moment in seconds since the epoch."""
    return dt.datetime.fromtimestamp(at, zone_of(zone)).date()
