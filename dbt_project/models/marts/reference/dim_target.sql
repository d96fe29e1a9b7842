with

targets as (

    select * from {{ ref('stg_target') }}

),

indicators as (

    select * from {{ ref('stg_indicator') }}

)

select
    targets.target_key,
    targets.target_code,
    targets.programme_code,
    targets.indicator_code,
    targets.name_vi,
    targets.name_en,
    targets.scope_type,
    targets.scope_code,
    {{ target_kind('targets') }} as target_kind,
    targets.quantity,
    targets.comparator,
    cast(targets.low as decimal(24, 4)) as low,
    cast(targets.high as decimal(24, 4)) as high,
    targets.rhythm,
    targets.baseline,
    targets.by_date,
    {{ requirement_text("targets", "indicators.unit_of_measure", "vi") }} as requirement_vi,
    {{ requirement_text("targets", "indicators.unit_of_measure", "en") }} as requirement_en,
    targets.rhythm = 'none' or targets.quantity = 'none' as is_commitment,
    targets.verbatim_vi,
    targets.document_code as document,
    targets.document_title_vi,
    targets.valid_from,
    targets.valid_to,
    targets.end_reason_vi,
    targets.end_reason_en,
    targets.threshold,
    targets.is_beyond_met,
    targets.lesser_comparator,
    cast(targets.lesser_low as decimal(24, 4)) as lesser_low,
    targets.lesser_name_vi,
    targets.lesser_name_en,
    targets.evidence_vi,
    targets.evidence_en
from targets
left join indicators
    on
        targets.programme_code = indicators.programme_code
        and targets.indicator_code = indicators.indicator_code
