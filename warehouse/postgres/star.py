"""Statements that make the star on a server: tables, comments, keys, indexes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from warehouse.postgres.keys import ForeignKey, StarKeys
from warehouse.postgres.source import Column, Source, Table

if TYPE_CHECKING:
    import psycopg
    from psycopg import sql

    Connection = psycopg.Connection[Any]

INDEXED_FROM_ROWS = 100_000
"""A table below it is read whole in less time than a person notices."""


def key_columns(keys: StarKeys) -> set[tuple[str, str]]:
    """(table, column) of everything that identifies or refers."""
    found = {
        (table, column) for table, grain in keys.primary.items() for column in grain
    }
    for key in keys.foreign:
        found |= {(key.table, key.column), (key.to_table, key.to_column)}
    return found


def create_table(
    connection: Connection, schema: str, source: Source, table: Table, keys: StarKeys
) -> None:
    """An empty table with comments; its key comes later, and takes no nulls.

    Text that identifies or refers is compared byte by byte (collation "C"): that is
    what equality means for it, and its indexes take a quarter less work to make.
    """
    from psycopg import sql

    exact = key_columns(keys)
    grain = tuple(keys.primary.get(table.name, ()))
    whole = () if not grain or source.has_nulls(table, grain) else grain

    def defined(column: Column) -> sql.Composable:
        is_needed = column.name in whole or not column.is_nullable
        is_code = column.kind == "text" and (table.name, column.name) in exact
        return sql.SQL("{} {}{}{}").format(
            sql.Identifier(column.name),
            sql.SQL(column.kind),
            sql.SQL(' collate "C"' if is_code else ""),
            sql.SQL(" not null" if is_needed else ""),
        )

    name = sql.Identifier(schema, table.name)
    columns = sql.SQL(", ").join(map(defined, table.columns))
    connection.execute(sql.SQL("create table {} ({})").format(name, columns))
    comment(connection, "table", name, table.comment)
    for column in table.columns:
        place = sql.Identifier(schema, table.name, column.name)
        comment(connection, "column", place, column.comment)


def comment(
    connection: Connection, kind: str, name: sql.Composable, text: str | None
) -> None:
    """Says `text` of the thing, or nothing where there is none."""
    from psycopg import sql

    if text:
        statement = sql.SQL("comment on {} {} is {}")
        connection.execute(statement.format(sql.SQL(kind), name, sql.Literal(text)))


@dataclass(frozen=True)
class Index:
    """One index to make; one with a `constraint` holds the grain of its table."""

    table: str
    columns: tuple[str, ...]
    constraint: str | None

    @property
    def name(self) -> str:
        """Name of the index, and of the constraint that it holds."""
        return f"{self.table}_pkey" if self.constraint else f"{self.table}_idx"


def indexes(source: Source, table: Table, keys: StarKeys) -> list[Index]:
    """What one table gets: its key, and a further index where that pays."""
    made = []
    grain = tuple(keys.primary.get(table.name, ()))
    if grain:
        has_nulls = source.has_nulls(table, grain)
        made.append(Index(table.name, grain, "unique" if has_nulls else "primary key"))
    further = further_index(table, keys)
    if further:
        made.append(Index(table.name, further, None))
    return made


def create_index(connection: Connection, schema: str, index: Index) -> None:
    """Makes the index; a null in a key is a value of its own there."""
    from psycopg import sql

    statement = sql.SQL("create {}index {} on {} ({}){} with (fillfactor = 100)")
    connection.execute(
        statement.format(
            sql.SQL("unique " if index.constraint else ""),
            sql.Identifier(index.name),
            sql.Identifier(schema, index.table),
            sql.SQL(", ").join(map(sql.Identifier, index.columns)),
            sql.SQL(" nulls not distinct" if index.constraint == "unique" else ""),
        )
    )


def add_constraint(connection: Connection, schema: str, index: Index) -> None:
    """Declares the grain of a table by the index that holds it already."""
    from psycopg import sql

    if index.constraint:
        statement = sql.SQL("alter table {} add constraint {} {} using index {}")
        connection.execute(
            statement.format(
                sql.Identifier(schema, index.table),
                sql.Identifier(index.name),
                sql.SQL(index.constraint),
                sql.Identifier(index.name),
            )
        )


def further_index(table: Table, keys: StarKeys) -> tuple[str, ...]:
    """Columns of the index beside the key; none for a small table.

    The key answers what is asked of its first column (one unit, all its figures); the
    index answers one indicator in one period over all units: what refers elsewhere,
    without the first column of the key, last column first.
    """
    if table.rows < INDEXED_FROM_ROWS:
        return ()
    referring = {key.column for key in keys.foreign if key.table == table.name}
    grain = keys.primary.get(table.name, ())
    later = tuple(column for column in reversed(grain[1:]) if column in referring)
    if later:
        return later
    columns = table.column_names
    return tuple(name for name in columns if name in referring - set(grain[:1]))


def add_references(
    connection: Connection, schema: str, tables: Iterable[str], keys: StarKeys
) -> None:
    """Foreign keys, for tools that draw the star and join by it; not checked again.

    Only to a column that is the whole key of its table. dbt's tests hold them: a
    check would read every fact once more and protect nothing, as nobody writes here.
    """
    from psycopg import sql

    there = set(tables)
    for key in keys.foreign:
        if {key.table, key.to_table} <= there and _is_key(key, keys):
            statement = sql.SQL(
                "alter table {} add foreign key ({}) references {} ({}) not valid"
            ).format(
                sql.Identifier(schema, key.table),
                sql.Identifier(key.column),
                sql.Identifier(schema, key.to_table),
                sql.Identifier(key.to_column),
            )
            connection.execute(statement)


def _is_key(key: ForeignKey, keys: StarKeys) -> bool:
    return keys.primary.get(key.to_table) == (key.to_column,)
