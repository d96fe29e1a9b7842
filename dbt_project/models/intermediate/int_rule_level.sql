-- A level: the figure against the number in the text; a flow of an open year against its part of
-- it.
{{ config(materialized='view') }}

select
    target_key,
    unit_code,
    period_key,
    cast(value as decimal(30, 8)) as actual,
    cast(low_numerator * scale as decimal(38, 8)) as worst,
    low_denominator as worst_of,
    cast(high_numerator * scale as decimal(38, 8)) as best,
    high_denominator as best_of,
    -- being ahead of the path is no fault, even where the end has to be hit exactly
    case
        when test_comparator = '=' and kind = 'flow' and not is_whole then '>='
        else test_comparator
    end as path_comparator,
    case when kind = 'flow' and not is_whole then months_elapsed else 1 end as path_part,
    case when kind = 'flow' and not is_whole then months_total else 1 end as path_whole,
    cast(null as {{ type_text() }}) as rule_reason,
    'threshold_missed' as fail_reason
from {{ ref('int_target_figure') }}
where target_kind = 'level'
