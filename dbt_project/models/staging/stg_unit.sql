with

source as (

    select * from {{ source('raw', 'ref_unit') }}

),

renamed as (

    select
        programme_code,
        unit_key,
        unit_code,
        official_code,
        name_vi,
        name_en,
        unit_type,
        level,
        parent_unit_code,
        valid_from,
        valid_to,
        is_current
    from source

)

select * from renamed
