-- Where a unit's base figures go: up the hierarchy of that time, and restated to units of today.
with

celled as (

    select distinct
        programme_code,
        unit_code,
        period_key
    from {{ ref('int_cell') }}

),

unit_periods as (

    select
        unit_periods.programme_code,
        unit_periods.unit_code,
        unit_periods.unit_key,
        unit_periods.period_key,
        unit_periods.effective_day
    from {{ ref('int_unit_period') }} as unit_periods
    inner join celled
        on
            unit_periods.programme_code = celled.programme_code
            and unit_periods.unit_code = celled.unit_code
            and unit_periods.period_key = celled.period_key

),

ancestors as (

    select * from {{ ref('stg_unit_ancestor') }}

),

current_units as (

    select unit_key
    from {{ ref('stg_unit') }}
    where is_current

),

current_ancestors as (

    select
        ancestors.programme_code,
        ancestors.unit_code,
        ancestors.ancestor_unit_code
    from ancestors
    inner join current_units
        on ancestors.unit_key = current_units.unit_key
    inner join current_units as current_above
        on ancestors.ancestor_unit_key = current_above.unit_key
    where ancestors.valid_to = {{ open_end() }}

),

restated as (

    select
        restatements.programme_code,
        restatements.unit_code,
        current_ancestors.ancestor_unit_code,
        sum(restatements.share) as share,
        max(case when restatements.is_estimated then 1 else 0 end) as is_estimated
    from {{ ref('stg_unit_restatement') }} as restatements
    inner join current_ancestors
        on
            restatements.programme_code = current_ancestors.programme_code
            and restatements.to_unit_code = current_ancestors.unit_code
    group by
        restatements.programme_code,
        restatements.unit_code,
        current_ancestors.ancestor_unit_code

)

select distinct
    'as_reported' as boundary,
    unit_periods.programme_code,
    unit_periods.unit_code,
    unit_periods.period_key,
    ancestors.ancestor_unit_code,
    cast(1 as decimal(9, 8)) as share,
    0 as is_estimated,
    ancestors.ancestor_unit_code = unit_periods.unit_code as is_self
from unit_periods
inner join ancestors
    on
        unit_periods.programme_code = ancestors.programme_code
        and unit_periods.unit_key = ancestors.unit_key
        and unit_periods.effective_day >= ancestors.valid_from
        and unit_periods.effective_day < ancestors.valid_to

union all

select
    'current' as boundary,
    unit_periods.programme_code,
    unit_periods.unit_code,
    unit_periods.period_key,
    restated.ancestor_unit_code,
    cast(restated.share as decimal(9, 8)) as share,
    -- parts that meet again above are whole there, so nothing of them is estimated
    case when restated.share = 1 then 0 else restated.is_estimated end as is_estimated,
    restated.ancestor_unit_code = unit_periods.unit_code as is_self
from unit_periods
inner join restated
    on
        unit_periods.programme_code = restated.programme_code
        and unit_periods.unit_code = restated.unit_code
