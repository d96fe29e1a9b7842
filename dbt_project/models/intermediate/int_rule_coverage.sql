-- So much by the end of the term: on the way a straight path from nothing, month by month.
{{ config(materialized='view') }}

with

paths as (

    select
        *,
        test_comparator in ('>=', '>', '=') and not is_decided as is_on_the_way
    from {{ ref('int_target_figure') }}
    where target_kind = 'coverage'

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
    -- a flow adds up over the years, so only the term's own row has all of it
    case when kind = 'flow' and period_type <> 'term' then 'term_decides' end as rule_reason,
    'threshold_missed' as fail_reason
from paths
