"""Telephone numbers and addresses between Vonage's spelling (digits, no plus) and ours (E.164)."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from callplans.engine.words import clean

E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_DIGITS = re.compile(r"\+?([1-9][0-9]{6,14})")
DEFAULT_REGION = "https://api.nexmo.com"


def ours(number: object) -> str | None:
    """447700900123 -> +447700900123; None when it is withheld or no telephone number (anonymous, sip:...)."""
    match = _DIGITS.fullmatch(str(number or "").strip())
    return f"+{match[1]}" if match else None


def theirs(number: str) -> str | None:
    """+447700900123 -> 447700900123; None when it is not E.164."""
    return number[1:] if E164.fullmatch(number) else None


def call_id(uuid: object) -> str:
    """The call's id in one spelling: Vonage sends it dashed or as 32 hex digits, and sometimes not at all."""
    text = clean(uuid) if isinstance(uuid, str) else str(uuid or "")
    return text.strip().replace("-", "").lower()[:120]


def region(url: object) -> str:
    """The address for requests about a call. Only https addresses of Vonage itself are taken from a webhook."""
    text = str(url or "").strip()
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return DEFAULT_REGION
    known = re.fullmatch(r"(?:[a-z0-9-]+\.)+(?:vonage|nexmo)\.com", host) is not None
    if parts.scheme != "https" or not known or parts.username is not None or port not in (None, 443):
        return DEFAULT_REGION
    return f"https://{host}"
