-- How earlier closed years went on from the same stretch: shares of a year, rises to its end,
-- yearly gains.
with

figures as (

    select * from {{ ref('int_indicator_value') }}
    where indicator_code in (select targets.indicator_code from {{ ref('stg_target') }} as targets)

),

periods as (

    select * from {{ ref('stg_period') }}
    where period_type <> 'term'

),

stretches as (

    select
        figures.boundary,
        figures.programme_code,
        figures.unit_code,
        figures.indicator_code,
        figures.period_key,
        periods.period_type,
        periods.period_number,
        periods.year,
        figures.value,
        whole_years.value as year_value,
        periods.calendar_code
    from figures
    inner join periods
        on figures.period_key = periods.period_key
    left join periods as years
        on
            periods.year_period_key = years.period_key
            and years.end_date <= {{ as_of_date() }}
    left join figures as whole_years
        on
            years.period_key = whole_years.period_key
            and figures.boundary = whole_years.boundary
            and figures.programme_code = whole_years.programme_code
            and figures.unit_code = whole_years.unit_code
            and figures.indicator_code = whole_years.indicator_code
            and whole_years.cumulation = 'period'
    where figures.cumulation = 'year_to_date'

),

-- a year with nothing in it has no shares
known as (

    select
        *,
        case when year_value > 0 then value end as part_value,
        case when year_value > 0 and value is not null then year_value end as whole_value,
        case when year_value > 0 then {{ ratio('value', 'year_value') }} end as part_share,
        year_value - value as rise,
        lag(year) over same_stretch as year_before,
        lag(value) over same_stretch as value_before
    from stretches
    window same_stretch as (
        partition by
            boundary,
            programme_code,
            unit_code,
            indicator_code,
            calendar_code,
            period_type,
            period_number
        order by year
    )

),

gained as (

    select
        *,
        case when year_before = year - 1 then value - value_before end as gain
    from known

)

select
    boundary,
    programme_code,
    unit_code,
    indicator_code,
    period_key,
    count(part_share) over earlier as share_count,
    sum(part_value) over earlier as part_sum,
    sum(whole_value) over earlier as whole_sum,
    min(part_share) over earlier as share_lowest,
    max(part_share) over earlier as share_highest,
    count(rise) over earlier as rise_count,
    min(rise) over earlier as rise_lowest,
    max(rise) over earlier as rise_highest,
    count(gain) over so_far as gain_count,
    min(gain) over so_far as gain_lowest,
    max(gain) over so_far as gain_highest
from gained
window
    earlier as (
        partition by
            boundary,
            programme_code,
            unit_code,
            indicator_code,
            calendar_code,
            period_type,
            period_number
        order by year
        rows between unbounded preceding and 1 preceding
    ),
    so_far as (
        partition by
            boundary,
            programme_code,
            unit_code,
            indicator_code,
            calendar_code,
            period_type,
            period_number
        order by year
        rows between unbounded preceding and current row
    )
