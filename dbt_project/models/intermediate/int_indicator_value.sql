-- Every figure with what it was made of and what its missing reports could add.
with

measure_values as (

    select * from {{ ref('int_measure_value') }}

),

indicators as (

    select * from {{ ref('stg_indicator') }}

),

-- measures, and shares of units: one row in, one row out
plain_figures as (

    select
        measure_values.boundary,
        measure_values.programme_code,
        measure_values.unit_code,
        measure_values.period_key,
        measure_values.cumulation,
        measure_values.indicator_code,
        measure_values.unit_key,
        indicators.kind,
        indicators.scale,
        measure_values.value as numerator,
        measure_values.counted_units as denominator,
        measure_values.missing_high as numerator_missing,
        cast(0 as decimal(38, 8)) as denominator_missing,
        measure_values.is_unbounded,
        measure_values.reports_due,
        measure_values.reports_received,
        measure_values.is_estimated,
        measure_values.is_simulated
    from measure_values
    inner join indicators
        on
            measure_values.programme_code = indicators.programme_code
            and measure_values.indicator_code = indicators.indicator_code

),

-- the parts of a ratio that come on one form: a report counts when every part is in it
ratio_forms as (

    select
        measure_values.boundary,
        measure_values.programme_code,
        measure_values.unit_code,
        measure_values.period_key,
        measure_values.cumulation,
        indicators.indicator_code,
        measure_values.unit_key,
        indicators.scale,
        sum(case when parts.role = 'numerator' then measure_values.value end) as numerator,
        sum(case when parts.role = 'denominator' then measure_values.value end) as denominator,
        sum(case when parts.role = 'numerator' then measure_values.missing_high else 0 end)
            as numerator_missing,
        sum(case when parts.role = 'denominator' then measure_values.missing_high else 0 end)
            as denominator_missing,
        max(measure_values.is_unbounded) as is_unbounded,
        max(measure_values.reports_due) as reports_due,
        min(measure_values.reports_received) as reports_received,
        max(measure_values.is_estimated) as is_estimated,
        max(measure_values.is_simulated) as is_simulated
    from measure_values
    inner join {{ ref('stg_indicator_part') }} as parts
        on
            measure_values.programme_code = parts.programme_code
            and measure_values.indicator_code = parts.measure_code
    inner join indicators
        on
            parts.programme_code = indicators.programme_code
            and parts.indicator_code = indicators.indicator_code
            and indicators.kind = 'ratio'
    group by
        measure_values.boundary,
        measure_values.programme_code,
        measure_values.unit_code,
        measure_values.period_key,
        measure_values.cumulation,
        indicators.indicator_code,
        measure_values.unit_key,
        indicators.scale,
        measure_values.form_code

),

ratio_figures as (

    select
        boundary,
        programme_code,
        unit_code,
        period_key,
        cumulation,
        indicator_code,
        unit_key,
        'ratio' as kind,
        scale,
        cast(sum(numerator) as decimal(38, 8)) as numerator,
        cast(sum(denominator) as decimal(38, 8)) as denominator,
        -- above the line at most what is missing below it, unless the parts themselves say more
        cast(greatest(sum(numerator_missing), sum(denominator_missing)) as decimal(38, 8))
            as numerator_missing,
        cast(sum(denominator_missing) as decimal(38, 8)) as denominator_missing,
        max(is_unbounded) as is_unbounded,
        cast(sum(reports_due) as decimal(18, 8)) as reports_due,
        cast(sum(reports_received) as decimal(18, 8)) as reports_received,
        max(is_estimated) as is_estimated,
        max(is_simulated) as is_simulated
    from ratio_forms
    group by
        boundary,
        programme_code,
        unit_code,
        period_key,
        cumulation,
        indicator_code,
        unit_key,
        scale

),

figures as (

    select * from plain_figures
    union all
    select * from ratio_figures

),

-- nothing reported is no zero: bounds start at zero, the figure itself stays null
bounded as (

    select
        *,
        case when kind in ('ratio', 'unit_share') then 1 else 0 end as is_quotient,
        coalesce(numerator, 0) as known_numerator,
        coalesce(denominator, 0) as known_denominator,
        coalesce(numerator, 0) + numerator_missing as full_numerator,
        coalesce(denominator, 0) + denominator_missing as full_denominator
    from figures

),

-- a quotient is highest with everything missing added to both lines, or with nothing added;
-- which of the two may be told in doubles, the fractions themselves stay exact
fractions as (

    select
        *,
        case
            when
                is_quotient = 1 and known_denominator > 0
                and cast(known_numerator as {{ type_double() }}) * full_denominator
                > cast(full_numerator as {{ type_double() }}) * known_denominator
                then 1
            else 0
        end as is_highest_now
    from bounded

),

final_fractions as (

    select
        *,
        known_numerator as low_numerator,
        case when is_quotient = 1 then full_denominator else 1 end as low_denominator,
        case
            when is_unbounded = 1 then null
            when is_highest_now = 1 then known_numerator
            else full_numerator
        end as high_numerator,
        case
            when is_quotient = 0 then 1
            when is_highest_now = 1 then known_denominator
            else full_denominator
        end as high_denominator
    from fractions

)

select
    boundary,
    programme_code,
    unit_code,
    period_key,
    cumulation,
    indicator_code,
    unit_key,
    kind,
    case
        when is_quotient = 1 then {{ ratio('numerator', 'denominator', 'scale') }}
        else cast(numerator as decimal(30, 8))
    end as value,
    numerator,
    denominator,
    cast({{ ratio('reports_received', 'reports_due') }} as decimal(9, 6)) as coverage,
    reports_due,
    reports_received,
    case
        when is_quotient = 1 then {{ ratio('low_numerator', 'low_denominator', 'scale') }}
        else cast(low_numerator as decimal(30, 8))
    end as value_if_missing_low,
    case
        when is_quotient = 1 then {{ ratio('high_numerator', 'high_denominator', 'scale') }}
        else cast(high_numerator as decimal(30, 8))
    end as value_if_missing_high,
    case when is_quotient = 1 then scale else 1 end as scale,
    cast(low_numerator as decimal(38, 8)) as low_numerator,
    cast(low_denominator as decimal(38, 8)) as low_denominator,
    cast(high_numerator as decimal(38, 8)) as high_numerator,
    cast(high_denominator as decimal(38, 8)) as high_denominator,
    is_estimated,
    is_simulated
from final_fractions
