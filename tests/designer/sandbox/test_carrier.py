"""The pretend Vonage does what Vonage does: against a small server that answers with documents."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
import pytest

from designer.sandbox import carrier
from designer.sandbox.carrier import Account, Carrier, CarrierError, Script
from designer.sandbox.demo import PAYMENT_LINE

SECRET = "a-signature-secret-of-32-characters!"


class Server:
    """Answers each path with what `answers` holds for it: a document, a status, or a function of what was said."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, dict[str, Any], str]] = []
        self.answers: dict[str, Any] = {}
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                said = json.loads(body)
                path = self.path
                server.heard.append((path, said, self.headers.get("Authorization", "")))
                if path.startswith("/hooks"):
                    server.signed(body, self.headers["Authorization"])
                answer = server.answers.get(path, [])
                if isinstance(answer, list) and answer and callable(answer[0]):
                    answer = answer.pop(0) if len(answer) > 1 else answer[0]
                if callable(answer):
                    answer = answer(said)
                status, text = (answer, b"") if isinstance(answer, int) else (200, answer)
                if not isinstance(text, bytes):
                    text = json.dumps(text).encode()
                with suppress(OSError):  # the caller may have given up waiting
                    self.send_response(status)
                    self.send_header("Content-Length", str(len(text)))
                    self.end_headers()
                    self.wfile.write(text)

            def log_message(self, *args: Any) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}"
        self.thread = threading.Thread(target=self.http.serve_forever, args=(0.02,), daemon=True)
        self.thread.start()

    def signed(self, body: bytes, header: str) -> None:
        claims = jwt.decode(header.removeprefix("Bearer "), SECRET, algorithms=["HS256"], options={"verify_iat": False})
        assert claims["payload_hash"] == hashlib.sha256(body).hexdigest()
        assert claims["iss"] == "Vonage"

    def statuses(self, path: str = "/hooks/vonage/k1/event") -> list[str]:
        return [said["status"] for at, said, _ in self.heard if at == path and "status" in said]


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.http.shutdown()
    server.http.server_close()
    server.thread.join()


def call(server: Server, keys: list[str] | None = None, **script: Any) -> Carrier:
    account = Account(server.url, "k1", SECRET, "key")
    return Carrier(account, "+441632960100", Script(keys or [], **script), pace=0.01)


def wait(path: str = "/w1") -> list[str]:
    return [f"https://calls.example.com{path}"]


INPUT = {"action": "input", "type": ["dtmf"], "dtmf": {"maxDigits": 8, "submitOnHash": True}, "eventUrl": wait()}
ANSWER = "/hooks/vonage/k1/answer"


def test_a_call_from_first_ring_to_its_end(server: Server) -> None:
    server.answers[ANSWER] = [{"action": "talk", "text": "<speak>Fish &amp; chips</speak>"}]
    line = call(server)
    line.play()
    assert line.said == ["Fish & chips"]
    assert server.statuses() == ["started", "ringing", "answered", "completed"]
    _, first, _ = next(heard for heard in server.heard if heard[0] == ANSWER)
    assert (first["from"], first["to"]) == ("447700900123", "441632960100")
    assert server.heard[-1][1]["disconnected_by"] == "platform"


@pytest.mark.parametrize(
    ("keys", "dtmf", "kind"),
    [
        (["44170921#"], {"digits": "44170921", "timed_out": False}, "keyed"),
        (["4417#"], {"digits": "4417", "timed_out": False}, "keyed"),
        (["4417"], {"digits": "4417", "timed_out": True}, "keyed"),
        (["#"], {"digits": "", "timed_out": False}, "keyed"),
        ([""], {"digits": "", "timed_out": True}, "silent"),
        ([], {"digits": "", "timed_out": True}, "silent"),
    ],
)
def test_keys(server: Server, keys: list[str], dtmf: dict[str, Any], kind: str) -> None:
    server.answers[ANSWER] = [INPUT]
    line = call(server, keys)
    line.play()
    (said,) = [said for path, said, _ in server.heard if path == "/w1"]
    assert said["dtmf"] == dtmf
    assert line.moments[0].kind == kind


def test_more_keys_than_one_input_takes_go_to_the_next(server: Server) -> None:
    server.answers[ANSWER] = [{**INPUT, "dtmf": {"maxDigits": 2}}, {**INPUT, "eventUrl": wait("/w2")}]
    server.answers["/w1"] = [{**INPUT, "eventUrl": wait("/w2")}]
    call(server, ["1234#"]).play()
    assert [said["dtmf"]["digits"] for path, said, _ in server.heard if path in ("/w1", "/w2")] == ["12", "34"]


def test_the_caller_hangs_up(server: Server) -> None:
    server.answers[ANSWER] = [INPUT]
    line = call(server, ["hangup"])
    line.play()
    assert server.heard[-1][1]["disconnected_by"] == "user"
    assert not [1 for path, _, _ in server.heard if path == "/w1"]


def test_notify_replaces_what_is_left(server: Server) -> None:
    server.answers[ANSWER] = [
        {"action": "talk", "text": '<speak><break time="1000ms"/></speak>'},
        {"action": "notify", "payload": {"step": "again"}, "eventUrl": wait()},
        {"action": "talk", "text": "not heard"},
    ]
    server.answers["/w1"] = [{"action": "talk", "text": "the rest"}]
    line = call(server)
    line.play()
    assert line.said == ["the rest"]


def test_an_empty_answer_carries_on(server: Server) -> None:
    server.answers[ANSWER] = [INPUT, {"action": "talk", "text": "goes on"}]
    server.answers["/w1"] = {}
    line = call(server)
    line.play()
    assert line.said == ["goes on"]


CONNECT = [
    {
        "action": "connect", "from": "441632960100", "eventType": "synchronous", "eventUrl": wait(),
        "endpoint": [{"type": "phone", "number": "442079460001"}],
    },
    {"action": "notify", "payload": {"step": "after-dial"}, "eventUrl": wait("/w2")},
]  # fmt: skip


@pytest.mark.parametrize(
    ("agent", "statuses", "after"),
    [
        ("answered", ["started", "ringing", "answered", "completed"], True),
        ("busy", ["started", "ringing", "busy"], False),
        ("no_answer", ["started", "ringing", "unanswered"], False),
    ],
)
def test_connect(server: Server, agent: str, statuses: list[str], after: bool) -> None:
    server.answers[ANSWER] = CONNECT
    server.answers["/w1"] = lambda said: (
        [{"action": "talk", "text": "instead"}] if said["status"] in ("busy", "unanswered") else {}
    )
    line = call(server, agent=agent)
    line.play()
    assert server.statuses("/w1") == statuses
    assert any(path == "/w2" for path, _, _ in server.heard) is after
    assert line.said == ([] if after else ["instead"])


@pytest.mark.parametrize(
    ("payment", "do"),
    [
        ("paid", {"do": "card", "number": "4111111111111111"}),
        ("declined", {"do": "card", "number": "4000000000000002"}),
        ("abandoned", {"do": "give_up"}),
        ("fails", {"do": "fail"}),
    ],
)
def test_payment(server: Server, payment: str, do: dict[str, str]) -> None:
    pay = {**CONNECT[0], "from": "441632960777", "endpoint": [{"type": "phone", "number": PAYMENT_LINE[1:]}]}
    server.answers[ANSWER] = [pay, CONNECT[1]]
    server.answers["/w1"] = {}
    server.answers["/sandbox/line/open"] = {"line": "abc", "amount": "82.40", "currency": "GBP"}
    server.answers["/sandbox/line/abc"] = {"outcome": payment.upper(), "ended": True}
    line = call(server, payment=[payment])
    line.play()
    keyed = [(path, said) for path, said, _ in server.heard if path.startswith("/sandbox")]
    assert keyed == [
        ("/sandbox/line/open", {"number": PAYMENT_LINE, "clid": "+441632960777"}),
        ("/sandbox/line/abc", do),
    ]
    assert "4111" not in repr(line.moments)
    assert not [1 for path, said, _ in server.heard if path.startswith("/hooks") and "4111" in json.dumps(said)]


def test_a_payment_line_that_does_not_know_the_call(server: Server) -> None:
    server.answers[ANSWER] = [{**CONNECT[0], "endpoint": [{"type": "phone", "number": PAYMENT_LINE[1:]}]}]
    server.answers["/sandbox/line/open"] = 404
    line = call(server)
    line.play()
    assert "does not know" in next(moment.text for moment in line.moments if moment.kind == "payment")


def test_asked_again_while_the_server_is_busy(server: Server) -> None:
    server.answers[ANSWER] = [lambda said: 503, lambda said: 503, lambda said: [{"action": "talk", "text": "at last"}]]
    line = call(server)
    line.play()
    assert line.said == ["at last"]


def test_the_fallback_when_nothing_helps(server: Server) -> None:
    server.answers[ANSWER] = 503
    server.answers["/hooks/vonage/k1/fallback"] = [{"action": "talk", "text": "sorry"}]
    line = call(server)
    line.play()
    assert line.said == ["sorry"]
    (said,) = [said for path, said, _ in server.heard if path.endswith("fallback")]
    assert said["original_request"]["type"] == "answer"
    assert said["reason"] == "timeout"


def test_a_server_that_is_silent(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(carrier, "TIMEOUT", 0.1)
    gate = threading.Event()
    server.answers[ANSWER] = [INPUT]
    server.answers["/w1"] = lambda said: gate.wait(5) and {}
    with pytest.raises(CarrierError, match="did not answer"):
        call(server).play()
    gate.set()


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (403, "refused the signature"),
        (404, "does not exist"),
        (500, "answered 500"),
        ({}, "without a document"),
        (b"<html>", "not JSON"),
        ([{"action": "conversation", "name": "x"}], "not played here"),
        ([{"action": "talk", "text": "x"}] * 501, "does not end"),
    ],
)
def test_what_is_wrong_is_said_plainly(server: Server, answer: Any, words: str) -> None:
    server.answers[ANSWER] = answer
    with pytest.raises(CarrierError, match=words):
        call(server).play()


def test_no_server_at_all() -> None:
    with pytest.raises(CarrierError, match="is the server running"):
        Carrier(Account("http://127.0.0.1:9", "k1", SECRET), "+441632960100", Script()).play()
    with pytest.raises(CarrierError, match="no web address"):
        Carrier(Account("file:///etc/passwd", "k1", SECRET), "+441632960100", Script()).play()
