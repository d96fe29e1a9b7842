"""Engines for the two databases a ledger may live in, and its migrations."""

from __future__ import annotations

import uuid
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Engine, create_engine, event, insert, select, text
from sqlalchemy.engine import URL, Connection, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry

from warehouse.errors import LedgerError
from warehouse.ledger.models import LedgerState

_BUSY_MILLISECONDS = 60_000
_MIGRATION_LOCK = 0x6E68_6965_6D6B_7900
"""Key of the Postgres advisory lock held while migrating."""


def open_engine(url: str) -> Engine:
    """An engine on the ledger at `url`, migrated to the newest version.

    Raises:
        LedgerError: no such database, no access, or a ledger newer than this program.
    """
    parsed = _parse(url)
    engine = _sqlite(parsed) if _is_sqlite(parsed) else create_engine(parsed)
    shown = parsed.render_as_string(hide_password=True)
    try:
        _migrate(engine)
    except CommandError as error:
        engine.dispose()
        raise LedgerError(
            f"The ledger {shown} was written by a newer version of this program "
            f"({error}). Install that version or restore an older ledger."
        ) from error
    except SQLAlchemyError as error:
        engine.dispose()
        raise LedgerError(
            f"The ledger {shown} cannot be opened: {error}. Check that the database "
            "runs, that the address in NHIEMKY_LEDGER_URL is right and that this "
            "user may create tables."
        ) from error
    return engine


def reading(engine: Engine) -> Engine:
    """The same engine for transactions whose queries all see one moment."""
    if engine.dialect.name == "postgresql":
        return engine.execution_options(isolation_level="REPEATABLE READ")
    return engine  # SQLite gives every transaction one moment


def writing(engine: Engine) -> Engine:
    """The same engine for transactions that will write (SQLite locks at the start)."""
    return engine.execution_options(ledger_writes=True)


def migration_config(connection: Connection | None = None) -> Config:
    """Alembic's configuration, without an ini file, on the packaged scripts."""
    config = Config()
    folder = str(Path(__file__).parent / "migrations")
    config.set_main_option("script_location", folder.replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError:
        parsed = URL.create("unknown")
    if parsed.drivername in ("postgres", "postgresql"):
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername not in ("sqlite", "postgresql+psycopg"):
        raise LedgerError(
            "NHIEMKY_LEDGER_URL is not an address of a database that is known here. "
            "Write sqlite:///folder/ledger.sqlite or "
            "postgresql://user:password@host:5432/database."
        )
    return parsed


def _is_sqlite(url: URL) -> bool:
    return url.get_backend_name() == "sqlite"


def _sqlite(url: URL) -> Engine:
    if url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url)

    @event.listens_for(engine, "connect")
    def configure(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # the driver must not begin on its own
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {_BUSY_MILLISECONDS}")
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        is_writing = connection.get_execution_options().get("ledger_writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if is_writing else "BEGIN")

    return engine


def _migrate(engine: Engine) -> None:
    with writing(engine).begin() as connection:
        if connection.dialect.name == "postgresql":
            lock = text("SELECT pg_advisory_xact_lock(:key)")
            connection.execute(lock, {"key": _MIGRATION_LOCK})
        command.upgrade(migration_config(connection), "head")
        if connection.execute(select(LedgerState.id)).first() is None:
            connection.execute(
                insert(LedgerState).values(id=1, ledger_id=uuid.uuid4().hex, revision=0)
            )
