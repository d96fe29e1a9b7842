with

source as (

    select * from {{ source('raw', 'ref_unit_restatement') }}

),

renamed as (

    select
        programme_code,
        unit_code,
        to_unit_code,
        share,
        is_estimated
    from source

)

select * from renamed
