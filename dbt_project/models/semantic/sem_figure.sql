with

figures as (

    select * from {{ ref('fct_indicator_value') }}

),

-- a measure is its own only part; a ratio adds up as far as each of its parts does
parts as (

    select
        indicator_code,
        min(case when unit_aggregation = 'sum' then 1 else 0 end) = 1 as adds_over_units,
        min(case when time_aggregation = 'sum' then 1 else 0 end) = 1 as adds_over_time
    from (
        select
            indicator_code,
            unit_aggregation,
            time_aggregation
        from {{ ref('dim_indicator') }}
        where is_measure
        union all
        select
            indicator_parts.indicator_code,
            measures.unit_aggregation,
            case
                when wholes.kind = 'ratio' then measures.time_aggregation else 'last'
            end as time_aggregation
        from {{ ref('stg_indicator_part') }} as indicator_parts
        inner join {{ ref('dim_indicator') }} as measures
            on
                indicator_parts.programme_code = measures.programme_code
                and indicator_parts.measure_code = measures.indicator_code
        inner join {{ ref('dim_indicator') }} as wholes
            on
                indicator_parts.programme_code = wholes.programme_code
                and indicator_parts.indicator_code = wholes.indicator_code
                and not wholes.is_measure
    ) as each_part
    group by indicator_code

)

select
    figures.programme_code,
    figures.unit_key,
    figures.period_key,
    figures.indicator_code,
    figures.boundary,
    figures.cumulation,
    periods.last_date as period_last_date,
    concat(
        figures.indicator_code,
        '|', figures.boundary,
        '|', figures.cumulation,
        '|', periods.calendar_code,
        '|', periods.period_type,
        '|', units.level,
        '|',
        -- units ended on different days may hold the same land one after the other
        case
            when parts.adds_over_units and figures.boundary <> 'as_ended' then ''
            else figures.unit_key
        end,
        '|',
        case
            when parts.adds_over_time and figures.cumulation = 'period' then ''
            else figures.period_key
        end
    ) as sum_group,
    figures.value,
    figures.numerator,
    figures.denominator,
    indicators.scale,
    case when indicators.is_measure then 0 else 1 end as is_quotient,
    figures.reports_due,
    figures.reports_received,
    figures.is_provisional,
    figures.is_estimated,
    figures.is_simulated
from figures
inner join {{ ref('dim_period') }} as periods
    on figures.period_key = periods.period_key
inner join {{ ref('dim_unit') }} as units
    on figures.unit_key = units.unit_key
inner join {{ ref('dim_indicator') }} as indicators
    on figures.indicator_code = indicators.indicator_code
left join parts
    on figures.indicator_code = parts.indicator_code
