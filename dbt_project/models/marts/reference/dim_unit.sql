with

units as (

    select * from {{ ref('stg_unit') }}

),

levels as (

    select * from {{ ref('stg_level') }}

)

select
    units.unit_key,
    units.programme_code,
    units.unit_code,
    units.official_code,
    units.name_vi,
    units.name_en,
    units.unit_type,
    units.level,
    levels.name_vi as level_name_vi,
    levels.name_en as level_name_en,
    cast(levels.level_rank as integer) as level_rank,
    units.parent_unit_code,
    units.valid_from,
    units.valid_to,
    units.is_current
from units
left join levels
    on
        units.programme_code = levels.programme_code
        and units.level = levels.level_code
