with

parts as (

    select distinct
        programme_code,
        part_target_code
    from {{ ref('stg_target_part') }}

)

select
    md5(concat(progress.target_key, '|', progress.unit_key, '|', progress.period_key))
        as verdict_key,
    progress.programme_code,
    progress.target_key,
    progress.unit_key,
    progress.period_key,
    periods.last_date as period_last_date,
    concat(periods.calendar_code, '|', periods.period_type) as count_group,
    progress.is_scope_unit,
    parts.part_target_code is not null as is_part,
    scores.target_key is not null as is_latest,
    progress.verdict,
    progress.is_final,
    progress.is_provisional,
    progress.is_estimated,
    progress.is_simulated
from {{ ref('fct_target_progress') }} as progress
inner join {{ ref('dim_period') }} as periods
    on progress.period_key = periods.period_key
left join {{ ref('rpt_term_scorecard') }} as scores
    on
        progress.target_key = scores.target_key
        and progress.unit_key = scores.unit_key
        and progress.period_key = scores.period_key
left join parts
    on
        progress.programme_code = parts.programme_code
        and progress.target_code = parts.part_target_code
