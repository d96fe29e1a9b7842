"""A loopback HTTP server that answers as a test says, faults of the line included."""

from __future__ import annotations

import gzip
import itertools
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from sources.connectors.http_answer import HttpLimits, Setup, Timing

LONGEST_STALL = 10.0


@dataclass(frozen=True)
class Asked:
    """One request as it arrived."""

    method: str
    path: str
    query: list[tuple[str, str]]
    headers: Mapping[str, str]
    body: bytes

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.query if key == name]

    def one(self, name: str, default: str = "") -> str:
        return next(iter(self.all(name)), default)


@dataclass(frozen=True)
class Reply:
    """One answer; `cut` ends the line after so many bytes, `stalls` before the first,
    `is_endless` never; `has_length` False leaves the end of the line as only end."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    kind: str = "application/json"
    zipped: bool = False
    cut: int | None = None
    stalls: bool = False
    is_endless: bool = False
    has_length: bool = True


Answering = Callable[[Asked], Reply]


class Server:
    """The server: set `answer`, look at `asked`."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.asked: list[Asked] = []
        self.answer: Answering = lambda asked: Reply(status=404)
        self.released = threading.Event()

    def script(self, *replies: Reply) -> None:
        """The replies in order; the last one again and again."""
        waiting = list(replies)
        self.answer = lambda asked: waiting.pop(0) if len(waiting) > 1 else waiting[0]

    def reset(self) -> None:
        self.asked.clear()
        self.answer = lambda asked: Reply(status=404)


@contextmanager
def serving(context: ssl.SSLContext | None = None) -> Iterator[Server]:
    """A server on loopback, by TLS with a `context`, until the block ends."""
    server: Server

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            query = parse_qsl(parts.query, keep_blank_values=True)
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length)
            asked = Asked(self.command, parts.path, query, self.headers, body)
            server.asked.append(asked)
            self._say(server.answer(asked))

        do_POST = do_GET

        def _say(self, reply: Reply) -> None:
            if reply.stalls:
                server.released.wait(LONGEST_STALL)
                self.close_connection = True
                return
            body = gzip.compress(reply.body, mtime=0) if reply.zipped else reply.body
            self.send_response_only(reply.status)
            self.send_header("Content-Type", reply.kind)
            if "Date" not in reply.headers:
                self.send_header("Date", self.date_time_string())
            for name, value in reply.headers.items():
                self.send_header(name, value)
            if reply.zipped:
                self.send_header("Content-Encoding", "gzip")
            if reply.is_endless:
                self.send_header("Transfer-Encoding", "chunked")
            elif reply.has_length:
                self.send_header("Content-Length", str(len(body)))
            else:
                self.send_header("Connection", "close")
            self.end_headers()
            if reply.is_endless:
                for _ in itertools.count():
                    self.wfile.write(b"4\r\n1,2,\r\n")
            self.wfile.write(body[: reply.cut])
            self.close_connection |= reply.cut is not None

        def log_message(self, *_: Any) -> None:
            return

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True
        block_on_close = False

        def handle_error(self, *_: Any) -> None:
            """A client that left is what these tests are about."""

    with Quiet(("127.0.0.1", 0), Handler) as listening:
        if context is not None:
            listening.socket = context.wrap_socket(listening.socket, server_side=True)
        scheme = "http" if context is None else "https"
        server = Server(f"{scheme}://127.0.0.1:{listening.server_port}")
        thread = threading.Thread(target=listening.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield server
        finally:
            server.released.set()
            listening.shutdown()
            thread.join()


class FakeTime:
    """A clock that only sleep moves, and `step` seconds for each look at it."""

    def __init__(self, step: float = 0.0) -> None:
        self.now, self.step = 1000.0, step
        self.slept: list[float] = []

    def clock(self) -> float:
        self.now += self.step
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    def setup(self, **limits: Any) -> Setup:
        return Setup(HttpLimits(**limits), Timing(self.clock, self.sleep))


def http_date(when: Any) -> str:
    return format_datetime(when, usegmt=True)
