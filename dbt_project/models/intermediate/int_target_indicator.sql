-- The figures that a target stands on: its own, or those of the parts of a composite.
{{ config(materialized='view') }}

with

targets as (

    select
        *,
        {{ target_kind('targets') }} as target_kind
    from {{ ref('stg_target') }} as targets

)

select
    target_key,
    programme_code,
    indicator_code
from targets
where target_kind not in ('commitment', 'composite')
union
select
    parts.target_key,
    parts.programme_code,
    targets.indicator_code
from {{ ref('stg_target_part') }} as parts
inner join targets
    on
        parts.programme_code = targets.programme_code
        and parts.part_target_code = targets.target_code
