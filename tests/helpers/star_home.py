"""A home with a small publication of the real star: all marts, all columns, few rows.

The tables are made from the contracts of the dbt project, so that nothing here has to
follow when a mart gains a column.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping

import duckdb

from orchestration.dbt import MARTS, manifest_path
from warehouse.home import Home
from warehouse.publish import publish

DAY = dt.date(2026, 11, 21)
ALWAYS = ("2000-01-01", "9999-12-31")
Rows = Mapping[str, list[dict[str, object]]]


def publish_star(home: Home, publication_id: str, rows: Rows) -> None:
    """Publishes the rows; columns that a row leaves out are null."""
    home.create()
    nodes = json.loads(manifest_path().read_text(encoding="utf-8"))["nodes"].values()
    with duckdb.connect(str(home.build_db)) as connection:
        connection.execute(f"create schema if not exists {MARTS}")
        for node in nodes:
            if node["resource_type"] == "model" and node["schema"] == MARTS:
                columns = ", ".join(
                    f"{name} {column['data_type']}"
                    for name, column in node["columns"].items()
                )
                connection.execute(
                    f"create or replace table {MARTS}.{node['name']} ({columns})"
                )
        for table, records in rows.items():
            for record in records:
                marks = ", ".join("?" * len(record))
                connection.execute(
                    f"insert into {MARTS}.{table} ({', '.join(record)}) "
                    f"values ({marks})",
                    list(record.values()),
                )
    publish(home, publication_id, dt.datetime.now(dt.UTC), DAY)


def units(programme_code: str, parents: Mapping[str, str | None]) -> Rows:
    """dim_unit and its ancestors, for ever, of the parents by code."""

    def lineage(code: str) -> list[str]:
        above = parents[code]
        return [code, *(lineage(above) if above else [])]

    since, until = ALWAYS
    return {
        "dim_unit": [
            {
                "unit_key": f"k{code}",
                "programme_code": programme_code,
                "unit_code": code,
                "name_vi": code,
                "parent_unit_code": parent,
                "valid_from": since,
                "valid_to": until,
                "is_current": True,
            }
            for code, parent in parents.items()
        ],
        "bridge_unit_ancestor": [
            {
                "unit_key": f"k{code}",
                "ancestor_unit_key": f"k{ancestor}",
                "programme_code": programme_code,
                "unit_code": code,
                "ancestor_unit_code": ancestor,
                "depth": depth,
                "valid_from": since,
                "valid_to": until,
            }
            for code in parents
            for depth, ancestor in enumerate(lineage(code))
        ],
    }
