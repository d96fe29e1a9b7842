with

source as (

    select * from {{ source('raw', 'ref_target') }}

),

renamed as (

    select
        programme_code,
        target_key,
        target_code,
        indicator_code,
        name_vi,
        name_en,
        scope_type,
        scope_code,
        drill_levels,
        quantity,
        comparator,
        low,
        high,
        rhythm,
        baseline,
        by_date,
        verbatim_vi,
        document_code,
        document_title_vi,
        valid_from,
        valid_to,
        end_reason_vi,
        end_reason_en,
        threshold,
        is_beyond_met,
        lesser_comparator,
        lesser_low,
        lesser_name_vi,
        lesser_name_en,
        evidence_vi,
        evidence_en
    from source

)

select * from renamed
