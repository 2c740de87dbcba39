"""Signed webhooks, forged and real. Signed by PyJWT and read by the provider's package, never by our code."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import string
from typing import Any
from urllib.parse import parse_qsl, urlencode

import jwt
import pytest
from vonage_jwt.verify_jwt import verify_signature

from callplans.engine.adapter import Hook, Verdict, adapters

VONAGE = adapters.get("vonage")
assert VONAGE is not None
NOW = 1793610904.0
SECRET = "hGoC5wYeM7b2pOv9yXkqA1tZ8uRn3dLs"
OLD = "anOlderSecretOfTheSameAccount123"
SECRETS = {"api_key": "a1b2c3d4", "signature_secret": SECRET, "previous_signature_secret": OLD}
BODY = b'{"from":"447700900123","to":"442079460000","uuid":"75cfd97e2d00d1e54c178892c8324aee","n":"K\xc3\xb6ln"}'
QUERY = [("to", "442079460000"), ("from", "447700900123"), ("uuid", "75cfd97e"), ("city", "Köln"), ("empty", "")]


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def compact(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def token(payload_hash: str | None, secret: str = SECRET, algorithm: str = "HS256", **change: Any) -> str:
    claims: dict[str, Any] = {
        "iat": int(NOW),
        "jti": "8d0b6b3a-3f1e-4f0c-8f3e-2f8a3a3a3a3a",
        "iss": "Vonage",
        "payload_hash": payload_hash,
        "api_key": "a1b2c3d4",
        "application_id": "78d335fa-323d-0114-9c3d-d6f0d48968cf",
    } | change
    return jwt.encode({k: v for k, v in claims.items() if v is not None}, secret, algorithm=algorithm)


def post(body: bytes = BODY, header: str | None = None, now: float = NOW) -> Hook:
    header = f"Bearer {token(sha(BODY))}" if header is None else header
    return Hook("POST", "https://x.example/hooks", headers={"authorization": header}, body=body, now=now)


def get(query: list[tuple[str, str]], header: str | None = None) -> Hook:
    header = f"Bearer {token(sha(compact(dict(QUERY))))}" if header is None else header
    return Hook(
        "GET", f"https://x.example/hooks?{urlencode(query)}", query=query, headers={"authorization": header}, now=NOW
    )


def check(hook: Hook, secrets: dict[str, Any] = SECRETS, **settings: Any) -> Verdict:
    return VONAGE.check(hook, secrets, settings)


def test_the_provider_agrees_with_our_tests() -> None:
    assert verify_signature(token(sha(BODY), iat=1), SECRET) is True
    assert verify_signature(token(sha(BODY), iat=1), OLD) is False


def test_signed_post_and_get_pass() -> None:
    assert check(post()).ok
    assert check(get(QUERY)).ok


def test_body_that_was_hashed_after_compacting() -> None:
    loose = json.dumps(json.loads(BODY), indent=2, ensure_ascii=False).encode()
    assert check(post(loose)).ok
    assert not check(post(loose.replace(b"447700900123", b"447700900124"))).ok


def test_query_order_matters() -> None:
    assert check(get(list(reversed(QUERY)))).reason == "body_changed"


def test_both_secrets_are_good_while_one_is_changed() -> None:
    old = post(header=f"Bearer {token(sha(BODY), OLD)}")
    assert check(old).ok
    assert check(old, {"api_key": "a1b2c3d4", "signature_secret": SECRET}).reason == "bad_signature"


def test_the_secret_belongs_to_its_api_key() -> None:
    other = post(header=f"Bearer {token(sha(BODY), api_key='ffffffff')}")
    assert check(other) == Verdict(False, "wrong_key")
    assert check(other, {"signature_secret": SECRET}).ok, "a connection that names no key takes any"


def test_without_secrets_nothing_passes() -> None:
    assert not check(post(), {}).ok
    assert not check(post(), {"signature_secret": ""}).ok
    head, claims, _ = token(sha(BODY)).split(".")
    empty = base64.urlsafe_b64encode(hmac.digest(b"", f"{head}.{claims}".encode(), "sha256")).rstrip(b"=").decode()
    assert not check(post(header=f"Bearer {head}.{claims}.{empty}"), {"signature_secret": ""}).ok


@pytest.mark.parametrize(("unsigned", "status"), [("refuse", 403), ("retry", 503), ("", 403)])
def test_unsigned(unsigned: str, status: int) -> None:
    hook = Hook("POST", "https://x.example", body=BODY, now=NOW)
    assert check(hook, unsigned=unsigned) == Verdict(False, "unsigned", status)
    assert check(post(b"x"), unsigned="retry").status == 403, "what is signed wrongly is never asked for again"


@pytest.mark.parametrize("change", [-301, -100_000, 301, 100_000])
def test_stale_or_from_the_future(change: int) -> None:
    assert check(post(header=f"Bearer {token(sha(BODY), iat=int(NOW) + change)}")).reason == "stale"


@pytest.mark.parametrize("change", [-300, -1, 0, 1, 300])
def test_young_enough(change: int) -> None:
    assert check(post(header=f"Bearer {token(sha(BODY), iat=int(NOW) + change)}")).ok


@pytest.mark.parametrize(
    "claims",
    [
        {"iat": None},
        {"iat": float("nan")},
        {"iat": True},
        {"iat": 10**400},
        {"iat": -(10**400)},
        {"exp": -(10**400)},
        {"exp": int(NOW) - 301},
        {"iss": "Nexmo"},
        {"iss": None},
        {"payload_hash": None},
        {"payload_hash": sha(b"another body")},
        {"api_key": None},
    ],
    ids=str,
)
def test_claims_that_do_not_hold(claims: dict[str, Any]) -> None:
    assert not check(post(header=f"Bearer {token(**{'payload_hash': sha(BODY), **claims})}")).ok


def test_algorithms_that_are_not_the_agreed_one() -> None:
    assert not check(post(header=f"Bearer {token(sha(BODY), algorithm='HS384')}")).ok
    assert not check(post(header=f"Bearer {token(sha(BODY), '', algorithm='none')}")).ok


@pytest.mark.parametrize(
    "header",
    ["Bearer", "Bearer ", "Bearer a.b.c", "Basic eDp5", "Bearer ..", "Bearer é.é.é", "Bearer [].[].[]", "x" * 9000],
)
def test_garbage(header: str) -> None:
    assert check(post(header=header)).status == 403
    assert not check(post(header=header)).ok


def test_a_post_signed_for_get_and_the_other_way_round() -> None:
    assert not check(post(header=f"Bearer {token(sha(compact(dict(QUERY))))}")).ok
    assert not check(get(QUERY, header=f"Bearer {token(sha(b''))}")).ok


def test_every_changed_byte_is_refused_and_the_real_ones_still_pass() -> None:
    """Each forged webhook goes beside a real one: a check that refuses everything would fail here too."""
    forged = 0
    header = f"Bearer {token(sha(BODY))}"
    for place in range(len(header)):
        for new in {"A", "z", "0", "-", chr(ord(header[place]) ^ 1), header[place].swapcase()} - {header[place]}:
            assert not check(post(header=header[:place] + new + header[place + 1 :])).ok, (place, new)
            forged += 1
        assert check(post(header=header)).ok
    for place in range(len(BODY)):
        for bit in (1, 4, 32, 128):
            changed = bytearray(BODY)
            changed[place] ^= bit
            assert not check(post(bytes(changed))).ok, (place, bit)
            forged += 1
        assert check(post()).ok
    text = urlencode(QUERY)
    real = parse_qsl(text, keep_blank_values=True)
    for place in range(len(text)):
        for new in set(string.ascii_letters[:6] + "09=&+%") - {text[place]}:
            query = parse_qsl(text[:place] + new + text[place + 1 :], keep_blank_values=True)
            if query == real:  # another spelling of the same query: %C3 and %c3
                continue
            assert not check(get(query)).ok, (place, new)
            forged += 1
        assert check(get(real)).ok
    assert forged > 3000
