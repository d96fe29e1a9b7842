-- None at all: one is a breach whatever else is missing, none is kept only when every report is in.
{{ config(materialized='view') }}

select
    target_key,
    unit_code,
    period_key,
    {{ figure_itself() }},
    '=' as path_comparator,
    1 as path_part,
    1 as path_whole,
    case
        when numerator > 0 then 'breach'
        when is_unreported then 'no_report'
        when is_complete and value is null then 'not_applicable'
        when is_complete and high_numerator = 0 then 'no_breach'
        else 'reports_missing'
    end as rule_reason,
    'threshold_missed' as fail_reason
from {{ ref('int_target_figure') }}
where target_kind = 'zero_tolerance'
