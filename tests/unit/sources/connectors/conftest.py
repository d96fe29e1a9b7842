"""One server on loopback for all tests that ask an interface."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.helpers.http_server import Server, serving


@pytest.fixture(scope="package")
def running() -> Iterator[Server]:
    with serving() as server:
        yield server


@pytest.fixture
def server(running: Server, monkeypatch: pytest.MonkeyPatch) -> Server:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    running.reset()
    return running
