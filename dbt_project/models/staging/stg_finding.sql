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
        recorded_at
    from source

)

select * from renamed
