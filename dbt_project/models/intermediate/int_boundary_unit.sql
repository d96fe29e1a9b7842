-- The units that figures are restated to, and the day whose hierarchy holds for them.
with

units as (

    select
        *,
        {{ day_before('valid_to') }} as last_day,
        row_number() over (partition by programme_code, unit_code order by valid_from desc)
            as recency
    from {{ ref('stg_unit') }}

)

select
    'current' as boundary,
    programme_code,
    unit_code,
    unit_key,
    last_day as boundary_day,
    last_day as figures_until
from units
where is_current

union all

-- figures of periods after its end are no longer the unit's
select
    'as_ended' as boundary,
    units.programme_code,
    units.unit_code,
    units.unit_key,
    units.last_day as boundary_day,
    units.last_day as figures_until
from units
inner join {{ ref('int_unit_boundary') }} as boundaries
    on
        units.programme_code = boundaries.programme_code
        and units.unit_code = boundaries.unit_code
where units.recency = 1 and boundaries.boundary = 'as_ended'

union all

-- none while no such day is given
select
    'fixed' as boundary,
    programme_code,
    unit_code,
    unit_key,
    {{ boundary_date() }} as boundary_day,
    {{ day_before(open_end()) }} as figures_until
from units
where valid_from <= {{ boundary_date() }} and valid_to > {{ boundary_date() }}
