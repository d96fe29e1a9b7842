"""Facts about a finished build that gate 2 judges; small tables, whatever the size."""
# ruff: noqa: S608  - names of tables and columns come from the catalogue and constants

from __future__ import annotations

import duckdb
import pandas as pd
import pyarrow as pa

from warehouse.build_file import open_build
from warehouse.control_totals import CONTROL_TOTALS
from warehouse.home import Home
from warehouse.published import open_published

PROGRESS = "fct_target_progress"
FINDINGS = "fct_finding"

GRAINS: dict[str, tuple[str, ...]] = {
    "dim_unit": ("unit_key",),
    "dim_period": ("period_key",),
    "dim_indicator": ("indicator_code",),
    "dim_target": ("target_key",),
    # unknown units and periods of rejected submissions are null, so the key is its own
    "fct_submission": ("submission_key",),
    "fct_observation": ("unit_key", "period_key", "indicator_code"),
    "fct_observation_history": (
        "unit_key",
        "period_key",
        "indicator_code",
        "version",
    ),
    "fct_indicator_value": (
        "unit_key",
        "period_key",
        "indicator_code",
        "boundary",
        "cumulation",
    ),
    PROGRESS: ("target_key", "unit_key", "period_key"),
    FINDINGS: ("finding_id",),
    "rpt_term_scorecard": ("target_key", "unit_key"),
}

# A control total of a measure that adds up is compared with its parts, never added.
_TOTALS = """
with raw_side as (
    select
        o.programme_code, o.measure_code as indicator_code,
        sum(o.value) as raw_sum, count(o.value) as raw_count
    from raw.observation o
    join raw.submission s on s.submission_id = o.submission_id
    left join raw.ref_measure m on m.indicator_code = o.measure_code
    where s.status = 'accepted' and o.observation_status in ('reported', 'nil')
        and not (s.is_control_total and coalesce(m.unit_aggregation, '') = 'sum')
    group by o.programme_code, o.measure_code
),
mart_side as (
    select
        coalesce(m.programme_code, '') as programme_code, o.indicator_code,
        sum(o.value) as mart_sum, count(o.value) as mart_count
    from marts.fct_observation o
    left join raw.ref_measure m on m.indicator_code = o.indicator_code
    where o.observation_status in ('reported', 'nil')
    group by 1, o.indicator_code
)
select
    programme_code, indicator_code,
    raw_sum, coalesce(raw_count, 0) as raw_count,
    mart_sum, coalesce(mart_count, 0) as mart_count
from raw_side full outer join mart_side using (programme_code, indicator_code)
order by programme_code, indicator_code
"""

_CONTROL_TOTALS = f"""
select
    t.*,
    exists (
        select 1 from {{told}} f
        where f.rule_code = 'CONTROL_TOTAL_DIFFERS' and f.status in ('open', 'waived')
            and f.submission_id = t.submission_id
            and f.indicator_code = t.measure_code
    ) as is_told
from ({CONTROL_TOTALS}) t
order by programme_code, form_code, unit_code, period_key, measure_code
"""

_PUBLISHED_VERDICTS = """
select target_key, unit_code, period_key, verdict, actual
from marts.fct_target_progress
join marts.dim_period using (period_key)
where is_scope_unit and period_type <> 'month'
"""
"""Of years and terms: one figure that turns a year turns most of its month ends too."""

_VERDICTS = """
select
    n.programme_code, n.target_code, n.unit_code, n.period_key,
    b.verdict as verdict_before, n.verdict as verdict_now,
    b.actual as actual_before, n.actual as actual_now
from marts.fct_target_progress n
join published_verdict b using (target_key, unit_code, period_key)
where n.is_scope_unit
order by n.programme_code, n.target_code, n.unit_code, n.period_key
"""
_VERDICT_COLUMNS = (
    "programme_code",
    "target_code",
    "unit_code",
    "period_key",
    "verdict_before",
    "verdict_now",
    "actual_before",
    "actual_now",
)


def gate2_facts(home: Home) -> dict[str, pd.DataFrame]:
    """Frames about the build file, by name; decimals exact, ready to be judged.

    totals: one row per measure (programme_code, indicator_code, raw_sum, raw_count,
    mart_sum, mart_count). row_counts: one per mart table (table, rows_now,
    rows_published or null). control_totals: one per control total (columns of
    `warehouse.control_totals`, and is_told: a finding on it is open or waived).
    duplicates: one per table with a grain (table, grain, duplicates: rows too many).
    verdicts: one per target, scope unit and period that the publication in place judges
    too (its verdict and actual, before and now).

    Raises:
        WarehouseError: the build file cannot be opened or lacks a table.
    """
    published, verdicts_before = _published(home)
    with open_build(home, is_read_only=True) as connection:
        tables = _tables(connection)
        counts = {table: _rows(connection, table) for table in tables}
        every = sorted({*counts, *published})
        duplicates = [
            (table, ", ".join(grain), _duplicates(connection, table, grain))
            for table, grain in GRAINS.items()
            if table in tables
        ]
        verdicts = pd.DataFrame(columns=list(_VERDICT_COLUMNS))
        if verdicts_before is not None and PROGRESS in tables:
            connection.register("published_verdict", verdicts_before)
            verdicts = _frame(connection, _VERDICTS)
        return {
            "totals": _frame(connection, _TOTALS),
            "row_counts": pd.DataFrame(
                {
                    "table": every,
                    "rows_now": [counts.get(table, 0) for table in every],
                    "rows_published": pd.array(
                        [published.get(table) for table in every], dtype="Int64"
                    ),
                }
            ),
            "control_totals": _control_totals(connection, tables),
            "duplicates": pd.DataFrame(
                duplicates, columns=["table", "grain", "duplicates"]
            ),
            "verdicts": verdicts,
        }


def _control_totals(
    connection: duckdb.DuckDBPyConnection, tables: list[str]
) -> pd.DataFrame:
    """One row per control total; a build without findings tells of none."""
    told = "marts.fct_finding" if FINDINGS in tables else "(from raw.finding limit 0)"
    return _frame(connection, _CONTROL_TOTALS.format(told=told))


def _published(home: Home) -> tuple[dict[str, int], pa.Table | None]:
    """Of the publication in place: rows by table, and the verdicts of scope units."""
    if not home.published_db.exists():
        return {}, None
    with open_published(home) as connection:
        tables = [name for name in _tables(connection) if name != "publication"]
        counts = {table: _rows(connection, table) for table in tables}
        if PROGRESS not in tables:
            return counts, None
        return counts, connection.execute(_PUBLISHED_VERDICTS).to_arrow_table()


def _tables(connection: duckdb.DuckDBPyConnection) -> list[str]:
    rows = connection.execute(
        "select table_name from information_schema.tables "
        "where table_schema = 'marts' order by table_name"
    ).fetchall()
    return [row[0] for row in rows]


def _rows(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    row = connection.execute(f'select count(*) from marts."{table}"').fetchone()
    return int(row[0]) if row else 0


def _duplicates(
    connection: duckdb.DuckDBPyConnection, table: str, grain: tuple[str, ...]
) -> int:
    columns = ", ".join(grain)
    row = connection.execute(
        "select coalesce(sum(number - 1), 0) from "
        f"(select count(*) as number from marts.{table} group by {columns})"
    ).fetchone()
    return int(row[0]) if row else 0


def _frame(connection: duckdb.DuckDBPyConnection, query: str) -> pd.DataFrame:
    return connection.execute(query).to_arrow_table().to_pandas()
