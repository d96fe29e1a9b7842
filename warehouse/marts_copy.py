"""Copies schema marts from one DuckDB file to another, with all that hangs on it."""

from __future__ import annotations

from graphlib import TopologicalSorter
from pathlib import Path

import duckdb

from warehouse.errors import PublishError


def copy_marts(
    connection: duckdb.DuckDBPyConnection, build: Path, target: Path
) -> dict[str, int]:
    """Fills schema marts of the new file `target`; gives rows by table.

    Attaches the build as `warehouse` (its own name, for its views) read-only and the
    target as `publication`. Views become tables. Macros are carried too, without
    default values of their parameters, which the catalogue does not tell.
    """
    connection.execute(f"attach {_literal(str(build))} as warehouse (read_only)")
    connection.execute(f"attach {_literal(str(target))} as publication")
    connection.execute("create schema publication.marts")
    connection.execute("use publication.marts")
    definitions = _definitions(connection)
    if not definitions:
        raise PublishError(
            f"{build} has no tables in schema marts, so there is nothing to publish. "
            "The previous publication stays. Let the dbt build finish first."
        )
    rows = {}
    for table, definition in definitions.items():
        name = _identifier(table)
        if definition:
            connection.execute(definition)
            filled = f"insert into {name} from warehouse.marts.{name}"
        else:
            filled = f"create table {name} as from warehouse.marts.{name}"
        row = connection.execute(filled).fetchone()
        rows[table] = int(row[0]) if row else 0
    # one transaction: each of its own would wait for the disk
    connection.begin()
    for kind, name, comment in _comments(connection):
        connection.execute(f"comment on {kind} {name} is {_literal(comment)}")
    connection.commit()
    for macro in _macros(connection):
        connection.execute(macro)
    return rows


def _definitions(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """DDL by table, referenced tables first; empty for a view."""
    found = connection.execute(
        "select table_name, sql from duckdb_tables() "
        "where database_name = 'warehouse' and schema_name = 'marts' "
        "union all select view_name, '' from duckdb_views() "
        "where database_name = 'warehouse' and schema_name = 'marts' "
        "order by 1"
    ).fetchall()
    references = connection.execute(
        "select table_name, referenced_table from duckdb_constraints() "
        "where database_name = 'warehouse' and schema_name = 'marts' "
        "and constraint_type = 'FOREIGN KEY' and referenced_table <> table_name"
    ).fetchall()
    by_name: dict[str, str] = dict(found)
    order: TopologicalSorter[str] = TopologicalSorter(dict.fromkeys(by_name, ()))
    for table, referenced in references:
        order.add(table, referenced)
    return {name: by_name[name] for name in order.static_order()}


def _comments(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str, str]]:
    """One row per comment of a table, view or column: kind of object, name, text."""
    found = connection.execute(
        "select table_name, null, comment from duckdb_tables() "
        "where database_name = 'warehouse' and schema_name = 'marts' "
        "union all select view_name, null, comment from duckdb_views() "
        "where database_name = 'warehouse' and schema_name = 'marts' "
        "union all select table_name, column_name, comment from duckdb_columns() "
        "where database_name = 'warehouse' and schema_name = 'marts'"
    ).fetchall()
    return [
        ("table", _identifier(table), comment)
        if column is None
        else ("column", f"{_identifier(table)}.{_identifier(column)}", comment)
        for table, column, comment in found
        if comment
    ]


def _macros(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """One statement per macro of schema marts, all its overloads in it."""
    found = connection.execute(
        "select function_name, function_type = 'table_macro', parameters, "
        "macro_definition from duckdb_functions() "
        "where database_name = 'warehouse' and schema_name = 'marts' "
        "and function_type in ('macro', 'table_macro') "
        "order by function_name, len(parameters)"
    ).fetchall()
    overloads: dict[str, list[str]] = {}
    for name, is_table, parameters, definition in found:
        listed = ", ".join(map(_identifier, parameters))
        kind = "table " if is_table else ""
        overloads.setdefault(name, []).append(f"({listed}) as {kind}{definition}")
    return [
        f"create macro {_identifier(name)} {', '.join(bodies)}"
        for name, bodies in overloads.items()
    ]


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _literal(text: str) -> str:
    """Quoted text, for statements that take no parameters (attach, comment)."""
    return "'" + text.replace("'", "''") + "'"
