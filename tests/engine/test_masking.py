from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callplans.engine import masking
from callplans.engine.masking import bullets, mask, mask_together


@pytest.fixture
def unmasked() -> Iterator[None]:
    masking.set_masking(False)
    yield
    masking.set_masking(True)


@pytest.mark.parametrize("card", ["4111111111111111", "378282246310005", "4222222222222", "5555555555554444"])
@pytest.mark.parametrize("form", ["{}", "card {}.", "0{}1", "№{}"])
def test_a_card_number_is_hidden(card: str, form: str) -> None:
    hidden = mask(form.format(card))
    assert card not in hidden and bullets(len(card)) in hidden


@pytest.mark.parametrize("by", [" ", "-", ".", ", ", " - "[:2]])
def test_a_card_number_is_hidden_however_it_is_split(by: str) -> None:
    card = "4111111111111111"
    for size in (1, 4):
        split = by.join(card[i : i + size] for i in range(0, 16, size))
        assert not any(c.isdigit() for c in mask(f"Card: {split}, thank you"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no digits at all in this longer text",
        "4222222222223",  # fails the Luhn test
        "411111111111",  # too short
        "Call +441632960900 or +4915112345678",
        "at 10:15 on 9 November for 82.40",
        "0000000000000000",
    ],
)
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert mask(text) == text


def test_a_card_number_behind_a_plus_is_hidden() -> None:
    assert mask("+4111111111111111") == "+" + bullets(16)


def test_a_long_run_of_digits_costs_little_and_hides_all() -> None:
    assert mask("1" * 100_000) == "•" * 100_000


def test_neighbours_are_masked_together() -> None:
    assert mask_together(["41111111", "11111111"]) == [bullets(8), bullets(8)]
    assert mask_together(["4111111111111111", None, "x"]) == [bullets(16), "", "x"]
    assert mask_together(["53a38f3ed411", "11111111", "11111"]) == ["53a38f3ed411", "11111111", "11111"]
    assert mask_together(["card 4111", "1111", "11111111 ok"]) == ["card ••••", "••••", "•••••••• ok"]
    assert mask_together([]) == []


def test_amounts_and_phone_numbers_are_not_joined_to_their_neighbours() -> None:
    values: list[str | None] = ["411111111111", "11.11", "+441632960900", "4111"]
    assert mask_together(values) == values


def test_masking_off_hides_nothing(unmasked: None) -> None:
    assert mask("4111111111111111") == "4111111111111111"
    assert mask_together(["41111111", "11111111", None]) == ["41111111", "11111111", ""]


@given(st.lists(st.text(alphabet="0123456789 .-+x\x1f•", max_size=30), max_size=6))
def test_any_values_keep_their_number_and_length(values: list[str]) -> None:
    together = mask_together(values)
    assert [len(v) for v in together] == [len(v) for v in values]
    assert all(mask(v) == v for v in together)


@given(st.text(max_size=60), st.integers(10**11, 10**15 - 1), st.text(max_size=60))
def test_any_card_number_is_hidden_in_any_text(before: str, stem: int, after: str) -> None:
    digits = [int(c) for c in str(stem)]
    doubled = sum(d if i % 2 else (2 * d - 9 if d > 4 else 2 * d) for i, d in enumerate(reversed(digits)))
    card = f"{stem}{-doubled % 10}"
    assert card not in mask(f"{before} {card} {after}")
