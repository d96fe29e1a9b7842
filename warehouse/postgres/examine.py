"""What there is on a server, asked without changing it: version, rights, readers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from warehouse.errors import PostgresError

if TYPE_CHECKING:
    from psycopg import Connection

OLDEST = 15
"""The first version whose views can keep to the rights of who asks."""
_READERS = """
    select
        r.login,
        r.sees_all,
        r.small_count,
        coalesce(array_agg(u.unit_code order by u.unit_code)
            filter (where u.extent = 'branch'), '{}'),
        coalesce(array_agg(u.unit_code order by u.unit_code)
            filter (where u.extent = 'totals'), '{}'),
        exists (
            select from pg_catalog.pg_roles where rolname = r.login and rolcanlogin
        )
    from nhiemky.reader as r
    left join nhiemky.reader_unit as u
        on u.login = r.login and u.programme_code = r.programme_code
    where r.programme_code = %s
    group by r.login, r.sees_all, r.small_count
    order by r.login
"""


@dataclass(frozen=True)
class ServerFacts:
    """The server's version, and what the login that publishes may do there."""

    version: str
    may_create: bool
    may_make_roles: bool


@dataclass(frozen=True)
class ReaderThere:
    """A login as the server has it; `can_log_in` False where its role is gone."""

    login: str
    sees_all: bool
    small_count: int | None
    units: tuple[str, ...]
    totals: tuple[str, ...]
    can_log_in: bool


def examine(url: str) -> ServerFacts:
    """The facts of a server that can be published to.

    Raises:
        PostgresError: it cannot be reached, is too old, or its database takes no schema
            from this login.
    """
    query = (
        "select current_setting('server_version_num')::int, "
        "current_setting('server_version'), current_database(), current_user, "
        "has_database_privilege(current_database(), 'CREATE'), "
        "(select rolcreaterole or rolsuper from pg_catalog.pg_roles "
        "where rolname = current_user)"
    )
    with _asking(url) as connection:
        row = connection.execute(query).fetchone()
    assert row is not None
    number, version, database, user, may_create, may_make_roles = row
    if number // 10_000 < OLDEST:
        raise PostgresError(
            f"Máy chủ quá cũ · the server is PostgreSQL {version}; row security over "
            f"views needs {OLDEST} or newer. Publish to a newer server."
        )
    if not may_create:
        raise PostgresError(
            f"Không có quyền · the login {user} may not create schemas in the database "
            f'{database}. Let its owner run: grant create on database "{database}" to '
            f'"{user}"'
        )
    return ServerFacts(version, may_create, may_make_roles)


def readers_on(url: str, programme_code: str) -> list[ReaderThere]:
    """The readers of a programme as the server has them, by login; none before access
    was applied there.

    Raises:
        PostgresError: the server cannot be reached, or this login may not look.
    """
    with _asking(url) as connection:
        known = connection.execute("select to_regclass('nhiemky.reader')").fetchone()
        if known is None or known[0] is None:
            return []
        rows = connection.execute(_READERS, [programme_code]).fetchall()
    return [
        ReaderThere(login, sees_all, small_count, tuple(units), tuple(totals), can)
        for login, sees_all, small_count, units, totals, can in rows
    ]


@contextmanager
def _asking(url: str) -> Iterator[Connection[Any]]:
    import psycopg

    from warehouse.postgres.server import connect, shown

    with connect(url) as connection:
        connection.read_only = True
        try:
            yield connection
        except psycopg.Error as error:
            raise PostgresError(
                f"{shown(url)} không trả lời được · cannot be asked: {error}. Publish "
                "and look as the owner of schema nhiemky there."
            ) from error
