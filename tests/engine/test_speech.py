"""Values as words: the two grammars, their edges, and that whatever cannot be said is None."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callplans.engine import speech


@pytest.mark.parametrize(
    ("number", "standard", "british"),
    [
        (0, "zero", "zero"),
        (13, "thirteen", "thirteen"),
        (21, "twenty-one", "twenty-one"),
        (100, "one hundred", "one hundred"),
        (120, "one hundred twenty", "one hundred and twenty"),
        (1000, "one thousand", "one thousand"),
        (1005, "one thousand five", "one thousand and five"),
        (1120, "one thousand one hundred twenty", "one thousand one hundred and twenty"),
        (2020, "two thousand twenty", "two thousand and twenty"),
        (1_000_001, "one million one", "one million and one"),
        (1_200_000, "one million two hundred thousand", "one million two hundred thousand"),
    ],
)
def test_whole_numbers(number: int, standard: str, british: str) -> None:
    assert (speech.cardinal(number, False), speech.cardinal(number, True)) == (standard, british)


def test_numbers_beyond_words() -> None:
    assert speech.cardinal(10**15, False) is None
    assert speech.cardinal(-1, False) is None
    assert speech.say_number(Decimal("1e20"), False) is None
    assert speech.say_number(Decimal("1e-40"), False) is None


@pytest.mark.parametrize(
    ("number", "words"),
    [("82.40", "eighty-two point four zero"), ("-7", "minus seven"), ("0.05", "zero point zero five"),
     ("1e3", "one thousand"), ("-0", "zero")],
)  # fmt: skip
def test_decimals(number: str, words: str) -> None:
    assert speech.say_number(Decimal(number), False) == words


def test_dates_in_both_grammars() -> None:
    day = dt.date(2020, 11, 9)
    assert speech.say_date(day, british=False) == "Monday nine November two thousand twenty"
    assert speech.say_date(day, british=True) == "Monday ninth of November two thousand and twenty"


@pytest.mark.parametrize(
    ("year", "words"),
    [(1984, "nineteen eighty-four"), (1905, "nineteen oh five"), (1900, "nineteen hundred"), (2000, "two thousand"),
     (2005, "two thousand and five"), (1066, "one thousand and sixty-six"), (1, "one")],
)  # fmt: skip
def test_years(year: int, words: str) -> None:
    assert speech.say_year(year, british=True) == words


@pytest.mark.parametrize(
    ("time", "words"),
    [((0, 0), "midnight"), ((12, 0), "noon"), ((0, 20), "twelve twenty a.m."), ((9, 5), "nine oh five a.m."),
     ((14, 30), "two thirty p.m."), ((17, 0), "five p.m."), ((23, 59), "eleven fifty-nine p.m.")],
)  # fmt: skip
def test_times(time: tuple[int, int], words: str) -> None:
    assert speech.say_time(dt.time(*time)) == words


def test_weekdays() -> None:
    today = dt.date(2026, 11, 9)
    said = [speech.say_weekday(today + dt.timedelta(days), today) for days in (-2, -1, 0, 1, 2)]
    assert said == ["Saturday", "yesterday", "today", "tomorrow", "Wednesday"]
    assert speech.say_weekday(today, None) == "Monday"


@pytest.mark.parametrize(
    ("text", "words"),
    [("R-5b", "R dash 5 B"), ("AB 12", "A B, 1 2"), ("a@b.example", "A at B dot E X A M P L E"), (" 7 ", "7"),
     ("é", "É"), ("", None), ("  ", None), ("7" * 256, None)],
)  # fmt: skip
def test_characters(text: str, words: str | None) -> None:
    assert speech.say_characters(text) == words


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("82.40", "GBP", "82 pounds 40"), ("82.4", "GBP", "82 pounds 40"), ("82", "GBP", "82 pounds"),
        ("1", "GBP", "1 pound"), ("1.01", "GBP", "1 pound 1 penny"), ("0.40", "GBP", "40 pence"),
        ("0.01", "GBP", "1 penny"), ("0", "GBP", "0 pounds"), ("19.05", "GBP", "19 pounds 5 pence"),
        ("-5.50", "GBP", "minus 5 pounds 50"), ("82.4000", "GBP", "82 pounds 40"),
        ("£1,082.40", "GBP", "1082 pounds 40"),
        ("-£5", "GBP", "minus 5 pounds"), ("82.40 gbp", "GBP", "82 pounds 40"), ("EUR 3", "EUR", "3 euros"),
        ("1200", "JPY", "1200 yen"), ("1200.5", "JPY", None), ("82.405", "GBP", None), ("82.40 EUR", "GBP", None),
        ("$5", "GBP", None), ("", "GBP", None), ("GBP", "GBP", None), ("--5", "GBP", None), ("5", "XXX", None),
        ("1e20", "GBP", None),
    ],
)  # fmt: skip
def test_money(text: str, code: str, words: str | None) -> None:
    assert speech.say_money(text, code) == words


def test_every_currency_has_its_words() -> None:
    for code, currency in speech.CURRENCIES.items():
        assert speech.say_money("2", code) == f"2 {currency.many}"
        assert bool(currency.cent) == bool(currency.cents)


@given(st.integers(0, 10**15 - 1), st.booleans())
def test_every_number_has_words_of_its_own(number: int, british: bool) -> None:
    words = speech.cardinal(number, british)
    assert words
    assert words == " ".join(words.split())
    assert number == 0 or speech.cardinal(number - 1, british) != words


@given(st.text(max_size=300), st.sampled_from([*speech.CURRENCIES, "XXX"]))
def test_nothing_raises(text: str, code: str) -> None:
    said = speech.say_money(text, code)
    assert said is None or said
    characters = speech.say_characters(text)
    assert (characters is None) == (not text.split() or len(text) > 255)
