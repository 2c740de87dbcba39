"""The guarded way to the outside: every address is judged before it is connected to, and what was judged is what is
connected to; everything, the look-up of names included, ends at one deadline.

Used by `callplans.effects` alone. An operator's allow-list names hosts that may be private, or maps them to an
address; nothing else opens it. An outbound firewall remains the second wall.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

import httpcore
import httpx

from callplans.applets.data_connector.http_rules import Refused, checked_address

# Ranges the standard library calls global that lead elsewhere: translation and tunnel prefixes, old site-local,
# protocol assignments (192.0.0.192 is a cloud's metadata service).
_NOT_PUBLIC = [
    ipaddress.ip_network(net)
    for net in (
        "64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/23", "192.0.0.0/24", "192.88.99.0/24",
        "5f00::/16", "3fff::/20", "fec0::/10", "::/96",
    )
]  # fmt: skip
_CHUNK = 16 * 1024
MOST_BYTES = 256 * 1024
_AGENT = "call-plans/1"
_BAD_GZIP = "The answer is not compressed as it says."

Resolver = Callable[[str, int], Iterable[str]]
"""(host, port) -> its addresses as text. Raises OSError when the name is not known."""


class Blocked(Exception):
    """The address must not be connected to."""


class UnknownHost(Exception):
    """The name has no address."""


class OutOfTime(Exception):
    """The deadline has passed."""


class TooLarge(Exception):
    """The decoded answer is larger than 256 KiB."""


class TooManyRedirects(Exception):
    """One redirect more than may be followed."""


def is_public(address: str) -> bool:
    """Whether an address belongs to the public internet."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    if not ip.is_global or ip.is_multicast or ip.is_reserved or ip.is_unspecified:
        return False
    return not any(ip in net for net in _NOT_PUBLIC if net.version == ip.version)


def resolve(host: str, port: int) -> list[str]:
    """Every address of a host, by the system's resolver."""
    return [str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


# The system's resolver cannot be told a deadline: it runs aside, and nobody waits for it longer than theirs.
_look_ups = ThreadPoolExecutor(max_workers=16, thread_name_prefix="look-up")


class Deadline:
    """A moment on the monotonic clock that everything of one request must keep."""

    def __init__(self, seconds: float) -> None:
        self.at = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds left, always more than 0. Raises OutOfTime."""
        left = self.at - time.monotonic()
        if left <= 0:
            raise OutOfTime
        return left


class Guard(httpcore.NetworkBackend):
    """Opens connections only to addresses that were judged, and hands out streams that keep the deadline.

    allow: host, or host:port -> "" (may be private) or "http://address:port" (connect there instead).
    """

    def __init__(self, deadline: Deadline, allow: Mapping[str, str], resolver: Resolver = resolve) -> None:
        self.deadline = deadline
        self.allow = allow
        self.resolver = resolver
        self.inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Any = None,
    ) -> httpcore.NetworkStream:
        address, port = self.judged(host, port)
        stream = self.inner.connect_tcp(address, port, self.deadline.left(), local_address, socket_options)
        return _TimedStream(stream, self.deadline)

    def connect_unix_socket(self, path: str, timeout: float | None = None, socket_options: Any = None) -> Any:
        raise Blocked("unix socket")

    def judged(self, host: str, port: int) -> tuple[str, int]:
        """The address and port to connect to. Every address of the host must be public, not only the one used."""
        if not 0 < port < 65536:
            raise Blocked("port")
        name = host.lower().rstrip(".")
        allowed = self.allow.get(name, self.allow.get(f"{name}:{port}"))
        if allowed:
            parts = urlsplit(allowed)
            return parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
        addresses = sorted(set(self.addresses(host, port)))
        if not addresses:
            raise UnknownHost(host)
        if allowed is None and not all(is_public(address) for address in addresses):
            raise Blocked(host)
        return addresses[0], port

    def addresses(self, host: str, port: int) -> Iterable[str]:
        running: Future[Iterable[str]] = _look_ups.submit(self.resolver, host, port)
        try:
            return running.result(timeout=self.deadline.left())
        except NotYet:
            running.cancel()
            raise OutOfTime from None
        except (OSError, UnicodeError):
            raise UnknownHost(host) from None


class _TimedStream(httpcore.NetworkStream):
    """A stream of which every read and write gets only what is left of the deadline: one that drips ends with it."""

    def __init__(self, inner: httpcore.NetworkStream, deadline: Deadline) -> None:
        self.inner = inner
        self.deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self.inner.read(max_bytes, self.deadline.left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for start in range(0, len(buffer), _CHUNK):
            self.inner.write(buffer[start : start + _CHUNK], self.deadline.left())

    def close(self) -> None:
        self.inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left = self.deadline.left()
        return _TimedStream(self.inner.start_tls(ssl_context, server_hostname, left), self.deadline)

    def get_extra_info(self, info: str) -> Any:
        return self.inner.get_extra_info(info)


@lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    """One context for all requests: loading the certificates takes longer than many a request."""
    return httpx.create_ssl_context(trust_env=False)


class GuardedTransport(httpx.BaseTransport):
    """An httpx transport for the hops of one request. No proxies, no environment, no connection kept for another."""

    def __init__(self, guard: Guard) -> None:
        self.pool = httpcore.ConnectionPool(
            ssl_context=_tls(), max_connections=1, max_keepalive_connections=0, retries=0, network_backend=guard
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = self.pool.handle_request(
            httpcore.Request(
                method=request.method,
                url=httpcore.URL(
                    scheme=request.url.raw_scheme,
                    host=request.url.raw_host,
                    port=request.url.port,
                    target=request.url.raw_path,
                ),
                headers=request.headers.raw,
                content=request.stream,
            )
        )
        return httpx.Response(answer.status, headers=answer.headers, stream=_Body(answer.stream))

    def close(self) -> None:
        self.pool.close()


class _Body(httpx.SyncByteStream):
    def __init__(self, inner: Any) -> None:
        self.inner = inner

    def __iter__(self) -> Iterator[bytes]:
        yield from self.inner

    def close(self) -> None:
        self.inner.close()


# ---- one request and its redirects ----------------------------------------------------------------------------------


@dataclass(slots=True)
class Outgoing:
    """A request with everything filled in and judged. `private`: names, in lower case, of headers that hold settings
    or securely collected values; `private_body`: the body holds some."""

    method: str
    url: str
    headers: list[tuple[str, str]]
    body: bytes
    private: set[str] = field(default_factory=set)
    private_body: bool = False


@dataclass(slots=True)
class Answer:
    """The final answer. `trouble`: why its body is not readable whatever its type; empty: it is."""

    status: int
    content_type: str
    body: bytes
    trouble: str = ""


def exchange(
    out: Outgoing, deadline: Deadline, allow: Mapping[str, str], redirects: int, resolver: Resolver | None = None
) -> Answer:
    """Send it, follow at most so many redirects (0: a redirect is the answer), read what comes back.

    Raises one of TROUBLES.
    """
    transport = GuardedTransport(Guard(deadline, allow, resolver or resolve))
    try:
        for _ in range(redirects + 1):
            headers = [("User-Agent", _AGENT), ("Accept", "*/*"), *out.headers, ("Accept-Encoding", "gzip, identity")]
            last = {name.lower(): (name.encode(), value.encode("utf-8", "replace")) for name, value in headers}
            address = checked_address(out.url)
            request = httpx.Request(out.method, address, headers=list(last.values()), content=out.body or None)
            response = transport.handle_request(request)
            try:
                if not redirects or not response.has_redirect_location:
                    return _read(response)
                out = _redirected(out, response.status_code, response.headers["location"])
            finally:
                response.close()
        raise TooManyRedirects
    finally:
        transport.close()


def _redirected(out: Outgoing, status: int, location: str) -> Outgoing:
    """The next hop. Another origin gets none of the author's headers but what describes the body, and never a body
    that holds hidden values."""
    url = checked_address(urljoin(out.url, quote(location.partition("#")[0], safe="%/:=&?~#+!$,;'@()*[]")))
    method, body, headers = out.method, out.body, out.headers
    if status == 303 or (status in (301, 302) and method == "POST"):
        method, body = "GET", b""
        headers = [(name, value) for name, value in headers if not name.lower().startswith("content-")]
    if _origin(url) != _origin(out.url):
        if body and out.private_body:
            raise Blocked("a body with hidden values to another origin")
        harmless = {"content-type", "accept", "accept-language"} - out.private
        headers = [(name, value) for name, value in headers if name.lower() in harmless]
    return Outgoing(method, url, headers, body, out.private, out.private_body)


def _origin(url: str) -> tuple[str, str, int | None]:
    parts = httpx.URL(url)
    return parts.scheme, parts.host, parts.port


def _read(response: httpx.Response) -> Answer:
    """The body, decoded, as long as it keeps within 256 KiB."""
    coding = response.headers.get("content-encoding", "identity").strip().lower()
    answer = Answer(response.status_code, response.headers.get("content-type", ""), b"")
    if coding not in ("", "identity", "gzip", "x-gzip"):
        answer.trouble = "The answer is compressed in a way that was not asked for."
        return answer
    unzip = zlib.decompressobj(16 + zlib.MAX_WBITS) if "gzip" in coding else None
    read = bytearray()
    try:
        for chunk in response.iter_raw():
            read += unzip.decompress(chunk, MOST_BYTES + 1 - len(read)) if unzip else chunk
            if len(read) > MOST_BYTES:
                raise TooLarge
    except zlib.error:
        answer.trouble = _BAD_GZIP
        return answer
    answer.body = bytes(read)
    if unzip and read and not unzip.eof:
        answer.trouble = _BAD_GZIP
    return answer


# ---- trouble by name ------------------------------------------------------------------------------------------------

_NAMES: list[tuple[str, tuple[type[Exception], ...]]] = [
    ("blocked", (Blocked, Refused, httpx.InvalidURL, UnicodeError)),
    ("dns", (UnknownHost,)),
    ("timeout", (OutOfTime, httpcore.TimeoutException, TimeoutError)),
    ("too_large", (TooLarge,)),
    ("redirects", (TooManyRedirects,)),
    ("refused", (httpcore.NetworkError, httpcore.ProtocolError, httpcore.UnsupportedProtocol, OSError, ValueError)),
]
TROUBLES: tuple[type[Exception], ...] = tuple(kind for _, kinds in _NAMES for kind in kinds)
"""Everything that may go wrong between us and a web service."""


def trouble_of(error: Exception) -> str:
    """timeout | dns | refused | blocked | too_large | redirects."""
    return next((name for name, kinds in _NAMES if isinstance(error, kinds)), "refused")
