with

source as (

    select * from {{ source('raw', 'ref_indicator_level') }}

),

renamed as (

    select
        programme_code,
        indicator_code,
        level,
        unit_type
    from source

)

select * from renamed
