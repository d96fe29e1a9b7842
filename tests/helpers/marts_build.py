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
        programme_code, parent_unit_code
    from raw.ref_unit;
create or replace table marts.dim_period as
    select period_key, calendar_code, start_date, end_date, period_type,
        year_period_key, end_date <= date '2025-02-28' as is_closed
    from raw.ref_period;
create or replace table marts.dim_form as
    select distinct form_code, frequency from raw.ref_form;
create or replace table marts.dim_indicator as
    select i.indicator_code, i.kind, i.numerator, i.denominator, i.unit_aggregation,
        i.programme_code, m.form_code
    from raw.ref_indicator i
    left join raw.ref_measure m using (programme_code, indicator_code);
create or replace table marts.bridge_unit_ancestor as
    select unit_key, ancestor_unit_key, depth, valid_from, valid_to, programme_code,
        unit_code, ancestor_unit_code
    from raw.ref_unit_ancestor;
create or replace table marts.bridge_unit_succession as
    select from_unit_code, to_unit_code, share, effective_date, programme_code
    from raw.ref_unit_succession;
create or replace table marts.fct_observation as
    select 'k' || s.unit_code as unit_key, s.unit_code, s.period_key,
        o.measure_code as indicator_code, o.value, o.observation_status,
        o.submission_id, s.file_name as source_file, o.sheet as source_sheet,
        o.cell as source_cell, o.raw_text, s.programme_code
    from raw.observation o join raw.submission s using (submission_id)
    where s.status = 'accepted' and not s.is_control_total;
create or replace table marts.fct_submission as
    select submission_id as submission_key, 'k' || unit_code as unit_key, form_code,
        period_key, version, status, submission_id, delivery_sha256, received_at,
        unit_code, programme_code, null::timestamp as due_at, null::integer as days_late
    from raw.submission where unit_code is not null
    union all select 'missing', 'kB', 'F', 'civil-2023-Y', null, 'missing', null, null,
        null, 'B', 'demo', timestamp '2024-01-11', 414;
create or replace table marts.fct_finding as
    select finding_id, programme_code, submission_id, indicator_code, rule_code,
        severity, status, cell as source_cell, waived_by, waived_reason, waived_until
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
