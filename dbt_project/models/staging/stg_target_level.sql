with

source as (

    select * from {{ source('raw', 'ref_target_level') }}

),

renamed as (

    select
        programme_code,
        target_key,
        level
    from source

)

select * from renamed
