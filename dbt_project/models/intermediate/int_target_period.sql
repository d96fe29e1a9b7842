-- When a target is assessed: years, the term where the term decides, and month ends with a figure.
with

held as (

    select * from {{ ref('int_target_term') }}

),

periods as (

    select * from {{ ref('stg_period') }}

),

candidates as (

    select
        held.*,
        periods.period_key,
        periods.period_type,
        periods.year,
        periods.start_date,
        periods.end_date,
        periods.end_date <= {{ as_of_date() }} as is_closed,
        periods.start_date <= {{ as_of_date() }} as has_begun,
        case
            when held.rhythm = 'by_end_of_term'
                then
                    periods.period_type = 'term'
                    or (periods.period_type = 'year' and held.term_last_year = periods.year)
            when held.rhythm = 'by_date'
                then
                    periods.period_type = 'year'
                    and held.deciding_end_date > periods.start_date
                    and held.deciding_end_date <= periods.end_date
            else periods.period_type in ('year', 'term')
        end as is_final,
        -- the way counts months to the day that decides
        case
            when held.rhythm in ('by_end_of_term', 'by_date') or periods.period_type = 'term'
                then held.first_start_date
            else years.start_date
        end as way_start_date,
        case
            when held.rhythm = 'by_date' then {{ days_after('held.by_date', 1) }}
            when held.rhythm = 'by_end_of_term' or periods.period_type = 'term'
                then held.term_end_date
            else years.end_date
        end as way_end_date
    from held
    inner join periods
        on held.calendar_code = periods.calendar_code
    left join periods as years
        on periods.year_period_key = years.period_key
    where
        periods.year between held.term_first_year and held.term_last_year
        and periods.end_date <= held.valid_to
        and periods.end_date > held.valid_from
        and (held.baseline_year is null or held.baseline_year < periods.year)
        and (
            periods.period_type = 'year'
            or (periods.period_type = 'month' and periods.end_date <= {{ as_of_date() }})
            or (
                held.term_period_key = periods.period_key
                and held.rhythm in ('by_end_of_term', 'never')
            )
        )
        and (
            held.rhythm <> 'by_date'
            or (periods.period_type = 'year' and held.deciding_end_date > periods.start_date)
            or (periods.period_type = 'month' and held.deciding_end_date >= periods.end_date)
        )

),

-- the last end at hand: of the year, of the year up to the month, of the term
lasts as (

    select
        candidates.target_key,
        candidates.period_key,
        max(ends.end_date) as last_end_date
    from candidates
    inner join {{ ref('int_target_indicator') }} as indicators
        on candidates.target_key = indicators.target_key
    inner join {{ ref('int_indicator_end') }} as ends
        on
            indicators.programme_code = ends.programme_code
            and indicators.indicator_code = ends.indicator_code
            and candidates.end_date >= ends.end_date
            and (candidates.period_type = 'term' or candidates.year = ends.year)
            and (
                candidates.deciding_end_date is null
                or candidates.deciding_end_date >= ends.end_date
            )
    group by candidates.target_key, candidates.period_key

),

decided as (

    select
        candidates.*,
        lasts.last_end_date,
        candidates.is_final
        and case
            when candidates.rhythm = 'by_date'
                then
                    candidates.by_date < {{ as_of_date() }}
                    and candidates.deciding_end_date <= {{ as_of_date() }}
            else candidates.is_closed
        end as is_decided,
        candidates.is_closed
        and candidates.period_type <> 'month'
        and coalesce(candidates.deciding_end_date, candidates.end_date) >= candidates.end_date
            as is_whole
    from candidates
    left join lasts
        on
            candidates.target_key = lasts.target_key
            and candidates.period_key = lasts.period_key
    where candidates.period_type <> 'month' or lasts.last_end_date is not null

),

figured as (

    select
        decided.*,
        ends.figure_period_key as end_period_key,
        case
            when
                decided.is_whole
                or (decided.period_type = 'term' and decided.last_end_date is not null)
                then decided.period_key
            else ends.figure_period_key
        end as figure_period_key,
        case
            when decided.is_whole or decided.period_type = 'term' then 'period'
            else 'year_to_date'
        end as figure_cumulation,
        case
            when decided.is_whole then decided.end_date
            else coalesce(decided.last_end_date, decided.end_date)
        end as way_point_date
    from decided
    left join {{ ref('int_indicator_end') }} as ends
        on
            decided.programme_code = ends.programme_code
            and decided.indicator_code = ends.indicator_code
            and decided.last_end_date = ends.end_date

)

select
    figured.target_key,
    figured.period_key,
    figured.programme_code,
    figured.target_code,
    figured.indicator_code,
    figured.target_kind,
    figured.scope_type,
    figured.scope_code,
    figured.quantity,
    figured.comparator,
    figured.rhythm,
    figured.threshold,
    figured.is_beyond_met,
    figured.low,
    figured.high,
    figured.lesser_comparator,
    figured.lesser_low,
    figured.by_date,
    figured.valid_to as target_valid_to,
    figured.is_yes_no,
    figured.period_type,
    figured.year,
    figured.end_date,
    figured.has_begun,
    figured.is_closed,
    figured.is_whole,
    figured.is_final,
    figured.is_decided,
    figured.figure_period_key,
    figured.figure_cumulation,
    -- the same figure as part of its year, for the way it went in earlier years
    case
        when figured.period_type = 'year' and figured.is_whole then figured.period_key
        else figured.end_period_key
    end as season_period_key,
    baselines.period_key as baseline_period_key,
    baseline_years.period_key as baseline_year_key,
    case when figured.rhythm = 'every_year' then bases.period_key end as base_period_key,
    figured.year - figured.first_year + 1 as years_from_base,
    {{ months_between(
        'figured.way_start_date', 'least(figured.way_point_date, figured.way_end_date)'
    ) }} as months_elapsed,
    {{ months_between('figured.way_start_date', 'figured.way_end_date') }} as months_total
from figured
left join periods as figure_periods
    on figured.figure_period_key = figure_periods.period_key
left join periods as baselines
    on
        figure_periods.calendar_code = baselines.calendar_code
        and baselines.year = coalesce(figured.baseline_year, figured.year - 1)
        and (
            (
                figure_periods.period_type <> 'term'
                and figure_periods.period_type = baselines.period_type
                and figure_periods.period_number = baselines.period_number
            )
            -- where the term stands at its end is beside where it stood a year before
            or (
                figure_periods.period_type = 'term'
                and figured.rhythm = 'by_end_of_term'
                and baselines.period_type = 'year'
            )
        )
left join periods as baseline_years
    on
        figured.calendar_code = baseline_years.calendar_code
        and baseline_years.period_type = 'year'
        and figured.quantity = 'reduction_pct'
        and baseline_years.year = coalesce(figured.baseline_year, figured.year - 1)
left join periods as bases
    on
        figure_periods.calendar_code = bases.calendar_code
        and figure_periods.period_type = bases.period_type
        and figure_periods.period_number = bases.period_number
        and figured.quantity = 'reduction_pct'
        and bases.year = figured.first_year - 1
