"""The star as the dbt project states it, made empty or by hand on a Postgres server."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from psycopg import Connection, sql

MARTS = Path(__file__).resolve().parents[2] / "dbt_project/models/marts"
_TYPES = {"varchar": "text", "timestamp": "timestamp with time zone"}
PUBLICATION = {
    "publication_id": "text",
    "published_at": "timestamp with time zone",
    "as_of_date": "date",
    "loaded_at": "timestamp with time zone",
}
Rows = Mapping[str, Iterable[Mapping[str, object]]]


@cache
def star_columns() -> dict[str, dict[str, str]]:
    """Postgres types by column by table, as the contracts of the marts have them."""
    tables = {"publication": PUBLICATION}
    for path in sorted(MARTS.rglob("_*.yml")):
        for model in yaml.safe_load(path.read_text("utf-8")).get("models", []):
            tables[model["name"]] = {
                column["name"]: postgres_type(column["data_type"])
                for column in model["columns"]
            }
    return tables


def postgres_type(duckdb_type: str) -> str:
    """As `format_type` of Postgres writes it."""
    exact = duckdb_type.replace("decimal", "numeric").replace(", ", ",")
    return _TYPES.get(duckdb_type, exact)


def make_star(connection: Connection[Any], schema: str, rows: Rows) -> None:
    """Every table of the star in a new schema, with these rows."""
    connection.execute(sql.SQL("create schema {}").format(sql.Identifier(schema)))
    for table, columns in star_columns().items():
        definitions = sql.SQL(", ").join(
            sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(kind))  # type: ignore[arg-type]
            for name, kind in columns.items()
        )
        name = sql.Identifier(schema, table)
        connection.execute(sql.SQL("create table {} ({})").format(name, definitions))
        insert(connection, schema, table, rows.get(table, ()))


def insert(
    connection: Connection[Any],
    schema: str,
    table: str,
    rows: Iterable[Mapping[str, object]],
) -> None:
    """Rows by column name; columns that a row does not name are null."""
    alike: dict[tuple[str, ...], list[list[object]]] = {}
    for row in rows:
        alike.setdefault(tuple(row), []).append(list(row.values()))
    with connection.cursor() as cursor:
        for names, values in alike.items():
            cursor.executemany(
                sql.SQL("insert into {} ({}) values ({})").format(
                    sql.Identifier(schema, table),
                    sql.SQL(", ").join(map(sql.Identifier, names)),
                    sql.SQL(", ").join(sql.Placeholder() * len(names)),
                ),
                values,
            )
