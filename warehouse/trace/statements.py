"""The statements that go from figures asked for down to observations and reports.

Put together from constants; what is asked for comes as lists of parameters, one per
field of a figure.
"""
# ruff: noqa: S608  - constants only

from __future__ import annotations

_WANTED = """
with recursive question as (
    select
        unnest(range(len($unit_code))) as number,
        unnest($unit_code::varchar[]) as unit_code,
        unnest($indicator_code::varchar[]) as indicator_code,
        unnest($period_key::varchar[]) as period_key,
        unnest($boundary::varchar[]) as boundary,
        unnest($cumulation::varchar[]) as cumulation,
        unnest($programme_code::varchar[]) as programme_code,
        unnest($known_at::timestamp[]) as known_at
),

-- where a unit's figures go when it ends: to its successors, else to its parent
handed_on as (
    select programme_code, from_unit_code, to_unit_code, effective_date as day, share,
        false as is_climb
    from marts.bridge_unit_succession
    where to_unit_code is not null and share > 0
),
lives as (
    select programme_code, unit_code, max(valid_to) as ended,
        arg_max(parent_unit_code, valid_from) as parent_unit_code
    from marts.dim_unit
    group by programme_code, unit_code
),
turn as (
    select * from handed_on
    union all
    select lives.programme_code, lives.unit_code, lives.parent_unit_code, lives.ended,
        1, true
    from lives
    anti join handed_on
        on handed_on.programme_code = lives.programme_code
        and handed_on.from_unit_code = lives.unit_code
    where lives.ended < date '9999-12-31' and lives.parent_unit_code is not null
),
-- what came to a unit stays there until the unit turns itself
step as (
    select turn.programme_code, turn.from_unit_code, turn.to_unit_code, turn.day,
        turn.share, turn.is_climb,
        coalesce(min(later.day), date '9999-12-31') as to_turns_on
    from turn
    left join turn as later
        on later.programme_code = turn.programme_code
        and later.from_unit_code = turn.to_unit_code
        and later.day > turn.day
    group by all
),

asked as (
    select
        question.*,
        period.calendar_code,
        period.end_date,
        case
            when question.cumulation = 'year_to_date'
                then coalesce(year.start_date, period.start_date)
            else period.start_date
        end as start_date,
        case question.boundary
            when 'as_reported' then null
            when 'fixed' then fixed.day
            else lives.ended - 1
        end as boundary_day
    from question
    join marts.dim_period as period on period.period_key = question.period_key
    left join marts.dim_period as year on year.period_key = period.year_period_key
    left join lives
        on lives.unit_code = question.unit_code
        and (
            question.programme_code is null
            or question.programme_code = lives.programme_code
        )
    left join ({fixed_day}) as fixed on true
),

listed as (
    select distinct question.number, i.kind, 'numerator' as role,
        case when i.kind in ('flow', 'stock') then i.indicator_code else i.numerator end
            as codes
    from question
    join marts.dim_indicator as i on i.indicator_code = question.indicator_code
    union all
    select distinct question.number, i.kind, 'denominator', i.denominator
    from question
    join marts.dim_indicator as i on i.indicator_code = question.indicator_code
    where i.kind not in ('flow', 'stock')
),
part as (
    select distinct listed.number, trim(parts.measure_code) as measure_code,
        listed.role, listed.kind = 'unit_share' as is_count_of_units
    from listed, unnest(string_split(listed.codes, ',')) as parts(measure_code)
),
form as (
    select form_code, any_value(frequency) as frequency
    from marts.dim_form group by form_code
),
-- a stock is that of the last base period over
wanted as (
    select
        asked.*, part.measure_code, part.role, part.is_count_of_units,
        measure.kind, measure.unit_aggregation, measure.form_code,
        coalesce(max(base.end_date), any_value(asked.end_date)) as last_end
    from asked
    join part on part.number = asked.number
    join marts.dim_indicator as measure
        on measure.indicator_code = part.measure_code
        and (
            asked.programme_code is null
            or asked.programme_code = measure.programme_code
        )
    left join form on form.form_code = measure.form_code
    left join marts.dim_period as base
        on base.calendar_code = asked.calendar_code
        and base.period_type = form.frequency
        and base.start_date >= asked.start_date
        and base.end_date <= asked.end_date
        and base.is_closed
    group by all
),

-- who lay below the unit on the boundary's day, and from whom that came, day by day
restated as (
    select asked.number, bridge.programme_code, bridge.unit_code,
        cast(1 as decimal(9, 8)) as share, asked.boundary_day + 1 as before,
        true as is_home
    from asked
    join marts.bridge_unit_ancestor as bridge
        on bridge.ancestor_unit_code = asked.unit_code
        and asked.boundary_day >= bridge.valid_from
        and asked.boundary_day < bridge.valid_to
    where asked.boundary <> 'as_reported'
        and (
            asked.programme_code is null
            or asked.programme_code = bridge.programme_code
        )
    union all
    select restated.number, restated.programme_code, step.from_unit_code,
        cast(restated.share * step.share as decimal(9, 8)), step.day, false
    from restated
    join step
        on step.programme_code = restated.programme_code
        and step.to_unit_code = restated.unit_code
        and step.to_turns_on >= restated.before
        and (
            step.day < restated.before
            or (step.is_climb and step.day = restated.before)
        )
),
-- parts that meet again are one
reached as (
    select restated.number, restated.programme_code, restated.unit_code,
        asked.boundary, restated.before, restated.is_home, sum(restated.share) as share
    from restated
    join asked on asked.number = restated.number
    group by restated.number, restated.programme_code, restated.unit_code,
        asked.boundary, restated.before, restated.is_home
),
-- only a fixed day has units after it; what they bring back has no known share
after as (
    select restated.number, restated.programme_code, turn.to_unit_code as unit_code,
        turn.day as since
    from restated
    join asked on asked.number = restated.number and asked.boundary = 'fixed'
    join turn
        on turn.programme_code = restated.programme_code
        and turn.from_unit_code = restated.unit_code
        and turn.day >= restated.before
    where restated.is_home
    union
    select after.number, after.programme_code, turn.to_unit_code, turn.day
    from after
    join turn
        on turn.programme_code = after.programme_code
        and turn.from_unit_code = after.unit_code
        and turn.day > after.since
),
below as (
    select asked.number, bridge.programme_code, bridge.unit_code,
        bridge.valid_from as since, bridge.valid_to as before, 1.0 as share
    from asked
    join marts.bridge_unit_ancestor as bridge
        on bridge.ancestor_unit_code = asked.unit_code
    where asked.boundary = 'as_reported'
        and (
            asked.programme_code is null
            or asked.programme_code = bridge.programme_code
        )
    union all
    select reached.number, reached.programme_code, reached.unit_code,
        coalesce(max(turn.day), date '0001-01-01') as since,
        case
            when reached.is_home and reached.boundary = 'fixed' then date '9999-12-31'
            else reached.before
        end as before,
        any_value(reached.share)
    from reached
    left join turn
        on turn.programme_code = reached.programme_code
        and turn.from_unit_code = reached.unit_code
        and turn.day < reached.before
    group by reached.number, reached.programme_code, reached.unit_code,
        reached.boundary, reached.before, reached.is_home
    union all
    select after.number, after.programme_code, after.unit_code, min(after.since),
        date '9999-12-31', null
    from after
    anti join restated
        on restated.number = after.number and restated.unit_code = after.unit_code
    group by after.number, after.programme_code, after.unit_code
)
"""


def _below(row: str) -> str:
    """Joins period and unit of `row`, and the unit asked for that it was under then."""
    return f"""join marts.dim_period as p on p.period_key = {row}.period_key
join marts.dim_unit as u on u.unit_key = {row}.unit_key
join below
    on below.number = wanted.number
    and below.programme_code = {row}.programme_code
    and below.unit_code = {row}.unit_code
    and least(p.end_date, u.valid_to) - 1 >= below.since
    and least(p.end_date, u.valid_to) - 1 < below.before"""


CELLS = f"""
{_WANTED}
select
    wanted.number,
    o.submission_id as submission, o.source_file as file, o.source_sheet as sheet,
    o.source_cell as cell, o.raw_text, o.value, o.indicator_code as measure_code,
    o.unit_code, o.period_key, wanted.role, wanted.boundary, below.share,
    o.observation_status, o.programme_code, sent.delivery_sha256, sent.received_at
from wanted
join marts.{{observations}} as o on o.indicator_code = wanted.measure_code
{_below("o")}
left join marts.fct_submission as sent on sent.submission_id = o.submission_id
where (o.observation_status in ('reported', 'nil')) = $is_figure
    and p.calendar_code = wanted.calendar_code
    and p.start_date >= wanted.start_date and p.end_date <= wanted.end_date
    and (wanted.kind = 'flow' or p.end_date = wanted.last_end)
    and (
        wanted.unit_aggregation = 'sum'
        or wanted.is_count_of_units
        or (o.unit_code = wanted.unit_code and below.share = 1)
    )
    {{known}}
order by wanted.number, wanted.role desc, p.start_date, o.unit_code, o.indicator_code,
    o.source_sheet, o.source_cell
"""
MISSING = f"""
{_WANTED}
select distinct
    wanted.number, sent.unit_code, sent.form_code, sent.period_key, sent.status,
    sent.due_at, sent.days_late
from wanted
join marts.fct_submission as sent
    on sent.form_code = wanted.form_code
    and sent.submission_id is null
{_below("sent")}
where sent.status = 'missing'
    and p.start_date >= wanted.start_date and p.end_date <= wanted.end_date
    and (wanted.kind = 'flow' or p.end_date = wanted.last_end)
    and (
        wanted.unit_aggregation = 'sum'
        or wanted.is_count_of_units
        or sent.unit_code = wanted.unit_code
    )
order by all
"""

FIXED_DAY = """
select max(valid_from) as day
from marts.dim_unit
where unit_key in (
    select unit_key from marts.fct_indicator_value where boundary = 'fixed'
)
"""
"""Every unit of the fixed day has figures: it lies in the last version to begin."""
NO_FIXED_DAY = "select cast(null as date) as day"
