with

source as (

    select * from {{ source('raw', 'ref_level') }}

),

renamed as (

    select
        programme_code,
        level_code,
        level_rank,
        name_vi,
        name_en
    from source

)

select * from renamed
