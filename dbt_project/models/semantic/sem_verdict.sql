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
