"""The project's own model SQL over rows given by a test, in memory, without dbt.

dbt compiles the project once per session and per set of variables (about ten seconds),
with a stand-in for each variable's value. A run puts the real values in their place and
executes the chosen models and all they rest on, in order: well under a second, so that
a test can ask hundreds of times. Contracts, data tests and unit tests are dbt's, not
run here.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pandas as pd

from tests.helpers.dbt_run import run_dbt
from warehouse.raw_schema import TABLES, create_statement

CATALOG = "warehouse"
TARGET = f"target_{CATALOG}"
STAND_INS = {
    "as_of_date": "1111-01-01",
    "known_on": "1222-02-02 02:02:02",
    "boundary_date": "1333-03-03",
}
"""Values that no test means; compiled in, then replaced by what a run asks for."""


@dataclass(frozen=True)
class Model:
    """One model as compiled: where it goes, its SQL and what it reads."""

    name: str
    relation: str
    materialized: str
    sql: str
    parents: tuple[str, ...]

    def statement(self, variables: Mapping[str, str]) -> str:
        """The statement that makes it, with real values for the stand-ins."""
        sql = self.sql
        for name, value in variables.items():
            sql = sql.replace(STAND_INS[name], value)
        kind = "view" if self.materialized == "view" else "table"
        return f"create {kind} {self.relation} as {sql}"


@dataclass(repr=False)
class CompiledModels:
    """Compiles on first use, into a folder of its own."""

    folder: Path
    _compiled: dict[frozenset[str], dict[str, Model]] = field(
        default_factory=dict, repr=False
    )

    def run(
        self,
        raw: Mapping[str, pd.DataFrame],
        models: Sequence[str],
        as_of: dt.date,
        given: Mapping[str, pd.DataFrame] | None = None,
        **variables: str,
    ) -> duckdb.DuckDBPyConnection:
        """Runs models and all that they rest on; the caller closes the connection.

        Args:
            raw: Frames by table of schema raw; tables not named are empty, columns not
                named are null.
            models: Names of models to run; they and their ancestors are tables or views
                in schemas of their layers afterwards.
            as_of: The day to judge on.
            given: Rows by model that replace what the model gives, columns not named
                are null: what rests on it reads these instead.
            variables: Other variables of the project, as text (`known_on`,
                `boundary_date`); left out, they are null.
        """
        values = {"as_of_date": as_of.isoformat(), **variables}
        compiled = self.compiled(frozenset(values))
        connection = duckdb.connect()
        try:
            connection.execute(
                "set TimeZone = 'UTC'; set threads = 1; "
                f"attach ':memory:' as {CATALOG}; use {CATALOG}; "
                "create schema raw; create schema staging; "
                "create schema intermediate; create schema marts; "
                "create schema semantic"
            )
            _fill_raw(connection, raw)
            for model in _in_order(compiled, models):
                rows = None if given is None else given.get(model.name)
                connection.execute(model.statement(values))
                if rows is not None:
                    _replace_rows(connection, model, rows)
        except BaseException:
            connection.close()
            raise
        return connection

    def compiled(self, variables: frozenset[str]) -> dict[str, Model]:
        """Models by name, compiled with these variables given and the others null."""
        if variables not in self._compiled:
            self._compiled[variables] = self._compile(variables)
        return self._compiled[variables]

    def semantic_manifest(self) -> Path:
        """What dbt tells MetricFlow of the project, compiled for `as_of_date` alone."""
        variables = frozenset({"as_of_date"})
        self.compiled(variables)
        return self._folder_of(variables) / TARGET / "semantic_manifest.json"

    def _folder_of(self, variables: frozenset[str]) -> Path:
        return self.folder / "-".join(sorted(variables))

    def _compile(self, variables: frozenset[str]) -> dict[str, Model]:
        folder = self._folder_of(variables)
        folder.mkdir(parents=True)
        path = folder / f"{CATALOG}.duckdb"
        given = {name: STAND_INS[name] for name in variables}
        as_of = dt.date.fromisoformat(given.pop("as_of_date"))
        select = ("--select", "resource_type:model")
        failed = run_dbt("compile", path, as_of, *select, **given)
        assert failed == [], failed
        text = (folder / TARGET / "manifest.json").read_text("utf-8")
        nodes = json.loads(text)["nodes"].values()
        return {
            node["name"]: Model(
                name=node["name"],
                relation=node["relation_name"],
                materialized=node["config"]["materialized"],
                sql=node["compiled_code"],
                parents=tuple(
                    parent.split(".")[-1]
                    for parent in node["depends_on"]["nodes"]
                    if parent.startswith("model.")
                ),
            )
            for node in nodes
            if node["resource_type"] == "model"
        }


def _in_order(compiled: Mapping[str, Model], names: Sequence[str]) -> Iterator[Model]:
    """The named models and their ancestors, each after what it reads."""
    done: set[str] = set()

    def walk(name: str) -> Iterator[Model]:
        if name not in done:
            done.add(name)
            for parent in compiled[name].parents:
                yield from walk(parent)
            yield compiled[name]

    for name in names:
        yield from walk(name)


def _fill_raw(
    connection: duckdb.DuckDBPyConnection, raw: Mapping[str, pd.DataFrame]
) -> None:
    unknown = set(raw) - set(TABLES)
    assert not unknown, f"schema raw has no {sorted(unknown)}"
    connection.execute(";".join(create_statement(table) for table in TABLES))
    for table, frame in raw.items():
        connection.register("given_rows", frame)
        connection.execute(f"insert into raw.{table} by name from given_rows")
        connection.unregister("given_rows")


def _replace_rows(
    connection: duckdb.DuckDBPyConnection, model: Model, rows: pd.DataFrame
) -> None:
    """A table of the model's own column types, with other rows."""
    if model.materialized == "view":
        connection.execute(
            f"create table given_shape as from {model.relation} limit 0; "
            f"drop view {model.relation}; "
            f"create table {model.relation} as from given_shape; drop table given_shape"
        )
    else:
        connection.execute(f"delete from {model.relation}")
    connection.register("given_rows", rows)
    connection.execute(f"insert into {model.relation} by name from given_rows")
    connection.unregister("given_rows")
