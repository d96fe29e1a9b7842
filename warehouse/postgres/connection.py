"""Connections of the publisher, and its errors in words that help; never a password."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from warehouse.errors import PostgresError

if TYPE_CHECKING:
    import psycopg

    Connection = psycopg.Connection[Any]

OLDEST_SERVER = 15
"""The first with `security_invoker` views and `unique nulls not distinct`."""

PUBLISHER = "nhiemky publish"
LOADER = "nhiemky load"
"""Names that sessions have on the server."""

SCHEMES = ("postgresql", "postgres", "postgresql+psycopg")
"""How an address of a server may begin."""
ANSWER_SECONDS = 5
"""How long an answer may take that somebody waits for."""

_CONNECT_SECONDS = "10"
_NETWORK = {
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
    "tcp_user_timeout": "60000",
}
"""A network that broke without a word is found out after a minute, not two hours."""
_SESSION = """
set idle_in_transaction_session_timeout = 0;
set idle_session_timeout = 0;
set lock_timeout = 0;
set default_transaction_isolation = 'read committed';
set row_security = on;
set standard_conforming_strings = on;
set datestyle = 'ISO, YMD';
set search_path = '';
set statement_timeout = {};
"""
"""What an administrator set for readers would end a load, or change what is written."""


def shown(url: str) -> str:
    """The URL without password and parameters, for people and logs.

    A password that was not percent-encoded may hold any of `/?@:`; where it cannot be
    told from the rest, less is shown.
    """
    scheme, _, rest = url.partition("://")
    if scheme not in SCHEMES:
        return "postgresql://..."
    before, _, parameters = rest.partition("?")
    login, at, place = before.rpartition("@")
    if not at and "@" in parameters:
        return f"{scheme}://..."
    user = login.partition(":")[0]
    return f"{scheme}://{user}{at}{place}"


@contextmanager
def server(
    url: str, name: str = PUBLISHER, answer_seconds: int | None = None
) -> Iterator[Connection]:
    """A connection in autocommit mode for the block, closed after it.

    Args:
        url: the server's address.
        name: what the session is called on the server.
        answer_seconds: how long one answer may take; without it, as long as it takes.

    Raises:
        PostgresError: no Postgres URL, no server there, one older than 15, or
            whatever the server refused within the block.
    """
    import psycopg

    try:
        with psycopg.connect(**_arguments(url, name), autocommit=True) as connection:
            _refuse_old(connection, url)
            _refuse_other_encoding(connection, url)
            settle(connection, answer_seconds or 0)
            yield connection
    except psycopg.Error as error:
        raise PostgresError(_explained(url, error)) from None


def settle(connection: Connection, answer_seconds: int = 0) -> None:
    """Makes the session independent of how its login is set; 0 is no limit."""
    from psycopg.sql import SQL, Literal

    connection.execute(SQL(_SESSION).format(Literal(f"{answer_seconds}s")))


def _arguments(url: str, name: str) -> dict[str, Any]:
    import psycopg
    from psycopg.conninfo import conninfo_to_dict

    scheme, separator, rest = url.partition("://")
    authority = re.split("[/?#]", rest)[0]
    if not separator or scheme not in SCHEMES:
        raise PostgresError(
            "Địa chỉ máy chủ không phải của Postgres · The address is not one of "
            "Postgres. Write postgresql://USER:PASSWORD@HOST:5432/DATABASE."
        )
    try:
        # a password's unescaped signs would be taken for host or database, and told
        if not rest.count("@") == authority.count("@") <= 1:
            raise psycopg.ProgrammingError
        given = conninfo_to_dict(f"postgresql://{rest}")
    except psycopg.Error:
        # what the parser says repeats the address, password and all
        raise PostgresError(
            f"Địa chỉ {shown(url)} không đọc được · cannot be read as an address of "
            "Postgres. Write postgresql://USER:PASSWORD@HOST:5432/DATABASE; in user "
            "and password, write / ? # @ : and % as %2F %3F %23 %40 %3A and %25."
        ) from None
    fixed = {"application_name": name, "client_encoding": "utf8"}
    return {"connect_timeout": _CONNECT_SECONDS, **_NETWORK, **given, **fixed}


def _refuse_old(connection: Connection, url: str) -> None:
    version = connection.info.server_version // 10_000
    if version < OLDEST_SERVER:
        raise PostgresError(
            f"{shown(url)}: Postgres {version} quá cũ · is too old: row security of "
            f"views needs {OLDEST_SERVER} or newer. Upgrade the server, or publish to "
            "another one."
        )


def _refuse_other_encoding(connection: Connection, url: str) -> None:
    encoding = connection.info.parameter_status("server_encoding")
    if encoding != "UTF8":
        raise PostgresError(
            f"{shown(url)}: bộ mã {encoding} không giữ được tiếng Việt · the encoding "
            f"of the database is {encoding}, which does not hold Vietnamese. Make one "
            "with: create database ... encoding 'UTF8' template template0."
        )


def _explained(url: str, error: psycopg.Error) -> str:
    from psycopg import errors

    said = (error.diag.message_primary or str(error)).strip()
    if error.diag.message_detail:
        said = f"{said} ({error.diag.message_detail})"
    if error.diag.context:
        said = f"{said}, in {error.diag.context}"
    if isinstance(error, errors.InsufficientPrivilege):
        why = "người công bố thiếu quyền · the publisher lacks a right"
        remedy = (
            "Let the owner of the database grant it: `grant create on database ... to "
            "...`; what the publisher made once must belong to the same login."
        )
    elif isinstance(error, errors.DiskFull):
        why = "máy chủ hết chỗ · the server's disk is full"
        remedy = "Free space there (a publication needs room beside the old one)."
    elif isinstance(error, errors.ReadOnlySqlTransaction):
        why = "cơ sở dữ liệu chỉ đọc · the database takes no changes"
        remedy = (
            "Publish to the primary server rather than its copy; or let its owner run "
            "`alter database ... reset default_transaction_read_only` (or the same of "
            "the login)."
        )
    elif isinstance(error, errors.QueryCanceled | errors.LockNotAvailable):
        why = "máy chủ trả lời quá lâu · the server took too long"
        remedy = "See who holds its tables (pg_locks, pg_stat_activity)."
    elif isinstance(error, errors.InterfaceError) or not error.diag.sqlstate:
        why = "không kết nối được · cannot be reached, or the connection broke"
        remedy = (
            "Check that the server runs and accepts this login, and host, port, user, "
            "password and database of the address."
        )
    elif error.diag.sqlstate.startswith(("57", "08", "53")):
        why = "máy chủ ngắt việc · the server ended the work"
        remedy = "Look at its log; give it back what it lacks."
    else:
        why = "máy chủ không nhận · the server refused"
        remedy = "Look at what it says; correct that."
    return (
        f"{shown(url)}: {why}: {said}. The publication that readers see stays as it "
        f"was. {remedy} Then publish again; what is half loaded is swept then."
    )
