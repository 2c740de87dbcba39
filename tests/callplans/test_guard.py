"""Outgoing requests reach public addresses only, end in time, and stay small."""

from __future__ import annotations

import resource
import time
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote

import httpcore
import pytest

from callplans import guard
from callplans.applets.data_connector.http_rules import Refused, checked_address
from callplans.guard import TROUBLES, Answer, Deadline, Outgoing, exchange, is_public, trouble_of
from tests.callplans.webservice import Service, bomb, web_service

FORBIDDEN = [
    # loopback in its spellings
    "127.0.0.1", "127.1", "127.0.0.2", "0", "0.0.0.0", "0x7f000001", "0x7f.0.0.1", "0177.0.0.1", "2130706433",
    "017700000001", "localhost", "LOCALHOST.", "[::1]", "[::]", "[0:0:0:0:0:0:0:1]",
    # mapped, compatible, translated and tunnelled
    "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::ffff:10.0.0.1]", "[::127.0.0.1]", "[64:ff9b::7f00:1]",
    "[64:ff9b::a9fe:a9fe]", "[64:ff9b:1::a00:1]", "[2002:7f00:1::]", "[2001:0:4136:e378:8000:63bf:3fff:fdd2]",
    "[5f00::1]", "[3fff::1]", "[fec0::1]",
    # metadata services, link-local, private, shared
    "169.254.169.254", "169.254.170.2", "[fd00:ec2::254]", "[fe80::1]", "10.0.0.1", "172.16.0.1", "172.31.255.255",
    "192.168.1.1", "100.64.0.1", "100.100.100.200", "192.0.0.192", "198.18.0.1", "[fc00::1]",
    # multicast, reserved, documentation, broadcast
    "224.0.0.1", "240.0.0.1", "255.255.255.255", "192.0.2.1", "192.88.99.1", "[ff02::1]", "[2001:db8::1]",
]  # fmt: skip


@pytest.fixture
def connects(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """Every TCP connection that is opened, whoever opens it."""
    made: list[tuple[str, int]] = []
    real = httpcore.SyncBackend.connect_tcp

    def watched(self: Any, host: str, port: int, *args: Any, **more: Any) -> Any:
        made.append((host, port))
        return real(self, host, port, *args, **more)

    monkeypatch.setattr(httpcore.SyncBackend, "connect_tcp", watched)
    return made


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with web_service() as service:
        yield service


def ask(url: str, seconds: float = 3, resolver: Any = None, allow: dict[str, str] | None = None, **more: Any) -> Answer:
    out = Outgoing(more.pop("method", "GET"), url, more.pop("headers", []), more.pop("body", b""), **more)
    return exchange(out, Deadline(seconds), allow or {}, 5, resolver)


def trouble(url: str, **more: Any) -> str:
    with pytest.raises(TROUBLES) as caught:
        ask(url, **more)
    return trouble_of(caught.value)


@pytest.mark.parametrize("host", FORBIDDEN)
def test_no_contact_with_forbidden_addresses(host: str, connects: list[Any]) -> None:
    assert trouble(f"http://{host}:8080/latest/meta-data/") in ("blocked", "dns")
    assert connects == []


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "2606:4700:4700::1111", "::ffff:8.8.8.8", "93.184.216.34"])
def test_public_addresses_are_public(address: str) -> None:
    assert is_public(address)


def test_the_corpus_is_what_it_says() -> None:
    assert len(FORBIDDEN) >= 33
    assert not is_public("not an address")
    assert not is_public("fe80::1%eth0")


@pytest.mark.parametrize(
    "answers",
    [["8.8.8.8", "127.0.0.1"], ["10.0.0.1", "8.8.8.8"], ["2606:4700::1", "::1"], ["8.8.8.8", "::ffff:169.254.169.254"]],
)
def test_one_private_address_among_public_ones_is_enough_to_refuse(answers: list[str], connects: list[Any]) -> None:
    assert trouble("http://mixed.example/", resolver=lambda host, port: answers) == "blocked"
    assert connects == []


def test_what_was_judged_is_what_is_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that changes its address between judging and connecting gains nothing: it is asked once."""
    asked: list[str] = []
    made: list[str] = []

    def rebinding(host: str, port: int) -> Iterable[str]:
        asked.append(host)
        return ["8.8.8.8"] if len(asked) == 1 else ["127.0.0.1"]

    def refuse(self: Any, host: str, port: int, *args: Any, **more: Any) -> Any:
        made.append(host)
        raise httpcore.ConnectError("no network in tests")

    monkeypatch.setattr(httpcore.SyncBackend, "connect_tcp", refuse)
    assert trouble("http://rebind.example/", resolver=rebinding) == "refused"
    assert (asked, made) == (["rebind.example"], ["8.8.8.8"])


@pytest.mark.parametrize(
    "target",
    [
        "http://127.0.0.1:22/",
        "http://169.254.169.254/latest/",
        "http://[::1]/",
        "http://rebind.example/",
        "//10.0.0.1/",
    ],
)
def test_every_redirect_is_judged(service: Service, connects: list[Any], target: str) -> None:
    def resolver(host: str, port: int) -> list[str]:
        return ["10.1.1.1"] if host == "rebind.example" else guard.resolve(host, port)

    url = f"http://good.test/redirect/302/{quote(target, safe='')}"
    assert trouble(url, resolver=resolver, allow=service.allow) == "blocked"
    assert connects == [("127.0.0.1", service.port)]


@pytest.mark.parametrize("target", ["file:///etc/passwd", "gopher://good.test/", "http://me:pw@good.test/"])
def test_redirects_to_other_things_than_http_are_refused(service: Service, target: str) -> None:
    assert trouble(f"http://good.test/redirect/307/{quote(target, safe='')}", allow=service.allow) == "blocked"


def test_at_most_five_redirects(service: Service) -> None:
    assert ask("http://good.test/hops/5", allow=service.allow).status == 200
    assert trouble("http://good.test/hops/6", allow=service.allow) == "redirects"


def test_the_allow_list_opens_only_what_it_names(service: Service, connects: list[Any]) -> None:
    assert ask(f"http://127.0.0.1:{service.port}/", allow={"127.0.0.1": ""}).status == 200
    assert ask(f"http://127.0.0.1:{service.port}/", allow={f"127.0.0.1:{service.port}": ""}).status == 200
    assert ask("http://GOOD.test./", allow=service.allow).status == 200
    connects.clear()
    assert trouble(f"http://127.0.0.1:{service.port}/", allow={"127.0.0.1:1": ""}) == "blocked"
    assert trouble(f"http://127.0.0.1:{service.port}/", allow=service.allow) == "blocked"
    assert trouble("http://not.good.test/", allow=service.allow, resolver=lambda h, p: ["127.0.0.1"]) == "blocked"
    assert connects == []


def test_the_service_sees_the_name_it_was_asked_by(service: Service) -> None:
    ask("http://good.test/json", allow=service.allow)
    assert service.asked[-1].headers["host"] == "good.test"


def test_the_environment_is_not_asked_for_a_proxy(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "SSL_CERT_FILE"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert ask("http://good.test/json", allow=service.allow).status == 200


@pytest.mark.parametrize("path", ["slow", "drip", "dripheader"])
def test_everything_ends_at_the_deadline(service: Service, path: str) -> None:
    began = time.monotonic()
    assert trouble(f"http://good.test/{path}", seconds=0.6, allow=service.allow) == "timeout"
    assert time.monotonic() - began < 4  # a drip goes on for much longer


def test_a_look_up_that_hangs_ends_at_the_deadline() -> None:
    def hangs(host: str, port: int) -> list[str]:
        time.sleep(6)
        return ["8.8.8.8"]

    began = time.monotonic()
    assert trouble("http://hangs.example/", seconds=0.3, resolver=hangs) == "timeout"
    assert time.monotonic() - began < 4


def test_an_endless_answer_is_cut_off(service: Service) -> None:
    assert trouble("http://good.test/endless", seconds=8, allow=service.allow) == "too_large"


def test_a_gzip_bomb_does_not_grow(service: Service) -> None:
    bomb()  # packed before it is measured: packing takes memory too
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert trouble("http://good.test/bomb", allow=service.allow) == "too_large"
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20 * 1024


def test_gzip_is_read_and_other_codings_are_reported(service: Service) -> None:
    assert ask("http://good.test/gzip", allow=service.allow).body == b'{"a":"zipped"}'
    for path in ("brotli", "cutgzip"):
        answer = ask(f"http://good.test/{path}", allow=service.allow)
        assert (answer.status, bool(answer.trouble)) == (200, True)
    assert service.asked[-1].headers["accept-encoding"] == "gzip, identity"


@pytest.mark.parametrize("path", ["cut", "garbage"])
def test_broken_answers_count_as_refused(service: Service, path: str) -> None:
    assert trouble(f"http://good.test/{path}", allow=service.allow) == "refused"


def test_nobody_listens() -> None:
    assert trouble("http://gone.test/", allow={"gone.test": "http://127.0.0.1:1"}) == "refused"


def test_unknown_names() -> None:
    def unknown(host: str, port: int) -> list[str]:
        raise OSError("unknown")

    assert trouble("http://nowhere.example/", resolver=unknown) == "dns"
    assert trouble("http://nowhere.example/", resolver=lambda host, port: []) == "dns"


@pytest.mark.parametrize(
    "address",
    [
        "ftp://a.example/", "file:///etc/passwd", "gopher://a.example/", "a.example/x", "", "http://", "http:///x",
        "http://user@a.example/", "http://user:pw@a.example/", "http://a.example\\@b.example/", "http://a b/",
        "http://a.example/\r\nHost: b", "http://a.example/\x00", "http://a.example:0/", "http://a.example:99999/",
        "http://a.example:x/", "http://a.example/v1/../admin", "http://a.example/%2e%2e/x", "http://-a/", "http://[::1/",
        "http://①②⑦.⓪.⓪.①/", "http://a%2eexample/",
    ],
)  # fmt: skip
def test_addresses_that_are_refused(address: str) -> None:
    with pytest.raises(Refused):
        checked_address(address)


def test_unix_sockets_are_refused() -> None:
    with pytest.raises(guard.Blocked):
        guard.Guard(Deadline(1), {}).connect_unix_socket("/var/run/docker.sock")


def test_hidden_values_do_not_cross_origins(service: Service) -> None:
    headers = [("X-Api-Key", "k-1"), ("Authorization", "Bearer t"), ("Content-Type", "application/json")]
    for status, method in ((302, "GET"), (307, "POST")):
        service.asked.clear()
        url = f"http://good.test/redirect/{status}/http%3A%2F%2Fother.test%2Fjson"
        ask(url, allow=service.allow, headers=headers, method="POST", body=b"{}", private={"x-api-key"})
        first, second = service.asked
        assert first.headers["x-api-key"] == "k-1"
        assert "x-api-key" not in second.headers
        assert "authorization" not in second.headers
        assert second.method == method
        assert second.body == (b"{}" if method == "POST" else b"")
    service.asked.clear()
    ask("http://good.test/redirect/307/%2Fjson", allow=service.allow, headers=headers, method="POST", body=b"{}")
    assert service.asked[1].headers["x-api-key"] == "k-1", "the same origin gets them"
    url = "http://good.test/redirect/307/http%3A%2F%2Fother.test%2Fjson"
    assert trouble(url, allow=service.allow, method="POST", body=b"k-1", private_body=True) == "blocked"
