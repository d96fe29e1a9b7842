with

source as (

    select findings.*
    from {{ source('raw', 'finding') }} as findings
    left join {{ source('raw', 'delivery') }} as deliveries
        on
            findings.programme_code = deliveries.programme_code
            and findings.delivery_sha256 = deliveries.delivery_sha256
    -- what is about several deliveries speaks of all that came by now, so of no past
    where {{ is_known('deliveries.received_at') }}

),

renamed as (

    select
        finding_id,
        programme_code,
        delivery_sha256,
        submission_id,
        unit_code,
        form_code,
        period_key,
        indicator_code,
        rule_code,
        severity,
        status,
        message_vi,
        message_en,
        sheet as source_sheet,
        cell as source_cell,
        observed,
        expected,
        recorded_at,
        scope,
        origin,
        subject_key,
        life,
        first_seen_at,
        is_repeat,
        waived_by,
        waived_reason,
        waived_until
    from source

)

select * from renamed
