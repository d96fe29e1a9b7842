with

source as (

    select * from {{ source('raw', 'ref_form_deadline') }}

),

renamed as (

    select
        programme_code,
        form_code,
        level,
        deadline_days
    from source

)

select * from renamed
