"""Vonage's signed webhooks: an HS256 JWT whose `payload_hash` covers the body (POST) or the query (GET)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from contextlib import suppress
from typing import Any, TypeGuard

from callplans.engine.adapter import Hook, Verdict

MAX_AGE = 300  # seconds that `iat` may lie in the past or the future


def check(hook: Hook, secrets: dict[str, Any], settings: dict[str, Any]) -> Verdict:
    """Who sent this webhook.

    secrets: {api_key?, signature_secret, previous_signature_secret?}; both secrets are good while one is changed.
    settings: {unsigned: "refuse" (403) or "retry" (503: a platform fault can leave one callback unsigned, and 503
    makes Vonage send it again)}.
    """
    header = hook.headers.get("authorization", "")
    if not header:
        return Verdict(False, "unsigned", 503 if settings.get("unsigned") == "retry" else 403)
    scheme, _, token = header.partition(" ")
    parts = token.split(".")
    if scheme != "Bearer" or len(parts) != 3:
        return Verdict(False, "malformed")
    try:
        head, claims = (json.loads(_decode(part)) for part in parts[:2])
        signature = _decode(parts[2])
    except (ValueError, RecursionError):
        return Verdict(False, "malformed")
    if not isinstance(head, dict) or not isinstance(claims, dict) or head.get("alg") != "HS256":
        return Verdict(False, "bad_signature")

    own = str(secrets.get("api_key") or "")
    if own and not _same(str(claims.get("api_key") or ""), own):
        return Verdict(False, "wrong_key")
    signed = f"{parts[0]}.{parts[1]}".encode("ascii", "replace")
    good = [
        _good(str(secret), signed, signature)
        for name in ("signature_secret", "previous_signature_secret")
        if (secret := secrets.get(name))
    ]
    if not any(good) or claims.get("iss") != "Vonage":
        return Verdict(False, "bad_signature")

    issued, expires = claims.get("iat"), claims.get("exp")
    if not (_is_time(issued) and abs(hook.now - issued) <= MAX_AGE):  # so written that NaN is refused too
        return Verdict(False, "stale")
    if expires is not None and not (_is_time(expires) and hook.now <= expires + MAX_AGE):
        return Verdict(False, "stale")

    stated = claims.get("payload_hash")
    if not isinstance(stated, str) or not any(_same(stated.lower(), digest) for digest in _digests(hook)):
        return Verdict(False, "body_changed")
    return Verdict(True)


def _digests(hook: Hook) -> list[str]:
    """What `payload_hash` may be for this webhook."""
    if hook.method == "GET":
        return [_sha256(_compact(dict(hook.query)))]
    digests = [_sha256(hook.body)]
    with suppress(ValueError, RecursionError):
        digests.append(_sha256(_compact(json.loads(hook.body))))
    return digests


def _compact(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogatepass")


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _good(secret: str, signed: bytes, signature: bytes) -> bool:
    return hmac.compare_digest(hmac.digest(secret.encode(), signed, "sha256"), signature)


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode("utf-8", "replace"), other.encode("utf-8", "replace"))


def _is_time(value: object) -> TypeGuard[float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 1e12


def _decode(part: str) -> bytes:
    """base64url without padding, in its one right spelling: what was changed in a token must not still be valid."""
    try:
        data = base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, UnicodeError) as error:
        raise ValueError(str(error)) from None
    if base64.urlsafe_b64encode(data).rstrip(b"=") != part.encode("ascii", "replace"):
        raise ValueError("not the canonical spelling")
    return data
