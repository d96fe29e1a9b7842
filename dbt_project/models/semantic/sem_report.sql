with

versions as (

    select * from {{ ref('fct_submission') }}
    where is_expected

),

reports as (

    select
        programme_code,
        form_code,
        unit_key,
        period_key,
        max(case when status = 'accepted' then 1 else 0 end) as is_received,
        -- one accepted version in time says that the first one was
        max(case when status in ('accepted', 'superseded') and is_on_time then 1 else 0 end)
            as is_on_time,
        max(case when status = 'missing' then 1 else 0 end) as is_missing,
        max(case when status = 'held' then 1 else 0 end) as has_held,
        max(case when status = 'not_due' then 1 else 0 end) as is_not_due,
        max(case when is_simulated then 1 else 0 end) = 1 as is_simulated
    from versions
    group by programme_code, form_code, unit_key, period_key

)

select
    md5(concat(reports.form_code, '|', reports.unit_key, '|', reports.period_key))
        as report_key,
    reports.programme_code,
    reports.form_code,
    reports.unit_key,
    reports.period_key,
    periods.last_date as period_last_date,
    1 - reports.is_not_due as is_due,
    reports.is_received,
    reports.is_on_time,
    reports.is_received * (1 - reports.is_on_time) as is_late,
    reports.is_missing,
    reports.has_held * (1 - reports.is_received) as is_held,
    reports.is_simulated
from reports
inner join {{ ref('dim_period') }} as periods
    on reports.period_key = periods.period_key
