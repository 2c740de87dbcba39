"""A web service on the loopback for tests of outgoing requests: answers by path, remembers what it was asked."""

from __future__ import annotations

import gzip
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote


@cache
def bomb() -> bytes:
    """A gigabyte of blanks, packed."""
    pack = zlib.compressobj(9, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    blanks = b" " * 1_000_000
    return b"".join(pack.compress(blanks) for _ in range(1000)) + pack.flush()


@dataclass
class Asked:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Service:
    """`allow` maps the names good.test and other.test to it, as an operator would."""

    port: int
    asked: list[Asked] = field(default_factory=list)

    @property
    def allow(self) -> dict[str, str]:
        return dict.fromkeys(("good.test", "other.test"), f"http://127.0.0.1:{self.port}")


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    service: Service

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def answer(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.service.asked.append(Asked(self.command, self.path, headers, self.rfile.read(length)))
        name = self.path.split("?")[0].strip("/").split("/")[0]
        act: Callable[[], None] = getattr(self, f"do_it_{name}", self.do_it_json)
        try:
            act()
        except OSError:  # the guard has hung up on us
            self.close_connection = True

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer

    def send(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_it_json(self) -> None:
        self.send(200, b'{"account":{"name":"Ann","balance":82.40}}', Content_Type="application/json")

    def do_it_created(self) -> None:
        self.send(201, b'{"session":{"id":"s-9"},"transfer":{"number":"+441632960900","clid":"+441632960777"}}')

    def do_it_xml(self) -> None:
        self.send(200, b"<payment><outcome>PAID</outcome><receipt>R-5</receipt></payment>", Content_Type="text/xml")

    def do_it_status(self) -> None:
        self.send(int(self.path.rpartition("/")[2]), b'{"error":"no"}')

    def do_it_html(self) -> None:
        self.send(200, b"<html><br></html>", Content_Type="text/html")

    def do_it_echo(self) -> None:
        self.send(200, self.service.asked[-1].body or str(self.service.asked[-1].headers).encode())

    def do_it_slow(self) -> None:
        time.sleep(1.5)
        self.do_it_json()

    def do_it_drip(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        for _ in range(40):
            self.wfile.write(b" ")
            self.wfile.flush()
            time.sleep(0.1)

    def do_it_dripheader(self) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        for _ in range(40):
            self.wfile.write(b"a")
            self.wfile.flush()
            time.sleep(0.1)

    def do_it_endless(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.close_connection = True
        while True:
            self.wfile.write(b"x" * 65536)

    def do_it_gzip(self) -> None:
        self.send(200, gzip.compress(b'{"a":"zipped"}'), Content_Encoding="gzip")

    def do_it_cutgzip(self) -> None:
        self.send(200, gzip.compress(b'{"a":"zipped"}')[:-9], Content_Encoding="gzip")

    def do_it_bomb(self) -> None:
        self.send(200, bomb(), Content_Encoding="gzip")

    def do_it_brotli(self) -> None:
        self.send(200, b"\x0b\x02\x80{}\x03", Content_Encoding="br")

    def do_it_cut(self) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")
        self.close_connection = True

    def do_it_garbage(self) -> None:
        self.wfile.write(b"220 mail.example ESMTP\r\n")
        self.close_connection = True

    def do_it_redirect(self) -> None:
        """/redirect/<status>/<location, percent-encoded>"""
        _, _, status, location = self.path.split("/", 3)
        self.send(int(status), b"", Location=unquote(location))

    def do_it_hops(self) -> None:
        """/hops/<n>: n more redirects, then JSON."""
        left = int(self.path.rpartition("/")[2])
        if left:
            self.send(302, b"", Location=f"/hops/{left - 1}")
        else:
            self.do_it_json()


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that hang up are what these tests are about."""


@contextmanager
def web_service() -> Iterator[Service]:
    service = Service(0)
    handler = type("ServiceHandler", (Handler,), {"service": service})
    server = Server(("127.0.0.1", 0), handler)
    service.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
