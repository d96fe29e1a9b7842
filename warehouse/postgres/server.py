"""What must be on a server before anything is published or anybody is given access.

Shape: schema `nhiemky` with `reader` (one row per login and programme) and
`reader_unit` (one row per login, programme and unit named in access.yaml), and three
roles without login. The roles belong to the whole server, not to one database: where
two databases of one server hold publications, let each login connect to its own only
(`revoke connect on database ... from public`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from warehouse.errors import PostgresError

if TYPE_CHECKING:
    from psycopg import Connection

READER = "nhiemky_reader"
"""Reads the rows of the units in `unit_access`."""
READER_ALL = "nhiemky_reader_all"
"""Reads every row."""
READER_SUPPRESSED = "nhiemky_reader_suppressed"
"""Reads the views of `marts_suppressed`, and no table."""
ROLES = (READER, READER_ALL, READER_SUPPRESSED)

_TABLES = (
    """
    create table if not exists nhiemky.reader (
        login text not null,
        programme_code text not null,
        sees_all boolean not null,
        small_count integer,
        primary key (login, programme_code)
    )
    """,
    """
    create table if not exists nhiemky.reader_unit (
        login text not null,
        programme_code text not null,
        unit_code text not null,
        extent text not null check (extent in ('branch', 'totals')),
        primary key (login, programme_code, unit_code)
    )
    """,
)


def prepare_server(connection: Connection[Any]) -> None:
    """Makes schema `nhiemky` with the tables of readers, and the roles, where absent.

    Roles are left out where the publisher may not make any: then nobody is granted
    anything until somebody with that right applies access.

    Raises:
        PostgresError: schema `nhiemky` is out of reach.
    """
    import psycopg

    with connection.transaction():
        if _is_new(connection):
            # two that prepare at once would both find a thing absent; only then, as
            # any login may take such a lock, and keep it
            connection.execute(
                "select pg_advisory_xact_lock(hashtext('nhiemky_prepare'))"
            )
        try:
            with connection.transaction():
                _make_tables(connection)
        except psycopg.errors.InsufficientPrivilege as error:
            raise PostgresError(
                f"Schema nhiemky cannot be made or used: {error.diag.message_primary}. "
                "Let the owner of the database run `grant create on database ... to "
                "...` for the publisher, or publish as the owner of schema nhiemky."
            ) from None
        if _may_make_roles(connection):
            for role in sorted(set(ROLES) - set(roles_present(connection))):
                connection.execute(f"create role {role} nologin")


def roles_present(connection: Connection[Any]) -> tuple[str, ...]:
    """The roles of this product that the server has, sorted."""
    rows = connection.execute(
        "select rolname::text from pg_roles where rolname = any (%s) order by 1",
        [list(ROLES)],
    )
    return tuple(name for (name,) in rows)


def _is_new(connection: Connection[Any]) -> bool:
    """True where the schema or a role is absent, so that readers can hardly be here."""
    found = connection.execute("select to_regnamespace('nhiemky') is null").fetchone()
    return found == (True,) or set(roles_present(connection)) != set(ROLES)


def _make_tables(connection: Connection[Any]) -> None:
    found = connection.execute("select to_regnamespace('nhiemky')").fetchone()
    if found == (None,):
        connection.execute("create schema nhiemky")
    tables = ("nhiemky.reader", "nhiemky.reader_unit")
    for table, statement in zip(tables, _TABLES, strict=True):
        there = connection.execute("select to_regclass(%s)", [table]).fetchone()
        if there == (None,):
            connection.execute(statement)


def _may_make_roles(connection: Connection[Any]) -> bool:
    row = connection.execute(
        "select rolsuper or rolcreaterole from pg_roles where rolname = current_user"
    ).fetchone()
    return row == (True,)
