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
    {{ figure_itself() }},
    {{ way_by_month('is_on_the_way') }},
    cast(null as {{ type_text() }}) as rule_reason,
    case when is_single and not is_decided then 'milestone_pending' else 'threshold_missed' end
        as fail_reason
from paths
