"""Publications on a Postgres server that carry one number everywhere, and reading."""

from __future__ import annotations

from typing import Any

import duckdb

from tests.helpers.marts_build import build_generation, publish_now
from warehouse.home import Home
from warehouse.postgres.keys import StarKeys
from warehouse.postgres.publication import ServerReport, publish_to_postgres

NO_UNITS = """
create or replace table marts.dim_unit (
    programme_code varchar, unit_key varchar, unit_code varchar,
    valid_from date, valid_to date
);
create or replace table marts.bridge_unit_ancestor (
    programme_code varchar, unit_key varchar, ancestor_unit_key varchar,
    ancestor_unit_code varchar
);
create or replace table marts.bridge_unit_succession (
    programme_code varchar, from_unit_code varchar, to_unit_code varchar,
    share decimal(9, 6), effective_date date
);
"""
"""What securing a schema asks for: a territory, even if empty."""

ONE_STATEMENT = (
    "select p.publication_id, min(d.generation), max(d.generation), "
    "min(f.generation), max(f.generation), count(*) "
    "from marts.dim d join marts.fact f using (i) cross join marts.publication p "
    "group by p.publication_id"
)
"""For DuckDB and Postgres alike: which publication, and whose rows are in it."""

ROWS = 1000
"""Rows of the fact that meet one of the dimension, in every generation."""


def publish_generation(home: Home, url: str, generation: int) -> ServerReport:
    """Files first, the server then, as a run publishes."""
    to_files(home, generation)
    return publish_to_server(home, url)


def to_files(home: Home, generation: int) -> None:
    build_generation(home, generation, ROWS)
    with duckdb.connect(str(home.build_db)) as build:
        build.execute(NO_UNITS)
    publish_now(home, f"p{generation}")


def publish_to_server(home: Home, url: str) -> ServerReport:
    return publish_to_postgres(home, url, StarKeys())


def torn(row: tuple[Any, ...]) -> bool:
    """Whether an answer to `ONE_STATEMENT` is of more than one publication."""
    publication_id, *generations, rows = row
    return {f"p{g}" for g in generations} != {publication_id} or rows != ROWS
