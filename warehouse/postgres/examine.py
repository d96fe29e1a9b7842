"""What there is on a server, asked without changing it: version, rights, readers."""

from __future__ import annotations

from dataclasses import dataclass

from warehouse.errors import PostgresError

_FACTS = """
    select
        current_setting('server_version'),
        current_database(),
        current_user,
        has_database_privilege(current_database(), 'CREATE'),
        (select rolcreaterole or rolsuper from pg_roles where rolname = current_user)
"""
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
            select from pg_catalog.pg_roles
            where rolname = r.login and rolcanlogin
                and not rolsuper and not rolbypassrls
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
    """The server's version, and whether the login that publishes may make roles."""

    version: str
    may_make_roles: bool


@dataclass(frozen=True)
class ReaderThere:
    """A login as the server has it; `can_log_in` False where its role is gone or
    bypasses row security."""

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
    from warehouse.postgres.connection import ANSWER_SECONDS, server

    with server(url, answer_seconds=ANSWER_SECONDS) as connection:
        row = connection.execute(_FACTS).fetchone()
    assert row is not None
    version, database, user, may_create, may_make_roles = row
    if not may_create:
        raise PostgresError(
            f"Không có quyền · the login {user} may not create schemas in the database "
            f'{database}. Let its owner run: grant create on database "{database}" to '
            f'"{user}"'
        )
    return ServerFacts(version, may_make_roles)


def readers_on(url: str, programme_code: str) -> list[ReaderThere]:
    """The readers of a programme as the server has them, by login; none before access
    was applied there.

    Raises:
        PostgresError: the server cannot be reached, or this login may not look.
    """
    from warehouse.postgres.connection import ANSWER_SECONDS, server

    with server(url, answer_seconds=ANSWER_SECONDS) as connection:
        known = connection.execute("select to_regclass('nhiemky.reader')").fetchone()
        if known is None or known[0] is None:
            return []
        rows = connection.execute(_READERS, [programme_code]).fetchall()
    return [
        ReaderThere(login, sees_all, small_count, tuple(units), tuple(totals), can)
        for login, sees_all, small_count, units, totals, can in rows
    ]
