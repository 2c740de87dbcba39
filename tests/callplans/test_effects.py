"""Effects: what is sent, what is kept of the answer, and what trouble is called."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterator
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from pydantic import ValidationError

from callplans import effects
from callplans.engine import words
from callplans.engine.adapter import Request
from callplans.engine.words import Fetch, Fetched, Hidden, Locate, TakeNext
from tests.callplans.webservice import Service, web_service

SECRETS: dict[str, str | None] = {"Key": "s3cret/key", "Null": None, "Empty": ""}
BALANCE = [Locate("account.balance", "number"), Locate("account.owner")]


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with web_service() as service:
        yield service


@pytest.fixture(autouse=True)
def forget(service: Service) -> None:
    service.asked.clear()


def run(service: Service, seconds: float = 5, key: str = "", **more: Any) -> Fetched:
    fetch = Fetch(**({"n": 3, "method": "GET", "url": ["http://good.test/json"]} | more))
    as_stored = words.effects.dump_python(fetch, mode="json")
    return effects.run(
        as_stored, SECRETS.__getitem__, {"Pin": "12/34"}.get, time.time() + seconds, idempotency_key=key,
        allow=service.allow,
    )  # fmt: skip


# ---- the outcome table ----------------------------------------------------------------------------------------------


def test_an_answer_is_read_at_once(service: Service) -> None:
    heard = run(service, locate=BALANCE)
    assert (heard.effect, heard.status, heard.error) == (3, 200, "")
    assert heard.values == ["82.40", None]
    assert heard.issues == ["“account.owner” is not in the answer."]
    assert heard.at == pytest.approx(time.time(), abs=2)


def test_an_xml_answer(service: Service) -> None:
    locate = [Locate("/payment/outcome"), Locate("/receipt")]
    heard = run(service, url=["http://good.test/xml"], answer="xml", locate=locate)
    assert (heard.values, heard.issues) == (["PAID", "R-5"], [])


@pytest.mark.parametrize("status", [400, 401, 404, 410, 500, 503])
def test_an_http_error_is_an_answer(service: Service, status: int) -> None:
    heard = run(service, url=[f"http://good.test/status/{status}"], locate=[Locate("error")])
    assert (heard.status, heard.values, heard.error) == (status, ["no"], "")


def test_a_body_of_another_type_keeps_the_status_only(service: Service) -> None:
    for path in ("html", "brotli", "cutgzip"):
        heard = run(service, url=[f"http://good.test/{path}"], locate=BALANCE)
        assert (heard.status, heard.values, heard.error, len(heard.issues)) == (200, [], "", 1)
    assert run(service, url=["http://good.test/html"]).issues == [], "nothing was looked for"


def test_redirects_are_followed_to_the_final_status(service: Service) -> None:
    assert run(service, url=["http://good.test/hops/5"], locate=BALANCE).values[0] == "82.40"
    assert run(service, url=["http://good.test/hops/6"]).error == "redirects"


@pytest.mark.parametrize(
    ("url", "error"),
    [
        ("http://good.test/endless", "too_large"),
        ("http://good.test/bomb", "too_large"),
        ("http://good.test/cut", "refused"),
        ("http://127.0.0.1/", "blocked"),
        ("http://gone.invalid/", "dns"),
    ],
)
def test_no_answer_has_a_name_and_brings_nothing(service: Service, url: str, error: str) -> None:
    heard = run(service, url=[url], locate=BALANCE, seconds=8)
    assert (heard.error, heard.status, heard.values, heard.issues) == (error, None, [], [])


def test_out_of_time(service: Service) -> None:
    assert run(service, url=["http://good.test/slow"], seconds=0.4).error == "timeout"
    assert run(service, url=["http://good.test/slow"], seconds=5).error == ""


def test_a_deadline_that_has_passed_sends_nothing(service: Service) -> None:
    assert run(service, seconds=-1).error == "timeout"
    assert service.asked == []


def test_the_effects_own_seconds_count_too(service: Service) -> None:
    fetch = Fetch(method="GET", url=["http://good.test/slow"], seconds=0.3)
    heard = effects.run(fetch, SECRETS.__getitem__, {}.get, time.time() + 60, allow=service.allow)
    assert heard.error == "timeout"


# ---- settings and sealed values -------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["Unknown", "Empty"])
@pytest.mark.parametrize("place", ["url", "headers", "body"])
def test_a_missing_setting_sends_nothing(service: Service, key: str, place: str) -> None:
    hidden = Hidden("secret", key)
    where: dict[str, Any] = {
        "url": {"url": ["http://good.test/", hidden]},
        "headers": {"headers": [(["X-Key"], [hidden])]},
        "body": {"method": "POST", "body": ["{", hidden, "}"]},
    }[place]
    assert run(service, **where).error == "secret_missing"
    assert service.asked == []


def test_a_null_setting_is_left_out_and_the_request_goes_out(service: Service) -> None:
    heard = run(service, headers=[(["X-Key"], ["a", Hidden("secret", "Null"), "b"])])
    assert heard.status == 200
    assert service.asked[0].headers["x-key"] == "ab"


def test_hidden_values_are_filled_in_only_when_sent(service: Service) -> None:
    run(
        service,
        method="POST",
        url=["http://good.test/v/", Hidden("sealed", "Pin"), "?k=", Hidden("secret", "Key")],
        headers=[(["X-Api-Key"], [Hidden("secret", "Key")]), (["Content-Type"], ["application/json"])],
        body=['{"pin":"', Hidden("sealed", "Pin"), '","none":"', Hidden("sealed", "Gone"), '"}'],
    )
    asked = service.asked[0]
    assert asked.path == "/v/12%2F34?k=s3cret%2Fkey"
    assert asked.headers["x-api-key"] == "s3cret/key"
    assert asked.body == b'{"pin":"12/34","none":""}'


def test_hidden_values_are_json_escaped_where_asked(service: Service) -> None:
    fetch = Fetch(method="POST", url=["http://good.test/"], body=['{"a":"', Hidden("sealed", "Q"), '"}'])
    for escape, body in ((True, b'{"a":"x\\"\\n"}'), (False, b'{"a":"x"\n"}')):
        sent = dataclasses.replace(fetch, escape_json=escape)
        effects.run(sent, SECRETS.__getitem__, {"Q": 'x"\n'}.get, time.time() + 5, allow=service.allow)
        assert service.asked[-1].body == body


def test_a_value_is_never_read_for_placeholders_again(service: Service) -> None:
    run(service, method="POST", url=["http://good.test/"], body=["#(Key) $(Key)"])
    assert service.asked[0].body == b"#(Key) $(Key)"


# ---- what may not be sent -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "header",
    [
        ("Host", "evil.example"), ("Transfer-Encoding", "chunked"), ("Content-Length", "0"), ("X-Forwarded-For", "::1"),
        ("x-forwarded-host", "a"), ("Metadata-Flavor", "Google"), ("Metadata", "true"),
        ("X-aws-ec2-metadata-token", "t"),
        ("Connection", "close"), ("Proxy-Authorization", "a"), ("Accept-Encoding", "br"), ("Forwarded", "for=a"),
        ("X-A", "a\r\nX-B: b"), ("X-A", "a\nb"), ("X-A", "a\rb"), ("X-A", "a\x00b"), ("X-A\r\nX-B", "b"), ("X A", "b"),
        ("X-A:", "b"), ("", "b"), ("X-Ä", "b"),
    ],
)  # fmt: skip
def test_headers_that_are_refused(service: Service, header: tuple[str, str]) -> None:
    assert run(service, headers=[([header[0]], [header[1]])]).error == "blocked"
    assert service.asked == []


def test_a_secret_cannot_smuggle_a_header_either(service: Service) -> None:
    fetch = Fetch(method="GET", url=["http://good.test/"], headers=[(["X-A"], [Hidden("secret", "K")])])
    heard = effects.run(fetch, lambda key: "a\r\nX-B: b", {}.get, time.time() + 5, allow=service.allow)
    assert heard.error == "blocked"
    assert service.asked == []


@pytest.mark.parametrize("value", ["../../admin", "a/b?c=d#e", "a\r\nX: y", "%2e%2e", "@evil.example", "ü €", "&x=1"])
def test_hidden_values_stay_in_their_place_in_an_address(service: Service, value: str) -> None:
    fetch = Fetch(method="GET", url=["http://good.test/v/", Hidden("sealed", "V"), "/end?q=", Hidden("sealed", "V")])
    effects.run(fetch, SECRETS.__getitem__, {"V": value}.get, time.time() + 5, allow=service.allow)
    path = service.asked[0].path
    assert path.count("/") == 3
    assert path.count("?") == 1
    assert "&" not in path
    assert path.endswith("/end?q=" + path.split("/")[2])


@pytest.mark.parametrize("value", ["..", "."])
def test_a_value_cannot_climb_up_the_path(service: Service, value: str) -> None:
    fetch = Fetch(method="GET", url=["http://good.test/v/", Hidden("sealed", "V"), "/x"])
    heard = effects.run(fetch, SECRETS.__getitem__, {"V": value}.get, time.time() + 5, allow=service.allow)
    assert heard.error == "blocked"
    assert service.asked == []


@pytest.mark.parametrize("value", ["a@evil.example", "evil.example/", "evil.example#", "a b", "evil.example\\", "\r\n"])
def test_a_value_in_the_host_is_only_a_host(service: Service, value: str) -> None:
    fetch = Fetch(method="GET", url=["http://", Hidden("sealed", "V"), ".good.test/x"])
    heard = effects.run(fetch, SECRETS.__getitem__, {"V": value}.get, time.time() + 5, allow=service.allow)
    assert heard.error == "blocked"


def test_requests_carry_the_key_of_their_effect(service: Service) -> None:
    run(service, key="call.turn.3")
    run(service, key="call.turn.3", headers=[(["idempotency-key"], ["the author's"])])
    keys = [asked.headers["idempotency-key"] for asked in service.asked]
    assert keys == ["call.turn.3", "the author's"]


def test_only_fetches_are_run_here() -> None:
    with pytest.raises(TypeError):
        effects.run(TakeNext(counter="c", of=2), SECRETS.__getitem__, {}.get, time.time() + 1)


# ---- the author's test ----------------------------------------------------------------------------------------------

SETTINGS: dict[str, Any] = {
    "request": {
        "method": "POST",
        "url": "http://good.test/echo/$(Account)",
        "headers": [{"id": "h1", "key": "X-Api-Key", "value": "Key #(Key)"}],
        "body": '{"account":"$(Account)","card":"$(Card)","key":"#(Key)","n":"$(account)"}',
    },
    "response": {
        "type": "json",
        "status_destination": "Code",
        "fields": [
            {"id": "f1", "locator": "account", "destination": "Name", "datatype": "string"},
            {"id": "f2", "locator": "account", "destination": "Sum", "datatype": "number"},
            {"id": "f3", "locator": "key", "destination": "Leak", "datatype": "string"},
        ],
    },
}
SETTINGS["response"]["type"] = "JSON"


def test_run_test_shows_everything_but_secrets(service: Service) -> None:
    values = {"Account": "A/1", "Card": "4111 1111 1111 1111"}
    result = effects.run_test(SETTINGS, values, SECRETS.__getitem__, allow=service.allow)
    assert service.asked[0].path == "/echo/A%2F1"
    assert b'"key":"s3cret/key","n":"A/1"' in service.asked[0].body
    assert result["request"]["url"] == "http://good.test/echo/A%2F1"
    assert result["request"]["headers"] == [{"key": "X-Api-Key", "value": "Key ••••"}]
    assert (result["status"], result["error"], result["issues"]) == (200, "", [])
    assert result["values"] == [
        {"destination": "Code", "value": "200", "issues": []},
        {"destination": "Name", "value": "A/1", "issues": []},
        {"destination": "Sum", "value": None, "issues": ["“account” is not a number."]},
        {"destination": "Leak", "value": "••••", "issues": []},
    ]
    assert 0 <= result["seconds"] < 5
    assert "s3cret" not in str(result)
    assert "4111" not in str(result)
    assert '"account":"A/1"' in result["body"]


def test_run_test_says_why_there_is_no_answer(service: Service) -> None:
    result = effects.run_test(SETTINGS, {}, {}.__getitem__, allow=service.allow)
    assert (result["error"], result["status"], result["values"], result["body"]) == ("secret_missing", None, [], "")
    assert result["words"].startswith("A custom configuration setting")
    broken = {"request": {"method": "GET", "url": "http://good.test/html"}, "response": SETTINGS["response"]}
    result = effects.run_test(broken, {}, {}.__getitem__, allow=service.allow)
    assert result["issues"] == ["The answer is not JSON."]
    assert result["body"].startswith("<html>")
    assert result["values"] == [{"destination": "Code", "value": "200", "issues": []}]


def test_run_test_refuses_incomplete_settings() -> None:
    with pytest.raises(ValidationError):
        effects.run_test({"request": {"method": "GET"}}, {}, {}.__getitem__)


def test_placeholders_are_listed_once() -> None:
    assert effects.placeholders(SETTINGS) == ["Account", "Card"]


# ---- providers ------------------------------------------------------------------------------------------------------


def test_requests_to_a_provider_are_signed_for_its_application(service: Service) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    request = Request("PUT", "http://good.test/v1/calls/1", {"action": "hangup"}, auth="vonage")
    secrets = {"application_id": "app-1", "private_key": pem}
    sent = effects.send(request, secrets, time.time() + 5, allow=service.allow)
    assert (sent.ok, sent.status, sent.error) == (True, 200, "")
    asked = service.asked[0]
    assert (asked.method, asked.body) == ("PUT", b'{"action": "hangup"}')
    token = asked.headers["authorization"].removeprefix("Bearer ")
    claims = jwt.decode(token, key.public_key(), algorithms=["RS256"])
    assert claims["application_id"] == "app-1"
    assert claims["exp"] - claims["iat"] == 60
    assert claims["jti"] != jwt.decode(effects.vonage_token(secrets), options={"verify_signature": False})["jti"]


def test_what_a_provider_may_answer(service: Service) -> None:
    def send(url: str, seconds: float = 5, **more: Any) -> effects.Sent:
        return effects.send(Request("POST", url, **more), {}, time.time() + seconds, allow=service.allow)

    assert send("http://good.test/status/404").ok, "the call is over already"
    assert send("http://good.test/status/500") == effects.Sent(False, 500)
    assert send("http://good.test/redirect/302/x") == effects.Sent(False, 302)
    assert send("http://10.0.0.1/").error == "blocked"
    assert send("http://good.test/slow", seconds=0.2).error == "timeout"
    assert send("http://good.test/json", auth="vonage").error == "secret_missing"
    assert send("http://good.test/json", auth="unheard of").error == "unsigned"
