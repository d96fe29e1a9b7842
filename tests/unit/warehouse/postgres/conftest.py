"""What loading is tested without: access, which has tests of its own."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

import pytest
from psycopg import Connection, sql


@pytest.fixture
def without_access(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is given access, so that marts need not be the whole star."""
    stand_in = ModuleType("warehouse.postgres.access")
    stand_in.__dict__["secure_schema"] = _secure_schema
    monkeypatch.setitem(sys.modules, stand_in.__name__, stand_in)


def _secure_schema(connection: Connection[Any], _: str, suppressed: str) -> None:
    name = sql.Identifier(suppressed)
    connection.execute(sql.SQL("create schema {}").format(name))
