with

source as (

    select * from {{ source('raw', 'ref_target_part') }}

),

renamed as (

    select
        programme_code,
        target_key,
        part_target_code
    from source

)

select * from renamed
