with

due as (

    select * from {{ ref('int_due') }}

),

received as (

    select * from {{ ref('stg_submission') }}

),

forms as (

    select distinct
        programme_code,
        form_code
    from {{ ref('stg_form') }}

),

unit_periods as (

    select * from {{ ref('int_unit_period') }}

),

answered as (

    select distinct
        programme_code,
        form_code,
        unit_code,
        period_key
    from received
    where status <> 'rejected'

),

absent as (

    select
        due.programme_code,
        due.form_code,
        due.unit_code,
        due.unit_key,
        due.period_key,
        case when due.is_overdue then 'missing' else 'not_due' end as status,
        due.due_date,
        due.due_at,
        due.is_overdue,
        due.is_extended,
        due.extension_reason
    from due
    left join answered
        on
            due.programme_code = answered.programme_code
            and due.form_code = answered.form_code
            and due.unit_code = answered.unit_code
            and due.period_key = answered.period_key
    where answered.unit_code is null

),

-- codes that the programme does not know stay as found, and join nothing
arrived as (

    select
        received.*,
        forms.form_code as known_form_code,
        unit_periods.unit_key,
        unit_periods.unit_code as known_unit_code,
        unit_periods.period_key as known_period_key,
        due.due_at,
        due.unit_code is not null as is_expected,
        coalesce(due.is_extended, false) as is_extended,
        due.extension_reason,
        {{ seconds_between('due.due_at', 'received.received_at') }} as seconds_late
    from received
    left join forms
        on
            received.programme_code = forms.programme_code
            and received.form_code = forms.form_code
    left join unit_periods
        on
            received.programme_code = unit_periods.programme_code
            and received.unit_code = unit_periods.unit_code
            and received.period_key = unit_periods.period_key
    left join due
        on
            received.programme_code = due.programme_code
            and received.form_code = due.form_code
            and received.unit_code = due.unit_code
            and received.period_key = due.period_key

),

combined as (

    select
        md5(concat(programme_code, '|', form_code, '|', unit_code, '|', period_key, '|0'))
            as submission_key,
        cast(null as {{ type_text() }}) as submission_id,
        programme_code,
        unit_key,
        unit_code,
        form_code,
        period_key,
        0 as version,
        status,
        due_at,
        cast(null as timestamp) as received_at,
        case
            when is_overdue then {{ days_between('due_date', as_of_date()) }} else 0
        end as days_late,
        case when is_overdue then false end as is_on_time,
        true as is_expected,
        is_extended,
        extension_reason,
        0 as observation_count,
        0 as finding_count,
        cast(null as {{ type_text() }}) as delivery_sha256,
        cast(null as {{ type_text() }}) as file_name,
        cast(null as {{ type_text() }}) as change_reason,
        false as is_control_total,
        false as is_simulated,
        form_code as form_code_found,
        unit_code as unit_code_found,
        period_key as period_key_found
    from absent
    union all
    select
        submission_id as submission_key,
        submission_id,
        programme_code,
        unit_key,
        known_unit_code as unit_code,
        known_form_code as form_code,
        known_period_key as period_key,
        version,
        status,
        due_at,
        received_at,
        -- a day begun is a day late
        case
            when due_at is null then null
            when seconds_late < 0 then 0
            else 1 + cast(floor(seconds_late / 86400.0) as integer)
        end as days_late,
        seconds_late < 0 as is_on_time,
        is_expected,
        is_extended,
        extension_reason,
        observation_count,
        finding_count,
        delivery_sha256,
        file_name,
        change_reason,
        is_control_total,
        is_simulated,
        form_code as form_code_found,
        unit_code as unit_code_found,
        period_key as period_key_found
    from arrived

)

select
    submission_key,
    submission_id,
    programme_code,
    unit_key,
    unit_code,
    form_code,
    period_key,
    cast(version as integer) as version,
    status,
    {{ submission_status_label('status', 'vi') }} as status_vi,
    {{ submission_status_label('status', 'en') }} as status_en,
    due_at,
    received_at,
    cast(days_late as integer) as days_late,
    is_on_time,
    is_expected,
    is_extended,
    extension_reason,
    cast(observation_count as integer) as observation_count,
    cast(finding_count as integer) as finding_count,
    delivery_sha256,
    file_name,
    change_reason,
    is_control_total,
    is_simulated,
    form_code_found,
    unit_code_found,
    period_key_found
from combined
