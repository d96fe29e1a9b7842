"""The published star, loaded beside the one that readers see, then swapped in."""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from warehouse.errors import PostgresError
from warehouse.home import Home
from warehouse.postgres.connection import ANSWER_SECONDS, LOADER, server, shown
from warehouse.postgres.keys import StarKeys

if TYPE_CHECKING:
    import psycopg

    from warehouse.postgres.source import Source

    Connection = psycopg.Connection[Any]

__all__ = ["ServerReport", "publish_to_postgres", "published_on", "shown"]

_LOCK = """
set local lock_timeout = '500ms';
lock table nhiemky.publication_log in share update exclusive mode
"""
"""Of whoever publishes. No advisory lock: any reader could take one and keep it."""
_HOLDER = """
select a.pid, a.usename, coalesce(host(a.client_addr), 'local'), a.backend_start
from pg_locks as l inner join pg_stat_activity as a on a.pid = l.pid
where l.relation = 'nhiemky.publication_log'::regclass
    and l.mode = 'ShareUpdateExclusiveLock' and l.granted
"""

_SCHEMA_COMMENT = (
    "Bản công bố {id} (số liệu tính đến {day}); không ghi vào đây: lần công bố sau "
    "thay tất cả. · Publication {id} (judged as of {day}); write nothing here: the "
    "next publication replaces all of it."
)
_LOADED_AT_COMMENT = "Lúc nạp lên máy chủ này. · When it was loaded into this server."


@dataclass(frozen=True)
class ServerReport:
    """What is on the server now: rows by table, and what it cost to put it there."""

    publication_id: str
    published_at: dt.datetime
    tables: dict[str, int]
    load_seconds: float
    swap_seconds: float
    is_new: bool
    is_quiet: bool
    left: tuple[str, ...] = ()
    """Schemas of former publications that could not be dropped yet."""
    kept_by: tuple[str, ...] = ()
    """What others built on those; without it, somebody is still reading them."""


def publish_to_postgres(home: Home, url: str, keys: StarKeys) -> ServerReport:
    """Puts the publication on disk in place on the server; nothing where it is there.

    Raises:
        PostgresError: no server of ours, no right, another publisher at work, or a
            failure while loading; readers keep the publication that they had.
        ReadError: nothing is published on disk, or its file cannot be read.
    """
    from warehouse.postgres.publication_log import make_log
    from warehouse.postgres.server import prepare_server
    from warehouse.postgres.source import open_source
    from warehouse.postgres.swap import built_on, drop_old

    with open_source(home) as source, server(url) as connection:
        _in_place(connection, url)  # before anything is made beside what is not ours
        prepare_server(connection)
        make_log(connection)
        with _alone(connection, url) as guard:
            if _in_place(connection, url) != source.publication_id:
                return _publish(connection, guard, url, source, keys)
            left = drop_old(connection)
            kept_by = built_on(connection, left)
    return ServerReport(
        publication_id=source.publication_id,
        published_at=source.published_at,
        tables=source.rows,
        load_seconds=0.0,
        swap_seconds=0.0,
        is_new=False,
        is_quiet=True,
        left=tuple(left),
        kept_by=tuple(kept_by),
    )


def published_on(url: str) -> str | None:
    """The publication that readers of the server see; None where there is none.

    Raises:
        PostgresError: no server there, no right to read, or a schema marts of others.
    """
    with server(url, answer_seconds=ANSWER_SECONDS) as connection:
        return _in_place(connection, url)


def _publish(
    connection: Connection,
    guard: Connection,
    url: str,
    source: Source,
    keys: StarKeys,
) -> ServerReport:
    from warehouse.postgres.access import secure_schema
    from warehouse.postgres.publication_log import log_publication
    from warehouse.postgres.swap import built_on, drop_old, swap, sweep

    _end_orphans(connection)
    sweep(connection)
    tables = source.rows
    number = _number(source.publication_id)
    marts = f"marts_next_{number}"
    suppressed = f"marts_suppressed_next_{number}"
    begun = time.monotonic()
    try:
        loaded_at = _load(connection, url, marts, source, keys)
        with connection.transaction():
            secure_schema(connection, marts, suppressed)
        load_seconds = time.monotonic() - begun
        guard.execute("select 1")  # who lost the lock may not be alone any more
        swapped = swap(connection, number)
    except BaseException:
        _tidy(connection)
        raise
    log_publication(
        connection,
        source,
        tables,
        loaded_at,
        load_seconds,
        swapped.seconds,
        swapped.is_quiet,
    )
    left = drop_old(connection)
    kept_by = built_on(connection, left)
    return ServerReport(
        publication_id=source.publication_id,
        published_at=source.published_at,
        tables=tables,
        load_seconds=load_seconds,
        swap_seconds=swapped.seconds,
        is_new=True,
        is_quiet=swapped.is_quiet,
        left=tuple(left),
        kept_by=tuple(kept_by),
    )


def _load(
    connection: Connection, url: str, schema: str, source: Source, keys: StarKeys
) -> dt.datetime:
    """Fills the new schema; gives the moment when all was there."""
    from psycopg import sql

    from warehouse.postgres.known_on import add_known_on
    from warehouse.postgres.load import load_tables
    from warehouse.postgres.star import add_constraint, add_references, comment

    connection.execute(sql.SQL("create schema {}").format(sql.Identifier(schema)))
    made = load_tables(url, schema, source, keys)
    loaded_at = dt.datetime.now(dt.UTC)
    with connection.transaction():
        for index in made:
            add_constraint(connection, schema, index)
        add_references(connection, schema, source.tables, keys)
        add_known_on(connection, schema, source.tables)
        publication = sql.Identifier(schema, "publication")
        # kept in the catalogue, not in the row: the row stays frozen
        connection.execute(
            sql.SQL(
                "alter table {} add column loaded_at timestamptz not null default {}"
            ).format(publication, sql.Literal(loaded_at))
        )
        place = sql.Identifier(schema, "publication", "loaded_at")
        comment(connection, "column", place, _LOADED_AT_COMMENT)
        said = _SCHEMA_COMMENT.format(id=source.publication_id, day=source.as_of_date)
        comment(connection, "schema", sql.Identifier(schema), said)
    return loaded_at


def _end_orphans(connection: Connection) -> None:
    """Ends what a killed publisher still has the server do; nobody else loads now."""
    connection.execute(
        """
        select pg_terminate_backend(pid, 5000) from pg_stat_activity
        where application_name = %s and datname = current_database()
            and usename = current_user
        """,
        (LOADER,),
    )


def _tidy(connection: Connection) -> None:
    """Gives the half-loaded schemas' room back at once, if the server still can."""
    import psycopg

    from warehouse.postgres.swap import sweep

    with contextlib.suppress(psycopg.Error, PostgresError):
        sweep(connection)


@contextlib.contextmanager
def _alone(connection: Connection, url: str) -> Iterator[Connection]:
    """Keeps other publishers of this database out for the block, by a session of its
    own with an open transaction; gives that session."""
    import psycopg

    with server(url) as guard, guard.transaction():
        try:
            guard.execute(_LOCK)
        except psycopg.errors.LockNotAvailable:
            raise PostgresError(
                f"{shown(url)}: một tiến trình khác đang công bố · another publisher "
                f"is at work{_holder(connection)}. Nothing was done. Wait until it "
                "ends; if its machine is gone, end its session with "
                "pg_terminate_backend."
            ) from None
        yield guard


def _holder(connection: Connection) -> str:
    row = connection.execute(_HOLDER).fetchone()
    if row is None:
        return ""
    pid, login, address, since = row
    return (
        f" (session {pid} of {login} from {address}, since {since:%Y-%m-%d %H:%M:%S})"
    )


def _in_place(connection: Connection, url: str) -> str | None:
    """The publication in schema marts; None where there is no such schema."""
    found = connection.execute(
        """
        select to_regnamespace('marts') is not null, exists (
            select from pg_attribute
            where attrelid = to_regclass('marts.publication')
                and attname = 'publication_id'
        )
        """
    ).fetchone()
    is_there, is_ours = found or (False, False)
    if not is_there:
        return None
    row = None
    if is_ours:
        row = connection.execute(
            "select publication_id from marts.publication"
        ).fetchone()
    if row is None:
        raise PostgresError(
            f"{shown(url)}: lược đồ marts không phải của chương trình này · schema "
            "marts is not one of ours (it has no row in marts.publication), so it is "
            "not replaced. Rename or drop it, or publish to another database."
        )
    return str(row[0])


def _number(publication_id: str) -> str:
    """12 hexadecimal digits that tell publications apart in names of schemas."""
    if re.match(r"[0-9a-f]{12}", publication_id):
        return publication_id[:12]
    return hashlib.sha256(publication_id.encode()).hexdigest()[:12]
