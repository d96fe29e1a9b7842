with

source as (

    select * from {{ source('raw', 'submission') }}
    where {{ is_known('received_at') }}

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
        -- what was replaced later was the accepted one then
        case
            when status = 'superseded' and not {{ is_known('accepted_to') }} then 'accepted'
            else status
        end as status,
        received_at,
        recorded_at,
        accepted_from,
        case when {{ is_known('accepted_to') }} then accepted_to end as accepted_to,
        observation_count,
        finding_count,
        is_simulated,
        is_control_total,
        change_reason
    from source

)

select * from renamed
