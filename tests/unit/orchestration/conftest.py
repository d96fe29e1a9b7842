"""Shared by the tests of orchestration: a real webhook that alerts go to."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.helpers.alert_sinks import HookSink, running


@pytest.fixture
def hook(monkeypatch: pytest.MonkeyPatch) -> Iterator[HookSink]:
    sink = HookSink()
    monkeypatch.setenv("NHIEMKY_ALERT_URLS", sink.url)
    with running(sink):
        yield sink
