"""Queries of `warehouse.moved`: over views `was_<mart>` and `new_<mart>`."""

from __future__ import annotations

NAMES = """
create temp table unit_name as
with versions as (
    select unit_code, name_vi, name_en, level, valid_from from was_dim_unit
    union all
    select unit_code, name_vi, name_en, level, valid_from from new_dim_unit
)
select
    unit_code, arg_max(name_vi, valid_from) as unit_name_vi,
    arg_max(name_en, valid_from) as unit_name_en
from versions group by unit_code;

create temp table indicator_name as
select indicator_code, name_vi as indicator_name_vi, name_en as indicator_name_en
from new_dim_indicator
union
select indicator_code, name_vi, name_en from was_dim_indicator
where indicator_code not in (select indicator_code from new_dim_indicator);

create temp table period as
select period_key, period_type, start_date, end_date from new_dim_period
union
select period_key, period_type, start_date, end_date from was_dim_period
where period_key not in (select period_key from new_dim_period);
"""

OBSERVATIONS = """
with
before as (
    from was_fct_observation
    where observation_status <> 'missing'
),
after as (
    from new_fct_observation
    where observation_status <> 'missing'
),
reported as (select distinct form_code, unit_code, period_key from before),
paired as (
    select
        coalesce(after.form_code, before.form_code) as form_code,
        unit_code, indicator_code, period_key,
        before.value as value_before, after.value as value_now,
        before.observation_status as status_before,
        after.observation_status as status_now,
        coalesce(after.source_file, before.source_file) as source_file,
        coalesce(after.source_sheet, before.source_sheet) as source_sheet,
        coalesce(after.source_cell, before.source_cell) as source_cell,
        coalesce(after.submission_id, before.submission_id) as submission_id,
        coalesce(after.received_at, before.received_at) as received_at
    from before full join after using (unit_code, indicator_code, period_key)
    where before.value is distinct from after.value
        or before.observation_status is distinct from after.observation_status
)
select
    paired.unit_code, unit_name_vi, unit_name_en, paired.indicator_code,
    indicator_name_vi, indicator_name_en, paired.period_key, paired.form_code,
    value_before, value_now, status_before, status_now,
    case
        when status_now is null then 'withdrawn'
        when status_before is null and reported.unit_code is null then 'first_report'
        else 'correction'
    end as reason,
    source_file, source_sheet, source_cell, submission_id, received_at
from paired
left join reported using (form_code, unit_code, period_key)
left join unit_name using (unit_code)
left join indicator_name using (indicator_code)
left join period using (period_key)
order by
    reason = 'first_report', period.end_date desc, paired.unit_code,
    paired.indicator_code, paired.period_key
"""

TOTALS = """
with
scope as (
    select unit_code from was_fct_target_progress where is_scope_unit
    union select unit_code from new_fct_target_progress where is_scope_unit
),
above as (
    select parent_unit_code as unit_code from was_dim_unit
    union select parent_unit_code from new_dim_unit
    union from scope
),
aimed as (
    select indicator_code from was_dim_target where comparator <> 'none'
    union select indicator_code from new_dim_target where comparator <> 'none'
),
before as (from was_fct_indicator_value),
after as (from new_fct_indicator_value),
paired as (
    select
        unit_code, indicator_code, period_key, boundary, cumulation,
        unit_code in (from scope) as is_scope_unit,
        indicator_code in (from aimed) as has_target,
        before.value as value_before, after.value as value_now,
        after.value - before.value as change,
        before.coverage as coverage_before, after.coverage as coverage_now
    from before full join after
        using (unit_code, indicator_code, period_key, boundary, cumulation)
    where before.value is distinct from after.value
)
select
    unit_code, unit_name_vi, unit_name_en, is_scope_unit, paired.indicator_code,
    indicator_name_vi, indicator_name_en, has_target, paired.period_key, period_type,
    boundary, cumulation, value_before, value_now, change, coverage_before, coverage_now
from paired
semi join above using (unit_code)
left join unit_name using (unit_code)
left join indicator_name using (indicator_code)
left join period using (period_key)
order by
    not has_target, not is_scope_unit, value_before is null or value_now is null,
    abs(change) / nullif(abs(value_before), 0) desc nulls last,
    end_date desc, unit_code, indicator_code, period_type, period_key, boundary,
    cumulation
"""

RANKED = """
create temp table ranked_{state} as
select
    units.level, figures.indicator_code, figures.period_key, figures.unit_code,
    figures.value,
    rank() over (
        partition by units.level, figures.indicator_code, figures.period_key
        order by
            case indicators.direction
                when 'lower' then figures.value else -figures.value
            end
    ) as place,
    count(*) over (
        partition by units.level, figures.indicator_code, figures.period_key
    ) as units
from {state}_fct_indicator_value as figures
join {state}_dim_unit as units using (unit_key)
join {state}_dim_indicator as indicators
    on indicators.indicator_code = figures.indicator_code
where figures.boundary = 'as_reported' and figures.cumulation = 'period'
    and figures.value is not null
    and indicators.direction in ('higher', 'lower')
    and figures.indicator_code in (
        select indicator_code from {state}_dim_target
        where comparator <> 'none'
    )
"""

RANKS = """
with
known as (
    select level, indicator_code, period_key from ranked_was where units > 1
    intersect
    select level, indicator_code, period_key from ranked_new where units > 1
),
before as (from ranked_was semi join known using (level, indicator_code, period_key)),
after as (from ranked_new semi join known using (level, indicator_code, period_key)),
paired as (
    select
        level, indicator_code, period_key, unit_code,
        before.place as rank_before, after.place as rank_now,
        max(before.units) over ranking as ranked_before,
        max(after.units) over ranking as ranked_now,
        before.value as value_before, after.value as value_now
    from before full join after using (level, indicator_code, period_key, unit_code)
    window ranking as (partition by level, indicator_code, period_key)
)
select
    level, paired.unit_code, unit_name_vi, unit_name_en, paired.indicator_code,
    indicator_name_vi, indicator_name_en, paired.period_key, period_type,
    rank_before, ranked_before, rank_now, ranked_now, value_before, value_now
from paired
left join unit_name using (unit_code)
left join indicator_name using (indicator_code)
left join period using (period_key)
where rank_before is distinct from rank_now
order by
    abs(rank_now - rank_before) desc nulls last, end_date desc, level,
    indicator_code, period_key, coalesce(rank_now, rank_before), unit_code
"""

VERDICTS = """
with
before as (from was_fct_target_progress),
after as (from new_fct_target_progress),
target_name as (
    select target_key, name_vi as target_name_vi, name_en as target_name_en
    from new_dim_target
    union
    select target_key, name_vi, name_en from was_dim_target
    where target_key not in (select target_key from new_dim_target)
),
paired as (
    select
        target_key, unit_code, period_key,
        coalesce(after.target_code, before.target_code) as target_code,
        coalesce(after.is_scope_unit, before.is_scope_unit) as is_scope_unit,
        before.verdict as verdict_before, after.verdict as verdict_now,
        before.verdict_label_vi as label_before_vi,
        before.verdict_label_en as label_before_en,
        after.verdict_label_vi as label_now_vi, after.verdict_label_en as label_now_en,
        before.actual as actual_before, after.actual as actual_now,
        before.required as required_before, after.required as required_now,
        after.verdict_reason_vi as reason_vi, after.verdict_reason_en as reason_en
    from before full join after using (target_key, unit_code, period_key)
    where before.verdict is distinct from after.verdict
)
select
    target_key, target_code, target_name_vi, target_name_en, paired.unit_code,
    unit_name_vi, unit_name_en, is_scope_unit, paired.period_key, period_type,
    verdict_before, verdict_now, label_before_vi, label_before_en, label_now_vi,
    label_now_en, actual_before, actual_now, required_before, required_now, reason_vi,
    reason_en
from paired
left join target_name using (target_key)
left join unit_name using (unit_code)
left join period using (period_key)
order by
    verdict_before is null or verdict_now is null, not is_scope_unit,
    verdict_now is null or verdict_now not in ('met', 'not_met'),
    end_date desc, period_type, target_code, unit_code
"""
