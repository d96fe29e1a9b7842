with

source as (

    select * from {{ source('raw', 'finding') }}

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
