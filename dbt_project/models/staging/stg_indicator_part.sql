with

source as (

    select * from {{ source('raw', 'ref_indicator_part') }}

),

renamed as (

    select
        programme_code,
        indicator_code,
        measure_code,
        role
    from source

)

select * from renamed
