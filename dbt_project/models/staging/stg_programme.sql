with

source as (

    select * from {{ source('raw', 'ref_programme') }}

),

renamed as (

    select
        programme_code,
        name_vi,
        name_en,
        root_unit_code,
        term_period_key,
        calendar_code,
        term_first_year,
        term_last_year,
        timezone
    from source

)

select * from renamed
