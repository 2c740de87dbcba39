"""What may stand in an outgoing request: addresses, header names and values. Pure rules, used for the checks of a
plan and again on the finished request, when every value is filled in."""

from __future__ import annotations

import json
import re
from urllib.parse import quote

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,200}")
_CONTROL = re.compile("[\x00-\x1f\x7f]")
_BAD_VALUE = re.compile("[\x00-\x08\x0a-\x1f\x7f]")
_HOST = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9._-]{0,252}[A-Za-z0-9_.])?|\[[0-9A-Fa-f:.]{2,45}\]")
_AUTHORITY = re.compile(r"(?P<host>\[[^\]]*\]|[^:\[\]]*)(:(?P<port>\d{1,5}))?")

# Headers that steer connections, proxies and cloud metadata services, or that only the sender can know.
_FORBIDDEN = {
    "host", "content-length", "transfer-encoding", "connection", "keep-alive", "upgrade", "te", "trailer", "expect",
    "forwarded", "via", "accept-encoding", "x-real-ip", "x-original-url", "x-rewrite-url", "x-http-method-override",
}  # fmt: skip
_FORBIDDEN_STARTS = ("x-forwarded-", "proxy-", "metadata", "x-aws-ec2-metadata-", "x-google-metadata-", "sec-")


class Refused(ValueError):
    """The request must not be sent; the words say why, without any value."""


def header_name_trouble(name: str) -> str:
    """Why a header may not be called so; empty: it may."""
    if not _TOKEN.fullmatch(name):
        return f"“{name}” cannot be the name of a header." if name.isprintable() else "A header's name is not one."
    low = name.lower()
    if low in _FORBIDDEN or low.startswith(_FORBIDDEN_STARTS):
        return f"The header “{name}” may not be set."
    return ""


def checked_header(name: str, value: str) -> tuple[str, str]:
    """The header as it is sent. Raises Refused for forbidden names, line breaks and control characters."""
    name = name.strip(" \t")
    if trouble := header_name_trouble(name):
        raise Refused(trouble)
    if _BAD_VALUE.search(value):
        raise Refused(f"The value of the header “{name}” holds line breaks or control characters.")
    return name, value.strip(" \t")


def encode_at(before: str, value: str) -> str:
    """A placeholder's value as it may stand in an address after the text `before`: as it is where the address begins,
    only what a host is made of in the host, percent-encoded in path and query."""
    _, scheme_end, rest = before.partition("://")
    if not scheme_end:
        rest = before
    if not re.search(r"[/?#]", rest):
        return quote(value, safe=".:[]-_") if scheme_end else value
    return quote(value, safe="")


def checked_address(address: str) -> str:
    """The finished address. Raises Refused for what is not plain http(s) to a named host: other schemes, user-info,
    control characters, back-slashes, ports out of range, dot segments (a value must not climb up the path)."""
    if _CONTROL.search(address) or "\\" in address or len(address) > 16_000:
        raise Refused("The address holds characters that are not allowed in it.")
    scheme, found, rest = address.partition("://")
    if not found or scheme.lower() not in ("http", "https"):
        raise Refused("The address must begin with https:// or http://.")
    authority, path = re.match(r"([^/?#]*)([^?#]*)", rest).groups()  # type: ignore[union-attr]  # matches anything
    if "@" in authority:
        raise Refused("The address must not hold a user name or password.")
    host = _AUTHORITY.fullmatch(authority)
    if not host or not _HOST.fullmatch(host["host"]) or not 0 < int(host["port"] or 80) < 65536:
        raise Refused("The address does not name a host.")
    if any(part.lower().replace("%2e", ".") in (".", "..") for part in path.split("/")):
        raise Refused("The path of the address must not hold . or .. as a part.")
    return address


def json_escaped(value: str) -> str:
    """The value as it may stand between the quotation marks of a JSON string."""
    return json.dumps(value, ensure_ascii=False)[1:-1]
