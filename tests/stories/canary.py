"""Looking for a card number that must not be anywhere: numbers nobody else uses, and a search that knows disguises."""

from __future__ import annotations

import base64
import re
import secrets
import struct
from collections.abc import Mapping
from dataclasses import dataclass

# What may stand between two digits of one number: nothing, or up to three signs, also written as escapes.
_BETWEEN = rb"(?:%[0-9A-Fa-f]{2}|\\u[0-9a-f]{4}|\\x[0-9a-f]{2}|&#?\w{1,6};|[^0-9A-Za-z]){0,3}"


def _loose(digits: str) -> re.Pattern[bytes]:
    return re.compile(_BETWEEN.join(bytes([ord(digit)]) for digit in digits))


@dataclass(frozen=True)
class Canary:
    """A number and everything it may hide as."""

    number: str

    @property
    def halves(self) -> tuple[str, str]:
        return self.number[:8], self.number[8:]

    @property
    def spaced(self) -> str:
        return " ".join(self.number[n : n + 4] for n in range(0, 16, 4))

    def found_in(self, data: bytes | str) -> list[str]:
        """The disguises in which the number is in there; `halves`: both are, however far from each other."""
        if isinstance(data, str):
            data = data.encode("utf-8", "surrogatepass")
        first, second = self.halves
        found = [name for name, pattern in self._patterns().items() if pattern.search(data)]
        if _loose(first).search(data) and _loose(second).search(data):
            found.append("halves")
        return found

    def _patterns(self) -> dict[str, re.Pattern[bytes]]:
        number, value = self.number.encode(), int(self.number)
        spellings = [number, self.spaced.encode(), self.spaced.replace(" ", "-").encode()]
        groups = [int(self.number[n : n + 4]) for n in range(0, 16, 4)]
        exact = {
            "hex": [spelling.hex().encode() for spelling in spellings],
            "base64": [piece for spelling in spellings for piece in _base64(spelling)],
            # As integers of a database or a binary message, and as PostgreSQL keeps its numerics.
            "binary": [struct.pack(">q", value), struct.pack("<q", value)]
            + [struct.pack(f"{order}4h", *groups) for order in "<>"],
        }
        made = {
            name: re.compile(b"|".join(map(re.escape, texts)), re.I * (name == "hex")) for name, texts in exact.items()
        }
        return {"digits": _loose(self.number), **made}


def new_canary() -> Canary:
    """With a 16-digit number that passes the Luhn test, made for this run: what finds it finds this run's."""
    while True:
        body = "5" + "".join(secrets.choice("0123456789") for _ in range(14))
        total = sum(2 * d - 9 if d > 4 else 2 * d for d in map(int, body[::2])) + sum(map(int, body[1::2]))
        number = body + str(-total % 10)
        # Neither half may be weak: few different digits would be found by chance.
        if len(set(number[:8])) > 4 and len(set(number[8:])) > 4 and number[8] != "0":
            return Canary(number)


def _base64(text: bytes) -> list[bytes]:
    """What a text becomes inside longer base64, at each of the three places it may begin; both alphabets agree."""
    pieces = []
    for shift in range(3):
        coded = base64.b64encode(b"\0" * shift + text)
        start, end = (shift * 8 + 5) // 6, (shift + len(text)) * 8 // 6
        pieces.append(coded[start:end])
    return pieces


def leaks(canaries: Mapping[str, Canary], sinks: Mapping[str, bytes | str]) -> dict[str, list[str]]:
    """{"number in sink": disguises} of every number found anywhere."""
    return {
        f"{name} in {sink}": found
        for sink, data in sinks.items()
        for name, canary in canaries.items()
        if (found := canary.found_in(data))
    }
