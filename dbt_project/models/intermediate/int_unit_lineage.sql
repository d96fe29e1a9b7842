-- Where a unit's base figures go: up the hierarchy of then, and restated to units of other days.
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

-- all that lies below a unit of the boundary on the boundary's day, whoever reported it
restated as (

    select
        boundary_units.boundary,
        boundary_units.programme_code,
        boundary_units.unit_code as ancestor_unit_code,
        boundary_units.figures_until,
        restatements.unit_code,
        restatements.valid_from,
        restatements.valid_to,
        sum(restatements.share) as share,
        max(case when restatements.is_estimated then 1 else 0 end) as is_estimated
    from {{ ref('int_boundary_unit') }} as boundary_units
    inner join ancestors
        on
            boundary_units.programme_code = ancestors.programme_code
            and boundary_units.unit_key = ancestors.ancestor_unit_key
            and boundary_units.boundary_day >= ancestors.valid_from
            and boundary_units.boundary_day < ancestors.valid_to
    inner join {{ ref('stg_unit_restatement') }} as restatements
        on
            ancestors.programme_code = restatements.programme_code
            and ancestors.unit_code = restatements.to_unit_code
            and boundary_units.boundary_day >= restatements.boundary_from
            and boundary_units.boundary_day < restatements.boundary_to
    group by
        boundary_units.boundary,
        boundary_units.programme_code,
        boundary_units.unit_code,
        boundary_units.figures_until,
        restatements.unit_code,
        restatements.valid_from,
        restatements.valid_to

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
    restated.boundary,
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
        and unit_periods.effective_day >= restated.valid_from
        and unit_periods.effective_day < restated.valid_to
        and unit_periods.effective_day <= restated.figures_until
