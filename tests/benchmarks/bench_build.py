"""Load and dbt build against one fused DuckDB script over the same raw tables.

The build makes every mart and runs every data test; the script makes the accepted facts
and the flows' sums by unit, period and indicator, and must agree with the marts. The
same models as bare SQL tell how much of the build is dbt itself.
"""

from __future__ import annotations

import json
from graphlib import TopologicalSorter
from pathlib import Path

import duckdb
import pytest

from orchestration.dbt import build
from orchestration.steps import handover
from orchestration.steps.context import RunContext
from orchestration.steps.load import load_raw
from sources.readers import ReadResult
from tests.benchmarks.conftest import Tell
from tests.benchmarks.measure import Cost, assert_sane, best, cost, ratio_line
from warehouse.load import LoadReport

REPEATS = 3
MOST = 500
FUSED = Path(__file__).with_name("fused.sql")
DIFFERENCES = """
    select count(*) from sums full join (
        select unit_code, period_key, indicator_code, value
        from warehouse.marts.fct_indicator_value
        where boundary = 'as_reported' and cumulation = 'period' and value is not null
        and indicator_code in (select indicator_code from raw.ref_measure
                               where kind = 'flow')
    ) as marts using (unit_code, period_key, indicator_code)
    where sums.value is distinct from marts.value
"""


@pytest.fixture
def loaded(run: RunContext, demo_batch: ReadResult) -> tuple[Cost, LoadReport]:
    """The load of the whole batch into a new build file, as in a first run."""
    run.home.build_db.unlink()
    handover.write(run.home.work, demo_batch)
    return cost(lambda: load_raw(run))


def test_load_and_build(
    run: RunContext, loaded: tuple[Cost, LoadReport], tmp_path: Path, tell: Tell
) -> None:
    load, report = loaded
    assert report.inserted
    target = run.home.work / "dbt"
    dbt, nodes = cost(lambda: list(build(run.home.build_db, target, run.as_of)))
    assert all(node.is_passed for node in nodes)
    insertion, _ = best(REPEATS, lambda: copy_raw(run.home.build_db, tmp_path))
    fused, _ = best(REPEATS, lambda: fused_script(run.home.build_db))
    bare, models = cost(lambda: bare_models(tmp_path / "warehouse.duckdb", target))

    rows = f"{report.inserted} observations"
    tell(ratio_line(f"load {rows} / copy schema raw to a file", load, insertion))
    what = f"dbt build, {models} models, {len(nodes) - models} tests"
    tell(ratio_line(f"{what} / fused script, 2 tables", dbt, fused))
    tell(ratio_line(f"{what} / same models as bare SQL", dbt, bare))
    whole, least = load + dbt, insertion + fused
    tell(ratio_line("load and build / copy and fused script", whole, least))
    assert_sane(dbt, bare)
    assert_sane(whole, least, most=MOST)


def attached(build_db: Path) -> duckdb.DuckDBPyConnection:
    """A connection with two threads, as dbt has, that sees the build's schema raw."""
    connection = duckdb.connect(config={"threads": 2})
    connection.execute(f"attach '{build_db}' as warehouse (read_only)")
    return connection


def raw_tables(connection: duckdb.DuckDBPyConnection) -> list[str]:
    found = connection.execute(
        "select table_name from duckdb_tables() "
        "where database_name = 'warehouse' and schema_name = 'raw'"
    ).fetchall()
    return [name for (name,) in found]


def copy_raw(build_db: Path, folder: Path) -> None:
    """Writes every row of schema raw to a new file: what no load can avoid."""
    target = folder / "warehouse.duckdb"
    target.unlink(missing_ok=True)
    with attached(build_db) as connection:
        connection.execute(f"attach '{target}' as fresh")
        connection.execute("create schema fresh.raw")
        for name in raw_tables(connection):
            connection.execute(
                f"create table fresh.raw.{name} as from warehouse.raw.{name}"
            )
        connection.execute("detach fresh")


def fused_script(build_db: Path) -> None:
    with attached(build_db) as connection:
        connection.execute("create schema raw")
        for name in raw_tables(connection):
            connection.execute(f"create view raw.{name} as from warehouse.raw.{name}")
        connection.execute(FUSED.read_text(encoding="utf-8"))
        counts = [
            connection.execute(f"select count(*) from {name}").fetchone()
            for name in ("fct_observation", "warehouse.marts.fct_observation")
        ]
        assert counts[0] == counts[1]
        assert connection.execute(DIFFERENCES).fetchone() == (0,)


def bare_models(copy: Path, target: Path) -> int:
    """Runs what dbt compiled, in order, without tests and contracts, on raw alone."""
    manifest = json.loads((target / "manifest.json").read_text(encoding="utf-8"))
    nodes = {
        name: node
        for name, node in manifest["nodes"].items()
        if node["resource_type"] == "model"
    }
    order = TopologicalSorter(
        {
            name: [need for need in node["depends_on"]["nodes"] if need in nodes]
            for name, node in nodes.items()
        }
    )
    with duckdb.connect(copy, config={"threads": 2}) as connection:
        connection.execute("set TimeZone = 'UTC'")
        for schema in {node["schema"] for node in nodes.values()}:
            connection.execute(f"create schema if not exists {schema}")
        for name in order.static_order():
            node = nodes[name]
            kind = "view" if node["config"]["materialized"] == "view" else "table"
            path = target / "compiled" / node["package_name"]
            query = (path / node["original_file_path"]).read_text(encoding="utf-8")
            connection.execute(
                f"create {kind} {node['schema']}.{node['alias']} as {query}"
            )
    return len(nodes)
