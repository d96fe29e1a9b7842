with

source as (

    select * from {{ source('raw', 'ref_period_part') }}

),

renamed as (

    select
        period_key,
        part_period_key,
        part_period_type
    from source

)

select * from renamed
