"""One call's own key: everything a caller said or keyed is sealed with it, and gone when it is deleted."""

from __future__ import annotations

from functools import lru_cache
from typing import Any
from uuid import UUID

import orjson

from callplans.models.fields import aad, new_key, open_sealed, seal


def wrap_new_key(call: UUID) -> str:
    """A fresh key for a call, encrypted with the master key as it is stored in `call.key`."""
    return seal(new_key(), aad("callplans_call", "key", call))


@lru_cache(maxsize=512)
def _unwrapped(wrapped: str, call: UUID) -> bytes:
    return open_sealed(wrapped, aad("callplans_call", "key", call))


class CallBox:
    """Seals and opens a call's columns. `what` names table, column and row: `turn.input.<token>`, ...

    A value opens only under the same name and the same call. Raises CannotOpen.
    """

    __slots__ = ("_call", "_key")

    def __init__(self, wrapped: str, call: UUID) -> None:
        self._call = call
        self._key = _unwrapped(wrapped, call)

    def seal(self, value: Any, what: str) -> str:
        """JSON in, text for a column out. Numbers that are not finite and lone surrogates are refused (TypeError)."""
        return seal(orjson.dumps(value), aad("call", what, self._call), self._key)

    def open(self, text: str | None, what: str) -> Any:
        """The JSON that was sealed; None stays None."""
        if text is None:
            return None
        return orjson.loads(open_sealed(text, aad("call", what, self._call), self._key))
