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
        cast(0 as decimal(38, 8)) as lone_missing,
        measure_values.is_unbounded as numerator_unbounded,
        0 as denominator_unbounded,
        0 as lone_unbounded,
        measure_values.reports_due,
        measure_values.reports_received,
        measure_values.is_estimated,
        measure_values.is_simulated,
        measure_values.is_provisional,
        measure_values.is_inexact
    from measure_values
    inner join indicators
        on
            measure_values.programme_code = indicators.programme_code
            and measure_values.indicator_code = indicators.indicator_code
    where indicators.kind <> 'ratio'

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
        max(case when parts.role = 'numerator' then measure_values.is_unbounded else 0 end)
            as numerator_unbounded,
        max(case when parts.role = 'denominator' then measure_values.is_unbounded else 0 end)
            as denominator_unbounded,
        max(measure_values.reports_due) as reports_due,
        -- a part asked for less often than another lacks no more than was due of it
        max(measure_values.reports_due)
        - max(measure_values.reports_due - measure_values.reports_received)
            as reports_received,
        max(measure_values.is_estimated) as is_estimated,
        max(measure_values.is_simulated) as is_simulated,
        max(measure_values.is_provisional) as is_provisional,
        max(measure_values.is_inexact) as is_inexact
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
        cast(sum(numerator_missing) as decimal(38, 8)) as numerator_missing,
        cast(sum(denominator_missing) as decimal(38, 8)) as denominator_missing,
        max(numerator_unbounded) as numerator_unbounded,
        max(denominator_unbounded) as denominator_unbounded,
        cast(sum(reports_due) as decimal(18, 8)) as reports_due,
        cast(sum(reports_received) as decimal(18, 8)) as reports_received,
        max(is_estimated) as is_estimated,
        max(is_simulated) as is_simulated,
        max(is_provisional) as is_provisional,
        max(is_inexact) as is_inexact
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

-- what a missing part adds above the line alone, because its whole came
figures as (

    select
        *,
        0 as is_part
    from plain_figures
    union all
    select
        ratio_figures.boundary,
        ratio_figures.programme_code,
        ratio_figures.unit_code,
        ratio_figures.period_key,
        ratio_figures.cumulation,
        ratio_figures.indicator_code,
        ratio_figures.unit_key,
        'ratio' as kind,
        ratio_figures.scale,
        ratio_figures.numerator,
        ratio_figures.denominator,
        ratio_figures.numerator_missing,
        ratio_figures.denominator_missing,
        coalesce(lone_parts.missing_high, 0) as lone_missing,
        ratio_figures.numerator_unbounded,
        ratio_figures.denominator_unbounded,
        coalesce(lone_parts.is_unbounded, 0) as lone_unbounded,
        ratio_figures.reports_due,
        ratio_figures.reports_received,
        ratio_figures.is_estimated,
        ratio_figures.is_simulated,
        ratio_figures.is_provisional,
        ratio_figures.is_inexact,
        case when wholes.part_code is null then 0 else 1 end as is_part
    from ratio_figures
    left join {{ ref('int_ratio_whole') }} as wholes
        on
            ratio_figures.programme_code = wholes.programme_code
            and ratio_figures.indicator_code = wholes.indicator_code
    left join measure_values as lone_parts
        on
            ratio_figures.boundary = lone_parts.boundary
            and ratio_figures.programme_code = lone_parts.programme_code
            and ratio_figures.unit_code = lone_parts.unit_code
            and ratio_figures.period_key = lone_parts.period_key
            and ratio_figures.cumulation = lone_parts.cumulation
            and ratio_figures.indicator_code = lone_parts.indicator_code

),

-- nothing reported is no zero: bounds start at zero, the figure itself stays null
known as (

    select
        *,
        case when kind in ('ratio', 'unit_share') then 1 else 0 end as is_quotient,
        case when denominator_missing > 0 or denominator_unbounded > 0 then 1 else 0 end
            as is_below_line_missing,
        coalesce(numerator, 0) as known_numerator,
        case when kind in ('ratio', 'unit_share') then coalesce(denominator, 0) else 1 end
            as known_denominator,
        coalesce(numerator, 0) + case when is_part = 1 then lone_missing else numerator_missing end
            as raised_numerator
    from figures

),

-- a part and its whole that are both missing: the quotient is highest when both bring as much as
-- the part may; null when neither has an end
paired as (

    select
        *,
        case
            when is_part = 0 then 0
            when numerator_unbounded = 1 and denominator_unbounded = 1 then null
            when numerator_unbounded = 1 then denominator_missing
            when denominator_unbounded = 1 then numerator_missing - lone_missing
            else least(numerator_missing - lone_missing, denominator_missing)
        end as shared_missing,
        case
            when numerator_unbounded = 2 or denominator_unbounded = 2 then 1
            when is_quotient = 1 and is_below_line_missing = 1 and known_numerator < 0 then 1
            else 0
        end as may_be_below_zero
    from known

),

final_fractions as (

    select
        *,
        case
            when may_be_below_zero = 1 then null
            when denominator_unbounded = 1 then 0
            else known_numerator
        end as low_numerator,
        case
            when denominator_unbounded = 1 then 1
            else known_denominator + denominator_missing
        end as low_denominator,
        case
            when may_be_below_zero = 1 then null
            when is_part = 0 and numerator_unbounded = 1 then null
            when is_part = 0 then raised_numerator
            when lone_unbounded = 1 or shared_missing is null then 1
            when raised_numerator <= known_denominator then raised_numerator + shared_missing
            else raised_numerator
        end as high_numerator,
        case
            when is_part = 0 then known_denominator
            when lone_unbounded = 1 or shared_missing is null then 1
            when raised_numerator <= known_denominator then known_denominator + shared_missing
            else known_denominator
        end as high_denominator
    from paired

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
    -- over zero there is no figure, and so no end to it
    cast(case when low_denominator <> 0 then low_numerator end as decimal(38, 8)) as low_numerator,
    cast(low_denominator as decimal(38, 8)) as low_denominator,
    cast(case when high_denominator <> 0 then high_numerator end as decimal(38, 8))
        as high_numerator,
    cast(high_denominator as decimal(38, 8)) as high_denominator,
    is_estimated,
    is_simulated,
    is_provisional,
    is_inexact
from final_fractions
