with

source as (

    select * from {{ source('raw', 'ref_form_due') }}

),

renamed as (

    select
        programme_code,
        form_code,
        level,
        unit_code,
        since,
        until
    from source

)

select * from renamed
