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
    {{ figure_itself() }},
    {{ way_by_month('is_on_the_way') }},
    -- a flow adds up over the years, so only the term's own row has all of it
    case when kind = 'flow' and period_type <> 'term' then 'term_decides' end as rule_reason,
    'threshold_missed' as fail_reason
from paths
