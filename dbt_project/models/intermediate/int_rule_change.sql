-- A cut in per cent against the same stretch of an earlier year, same unit and territory: a
-- change of sums. Worst with this year at its highest and the earlier one at its lowest.
{{ config(materialized='view') }}

with

figures as (

    select
        *,
        -- "kiềm chế": none after none is no rise, and keeps the promise
        coalesce(
            is_complete and value = 0 and previous_value = 0
            and test_comparator = '>=' and test_low = 0, false
        ) as is_held
    from {{ ref('int_target_figure') }}
    where target_kind = 'change'

)

select
    target_key,
    unit_code,
    period_key,
    case
        when is_held then cast(0 as decimal(30, 8))
        else {{ ratio('(previous_value - value)', 'previous_value', 100) }}
    end as actual,
    {{ cut_above(
        'previous_low_numerator', 'previous_low_denominator', 'high_numerator', 'high_denominator'
    ) }} as worst,
    {{ cut_below('previous_low_numerator', 'high_denominator') }} as worst_of,
    {{ cut_above(
        'previous_high_numerator', 'previous_high_denominator', 'low_numerator', 'low_denominator'
    ) }} as best,
    {{ cut_below('previous_high_numerator', 'low_denominator') }} as best_of,
    test_comparator as path_comparator,
    1 as path_part,
    1 as path_whole,
    case
        when is_unreported then 'no_report'
        when previous_value is null then 'no_baseline'
        when is_complete and value = 0 and previous_value = 0 and not is_held
            then 'nothing_to_compare'
    end as rule_reason,
    'threshold_missed' as fail_reason
from figures
