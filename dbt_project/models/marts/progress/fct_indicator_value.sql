with

figures as (

    select * from {{ ref('int_indicator_value') }}

),

periods as (

    select * from {{ ref('stg_period') }}

),

keyed as (

    select
        figures.*,
        periods.same_period_last_year_key,
        periods.end_date <= {{ as_of_date() }} as is_closed
    from figures
    inner join periods
        on figures.period_key = periods.period_key

),

compared as (

    select
        keyed.*,
        previous.value as previous_value,
        previous.coverage as previous_coverage
    from keyed
    left join figures as previous
        on
            keyed.programme_code = previous.programme_code
            and keyed.boundary = previous.boundary
            and keyed.cumulation = previous.cumulation
            and keyed.unit_code = previous.unit_code
            and keyed.indicator_code = previous.indicator_code
            and keyed.same_period_last_year_key = previous.period_key

)

select
    unit_key,
    period_key,
    indicator_code,
    boundary,
    cumulation,
    programme_code,
    unit_code,
    value,
    numerator,
    denominator,
    coverage,
    reports_due,
    reports_received,
    value_if_missing_low,
    value_if_missing_high,
    previous_value,
    previous_coverage,
    {{ ratio('(value - previous_value)', 'previous_value', 100) }} as change_pct,
    case
        when kind in ('ratio', 'unit_share') then cast(value - previous_value as decimal(30, 8))
    end as change_points,
    not is_closed or coalesce(coverage, 1) < 1 or coalesce(is_provisional, 0) = 1
        as is_provisional,
    is_estimated = 1 or coalesce(is_inexact, 0) = 1 as is_estimated,
    is_simulated = 1 as is_simulated
from compared
