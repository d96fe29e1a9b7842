"""What is published: tables, columns and rows, read from one published DuckDB file."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as pa

from warehouse.build_file import OFFLINE
from warehouse.errors import ReadError
from warehouse.home import Home

_SETTINGS = {**OFFLINE, "memory_limit": "2GB", "threads": "2"}
_ROWS_PER_BATCH = 8_192
"""Small enough for the socket to hold: the server reads while the next is encoded."""

_CARRIED = {
    "VARCHAR": ("text", "varchar"),
    "BOOLEAN": ("boolean", "boolean"),
    "TINYINT": ("smallint", "smallint"),
    "UTINYINT": ("smallint", "smallint"),
    "SMALLINT": ("smallint", "smallint"),
    "USMALLINT": ("integer", "integer"),
    "INTEGER": ("integer", "integer"),
    "UINTEGER": ("bigint", "bigint"),
    "BIGINT": ("bigint", "bigint"),
    "UBIGINT": ("numeric(20, 0)", "decimal(20, 0)"),
    "HUGEINT": ("numeric(38, 0)", "decimal(38, 0)"),
    "FLOAT": ("real", "float"),
    "DOUBLE": ("double precision", "double"),
    "DATE": ("date", "date"),
    "TIME": ("time", "time"),
    "TIMESTAMP": ("timestamptz", "timestamp"),
    "TIMESTAMP WITH TIME ZONE": ("timestamptz", "timestamp with time zone"),
    "BLOB": ("bytea", "blob"),
}
"""By type in DuckDB: the type in Postgres, and the type that rows are read as."""


@dataclass(frozen=True)
class Column:
    """One column of a published table."""

    name: str
    kind: str
    read_as: str
    is_nullable: bool
    comment: str | None


@dataclass(frozen=True)
class Table:
    """One published table with its columns in order."""

    name: str
    rows: int
    comment: str | None
    columns: tuple[Column, ...]

    @property
    def column_names(self) -> tuple[str, ...]:
        """Names of the columns, in order."""
        return tuple(column.name for column in self.columns)


class Source:
    """One publication, whatever is put in its place on disk meanwhile."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self.publication_id: str
        self.published_at: dt.datetime
        self.as_of_date: dt.date
        self.publication_id, at, self.as_of_date = _one(
            connection,
            "select publication_id, published_at, as_of_date "
            "from source.marts.publication",
        )
        self.published_at = at.replace(tzinfo=dt.UTC)
        self.tables = _tables(connection)

    @property
    def rows(self) -> dict[str, int]:
        """Rows by table."""
        return {name: table.rows for name, table in self.tables.items()}

    def batches(self, table: Table) -> Iterator[pa.RecordBatch]:
        """All rows of `table`, some thousand at a time; may run in any thread.

        Raises:
            ReadError: the file is damaged, or a value does not fit its type.
        """
        chosen = ", ".join(
            f"cast({_identifier(column.name)} as {column.read_as})"
            for column in table.columns
        )
        query = f"from source.marts.{_identifier(table.name)} select {chosen}"
        with self._connection.cursor() as cursor:
            try:
                yield from cursor.execute(query).to_arrow_reader(_ROWS_PER_BATCH)
            except (duckdb.Error, pa.ArrowException, OSError) as error:
                what = str(error).partition("\n")[0]
                raise ReadError(
                    f"marts.{table.name} of the published file is unreadable: {what}. "
                    "Run `nhiemky run` to publish it anew."
                ) from error

    def has_nulls(self, table: Table, columns: tuple[str, ...]) -> bool:
        """Whether any row lacks any of the columns."""
        absent = " or ".join(f"{_identifier(column)} is null" for column in columns)
        with self._connection.cursor() as cursor:
            (found,) = _one(
                cursor,
                f"select exists (from source.marts.{_identifier(table.name)} "
                f"where {absent})",
            )
        return bool(found)


@contextmanager
def open_source(home: Home) -> Iterator[Source]:
    """The publication in place now, held for the block.

    Raises:
        ReadError: nothing is published, the file cannot be read, or one of its columns
            has a type that Postgres has no exact counterpart of.
    """
    if not home.published_db.exists():
        raise ReadError(
            f"Chưa công bố gì · Nothing is published yet: {home.published_db} does not "
            "exist. Run `nhiemky run` (or `nhiemky demo`) first."
        )
    # in memory with one attach: this process may hold an older publication open
    with duckdb.connect(config=dict(_SETTINGS)) as connection:
        try:
            path = str(home.published_db).replace("'", "''")
            connection.execute(f"attach '{path}' as source (read_only)")
            source = Source(connection)
        except duckdb.Error as error:
            raise ReadError(
                f"{home.published_db} cannot be read: {error}. Run `nhiemky run` again "
                "to publish it anew; if another program opened it for writing, close "
                "that."
            ) from error
        yield source


def _tables(connection: duckdb.DuckDBPyConnection) -> dict[str, Table]:
    columns: dict[str, list[Column]] = {}
    for table, name, kind, is_nullable, comment in connection.execute(
        "select table_name, column_name, data_type, is_nullable, comment "
        "from duckdb_columns() "
        "where database_name = 'source' and schema_name = 'marts' "
        "order by table_name, column_index"
    ).fetchall():
        columns.setdefault(table, []).append(
            Column(name, *_types(table, name, kind), is_nullable, comment)
        )
    found = connection.execute(
        "select table_name, comment from duckdb_tables() "
        "where database_name = 'source' and schema_name = 'marts' order by table_name"
    ).fetchall()
    return {
        name: Table(name, _count(connection, name), comment, tuple(columns[name]))
        for name, comment in found
    }


def _types(table: str, column: str, kind: str) -> tuple[str, str]:
    if kind.startswith("ENUM("):
        return _CARRIED["VARCHAR"]
    exact = re.fullmatch(r"DECIMAL\((\d+),(\d+)\)", kind)
    if exact:
        return f"numeric({exact[1]}, {exact[2]})", kind
    if kind not in _CARRIED:
        raise ReadError(
            f"marts.{table}.{column} has type {kind}, which has no exact counterpart "
            "in Postgres here. Cast it in the dbt model, to varchar for one, and run "
            "again."
        )
    return _CARRIED[kind]


def _count(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    query = f"from source.marts.{_identifier(table)} select count(*)"
    (count,) = _one(connection, query)
    return int(count)


def _one(connection: duckdb.DuckDBPyConnection, query: str) -> tuple[Any, ...]:
    row = connection.execute(query).fetchone()
    if row is None:
        raise ReadError(
            "The published file does not say which publication it is: its table "
            "marts.publication is empty. Run `nhiemky run` to publish it anew."
        )
    return tuple(row)


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
