with

source as (

    select * from {{ source('raw', 'ref_unit_restatement') }}

),

renamed as (

    select
        programme_code,
        unit_code,
        valid_from,
        valid_to,
        boundary_from,
        boundary_to,
        to_unit_code,
        share,
        is_estimated
    from source

)

select * from renamed
