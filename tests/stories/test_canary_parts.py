"""A card number that comes in parts: what the record and the live view make of it."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from callplans.engine.applet import Prompt
from callplans.engine.call import CallState, CallView
from callplans.engine.masking import card_parts, hide, mask, set_masking
from callplans.engine.plan import Plan
from callplans.watching import _sources
from tests.stories.canary import Canary, _base64, new_canary

CARD = "4111111111111111"
FIRST, SECOND = "41111111", "11111111"


def call() -> CallView:
    return CallView(Plan("p", "v"), CallState("p", "v"), 0.0)


def values(view: CallView) -> dict[str, str | None]:
    return {source["name"]: source["value"] for source in _sources(view._state, True)}


@pytest.mark.parametrize(
    ("keyed", "parts"),
    [
        ([FIRST, SECOND], {FIRST, SECOND}),
        ([FIRST, "1", "44170921", SECOND], {FIRST, SECOND}),  # with others between
        (["4111", "1111", "1111", "1111"], {"4111", "1111"}),
        ([SECOND, "44170921"], set()),
        (["44170921", "1"], set()),
        ([CARD], set()),  # whole, it is masked as it is
    ],
)
def test_parts_of_a_card_number(keyed: list[str], parts: set[str]) -> None:
    assert card_parts(keyed) == parts


def test_values_are_hidden_as_they_are_spelled() -> None:
    spelled = "Part 4111 1111, 4 1 1 1, 1 1 1 1 or 4111-1111."
    assert hide(spelled, [FIRST]) == f"Part {'•' * 9}, {'•' * 16} or {'•' * 9}."
    assert hide("R-5 of R-5", ["R-5"]) == "••• of •••"
    assert hide("9411111110", ["1234"]) == "9411111110"


def test_the_live_view_shows_neither_part_once_both_are_known() -> None:
    view = call()
    view.set("Account", FIRST, collected=True)
    assert values(view) == {"Account": FIRST}
    view.set("Code", "404")
    view.set("Account", SECOND, collected=True)  # keyed again: the first part is gone from the data source
    view.set("Said", "You keyed 1111 1111")
    assert values(view) == {"Account": "••••••••", "Code": "404", "Said": "You keyed •••••••••"}
    assert values(CallView(view.plan, CallState.from_json(view._state.to_json()), 1.0)) == values(view)


def test_what_was_keyed_securely_is_not_kept_with_the_rest() -> None:
    view = call()
    view.set("Pin", "123456", sealed=True)
    assert view._state.keyed == []


def test_a_service_that_gives_a_part_back_is_not_quoted() -> None:
    view = call()
    view.set("Account", FIRST, collected=True)
    view.set("Text", "Account 4111 1111 of Alex")
    view.say(Prompt(text="We found: $(Text)"))
    assert view.commands[0].text == "We found: Account 4111 1111 of Alex"
    assert view.events[-1].data["text"] == "We found: Account ••••••••• of Alex"


def test_without_masking_parts_are_shown() -> None:
    view = call()
    set_masking(False)
    try:
        view.set("First", FIRST, collected=True)
        view.set("Second", SECOND, collected=True)
        assert values(view) == {"First": FIRST, "Second": SECOND}
    finally:
        set_masking(True)


@pytest.mark.parametrize(
    "disguise",
    [
        lambda n: n,
        lambda n: f"x{n}",
        lambda n: " ".join(n),
        lambda n: f"{n[:4]}-{n[4:8]}-{n[8:12]}-{n[12:]}",
        lambda n: f"{n[:4]}%20{n[4:8]}%2D{n[8:]}",
        lambda n: f"{n[:8]}\\u2013{n[8:]}",
        lambda n: f"{n[:8]}&nbsp;{n[8:]}",
        lambda n: n.encode("utf-16").decode("latin-1"),
        lambda n: n.encode().hex(),
        lambda n: n.encode().hex().upper(),
        lambda n: _base64(n.encode())[0].decode(),
        lambda n: f"{n[8:]} and, long before it, {n[:8]}",
        lambda n: int(n).to_bytes(8, "big").decode("latin-1"),
    ],
)
def test_the_search_knows_the_disguise(disguise: object) -> None:
    canary = new_canary()
    text = f"before {disguise(canary.number)} after".encode("latin-1")  # type: ignore[operator]  # made above
    assert canary.found_in(text)
    assert not new_canary().found_in(text)


PROCESSES = {
    "web": "import uvicorn; uvicorn.Config('designer.asgi:application').load(); name = 'uvicorn.error'",
    "worker": "from designer.celery import app; app.log.setup('INFO'); name = 'celery.worker.consumer.consumer'",
}


@pytest.mark.parametrize("process", PROCESSES)
def test_the_log_of_each_process_is_masked(process: str, tmp_path: Path) -> None:
    """As it is started in production: by a program that brings a logging of its own."""
    told = f"{PROCESSES[process]}; import logging; logging.getLogger(name).error('card %s, then', '{CARD}')"
    django = "import designer.asgi" if process == "worker" else "pass"
    done = subprocess.run(
        [sys.executable, "-c", f"{django}; {told}"], cwd=settings.BASE_DIR, capture_output=True, text=True, timeout=60,
        env={**os.environ, "VAR_DIR": str(tmp_path)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert f"card {'•' * 16}, then" in done.stderr
    assert CARD not in done.stdout + done.stderr


@pytest.mark.parametrize("before", range(6))
def test_the_search_knows_base64_wherever_it_begins(before: int) -> None:
    canary = new_canary()
    message = b'{"a":"' + b"b" * before + canary.number.encode() + b'"}'
    assert canary.found_in(base64.b64encode(message)) == ["base64"]
    assert canary.found_in(base64.urlsafe_b64encode(message)) == ["base64"]


def test_numbers_made_are_card_numbers() -> None:
    for _ in range(50):
        canary: Canary = new_canary()
        assert mask(canary.number) == "•" * 16
