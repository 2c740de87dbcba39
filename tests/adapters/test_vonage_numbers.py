"""Ids and numbers as Vonage spells them, also those it would never send."""

from __future__ import annotations

import pytest

from callplans.adapters.vonage.numbers import call_id, ours


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("63F61863-4A51-4f6b-86e1-46edebcf9356", "63f618634a514f6b86e146edebcf9356"),
        (" 63f618634a514f6b86e146edebcf9356 ", "63f618634a514f6b86e146edebcf9356"),
        (None, ""),
        ("", ""),
        ([], ""),
        (5, "5"),
        ("\ud800a\x00", "\ufffda\ufffd"),
        ("x" * 60_000, "x" * 120),
    ],
    ids=range(8),
)
def test_a_call_s_id_is_always_one_that_can_be_kept(sent: object, kept: str) -> None:
    assert call_id(sent) == kept


@pytest.mark.parametrize(
    "sent", [None, [], {}, "anonymous", "sip:x@y", "0", "4477009001234567", "\u0664\u0664770090012"]
)
def test_what_is_no_number(sent: object) -> None:
    assert ours(sent) is None
