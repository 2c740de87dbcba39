"""Log lines without card numbers, whether a message, its arguments, an exception or a stack carries them; and without
the stack of what was refused."""

from __future__ import annotations

import logging
import traceback
from typing import Any

from callplans.engine.masking import mask


class MaskFilter(logging.Filter):
    """Masks card-like runs in a record's message, arguments, exception and stack. Lets every record pass."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name.startswith("django.security."):
            record.exc_info = record.exc_text = None  # a request that was refused is no fault here: a line is enough
        if record.args:
            record.args = _masked(record.args)
        try:
            text = record.getMessage()
        except (TypeError, ValueError, KeyError):
            # Arguments that do not fit their message: the handler reports that; what it prints must be masked as well.
            text = f"{record.msg} {record.args}"
        masked = mask(text)
        if masked != text:  # in the message itself, in an object's text, or over two arguments together
            record.msg, record.args = masked, ()
        if record.exc_info and not record.exc_text:
            record.exc_text = "".join(traceback.format_exception(*record.exc_info)).rstrip("\n")
        if record.exc_text:
            record.exc_text = mask(record.exc_text)
        if record.stack_info:
            record.stack_info = mask(record.stack_info)
        return True


def _masked(args: Any) -> Any:
    if isinstance(args, dict):
        return {name: mask(value) if isinstance(value, str) else value for name, value in args.items()}
    return tuple(mask(value) if isinstance(value, str) else value for value in args)
