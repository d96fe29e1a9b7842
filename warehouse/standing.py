"""Facts over everything accepted so far, for the standing checks; small frames.

They are read from schema raw after the load and before dbt, whole every time: a doubt
about a series can come or go with any single submission.
"""

from __future__ import annotations

from collections.abc import Mapping

import duckdb
import pandas as pd

from warehouse.build_file import open_build
from warehouse.control_totals import CONTROL_TOTALS
from warehouse.home import Home

_OF_PROGRAMME = f"""
select * from ({CONTROL_TOTALS})
where programme_code = $programme
order by form_code, unit_code, period_key, measure_code
"""  # noqa: S608 - both parts are constants

_CORRECTIONS = """
with version as (
    select
        s.*,
        row_number() over (
            partition by s.form_code, s.unit_code, s.period_key
            order by s.accepted_from, s.version
        ) as place
    from raw.submission s
    where s.programme_code = $programme and s.status in ('accepted', 'superseded')
        -- replaced by one received at the same instant: it never counted
        and s.accepted_from is not null
        and (s.accepted_to is null or s.accepted_to > s.accepted_from)
        -- a control total follows the children's corrections
        and not s.is_control_total
),
moved as (
    select
        v.form_code, v.unit_code, v.submission_id, v.delivery_sha256, v.file_name,
        v.sheet, v.accepted_from,
        (o.value > b.value) = (m.direction = 'higher') as is_toward
    from version v
    join version w
        on w.form_code = v.form_code and w.unit_code = v.unit_code
        and w.period_key = v.period_key and w.place = v.place - 1
    join raw.observation o on o.submission_id = v.submission_id
    join raw.observation b
        on b.submission_id = w.submission_id and b.measure_code = o.measure_code
    join raw.ref_measure m
        on m.programme_code = v.programme_code and m.indicator_code = o.measure_code
    where m.direction in ('higher', 'lower') and o.value <> b.value
        and o.observation_status in ('reported', 'nil')
        and b.observation_status in ('reported', 'nil')
),
counted as (
    select
        form_code, unit_code, count(*) as changed,
        count(*) filter (is_toward) as toward,
        count(*) filter (not is_toward) as against
    from moved
    group by all
),
latest as (
    select form_code, unit_code, submission_id, delivery_sha256, file_name, sheet
    from moved
    qualify row_number() over (
        partition by form_code, unit_code
        order by accepted_from desc, submission_id desc
    ) = 1
)
select
    $programme as programme_code, form_code, unit_code, unit_name_vi, unit_name_en,
    submission_id, delivery_sha256, file_name, sheet, changed, toward, against
from counted
join latest using (form_code, unit_code)
left join unit_name using (unit_code)
order by form_code, unit_code
"""

# Width is counted in whole numerators, the same number on either side: a unit with 60
# cases can show 48/60 and 49/60 within two points above 80 %, but 47/60 alone below.
_BUNCHING = """
with threshold as (
    select
        t.programme_code, t.target_key, t.target_code, t.indicator_code,
        t.scope_type, t.scope_code, t.valid_from, t.valid_to,
        try_cast(side.threshold as decimal(12, 4)) as threshold, side.comparator,
        i.scale,
        i.name_vi as indicator_name_vi, i.name_en as indicator_name_en
    from raw.ref_target t
    join raw.ref_indicator i
        on i.programme_code = t.programme_code and i.indicator_code = t.indicator_code
    cross join lateral (
        select
            t.low as threshold,
            case t.comparator when 'between' then '>=' else t.comparator end
                as comparator
        union all
        select t.high, '<=' where t.comparator = 'between'
    ) as side
    where t.programme_code = $programme and i.kind = 'ratio' and t.quantity = 'value'
        and side.comparator in ('>=', '>', '<=', '<') and side.threshold > 0
),
judged_level as (
    select target_key, level
    from raw.ref_target_level
    where programme_code = $programme
    union
    select target_key, scope_code from threshold where scope_type = 'level'
),
part as (
    select *, count(*) over (partition by indicator_code) as parts
    from raw.ref_indicator_part
    where programme_code = $programme
        and indicator_code in (select indicator_code from threshold)
),
figure as (
    select
        s.unit_code, s.period_key, p.indicator_code,
        cast(
            sum(case when p.role = 'numerator' then o.value else 0 end)
            as decimal(26, 4)
        ) as numerator,
        cast(
            sum(case when p.role = 'denominator' then o.value else 0 end)
            as decimal(26, 4)
        ) as denominator,
        max(s.submission_id) as submission_id
    from raw.observation o
    join raw.submission s on s.submission_id = o.submission_id
    join part p on p.measure_code = o.measure_code
    where s.programme_code = $programme and s.status = 'accepted'
        and not s.is_control_total and o.observation_status in ('reported', 'nil')
    group by s.unit_code, s.period_key, p.indicator_code, p.parts
    having count(o.value) = p.parts
),
near as (
    select
        t.*, f.unit_code, f.period_key, f.submission_id, r.end_date, u.level,
        f.numerator * t.scale - t.threshold * f.denominator as gap,
        cast(floor(
            least(
                $band * t.scale,
                $edge * t.threshold,
                case when t.scale > t.threshold
                    then $edge * (t.scale - t.threshold) end
            ) * f.denominator / t.scale
        ) as decimal(20, 0)) * t.scale as reach
    from threshold t
    join figure f on f.indicator_code = t.indicator_code and f.denominator > 0
    join raw.ref_period r
        on r.period_key = f.period_key
        and r.end_date > t.valid_from and r.end_date <= t.valid_to
    join raw.ref_unit u
        on u.programme_code = t.programme_code and u.unit_code = f.unit_code
        and u.valid_from < r.end_date and u.valid_to >= r.end_date
    join judged_level j on j.target_key = t.target_key and j.level = u.level
    where t.scope_type = 'level'
        or exists (
            select 1 from raw.ref_unit_ancestor a
            where t.scope_type = 'unit' and a.programme_code = t.programme_code
                and a.unit_key = u.unit_key and a.ancestor_unit_code = t.scope_code
                and a.valid_from < r.end_date and a.valid_to >= r.end_date
        )
        or exists (
            select 1 from raw.ref_unit_group g
            where t.scope_type = 'group' and g.programme_code = t.programme_code
                and g.unit_code = f.unit_code and g.group_code = t.scope_code
                and g.valid_from < r.end_date and g.valid_to >= r.end_date
        )
),
placed as (
    select
        *,
        case
            when comparator in ('>=', '<') then gap >= 0 else gap > 0
        end = (comparator in ('>=', '>')) as is_past
    from near
    where case
        when comparator in ('>=', '<') then gap >= -reach and gap < reach
        else gap > -reach and gap <= reach
    end
),
counted as (
    select
        programme_code, indicator_code, threshold, comparator, unit_code, period_key,
        level,
        min(target_code) as target_code,
        any_value(indicator_name_vi) as indicator_name_vi,
        any_value(indicator_name_en) as indicator_name_en,
        count(*) filter (is_past) as past_count,
        count(*) filter (not is_past) as short_count,
        max_by(submission_id, end_date) as last_submission_id
    -- two targets may share an indicator and a threshold
    from (select distinct on (
        indicator_code, threshold, comparator, unit_code, period_key
    ) * from placed order by target_code)
    group by grouping sets (
        (programme_code, indicator_code, threshold, comparator, unit_code),
        (programme_code, indicator_code, threshold, comparator, period_key, level)
    )
)
select
    c.programme_code, c.target_code, c.indicator_code, c.indicator_name_vi,
    c.indicator_name_en, c.threshold, c.comparator, c.unit_code, n.unit_name_vi,
    n.unit_name_en, c.period_key, p.label_vi as period_label_vi,
    p.label_en as period_label_en, cast(p.end_date - 1 as date) as last_day,
    l.name_vi as level_name_vi,
    l.name_en as level_name_en, c.past_count, c.short_count,
    s.submission_id, s.delivery_sha256, s.form_code, s.file_name, s.sheet
from counted c
left join unit_name n on n.unit_code = c.unit_code
left join raw.ref_period p on p.period_key = c.period_key
left join raw.ref_level l
    on l.programme_code = c.programme_code and l.level_code = c.level
left join raw.submission s
    on s.submission_id = c.last_submission_id and c.unit_code is not null
order by c.indicator_code, c.threshold, c.comparator, c.unit_code, c.period_key, c.level
"""


_UNIT_NAMES = """
create temp table unit_name as
select
    unit_code,
    max_by(name_vi, valid_from) as unit_name_vi,
    max_by(name_en, valid_from) as unit_name_en
from raw.ref_unit
where programme_code = $programme
group by all
"""
"""What a unit is called now, beside the series that are about it."""


def standing_facts(
    home: Home, programme_code: str, band: float, edge: float
) -> dict[str, pd.DataFrame]:
    """Frames about everything of the programme that is accepted now, by name.

    control_totals: one row per control total (see `warehouse.control_totals`).
    corrections: one per form and unit that corrected figures with a direction: changed,
    toward, against, and the latest correcting submission. bunching: one per threshold
    of a ratio and unit (over its periods; its latest submission) or period and level
    (over the units): past_count, short_count within the band.

    Args:
        home: Whose build file to read.
        programme_code: The programme.
        band: Greatest width on either side of a threshold, as a share of the scale.
        edge: Greatest width as a share of the way from the threshold to either end of
            the scale, so that a threshold near 0 or 100 is not compared with its edge.

    Raises:
        WarehouseError: the build file cannot be opened or lacks a table.
    """
    programme = {"programme": programme_code}
    with open_build(home, is_read_only=True) as connection:
        connection.execute(_UNIT_NAMES, programme)
        return {
            "control_totals": _frame(connection, _OF_PROGRAMME, programme),
            "corrections": _frame(connection, _CORRECTIONS, programme),
            "bunching": _frame(
                connection, _BUNCHING, {**programme, "band": band, "edge": edge}
            ),
        }


def _frame(
    connection: duckdb.DuckDBPyConnection, query: str, values: Mapping[str, object]
) -> pd.DataFrame:
    return connection.execute(query, values).to_arrow_table().to_pandas()
