with

source as (

    select * from {{ source('raw', 'deadline_extension') }}

),

renamed as (

    select
        programme_code,
        form_code,
        unit_code,
        period_key,
        due_date,
        reason,
        decided_by,
        decided_at
    from source

)

select * from renamed
