-- A level: the figure against the number in the text; a flow of an open year against its part of
-- it.
{{ config(materialized='view') }}

select
    target_key,
    unit_code,
    period_key,
    {{ figure_itself() }},
    {{ way_by_month("kind = 'flow' and not is_whole") }},
    cast(null as {{ type_text() }}) as rule_reason,
    'threshold_missed' as fail_reason
from {{ ref('int_target_figure') }}
where target_kind = 'level'
