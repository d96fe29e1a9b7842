-- What had to be sent: by units of the obliged levels, or named ones, alive on the last day.
with

unit_periods as (

    select
        *,
        {{ day_before('end_date') }} as last_day
    from {{ ref('int_unit_period') }}
    where is_alive_at_end

),

forms as (

    select * from {{ ref('stg_form') }}

),

obligations as (

    select * from {{ ref('stg_form_due') }}

),

due_units as (

    select distinct
        forms.programme_code,
        forms.form_code,
        unit_periods.unit_code,
        unit_periods.unit_key,
        unit_periods.unit_type,
        unit_periods.level,
        unit_periods.period_key,
        unit_periods.start_date,
        unit_periods.end_date,
        unit_periods.last_day
    from forms
    inner join obligations
        on
            forms.programme_code = obligations.programme_code
            and forms.form_code = obligations.form_code
    inner join unit_periods
        on
            forms.programme_code = unit_periods.programme_code
            and forms.calendar_code = unit_periods.calendar_code
            and forms.frequency = unit_periods.period_type
            and coalesce(obligations.level, unit_periods.level) = unit_periods.level
            and coalesce(obligations.unit_code, unit_periods.unit_code) = unit_periods.unit_code
    where
        unit_periods.last_day >= forms.valid_from
        and unit_periods.last_day < forms.valid_to
        and unit_periods.last_day >= obligations.since
        and unit_periods.last_day < obligations.until
        and (forms.first_year is null or unit_periods.year >= forms.first_year)

),

dated as (

    select
        due_units.programme_code,
        due_units.form_code,
        due_units.unit_code,
        due_units.unit_key,
        due_units.unit_type,
        due_units.level,
        due_units.period_key,
        due_units.end_date <= {{ as_of_date() }} as is_closed,
        {{ days_after('due_units.last_day', 'deadlines.deadline_days') }} as ordinary_due_date,
        programmes.timezone
    from due_units
    inner join {{ ref('stg_programme') }} as programmes
        on due_units.programme_code = programmes.programme_code
    left join {{ ref('stg_form_deadline') }} as deadlines
        on
            due_units.programme_code = deadlines.programme_code
            and due_units.form_code = deadlines.form_code
            and due_units.level = deadlines.level

),

-- of several decisions about one report the newest holds
granted as (

    select
        programme_code,
        form_code,
        unit_code,
        period_key,
        due_date,
        reason,
        row_number() over (
            partition by programme_code, form_code, unit_code, period_key
            order by decided_at desc
        ) as recency
    from {{ ref('stg_deadline_extension') }}

),

extended as (

    select
        dated.*,
        coalesce(granted.due_date > dated.ordinary_due_date, false) as is_extended,
        case
            when granted.due_date > dated.ordinary_due_date then granted.due_date
            else dated.ordinary_due_date
        end as due_date,
        case when granted.due_date > dated.ordinary_due_date then granted.reason end
            as extension_reason
    from dated
    left join granted
        on
            dated.programme_code = granted.programme_code
            and dated.form_code = granted.form_code
            and dated.unit_code = granted.unit_code
            and dated.period_key = granted.period_key
            and granted.recency = 1

)

select
    programme_code,
    form_code,
    unit_code,
    period_key,
    unit_key,
    unit_type,
    level,
    is_closed,
    due_date,
    is_extended,
    extension_reason,
    {{ utc_midnight(days_after('due_date', 1), 'timezone') }} as due_at,
    due_date < {{ as_of_date() }} as is_overdue,
    -- the report of the slowest level decides whether the period's figures can be looked for
    max(due_date) over (partition by programme_code, form_code, period_key)
    < {{ as_of_date() }} as is_all_overdue
from extended
