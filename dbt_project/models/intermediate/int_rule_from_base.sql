-- Yearly cuts read from the base, beside the chained reading: 5 % a year compounds to 1 - 0.95^k.
-- A bad first year makes later yearly cuts easy; from the base it still has to be made good.
{{ config(materialized='view') }}

with

yearly_cuts as (

    select
        *,
        {{ compounded_cut('test_low', 'years_from_base') }} as compounded,
        case when test_comparator = '>' then '>' else '>=' end as base_comparator,
        {{ ratio('(base_value - value)', 'base_value', 100) }} as cut_from_base,
        {{ cut_above(
            'base_low_numerator', 'base_low_denominator', 'high_numerator', 'high_denominator'
        ) }} as worst,
        {{ cut_below('base_low_numerator', 'high_denominator') }} as worst_of,
        {{ cut_above(
            'base_high_numerator', 'base_high_denominator', 'low_numerator', 'low_denominator'
        ) }} as best,
        {{ cut_below('base_high_numerator', 'low_denominator') }} as best_of,
        1 as path_part,
        1 as path_whole
    from {{ ref('int_target_figure') }}
    where
        target_kind = 'change'
        and rhythm = 'every_year'
        and test_comparator in ('>=', '>', 'between')

),

tested as (

    select
        *,
        coalesce({{ surely_passes('base_comparator', 'compounded') }}, false) as passes,
        coalesce({{ surely_fails('base_comparator', 'compounded') }}, false) as fails
    from yearly_cuts

)

select
    target_key,
    unit_code,
    period_key,
    base_period_key,
    cast(cut_from_base as decimal(30, 8)) as change_from_base_pct,
    cast(compounded as decimal(30, 8)) as required_from_base_pct,
    case
        when not has_begun or figure_period_key is null then 'not_due'
        when is_unreported or base_value is null then 'cannot_judge'
        when is_figure_complete and is_base_complete and value = 0 and base_value = 0
            then
                case
                    when test_comparator <> '>=' or test_low <> 0 then 'no_case'
                    when is_decided then 'met'
                    else 'on_track'
                end
        when passes and is_decided then 'met'
        when passes then 'on_track'
        when fails and is_decided then 'not_met'
        when fails then 'off_track'
        else 'cannot_judge'
    end as verdict_from_base
from tested
