-- A number that a higher body assigned to the unit for the year: the figure against that number.
{{ config(materialized='view') }}

select
    target_key,
    unit_code,
    period_key,
    {{ figure_itself() }},
    test_comparator as path_comparator,
    case when kind = 'flow' and not is_whole then months_elapsed else 1 end as path_part,
    case when kind = 'flow' and not is_whole then months_total else 1 end as path_whole,
    case when test_low is null then 'no_assigned_value' end as rule_reason,
    'threshold_missed' as fail_reason
from {{ ref('int_target_figure') }}
where target_kind = 'assigned'
