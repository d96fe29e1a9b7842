with

findings as (

    select * from {{ ref('stg_finding') }}

),

unit_periods as (

    select * from {{ ref('int_unit_period') }}

),

latest_units as (

    select
        programme_code,
        unit_code,
        unit_key,
        row_number() over (
            partition by programme_code, unit_code order by valid_from desc
        ) as recency
    from {{ ref('stg_unit') }}

),

forms as (

    select distinct
        programme_code,
        form_code
    from {{ ref('stg_form') }}

),

submissions as (

    select * from {{ ref('stg_submission') }}

),

deliveries as (

    select
        delivery_sha256,
        programme_code,
        min(file_name) as file_name,
        max(case when is_simulated then 1 else 0 end) = 1 as is_simulated
    from {{ ref('stg_delivery') }}
    group by delivery_sha256, programme_code

),

-- what is found over several submissions is as invented as they are
series as (

    select
        programme_code,
        unit_code,
        form_code,
        max(case when is_simulated then 1 else 0 end) = 1 as is_simulated
    from submissions
    group by programme_code, unit_code, form_code

)

select
    findings.finding_id,
    findings.programme_code,
    findings.submission_id,
    findings.delivery_sha256,
    coalesce(unit_periods.unit_key, latest_units.unit_key) as unit_key,
    latest_units.unit_code,
    forms.form_code,
    periods.period_key,
    indicators.indicator_code,
    findings.rule_code,
    findings.severity,
    findings.status,
    findings.message_vi,
    findings.message_en,
    coalesce(submissions.file_name, deliveries.file_name) as source_file,
    findings.source_sheet,
    findings.source_cell,
    findings.observed,
    findings.expected,
    findings.recorded_at,
    findings.scope,
    findings.origin,
    findings.subject_key,
    findings.life,
    findings.first_seen_at,
    findings.is_repeat,
    findings.waived_by,
    findings.waived_reason,
    findings.waived_until,
    coalesce(
        submissions.is_simulated,
        deliveries.is_simulated,
        series.is_simulated,
        false
    ) as is_simulated,
    findings.form_code as form_code_found,
    findings.unit_code as unit_code_found,
    findings.period_key as period_key_found
from findings
left join unit_periods
    on
        findings.programme_code = unit_periods.programme_code
        and findings.unit_code = unit_periods.unit_code
        and findings.period_key = unit_periods.period_key
left join latest_units
    on
        findings.programme_code = latest_units.programme_code
        and findings.unit_code = latest_units.unit_code
        and latest_units.recency = 1
left join forms
    on
        findings.programme_code = forms.programme_code
        and findings.form_code = forms.form_code
left join {{ ref('stg_period') }} as periods
    on findings.period_key = periods.period_key
left join {{ ref('stg_indicator') }} as indicators
    on
        findings.programme_code = indicators.programme_code
        and findings.indicator_code = indicators.indicator_code
left join submissions
    on findings.submission_id = submissions.submission_id
left join deliveries
    on
        findings.delivery_sha256 = deliveries.delivery_sha256
        and findings.programme_code = deliveries.programme_code
left join series
    on
        findings.programme_code = series.programme_code
        and findings.unit_code = series.unit_code
        and findings.form_code = series.form_code
