"""Facts about a finished build that gate 2 judges; small tables, whatever the size."""
# ruff: noqa: S608  - names of tables and columns come from the catalogue and constants

from __future__ import annotations

import duckdb
import pandas as pd

from warehouse.build_file import open_build
from warehouse.home import Home
from warehouse.published import open_published

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
    "fct_target_progress": ("target_key", "unit_key", "period_key"),
    "fct_finding": ("finding_id",),
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

_CONTROL_TOTALS = """
with value as (
    select
        s.programme_code, s.unit_code, s.period_key, s.form_code, s.is_control_total,
        o.measure_code, o.value, p.start_date, p.end_date, p.year
    from raw.observation o
    join raw.submission s on s.submission_id = o.submission_id
    join raw.ref_measure m on m.indicator_code = o.measure_code
    join raw.ref_period p on p.period_key = s.period_key
    where s.status = 'accepted' and o.observation_status in ('reported', 'nil')
        and m.unit_aggregation = 'sum'
),
below as (
    select
        a.programme_code, a.ancestor_unit_code, a.unit_code, u.level,
        greatest(a.valid_from, u.valid_from) as valid_from,
        least(a.valid_to, u.valid_to) as valid_to
    from raw.ref_unit_ancestor a
    join raw.ref_unit u on u.unit_key = a.unit_key
    where a.depth > 0
),
control as (
    select * from value where is_control_total
),
child as (
    select distinct
        c.programme_code, c.unit_code, c.period_key, c.form_code, c.end_date, c.year,
        b.unit_code as child_code, b.level as child_level
    from control c
    join below b
        on b.programme_code = c.programme_code
        and b.ancestor_unit_code = c.unit_code
        and b.valid_from < c.end_date and b.valid_to >= c.end_date
),
summed as (
    select
        c.programme_code, c.unit_code, c.period_key, v.measure_code,
        sum(v.value) as children_sum
    from child c
    join value v
        on v.programme_code = c.programme_code and v.unit_code = c.child_code
        and v.period_key = c.period_key and v.form_code = c.form_code
        and not v.is_control_total
    group by all
),
due as (
    select distinct
        c.programme_code, c.unit_code, c.period_key, c.form_code, c.child_code
    from child c
    join raw.ref_form f
        on f.programme_code = c.programme_code and f.form_code = c.form_code
        and coalesce(f.first_year, c.year) <= c.year
        and f.valid_from < c.end_date and f.valid_to >= c.end_date
    join raw.ref_form_due d
        on d.programme_code = c.programme_code and d.form_code = c.form_code
        and (d.level = c.child_level or d.unit_code = c.child_code)
        and d.since < c.end_date and d.until >= c.end_date
    where not exists (
        select 1 from raw.ref_form_control k
        where k.programme_code = c.programme_code and k.form_code = c.form_code
            and k.level = c.child_level
    )
),
late as (
    select
        d.programme_code, d.unit_code, d.period_key, d.form_code,
        count(*) as children_missing
    from due d
    where not exists (
        select 1 from raw.submission s
        where s.programme_code = d.programme_code and s.form_code = d.form_code
            and s.unit_code = d.child_code and s.period_key = d.period_key
            and s.status = 'accepted'
    )
    group by all
)
select
    c.programme_code, c.unit_code, c.period_key, c.measure_code, c.value as control,
    s.children_sum, coalesce(l.children_missing, 0) as children_missing
from control c
left join summed s using (programme_code, unit_code, period_key, measure_code)
left join late l using (programme_code, unit_code, period_key, form_code)
order by c.programme_code, c.unit_code, c.period_key, c.measure_code
"""


def gate2_facts(home: Home) -> dict[str, pd.DataFrame]:
    """Frames about the build file, by name; decimals exact, ready to be judged.

    totals: one row per measure (programme_code, indicator_code, raw_sum, raw_count,
    mart_sum, mart_count). row_counts: one per mart table (table, rows_now,
    rows_published or null). control_totals: one per control total (programme_code,
    unit_code, period_key, measure_code, control, children_sum, children_missing).
    duplicates: one per table with a grain (table, grain, duplicates: rows too many).

    Raises:
        WarehouseError: the build file cannot be opened or lacks a table.
    """
    published = _published_counts(home)
    with open_build(home, is_read_only=True) as connection:
        tables = _tables(connection)
        counts = {table: _rows(connection, table) for table in tables}
        every = sorted({*counts, *published})
        duplicates = [
            (table, ", ".join(grain), _duplicates(connection, table, grain))
            for table, grain in GRAINS.items()
            if table in tables
        ]
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
            "control_totals": _frame(connection, _CONTROL_TOTALS),
            "duplicates": pd.DataFrame(
                duplicates, columns=["table", "grain", "duplicates"]
            ),
        }


def _published_counts(home: Home) -> dict[str, int]:
    if not home.published_db.exists():
        return {}
    with open_published(home) as connection:
        tables = [name for name in _tables(connection) if name != "publication"]
        return {table: _rows(connection, table) for table in tables}


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
