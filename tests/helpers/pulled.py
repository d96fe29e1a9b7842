"""What a connector kept, and pulls that die at a chosen moment."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import zipfile
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from sources.connectors.fetched import Fetched
from sources.connectors.http_answer import Setup
from sources.programme.model import Source
from tests.helpers.http_server import Asked, FakeTime, Reply, Server

Fetching = Callable[..., str | None]
NOW = dt.datetime(2024, 6, 1, tzinfo=dt.UTC)


class KilledError(BaseException):
    """The process ends here; no except clause may hold it up."""


class Pulls:
    """Pulls of one source, one after the other, with the cursor carried over."""

    def __init__(
        self,
        fetch: Fetching,
        source: Source,
        environment: Mapping[str, str] | None = None,
        setup: Setup | None = None,
    ) -> None:
        self.fetch, self.source = fetch, source
        self.environment = environment or {}
        self.setup = setup or FakeTime().setup()
        self.cursor: str | None = None
        self.now = NOW

    def pull(self, killed_at_keep: int = 0) -> list[Fetched]:
        """What was kept; killed after the given one, the cursor stays."""
        kept: list[Fetched] = []

        def keep(one: Fetched) -> None:
            kept.append(one)
            if len(kept) == killed_at_keep:
                raise KilledError

        self.cursor = self.fetch(
            self.source,
            self.cursor,
            keep,
            self.environment,
            self.now,
            setup=self.setup,
        )
        return kept


def killed_and_repeated(server: Server, pulls: Pulls) -> list[Fetched]:
    """What a pull keeps when it is first killed at each request and at each keep.

    The server must stand still meanwhile.
    """
    cursor, answer = pulls.cursor, server.answer
    server.asked.clear()
    undisturbed = pulls.pull()
    end, requests = pulls.cursor, len(server.asked)

    def again() -> None:
        server.answer = answer
        assert pulls.cursor == cursor
        assert pulls.pull() == undisturbed
        assert pulls.cursor == end
        pulls.cursor = cursor

    pulls.cursor = cursor
    for last in range(1, len(undisturbed) + 1):
        with pytest.raises(KilledError):
            pulls.pull(killed_at_keep=last)
        again()
    for last in range(1, requests + 1):
        left = [last]

        def dying(asked: Asked, left: list[int] = left) -> Reply:
            left[0] -= 1
            return Reply(status=409) if left[0] <= 0 else answer(asked)

        server.answer = dying
        with pytest.raises(Exception, match="status 409"):
            pulls.pull()
        again()
    pulls.cursor = end
    return undisturbed


def opened(delivery: Fetched) -> tuple[dict[str, Any], dict[str, bytes]]:
    """The question of a bundle, and its pages by name."""
    with zipfile.ZipFile(io.BytesIO(delivery.content)) as bundle:
        first, *pages = bundle.namelist()
        assert first == "request.json"
        request = json.loads(bundle.read(first))
        return request, {name: bundle.read(name) for name in pages}


def records(delivery: Fetched, path: str = "dataValues") -> list[dict[str, Any]]:
    """All records of a bundle, of JSON pages those at `path`."""
    found: list[dict[str, Any]] = []
    for name, content in opened(delivery)[1].items():
        if name.endswith(".csv"):
            found += csv.DictReader(io.StringIO(content.decode("utf-8-sig")))
        else:
            document = json.loads(content)
            found += document[path] if path else document
    return found
