{{ config(post_hook="{{ create_as_known_on(this) }}") }}

select
    unit_key,
    period_key,
    indicator_code,
    programme_code,
    unit_code,
    form_code,
    cast(value as decimal(24, 4)) as value,
    observation_status,
    qualifier,
    submission_id,
    cast(version as integer) as version,
    file_name as source_file,
    source_sheet,
    source_cell,
    raw_text,
    received_at,
    recorded_at,
    recorded_from,
    recorded_to,
    change_reason,
    is_simulated
from {{ ref('int_observation') }}
