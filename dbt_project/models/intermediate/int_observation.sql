-- Every value that was ever the accepted one, with the unit version it belongs to.
with

submissions as (

    select * from {{ ref('stg_submission') }}
    where
        status in ('accepted', 'superseded')
        and accepted_from is not null
        -- replaced by one received at the same instant: it never counted
        and (accepted_to is null or accepted_to > accepted_from)

),

joined as (

    select
        observations.programme_code,
        observations.submission_id,
        submissions.form_code,
        submissions.unit_code,
        unit_periods.unit_key,
        unit_periods.level,
        submissions.period_key,
        observations.indicator_code,
        measures.value_type,
        observations.value,
        observations.observation_status,
        observations.qualifier,
        observations.raw_text,
        observations.source_sheet,
        observations.source_cell,
        submissions.file_name,
        submissions.version,
        submissions.received_at,
        submissions.recorded_at,
        submissions.accepted_from as recorded_from,
        submissions.accepted_to,
        submissions.change_reason,
        submissions.is_simulated,
        submissions.status = 'accepted' as is_accepted,
        case
            when observations.observation_status in ('reported', 'nil') then observations.value
        end as counted_value
    from {{ ref('stg_observation') }} as observations
    inner join submissions
        on observations.submission_id = submissions.submission_id
    inner join {{ ref('stg_measure') }} as measures
        on
            observations.programme_code = measures.programme_code
            and observations.indicator_code = measures.indicator_code
    -- left: a unit that the programme no longer knows must fail the grain test, not vanish
    left join {{ ref('int_unit_period') }} as unit_periods
        on
            submissions.programme_code = unit_periods.programme_code
            and submissions.unit_code = unit_periods.unit_code
            and submissions.period_key = unit_periods.period_key
    where not submissions.is_control_total or measures.unit_aggregation <> 'sum'

)

select
    programme_code,
    submission_id,
    form_code,
    unit_code,
    period_key,
    indicator_code,
    unit_key,
    level,
    value_type,
    value,
    counted_value,
    observation_status,
    qualifier,
    raw_text,
    source_sheet,
    source_cell,
    file_name,
    version,
    received_at,
    recorded_at,
    recorded_from,
    coalesce(accepted_to, cast('9999-12-31 00:00:00' as timestamp)) as recorded_to,
    change_reason,
    is_simulated,
    is_accepted
from joined
