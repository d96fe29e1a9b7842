with

source as (

    select * from {{ source('raw', 'ref_target_assigned') }}

),

renamed as (

    select
        programme_code,
        target_code,
        unit_code,
        year,
        value,
        document_code
    from source

)

select * from renamed
