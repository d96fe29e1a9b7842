"""Loading: every table of a source into one new schema, two connections at work.

First all rows, one transaction per table; then all indexes. A table's key and its
further index are made side by side, which is why they are indexes before they are
constraints: making a constraint would lock the other out.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, Any

from warehouse.errors import PostgresError
from warehouse.postgres.connection import LOADER, server
from warehouse.postgres.encode import HEADER, TRAILER, encoded
from warehouse.postgres.keys import StarKeys
from warehouse.postgres.source import Source, Table
from warehouse.postgres.star import Index, create_index, create_table, indexes

if TYPE_CHECKING:
    import psycopg

    Connection = psycopg.Connection[Any]
    Job = Callable[[Connection, threading.Event], None]

_AT_ONCE = 2
_SORT_MEMORY = "512MB"


def load_tables(url: str, schema: str, source: Source, keys: StarKeys) -> list[Index]:
    """Fills the empty `schema`, the largest table first; gives the indexes made.

    Raises:
        PostgresError: the server refused, or does not hold what was sent.
        ReadError: the published file cannot be read.
    """
    tables = sorted(source.tables.values(), key=lambda table: -table.rows)
    made = [index for table in tables for index in indexes(source, table, keys)]

    def load(table: Table) -> Job:
        return lambda server, stop: _load(server, schema, source, table, keys, stop)

    def build(index: Index) -> Job:
        return lambda server, _: _build(server, schema, index)

    _share(url, map(load, tables))
    _share(url, map(build, made))
    return made


class _GivenUp(Exception):
    """This table was left, because the other connection failed."""


def _share(url: str, jobs: Iterable[Job]) -> None:
    """Does all jobs, in order, over two connections; the first failure ends both."""
    waiting, turn, stop = iter(jobs), threading.Lock(), threading.Event()

    def work() -> None:
        with server(url, LOADER) as connection:
            while not stop.is_set():
                with turn:
                    job = next(waiting, None)
                if job is None:
                    break
                job(connection, stop)

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        workers = [pool.submit(work) for _ in range(_AT_ONCE)]
        try:
            wait(workers, return_when=FIRST_EXCEPTION)
        finally:
            stop.set()
    failures = [error for worker in workers if (error := worker.exception())]
    for error in sorted(failures, key=lambda error: isinstance(error, _GivenUp)):
        raise error


def _load(
    connection: Connection,
    schema: str,
    source: Source,
    table: Table,
    keys: StarKeys,
    stop: threading.Event,
) -> None:
    """Makes, fills and analyses one table in one transaction."""
    from psycopg import sql

    with connection.transaction():
        create_table(connection, schema, source, table, keys)
        name = sql.Identifier(schema, table.name)
        # frozen, so that a snapshot that a reader took before sees the rows too
        statement = sql.SQL("copy {} from stdin (format binary, freeze)").format(name)
        with connection.cursor() as cursor:
            with cursor.copy(statement) as copy:
                copy.write(HEADER)
                for rows in _until(stop, source, table):
                    copy.write(rows)
                copy.write(TRAILER)
            taken = cursor.rowcount
        if taken != table.rows:
            raise PostgresError(
                f"marts.{table.name}: the server took {taken} rows of {table.rows}. "
                "The publication that readers see stays as it was. Publish again; if "
                "it happens again, look at the server's log."
            )
        connection.execute(sql.SQL("analyze {}").format(name))


def _until(stop: threading.Event, source: Source, table: Table) -> Iterator[memoryview]:
    for batch in source.batches(table):
        if stop.is_set():
            raise _GivenUp(table.name)
        yield encoded(batch)


def _build(connection: Connection, schema: str, index: Index) -> None:
    with connection.transaction():
        connection.execute(f"set local maintenance_work_mem = '{_SORT_MEMORY}'")
        create_index(connection, schema, index)
