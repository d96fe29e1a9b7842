"""A stand-in for the dbt build: the marts that the warehouse's own code reads."""

from __future__ import annotations

import datetime as dt

import duckdb

from warehouse.home import Home
from warehouse.publish import PublishReport, publish

PUBLISHED_AT = dt.datetime(2025, 3, 1, 7, tzinfo=dt.UTC)
AS_OF = dt.date(2025, 2, 28)

FROM_RAW = """
create schema if not exists marts;
create or replace table marts.dim_unit as
    select unit_key, unit_code, name_vi, level, valid_from, valid_to, is_current,
        programme_code
    from raw.ref_unit;
create or replace table marts.dim_period as
    select period_key, calendar_code, start_date, end_date from raw.ref_period;
create or replace table marts.dim_indicator as
    select indicator_code, kind, numerator, denominator, unit_aggregation
    from raw.ref_indicator;
create or replace table marts.bridge_unit_ancestor as
    select unit_key, ancestor_unit_key, depth, valid_from, valid_to
    from raw.ref_unit_ancestor;
create or replace table marts.bridge_unit_succession as
    select from_unit_code, to_unit_code, share from raw.ref_unit_succession;
create or replace table marts.fct_observation as
    select 'k' || s.unit_code as unit_key, s.unit_code, s.period_key,
        o.measure_code as indicator_code, o.value, o.observation_status,
        o.submission_id, s.file_name as source_file, o.sheet as source_sheet,
        o.cell as source_cell, o.raw_text
    from raw.observation o join raw.submission s using (submission_id)
    where s.status = 'accepted' and not s.is_control_total;
create or replace table marts.fct_submission as
    select submission_id as submission_key, 'k' || unit_code as unit_key, form_code,
        period_key, version, status
    from raw.submission where unit_code is not null
    union all select 'missing', 'kB', 'F', 'civil-2023-Y', null, 'missing';
create or replace table marts.fct_finding as
    select finding_id, programme_code, submission_id, indicator_code, rule_code,
        severity, status
    from raw.finding;
create or replace table marts.rpt_term_scorecard as
    select 't' as target_key, 'kR' as unit_key, 'demo' as programme_code,
        cast(54.505 as decimal(24, 4)) as actual, 1 as display_order,
        true as is_scope_unit, 'R' as unit_code;
"""


def build_from_raw(home: Home) -> None:
    with duckdb.connect(str(home.build_db)) as connection:
        connection.execute(FROM_RAW)


def build_generation(home: Home, generation: int, rows: int = 20_000) -> None:
    """Marts that carry one number everywhere, to see mixtures of generations."""
    home.create()
    with duckdb.connect(str(home.build_db)) as connection:
        connection.execute(
            "create schema if not exists marts;"
            "create or replace table marts.dim as "
            f"select {generation} as generation, i from range(1000) t(i);"
            "create or replace table marts.fact as "
            f"select {generation} as generation, i from range({rows}) t(i)"
        )


def publish_now(home: Home, publication_id: str = "p1") -> PublishReport:
    return publish(home, publication_id, PUBLISHED_AT, AS_OF)
