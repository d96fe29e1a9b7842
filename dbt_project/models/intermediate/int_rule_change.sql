-- A cut in per cent against the same stretch of an earlier year, same unit and territory: a
-- change of sums. Worst with this year at its highest and the earlier one at its lowest.
{{ config(materialized='view') }}

with

figures as (

    select
        *,
        {{ cut_above(
            'previous_numerator', 'coalesce(previous_denominator, 1)',
            'numerator', 'coalesce(denominator, 1)'
        ) }} as known_above,
        {{ cut_below('previous_numerator', 'coalesce(denominator, 1)') }} as known_below,
        {{ cut_above(
            'previous_low_numerator', 'previous_low_denominator',
            'high_numerator', 'high_denominator'
        ) }} as worst_above,
        {{ cut_below('previous_low_numerator', 'high_denominator') }} as worst_below,
        {{ cut_above(
            'previous_high_numerator', 'previous_high_denominator',
            'low_numerator', 'low_denominator'
        ) }} as best_above,
        {{ cut_below('previous_high_numerator', 'low_denominator') }} as best_below,
        -- "kiềm chế": none after none is no rise, so it needs nothing to divide by
        test_comparator = '>=' and test_low = 0 as is_no_rise
    from {{ ref('int_target_figure') }}
    where target_kind = 'change'

)

select
    target_key,
    unit_code,
    period_key,
    {{ ratio('known_above', over_nothing('is_no_rise', 'known_above', 'known_below')) }} as actual,
    worst_above as worst,
    {{ over_nothing('is_no_rise', 'worst_above', 'worst_below') }} as worst_of,
    best_above as best,
    {{ over_nothing('is_no_rise', 'best_above', 'best_below') }} as best_of,
    test_comparator as path_comparator,
    1 as path_part,
    1 as path_whole,
    case
        when is_unreported then 'no_report'
        when previous_denominator = 0 and is_previous_complete then 'nothing_to_compare'
        when previous_value is null then 'no_baseline'
        when is_complete and value = 0 and previous_value = 0 and not coalesce(is_no_rise, false)
            then 'nothing_to_compare'
    end as rule_reason,
    'threshold_missed' as fail_reason
from figures
