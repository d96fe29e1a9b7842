-- The version of a unit that stands for it in a period: the last one alive inside it.
with

units as (

    select * from {{ ref('stg_unit') }}

),

calendars as (

    select
        programme_code,
        calendar_code
    from {{ ref('stg_form') }}
    union
    select
        programme_code,
        calendar_code
    from {{ ref('stg_programme') }}

),

programme_periods as (

    select
        calendars.programme_code,
        periods.period_key,
        periods.calendar_code,
        periods.period_type,
        periods.period_number,
        periods.year,
        periods.start_date,
        periods.end_date
    from calendars
    inner join {{ ref('stg_period') }} as periods
        on calendars.calendar_code = periods.calendar_code
    inner join {{ ref('stg_programme') }} as programmes
        on calendars.programme_code = programmes.programme_code
    where
        periods.period_type <> 'term'
        or periods.period_key = programmes.term_period_key

),

candidates as (

    select
        programme_periods.programme_code,
        programme_periods.period_key,
        programme_periods.calendar_code,
        programme_periods.period_type,
        programme_periods.period_number,
        programme_periods.year,
        programme_periods.start_date,
        programme_periods.end_date,
        units.unit_code,
        units.unit_key,
        units.unit_type,
        units.level,
        units.is_current,
        units.valid_to >= programme_periods.end_date as is_alive_at_end,
        {{ day_before('least(programme_periods.end_date, units.valid_to)') }} as effective_day,
        row_number() over (
            partition by
                programme_periods.programme_code,
                units.unit_code,
                programme_periods.period_key
            order by units.valid_from desc
        ) as recency
    from programme_periods
    inner join units
        on
            programme_periods.programme_code = units.programme_code
            and programme_periods.end_date > units.valid_from
            and programme_periods.start_date < units.valid_to

)

select
    programme_code,
    unit_code,
    period_key,
    unit_key,
    unit_type,
    level,
    is_current,
    is_alive_at_end,
    effective_day,
    calendar_code,
    period_type,
    period_number,
    year,
    start_date,
    end_date
from candidates
where recency = 1
