"""Text read as numbers, booleans, dates, times: what is readable, and that the rest is None and never an error."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callplans.engine import reading

LONDON = "Europe/London"


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("82.40", "82.40"), (" 7 ", "7"), ("-0.5", "-0.5"), ("+3", "3"), ("1,082.40", "1082.40"), ("1e3", "1000"),
        ("007", "7"), ("", None), ("five", None), ("1.", None), (".5", None), ("1,08", None), ("12 3", None),
        ("NaN", None), ("Infinity", None), ("1e400", None), ("٣", None), ("0x10", None), ("1_000", None),
        ("9" * 31, None),
    ],
)  # fmt: skip
def test_numbers(text: str, number: str | None) -> None:
    assert reading.as_number(text) == (None if number is None else Decimal(number))


@pytest.mark.parametrize(
    ("text", "value"),
    [("true", True), ("YES", True), ("1", True), (" on ", True), ("False", False), ("no", False), ("0", False),
     ("off", False), ("", None), ("maybe", None), ("2", None)],
)  # fmt: skip
def test_booleans(text: str, value: bool | None) -> None:
    assert reading.as_boolean(text) is value


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-11-09", dt.date(2026, 11, 9)),
        ("20261109", dt.date(2026, 11, 9)),
        ("2026-07-01T23:30:00Z", dt.date(2026, 7, 2)),  # half past midnight in London
        ("2026-07-01T23:30:00", dt.date(2026, 7, 1)),
        ("2026-07-01 23:30", dt.date(2026, 7, 1)),
        ("2026-02-30", None),
        ("09/11/2026", None),
        ("2026-W46-1", None),
        ("2026-11", None),
        ("", None),
    ],
)
def test_dates(text: str, day: dt.date | None) -> None:
    assert reading.as_date(text, LONDON) == day


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-09T14:30", dt.datetime(2026, 11, 9, 14, 30, tzinfo=dt.UTC)),
        ("2026-07-01T14:30:05.123456789", dt.datetime(2026, 7, 1, 13, 30, 5, tzinfo=dt.UTC)),
        ("2026-07-01T14:30+0200", dt.datetime(2026, 7, 1, 12, 30, tzinfo=dt.UTC)),
        ("2026-07-01", dt.datetime(2026, 6, 30, 23, 0, tzinfo=dt.UTC)),
        ("2026-07-01T25:00", None),
        ("0001-01-01T00:00:00+14:00", None),
        ("9999-12-31T23:59:59-14:00", None),
        ("soon", None),
    ],
)
def test_moments(text: str, moment: dt.datetime | None) -> None:
    assert reading.as_moment(text, LONDON) == moment


@pytest.mark.parametrize(
    ("text", "time"),
    [("14:30", dt.time(14, 30)), ("14:30:59", dt.time(14, 30)), ("0905", dt.time(9, 5)),
     ("2026-07-01T11:00:00Z", dt.time(12, 0)), ("24:00", None), ("9:05", None), ("2026-07-01", None), ("", None)],
)  # fmt: skip
def test_times(text: str, time: dt.time | None) -> None:
    assert reading.as_time(text, LONDON) == time


def test_a_day_is_the_zones_own() -> None:
    at = dt.datetime(2026, 11, 9, 23, 30, tzinfo=dt.UTC).timestamp()
    assert reading.day_of(at, LONDON) == dt.date(2026, 11, 9)
    assert reading.day_of(at, "Pacific/Auckland") == dt.date(2026, 11, 10)


@pytest.mark.parametrize("name", ["Nowhere/Land", "", "../etc/passwd", "/etc/passwd", "x\x00"])
def test_an_unknown_zone_is_utc(name: str) -> None:
    assert reading.zone_of(name) is dt.UTC


@pytest.mark.parametrize(
    ("text", "whole"),
    [("+442079460001", True), ("+1234567", True), ("+123456789012345", True), ("+1234567890123456", False),
     ("+123456", False), ("+0442079460", False), ("442079460001", False), ("+44 2079460001", False), ("", False),
     (None, False), ("+442079460001\n", False)],
)  # fmt: skip
def test_telephone_numbers(text: str | None, whole: bool) -> None:
    assert reading.is_e164(text) is whole


@given(st.one_of(st.text(max_size=40), st.from_regex(r"[0-9T:+Z., -]{0,40}")), st.sampled_from([LONDON, "UTC", "?"]))
def test_nothing_raises(text: str, zone: str) -> None:
    found: list[Any] = [reading.as_number(text), reading.as_boolean(text), reading.as_date(text, zone)]
    found += [reading.as_moment(text, zone), reading.as_time(text, zone)]
    moment = found[3]
    assert moment is None or moment.tzinfo is dt.UTC
