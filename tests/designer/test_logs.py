"""No card number in a log line, wherever in the record it stands."""

from __future__ import annotations

import logging

import pytest

from callplans.engine.masking import set_masking
from designer.logs import MaskFilter

CARD = "4111111111111111"


class Odd:
    def __str__(self) -> str:
        return f"card {CARD}"


def logged(message: object, *args: object, **more: object) -> str:
    """The line as the console handler prints it."""
    lines: list[str] = []
    handler = logging.Handler()
    handler.addFilter(MaskFilter())
    handler.emit = lambda record: lines.append(handler.format(record))  # type: ignore[method-assign]  # collects
    logger = logging.getLogger("tests.mask")
    logger.propagate = False
    logger.addHandler(handler)
    try:
        logger.error(message, *args, **more)
    finally:
        logger.removeHandler(handler)
    (line,) = lines
    return line


@pytest.mark.parametrize(
    "line",
    [
        lambda: logged(f"keyed {CARD}"),
        lambda: logged("keyed %s", CARD),
        lambda: logged("keyed %(digits)s", {"digits": CARD}),
        lambda: logged("keyed %s %s", CARD[:8], CARD[8:]),
        lambda: logged("keyed %s", Odd()),
        lambda: logged("keyed %d", int(CARD)),
        lambda: logged(Odd()),
        lambda: logged("keyed %s", ["4111 1111 1111 1111"]),
        lambda: logged("100 %% of %s", CARD),
        lambda: logged("with a stack", stack_info=True, extra={}),
    ],
)
def test_masked(line: object) -> None:
    text = line()  # type: ignore[operator]  # made above
    assert CARD not in text
    assert "4111 1111" not in text
    assert text


def test_tracebacks_are_masked() -> None:
    try:
        raise ValueError(f"bad card {CARD}") from KeyError(CARD)
    except ValueError:
        text = logged("failed", exc_info=True)
    assert "ValueError: bad card" in text
    assert CARD not in text


def test_other_lines_are_left_alone() -> None:
    assert logged("call %s took %.1f s for +447700900123", "c1", 1.25) == "call c1 took 1.2 s for +447700900123"
    assert logged("100 %% sure of %s", "it") == "100 % sure of it"
    assert logged("50%") == "50%"


def test_a_line_whose_arguments_do_not_fit_does_not_leak_either() -> None:
    record = logging.LogRecord("x", logging.ERROR, "", 1, "%s %s", (CARD,), None)
    assert MaskFilter().filter(record)
    assert CARD not in f"{record.msg} {record.args}"


def test_with_masking_off_the_same_line_holds_the_card() -> None:
    set_masking(False)
    try:
        assert CARD in logged("keyed %s", CARD)
    finally:
        set_masking(True)


def test_what_was_refused_is_a_line_without_a_stack() -> None:
    record = logging.LogRecord("django.security.DisallowedHost", logging.ERROR, "", 1, "Invalid host", (), None)
    for name, stack in ((record.name, False), ("django.request", True)):
        record.name = name
        try:
            raise ValueError("inside")
        except ValueError as error:
            record.exc_info, record.exc_text = (ValueError, error, error.__traceback__), None
        assert MaskFilter().filter(record)
        assert ("inside" in logging.Formatter().format(record)) is stack
