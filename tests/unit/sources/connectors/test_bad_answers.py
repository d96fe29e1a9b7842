"""Servers that stall, break off in the middle, or deny a folder."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from sources.connectors.drop_folder import open_folder
from sources.connectors.errors import SourceError
from sources.programme.model import Source
from sources.programme.tables import Pace

HERE = Path(__file__).parent
WHOLE = b"every byte of it"

LISTED = {
    "GET": (
        "<ListBucketResult><IsTruncated>false</IsTruncated><Contents>"
        "<Key>in/a.xlsx</Key><Size>16</Size><ETag>&quot;1&quot;</ETag>"
        "<LastModified>2025-01-15T08:30:00.000Z</LastModified></Contents>"
        "</ListBucketResult>"
    ),
    "PROPFIND": (
        '<D:multistatus xmlns:D="DAV:"><D:response><D:href>/in/</D:href><D:propstat>'
        "<D:prop><D:resourcetype><D:collection/></D:resourcetype></D:prop>"
        "</D:propstat></D:response><D:response><D:href>/in/a.xlsx</D:href><D:propstat>"
        "<D:prop><D:resourcetype/><D:getcontentlength>16</D:getcontentlength>"
        "<D:getlastmodified>Wed, 15 Jan 2025 08:30:00 GMT</D:getlastmodified></D:prop>"
        "</D:propstat></D:response></D:multistatus>"
    ),
}


class Server(ThreadingHTTPServer):
    """One file, `in/a.xlsx`, for S3 and for WebDAV; answers as often badly as told."""

    halves = 0
    errors = 0


class Answers(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        if not self.path.partition("?")[0].endswith("a.xlsx"):
            self._say(200, LISTED["GET"].encode())
        elif self.server.halves:
            self.server.halves -= 1
            self._say(200, WHOLE, len(WHOLE) // 2)
        else:
            self._say(200, WHOLE)

    def do_PROPFIND(self) -> None:
        self._say(207, LISTED["PROPFIND"].encode())

    def _say(self, status: int, body: bytes, until: int | None = None) -> None:
        if self.server.errors:
            self.server.errors -= 1
            status, body = 503, b"<Error><Code>ServiceUnavailable</Code></Error>"
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body[:until])

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@contextmanager
def serving() -> Iterator[Server]:
    server = Server(("127.0.0.1", 0), Answers)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def opened(
    kind: str,
    port: int,
    slept: list[float],
    timeout: float = 5,
    known_hosts: Path = HERE,
) -> Any:
    options = {
        "s3": {
            "username": "huyen",
            "password": "x",
            "endpoint_url": f"http://127.0.0.1:{port}",
        },
        "webdav": {},
        "sftp": {"known_hosts": str(known_hosts), "username": "huyen", "password": "x"},
    }
    path = {
        "s3": "s3://kho/in",
        "webdav": f"webdav+http://127.0.0.1:{port}/in",
        "sftp": f"sftp://127.0.0.1:{port}/in",
    }
    source = Source(
        code="huyen",
        name_vi="h",
        name_en="h",
        path=path[kind],
        options=options[kind],
        pace=Pace(timeout_seconds=timeout, tries=3),
        reader="template",
        number_style="vi",  # type: ignore[arg-type]
    )
    return open_folder(source, HERE, {}, sleep=slept.append)


@pytest.mark.parametrize("kind", ["s3", "webdav"])
def test_half_an_answer_is_no_answer(kind: str) -> None:
    slept: list[float] = []
    with serving() as server, opened(kind, server.server_port, slept) as folder:
        server.errors = 1
        (file,) = folder.list_files()
        assert len(slept) == 1
        server.halves = 1
        assert folder.read_bytes(file) == WHOLE
        assert len(slept) == 2
        server.halves = 99
        with pytest.raises(SourceError, match="cannot reach, in 3 tries"):
            folder.read_bytes(file)
        assert folder.left == []


@pytest.mark.parametrize("kind", ["s3", "webdav", "sftp"])
def test_a_server_that_says_nothing_is_given_up(kind: str, tmp_path: Path) -> None:
    slept: list[float] = []
    known_hosts = tmp_path / "known_hosts"
    known_hosts.touch()
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        port = silent.getsockname()[1]
        with (
            opened(kind, port, slept, 0.1, known_hosts) as folder,
            pytest.raises(SourceError, match="cannot reach, in 3 tries"),
        ):
            folder.list_files()
    assert len(slept) == 2
