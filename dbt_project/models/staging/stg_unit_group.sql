with

source as (

    select * from {{ source('raw', 'ref_unit_group') }}

),

renamed as (

    select
        programme_code,
        group_code,
        unit_code,
        valid_from,
        valid_to
    from source

)

select * from renamed
