"""The browser phone's webhooks are signed with the call's own key."""

from __future__ import annotations

import hashlib
import hmac

import pytest

from callplans.engine.adapter import Hook, Verdict, adapters

BROWSER = adapters.get("browser")
assert BROWSER is not None
KEY = "k8sQ2n4b6v8c0x2z4-_"
URL = "https://calls.example.com/hooks/browser/t1/c1/2.abc?heard=1"
BODY = b'{"input":"keys","digits":"1","ended_by":"full"}'


def signed(
    method: str = "POST", path: str = "/hooks/browser/t1/c1/2.abc?heard=1", body: bytes = BODY, key: str = KEY
) -> str:
    return hmac.new(key.encode(), f"{method}\n{path}\n".encode() + body, hashlib.sha256).hexdigest()


def hook(url: str = URL, body: bytes = BODY, stated: str | None = None, method: str = "POST") -> Hook:
    return Hook(method, url, headers={"x-phone-signature": signed() if stated is None else stated}, body=body)


def check(hook: Hook, key: str = KEY) -> Verdict:
    return BROWSER.check(hook, {"key": key}, {})


def test_signed_passes() -> None:
    assert check(hook()).ok


def test_every_changed_byte_is_refused() -> None:
    stated = signed()
    for place in range(len(stated)):
        assert not check(hook(stated=stated[:place] + "g" + stated[place + 1 :])).ok
    for place in range(len(BODY)):
        assert not check(hook(body=BODY[:place] + b"\x00" + BODY[place + 1 :])).ok
    start = URL.index("/hooks")
    for place in range(start, len(URL)):
        assert not check(hook(url=URL[:place] + "~" + URL[place + 1 :])).ok
    assert check(hook()).ok


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (Hook("POST", URL, body=BODY), "unsigned"),
        (hook(stated="é"), "bad_signature"),
        (hook(stated=signed(method="GET")), "bad_signature"),
        (hook(stated=signed(key="another")), "bad_signature"),
        (hook(stated=signed().upper()), "bad_signature"),
    ],
)
def test_refused(bad: Hook, reason: str) -> None:
    assert check(bad) == Verdict(False, reason)


def test_without_a_key_nothing_passes() -> None:
    assert not check(hook(stated=signed(key="")), key="").ok
