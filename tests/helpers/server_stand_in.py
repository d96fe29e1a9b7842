"""A stand-in for the Postgres server: what was published there, and how often."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from types import ModuleType, SimpleNamespace
from urllib.parse import urlsplit

import pytest

from warehouse.errors import PostgresError
from warehouse.home import Home
from warehouse.postgres.keys import StarKeys
from warehouse.read import publication

PASSWORD = "b1-Geheim"
URL = f"postgresql://publisher:{PASSWORD}@bi.example:5433/bi"
SHOWN = "postgresql://publisher@bi.example:5433/bi"
DOWN = "connection to server at bi.example, port 5433 failed: refused"


@dataclass
class StandIn:
    """The server: `down` attempts fail first; `asked` are the URLs it was asked by."""

    publication_id: str | None = None
    down: int = 0
    loads: int = 0
    asked: list[str] = field(default_factory=list)
    keys: StarKeys | None = None

    def publish(self, home: Home, url: str, keys: StarKeys) -> SimpleNamespace:
        self._answer(url)
        here = publication(home)["publication_id"]
        is_new = self.publication_id != here
        self.publication_id, self.keys = here, keys
        self.loads += is_new
        return SimpleNamespace(
            publication_id=here,
            published_at=dt.datetime(2026, 11, 22, tzinfo=dt.UTC),
            tables={"dim_unit": 3, "fct_observation": 4},
            load_seconds=1.5,
            swap_seconds=0.004,
            is_new=is_new,
            is_quiet=True,
            left=(),
            kept_by=(),
        )

    def published_on(self, url: str) -> str | None:
        self._answer(url)
        return self.publication_id

    def _answer(self, url: str) -> None:
        self.asked.append(url)
        if self.down:
            self.down -= 1
            raise PostgresError(DOWN)


def shown(url: str) -> str:
    parts = urlsplit(url)
    return f"postgresql://{parts.username}@{parts.hostname}:{parts.port}{parts.path}"


def install(monkeypatch: pytest.MonkeyPatch, url: str = URL) -> StandIn:
    """A server at `url` that is set for this test, and takes no pauses."""
    server = StandIn()
    functions: dict[str, Callable[..., object]] = {
        "publish_to_postgres": server.publish,
        "published_on": server.published_on,
        "shown": shown,
    }
    module = ModuleType("warehouse.postgres.publication")
    for name, function in functions.items():
        setattr(module, name, function)
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setenv("NHIEMKY_PUBLISH_URL", url)
    return server
