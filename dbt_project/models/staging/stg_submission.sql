with

source as (

    select * from {{ source('raw', 'submission') }}

),

renamed as (

    select
        submission_id,
        programme_code,
        delivery_sha256,
        file_name,
        sheet,
        form_code,
        unit_code,
        period_key,
        version,
        status,
        received_at,
        recorded_at,
        accepted_from,
        accepted_to,
        observation_count,
        finding_count,
        is_simulated,
        is_control_total,
        change_reason
    from source

)

select * from renamed
