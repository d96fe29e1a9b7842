"""A unit's database, opened so that nothing can be written to it, and its errors.

Shape: one connection in one read-only transaction of one moment: Postgres by READ ONLY
and REPEATABLE READ, SQLite by its file opened for reading; what other databases were
asked is rolled back. Errors keep the first line of what the database says, with every
secret taken out, and never the exception of the driver.
"""

from __future__ import annotations

import math
import re
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.engine import URL, Connection, make_url
from sqlalchemy.exc import (
    ArgumentError,
    DBAPIError,
    NoSuchModuleError,
    SQLAlchemyError,
)
from sqlalchemy.pool import NullPool

from sources.connectors.errors import SourceError
from sources.connectors.secrets import hidden, secrets_of
from sources.connectors.variables import fill
from sources.programme.model import Source

_STEPS = 10_000
"""Steps of SQLite's machine between two looks at the clock."""
_TOO_SLOW, _READ_ONLY = "57014", "25006"
_AWAY = ("08", "40", "53", "57")
"""Classes of SQL states that pass: connection, conflict, no room, shut down."""
_FILE_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_READONLY)
"""Read-only with more behind it: its writer died and must tidy up the file first."""
_LIMIT = text("select set_config('statement_timeout', :ms, true)")
_REFUSED = re.compile(
    r"authentication failed|no password supplied|does not exist|permission denied"
)


class Away(SourceError):
    """The database cannot be reached now; another try may find it."""


@dataclass
class Database:
    """An opened database; `address` is its place without user's password or options."""

    code: str
    address: str
    engine: Engine
    timeout_seconds: float
    secrets: tuple[str, ...] = field(repr=False)
    deadline: float = math.inf

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that reads, all of it of one moment; rolled back at its end.

        Raises:
            Away, SourceError: the database does not let anybody in.
        """
        self.breathe()
        try:
            connection = self.engine.connect()
        except SQLAlchemyError as error:
            raise self._locked_out(error) from None
        with connection:
            yield connection

    def breathe(self) -> None:
        """From now on the database has its whole time again."""
        self.deadline = time.monotonic() + self.timeout_seconds

    def close(self) -> None:
        """Gives every connection back."""
        self.engine.dispose()

    def refusal(self, error: SQLAlchemyError) -> SourceError:
        """The error of ours for what went wrong in a transaction."""
        said = self._said(error)
        cause = error.orig if isinstance(error, DBAPIError) else None
        state = str(getattr(cause, "sqlstate", None) or "")
        sqlite = getattr(cause, "sqlite_errorcode", 0)
        who = f"source {self.code}: {self.address}"
        if state == _TOO_SLOW or sqlite == sqlite3.SQLITE_INTERRUPT:
            return SourceError(
                f"{who} gave no answer within {self.timeout_seconds:g} s: {said}. "
                "Nothing was recorded. Give the watermark and the keys an index, or "
                "raise pace.timeout_seconds."
            )
        if state == _READ_ONLY or sqlite == sqlite3.SQLITE_READONLY:
            return SourceError(
                f"{who}: sql.select would write, which is refused: {said}. Write a "
                "SELECT that only reads."
            )
        is_lost = isinstance(error, DBAPIError) and error.connection_invalidated
        is_busy = sqlite & 0xFF in _FILE_BUSY
        if is_lost or is_busy or state[:2] in _AWAY:
            return Away(
                f"{who} went away: {said}. Nothing was recorded; the next pull asks "
                "again from the same place."
            )
        return SourceError(
            f"{who} refuses the query: {said}. Correct sql.select in sources.yaml, or "
            "give this user the right to read."
        )

    def _locked_out(self, error: SQLAlchemyError) -> SourceError:
        said = self._said(error)
        reason = (
            f"source {self.code}: {self.address} cannot be opened: {said}. Check that "
            "the database runs, that `url` in sources.yaml is right, and the user's "
            "password and rights; nothing is lost meanwhile."
        )
        return SourceError(reason) if _REFUSED.search(said) else Away(reason)

    def _said(self, error: SQLAlchemyError) -> str:
        """The first line of the database's own words, without secrets."""
        cause = error.orig if isinstance(error, DBAPIError) else error
        lines = [line.strip() for line in str(cause).splitlines() if line.strip()]
        said = lines[0] if lines else type(cause).__name__
        return hidden(said, self.secrets).rstrip(".")


def open_database(source: Source, environment: Mapping[str, str]) -> Database:
    """The database at the source's `url`, its variables filled; nothing is asked yet.

    A variable for user or password holds it as it is, with no letter escaped. `auth`
    (basic) gives both apart from the address.

    Raises:
        SourceError: a variable is not set, the address cannot be read, or its driver is
            not installed.
    """
    url = _url(source, environment)
    secrets = {str(value) for name, value in url.query.items() if "passw" in name}
    secrets |= {str(url.password or ""), *secrets_of(source, environment)}
    timeout = source.pace.timeout_seconds
    shown = URL.create(url.drivername, url.username, None, *url[3:6]).render_as_string()
    if url.get_backend_name() == "sqlite":
        engine = create_engine(
            "sqlite://", creator=_file(source, url), poolclass=NullPool
        )
    else:
        engine = _server(source, url, timeout)
    database = Database(source.code, shown, engine, timeout, tuple(secrets))
    if engine.dialect.name == "sqlite":
        _guard_file(database)
    return database


def _url(source: Source, environment: Mapping[str, str]) -> URL:
    """The address; what stands for user and password is taken letter by letter."""
    before, sign, after = source.url.partition("@")
    scheme, slashes, login = before.partition("://")
    if sign and slashes:
        escaped = {name: quote(value, safe="") for name, value in environment.items()}
        written = scheme + slashes + fill(source.code, login, escaped, is_secret=True)
        written += sign + fill(source.code, after, environment)
    else:
        written = fill(source.code, source.url, environment)
    try:
        url = make_url(written)
    except (ArgumentError, ValueError):
        raise SourceError(
            f"source {source.code}: `url` is no address of a database. Write "
            "postgresql://user:${PASSWORD}@host:5432/database or "
            "sqlite:////folder/file.db."
        ) from None
    if source.auth is not None:
        url = url.set(
            username=fill(source.code, source.auth.user, environment),
            password=fill(
                source.code, source.auth.password, environment, is_secret=True
            ),
        )
    if url.drivername in ("postgres", "postgresql"):
        url = url.set(drivername="postgresql+psycopg")
    return url


def _server(source: Source, url: URL, timeout: float) -> Engine:
    given: dict[str, Any] = {}
    options: dict[str, Any] = {}
    if url.get_backend_name() == "postgresql":
        wanted = {
            "connect_timeout": max(2, math.ceil(timeout)),
            "tcp_user_timeout": math.ceil(timeout * 1000),
            "application_name": "nhiemky",
        }
        given = {name: v for name, v in wanted.items() if name not in url.query}
        options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    try:
        engine = create_engine(url, poolclass=NullPool, connect_args=given)
    except (ArgumentError, NoSuchModuleError, ImportError) as error:
        raise SourceError(
            f"source {source.code}: no driver for {url.drivername} is installed "
            f"({type(error).__name__}). Install it, or name another one in `url`, as "
            "in postgresql+psycopg://."
        ) from None
    engine = engine.execution_options(**options)
    if options:

        @event.listens_for(engine, "begin")
        def limit(connection: Connection) -> None:
            connection.execute(_LIMIT, {"ms": str(math.ceil(timeout * 1000))})

    return engine


def _file(source: Source, url: URL) -> Any:
    path = Path(url.database or "")
    if not path.is_absolute():
        raise SourceError(
            f"source {source.code}: `url` names no file by its whole path. Write "
            "sqlite:////folder/file.db, with four slashes."
        )
    if not path.is_file():
        raise SourceError(
            f"source {source.code}: there is no database file {path}. Correct `url` in "
            "sources.yaml, or mount the folder."
        )
    place = f"file:{quote(str(path))}?mode=ro"
    wait = source.pace.timeout_seconds
    return lambda: sqlite3.connect(
        place, timeout=wait, uri=True, isolation_level=None, check_same_thread=False
    )


def _guard_file(database: Database) -> None:
    """Every connection reads only, and every statement has its time."""

    @event.listens_for(database.engine, "connect")
    def guard(connection: Any, _: Any) -> None:
        connection.execute("PRAGMA query_only = ON")
        connection.set_progress_handler(
            lambda: time.monotonic() > database.deadline, _STEPS
        )

    @event.listens_for(database.engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN")
