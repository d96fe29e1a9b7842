"""What loading is tested without: access, which has tests of its own."""

from __future__ import annotations

import importlib.util
import sys
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import pytest
from psycopg import Connection, sql


@pytest.fixture
def without_access(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is given access, so that marts need not be the whole star."""
    parts: dict[str, dict[str, Any]] = {
        "swap": {"swap": _swap, "drop_old": _drop_old, "sweep": _sweep},
        "access": {"secure_schema": _secure_schema},
        "server": {"prepare_server": _prepare_server},
    }
    for name, functions in parts.items():
        place = f"warehouse.postgres.{name}"
        if name == "access" or importlib.util.find_spec(place) is None:
            module = ModuleType(place)
            module.__dict__.update(functions)
            monkeypatch.setitem(sys.modules, place, module)


@dataclass(frozen=True)
class _Swapped:
    seconds: float
    is_quiet: bool
    attempts: int


def _swap(connection: Connection[Any], number: str) -> _Swapped:
    with connection.transaction():
        for name in ("marts", "marts_suppressed"):
            _rename(connection, name, f"{name}_old_{number}")
            _rename(connection, f"{name}_next_{number}", name)
    return _Swapped(0.001, True, 1)


def _rename(connection: Connection[Any], before: str, after: str) -> None:
    if before in _schemas(connection):
        statement = sql.SQL("alter schema {} rename to {}")
        names = sql.Identifier(before), sql.Identifier(after)
        connection.execute(statement.format(*names))


def _drop_old(connection: Connection[Any]) -> list[str]:
    return _drop(connection, "_old_")


def _sweep(connection: Connection[Any]) -> list[str]:
    return _drop(connection, "_next_")


def _drop(connection: Connection[Any], kind: str) -> list[str]:
    for name in _schemas(connection):
        if kind in name:
            statement = sql.SQL("drop schema {} cascade")
            connection.execute(statement.format(sql.Identifier(name)))
    return []


def _schemas(connection: Connection[Any]) -> list[str]:
    found = connection.execute(
        "select nspname from pg_namespace where nspname like 'marts%%'"
    )
    return [name for (name,) in found.fetchall()]


def _secure_schema(connection: Connection[Any], _: str, suppressed: str) -> None:
    name = sql.Identifier(suppressed)
    connection.execute(sql.SQL("create schema {}").format(name))


def _prepare_server(connection: Connection[Any]) -> None:
    connection.execute("create schema if not exists nhiemky")
