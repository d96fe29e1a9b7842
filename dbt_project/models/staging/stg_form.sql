with

source as (

    select * from {{ source('raw', 'ref_form') }}

),

renamed as (

    select
        programme_code,
        form_code,
        name_vi,
        name_en,
        frequency,
        calendar_code,
        template_version,
        first_year,
        valid_from,
        valid_to
    from source

)

select * from renamed
