with

source as (

    select * from {{ source('raw', 'ref_period') }}

),

renamed as (

    select
        period_key,
        calendar_code,
        period_type,
        label_vi,
        label_en,
        start_date,
        end_date,
        year,
        period_number,
        year_period_key,
        previous_period_key,
        same_period_last_year_key
    from source

)

select * from renamed
