with

source as (

    select * from {{ source('raw', 'ref_unit_ancestor') }}

),

renamed as (

    select
        programme_code,
        unit_key,
        ancestor_unit_key,
        unit_code,
        ancestor_unit_code,
        depth,
        valid_from,
        valid_to
    from source

)

select * from renamed
