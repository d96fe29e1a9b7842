"""From a published figure down to the cells it was made of."""
# ruff: noqa: S608  - the statements are put together from constants only

from __future__ import annotations

import difflib
from typing import Any

import duckdb

from warehouse.errors import ReadError

_CODES = {
    "unit": ("dim_unit", "unit_code"),
    "indicator": ("dim_indicator", "indicator_code"),
    "period": ("dim_period", "period_key"),
}

_PARTS = """
    select
        trim(parts.measure_code) as measure_code,
        listed.role,
        listed.kind = 'unit_share' as is_count_of_units
    from (
        select
            kind, 'numerator' as role,
            case when kind in ('flow', 'stock') then indicator_code else numerator end
                as codes
        from marts.dim_indicator where indicator_code = $indicator
        union all
        select kind, 'denominator', denominator
        from marts.dim_indicator
        where indicator_code = $indicator and kind not in ('flow', 'stock')
    ) as listed, unnest(string_split(listed.codes, ',')) as parts(measure_code)
"""

_BELOW = {
    # units below the one asked for on the last day of the observation's period
    "as_reported": """
        select 1
        from marts.bridge_unit_ancestor b
        join marts.dim_unit a on a.unit_key = b.ancestor_unit_key
        where b.unit_key = o.unit_key and a.unit_code = $unit
            and b.valid_from < p.end_date and b.valid_to >= p.end_date
    """,
    # units below it today, and all that went into them
    "current": """
        with recursive today as (
            select u.unit_code
            from marts.bridge_unit_ancestor b
            join marts.dim_unit a on a.unit_key = b.ancestor_unit_key
            join marts.dim_unit u on u.unit_key = b.unit_key
            where a.unit_code = $unit and a.is_current and u.is_current
            union
            select s.from_unit_code
            from marts.bridge_unit_succession s
            join today on today.unit_code = s.to_unit_code
        )
        select 1 from today where today.unit_code = o.unit_code
    """,
}

_OBSERVATIONS = """
with part as ({parts}),
asked as (
    select calendar_code, start_date, end_date
    from marts.dim_period where period_key = $period
)
select
    o.submission_id as submission, o.source_file as file, o.source_sheet as sheet,
    o.source_cell as cell, o.raw_text, o.value, o.indicator_code as measure_code,
    o.unit_code, o.period_key, part.role
from marts.fct_observation o
join part on part.measure_code = o.indicator_code
join marts.dim_indicator m on m.indicator_code = o.indicator_code
join marts.dim_period p on p.period_key = o.period_key
join asked
    on asked.calendar_code = p.calendar_code
    and p.start_date >= asked.start_date and p.end_date <= asked.end_date
where o.observation_status in ('reported', 'nil')
    and (m.kind = 'flow' or p.end_date = asked.end_date)
    and (
        o.unit_code = $unit
        or (m.unit_aggregation = 'sum' or part.is_count_of_units) and exists ({below})
    )
order by p.start_date, o.unit_code, o.indicator_code, o.source_sheet, o.source_cell
"""


def trace_observations(
    connection: duckdb.DuckDBPyConnection,
    unit_code: str,
    indicator_code: str,
    period_key: str,
) -> list[dict[str, Any]]:
    """One dict per contributing observation, in the order of periods and units.

    Flows come from every base period inside the one asked for, stocks from the last.
    With nothing reported by the unit and those below it then, the units that went into
    today's unit are followed (boundary `current`).

    Raises:
        ReadError: a code does not exist; names near ones.
    """
    asked = {"unit": unit_code, "indicator": indicator_code, "period": period_key}
    for what, code in asked.items():
        _refuse_unknown(connection, what, code)
    for boundary, below in _BELOW.items():
        result = connection.execute(
            _OBSERVATIONS.format(parts=_PARTS, below=below), asked
        )
        names = [column[0] for column in result.description]
        rows = result.fetchall()
        if rows:
            return [
                {**dict(zip(names, row, strict=True)), "boundary": boundary}
                for row in rows
            ]
    return []


def words_for_nothing(
    connection: duckdb.DuckDBPyConnection,
    unit_code: str,
    indicator_code: str,
    period_key: str,
) -> list[str]:
    """What the unit's accepted report says instead of a figure; empty: no report."""
    rows = connection.execute(
        f"""
        with part as ({_PARTS})
        select distinct o.observation_status
        from marts.fct_observation o
        join part on part.measure_code = o.indicator_code
        where o.unit_code = $unit and o.period_key = $period
        order by 1
        """,
        {"unit": unit_code, "indicator": indicator_code, "period": period_key},
    ).fetchall()
    return [str(row[0]) for row in rows]


def _refuse_unknown(
    connection: duckdb.DuckDBPyConnection, what: str, code: str
) -> None:
    table, column = _CODES[what]
    known = [
        row[0]
        for row in connection.execute(
            f"select distinct {column} from marts.{table} order by 1"
        ).fetchall()
    ]
    if code not in known:
        near = difflib.get_close_matches(code, known, n=3, cutoff=0.5) or known[:3]
        raise ReadError(
            f"No {what} {code!r} is published (marts.{table}.{column}). "
            f"Near ones: {', '.join(near)}."
        )
