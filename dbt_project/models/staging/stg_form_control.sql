with

source as (

    select * from {{ source('raw', 'ref_form_control') }}

),

renamed as (

    select
        programme_code,
        form_code,
        level
    from source

)

select * from renamed
