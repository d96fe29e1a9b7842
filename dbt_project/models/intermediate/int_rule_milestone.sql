-- By a date: a share goes a straight path; a yes or no is not late before its day.
{{ config(materialized='view') }}

with

paths as (

    select
        *,
        kind = 'stock' and is_yes_no as is_single,
        test_comparator in ('>=', '>', '=')
        and not is_decided
        and not (kind = 'stock' and is_yes_no) as is_on_the_way
    from {{ ref('int_target_figure') }}
    where target_kind = 'milestone'

)

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
    case when is_on_the_way and test_comparator = '=' then '>=' else test_comparator end
        as path_comparator,
    case when is_on_the_way then months_elapsed else 1 end as path_part,
    case when is_on_the_way then months_total else 1 end as path_whole,
    cast(null as {{ type_text() }}) as rule_reason,
    case when is_single and not is_decided then 'milestone_pending' else 'threshold_missed' end
        as fail_reason
from paths
