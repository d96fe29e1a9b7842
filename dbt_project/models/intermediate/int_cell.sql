-- One expected or received value of a unit in a base period: the atom of figures and coverages.
with

accepted as (

    select * from {{ ref('int_observation') }}
    where is_accepted

),

measures as (

    select * from {{ ref('stg_measure') }}

),

unit_past as (

    select
        programme_code,
        unit_code,
        indicator_code,
        max(counted_value) as highest,
        avg(counted_value) as mean
    from accepted
    group by programme_code, unit_code, indicator_code

),

level_past as (

    select
        programme_code,
        level,
        indicator_code,
        max(counted_value) as highest,
        avg(counted_value) as mean
    from accepted
    group by programme_code, level, indicator_code

),

submissions as (

    select * from {{ ref('stg_submission') }}
    where status = 'accepted'

),

sent as (

    select distinct
        programme_code,
        form_code,
        unit_code,
        period_key
    from submissions

),

-- filled in, and kept out by gate 1: it came to nothing, which an empty cell did not
kept_out as (

    select distinct
        submissions.programme_code,
        submissions.form_code,
        submissions.unit_code,
        submissions.period_key,
        quarantined.indicator_code
    from {{ ref('stg_quarantined_value') }} as quarantined
    inner join submissions
        on quarantined.submission_id = submissions.submission_id

),

due as (

    select
        due.programme_code,
        due.form_code,
        due.unit_code,
        due.period_key,
        due.level,
        sent.unit_code is not null as is_sent,
        controls.level is not null as is_control_level
    from {{ ref('int_due') }} as due
    left join sent
        on
            due.programme_code = sent.programme_code
            and due.form_code = sent.form_code
            and due.unit_code = sent.unit_code
            and due.period_key = sent.period_key
    left join {{ ref('stg_form_control') }} as controls
        on
            due.programme_code = controls.programme_code
            and due.form_code = controls.form_code
            and due.level = controls.level
    where due.is_closed or due.is_all_overdue or sent.unit_code is not null

),

form_periods as (

    select
        programme_code,
        form_code,
        period_key
    from due
    union
    select
        programme_code,
        form_code,
        period_key
    from sent

),

-- of those who sent, a member of a breakdown is looked for only where somebody gave it
asked as (

    select
        form_periods.programme_code,
        form_periods.form_code,
        form_periods.period_key,
        measures.indicator_code
    from form_periods
    inner join measures
        on
            form_periods.programme_code = measures.programme_code
            and form_periods.form_code = measures.form_code
    where measures.parent_indicator_code is null
    union
    select
        programme_code,
        form_code,
        period_key,
        indicator_code
    from accepted
    union
    select
        programme_code,
        form_code,
        period_key,
        indicator_code
    from kept_out

),

-- a report that did not come may bring whatever its form ever brought
ever_asked as (

    select distinct
        programme_code,
        form_code,
        indicator_code
    from asked

),

wanted as (

    select
        due.programme_code,
        due.form_code,
        due.unit_code,
        due.period_key,
        asked.indicator_code,
        due.level,
        due.is_sent,
        due.is_control_level
    from due
    inner join asked
        on
            due.programme_code = asked.programme_code
            and due.form_code = asked.form_code
            and due.period_key = asked.period_key
    where due.is_sent
    union all
    select
        due.programme_code,
        due.form_code,
        due.unit_code,
        due.period_key,
        ever_asked.indicator_code,
        due.level,
        due.is_sent,
        due.is_control_level
    from due
    inner join ever_asked
        on
            due.programme_code = ever_asked.programme_code
            and due.form_code = ever_asked.form_code
    where not due.is_sent

),

expected as (

    select
        wanted.programme_code,
        wanted.form_code,
        wanted.unit_code,
        wanted.period_key,
        wanted.indicator_code,
        wanted.level,
        wanted.is_sent,
        measures.is_required
    from wanted
    inner join measures
        on
            wanted.programme_code = measures.programme_code
            and wanted.indicator_code = measures.indicator_code
    where not wanted.is_control_level or measures.unit_aggregation <> 'sum'

),

paired as (

    select
        coalesce(expected.programme_code, accepted.programme_code) as programme_code,
        coalesce(expected.form_code, accepted.form_code) as form_code,
        coalesce(expected.unit_code, accepted.unit_code) as unit_code,
        coalesce(expected.period_key, accepted.period_key) as period_key,
        coalesce(expected.indicator_code, accepted.indicator_code) as indicator_code,
        expected.level,
        accepted.counted_value as value,
        case
            when expected.unit_code is null then 0
            when accepted.observation_status <> 'missing' then 1
            -- an optional cell left empty in a report that came is no gap
            when expected.is_sent and not expected.is_required and kept_out.unit_code is null
                then 0
            else 1
        end as is_due,
        case
            when expected.unit_code is not null and accepted.observation_status <> 'missing' then 1
            else 0
        end as is_received,
        case when accepted.is_simulated then 1 else 0 end as is_simulated,
        case when accepted.qualifier = 'provisional' then 1 else 0 end as is_provisional,
        case
            when
                accepted.qualifier in ('estimated', 'more_than', 'less_than', 'nearly', 'about')
                then 1
            else 0
        end as is_inexact,
        accepted.unit_code is not null as is_observed
    from expected
    full outer join accepted
        on
            expected.programme_code = accepted.programme_code
            and expected.unit_code = accepted.unit_code
            and expected.period_key = accepted.period_key
            and expected.indicator_code = accepted.indicator_code
    left join kept_out
        on
            expected.programme_code = kept_out.programme_code
            and expected.unit_code = kept_out.unit_code
            and expected.period_key = kept_out.period_key
            and expected.indicator_code = kept_out.indicator_code

),

measure_cells as (

    select
        paired.programme_code,
        paired.form_code,
        paired.unit_code,
        paired.period_key,
        paired.indicator_code,
        measures.kind,
        measures.unit_aggregation,
        paired.value,
        paired.is_due,
        paired.is_received,
        paired.is_simulated,
        paired.is_provisional,
        paired.is_inexact,
        measures.may_be_negative,
        paired.is_due = 1 and paired.is_received = 0 as is_missing,
        case
            when paired.is_due = 1 and paired.is_received = 0
                then
                    {{ upper_expected("measures", "unit_past", "level_past") }}
        end as missing_high
    from paired
    inner join measures
        on
            paired.programme_code = measures.programme_code
            and paired.indicator_code = measures.indicator_code
    left join unit_past
        on
            paired.programme_code = unit_past.programme_code
            and paired.unit_code = unit_past.unit_code
            and paired.indicator_code = unit_past.indicator_code
    left join level_past
        on
            paired.programme_code = level_past.programme_code
            and paired.level = level_past.level
            and paired.indicator_code = level_past.indicator_code
    where paired.is_due = 1 or paired.is_observed

),

-- units that count in a share: every unit of its kinds, whether or not it has to send
share_cells as (

    select
        form_periods.programme_code,
        form_periods.form_code,
        unit_periods.unit_code,
        form_periods.period_key,
        levels.indicator_code,
        case when cells.value > 0 then 1 when cells.value is not null then 0 end as value,
        coalesce(cells.is_due, 0) as is_due,
        coalesce(cells.is_received, 0) as is_received,
        coalesce(cells.is_simulated, 0) as is_simulated,
        coalesce(cells.is_provisional, 0) as is_provisional,
        coalesce(cells.is_inexact, 0) as is_inexact,
        cells.missing_high
    from {{ ref('stg_indicator_level') }} as levels
    inner join {{ ref('stg_indicator_part') }} as parts
        on
            levels.programme_code = parts.programme_code
            and levels.indicator_code = parts.indicator_code
    inner join measures
        on
            parts.programme_code = measures.programme_code
            and parts.measure_code = measures.indicator_code
    inner join form_periods
        on
            measures.programme_code = form_periods.programme_code
            and measures.form_code = form_periods.form_code
    inner join {{ ref('int_unit_period') }} as unit_periods
        on
            form_periods.programme_code = unit_periods.programme_code
            and form_periods.period_key = unit_periods.period_key
            and levels.level = unit_periods.level
            and coalesce(levels.unit_type, unit_periods.unit_type) = unit_periods.unit_type
    left join measure_cells as cells
        on
            unit_periods.programme_code = cells.programme_code
            and unit_periods.unit_code = cells.unit_code
            and unit_periods.period_key = cells.period_key
            and measures.indicator_code = cells.indicator_code
    where parts.role = 'numerator' and unit_periods.is_alive_at_end

),

-- of a ratio the part is missing and its whole came: what the part brings adds to one line alone
lone_parts as (

    select
        parts.programme_code,
        parts.form_code,
        parts.unit_code,
        parts.period_key,
        ratios.indicator_code,
        parts.kind,
        parts.unit_aggregation,
        least(parts.missing_high, wholes.value) as missing_high
    from measure_cells as parts
    inner join {{ ref('int_ratio_whole') }} as ratios
        on
            parts.programme_code = ratios.programme_code
            and parts.indicator_code = ratios.part_code
    left join measure_cells as wholes
        on
            parts.programme_code = wholes.programme_code
            and parts.unit_code = wholes.unit_code
            and parts.period_key = wholes.period_key
            and ratios.whole_code = wholes.indicator_code
    where parts.is_missing and not coalesce(wholes.is_missing, false)

)

select
    programme_code,
    form_code,
    unit_code,
    period_key,
    indicator_code,
    kind,
    unit_aggregation,
    cast(value as decimal(24, 4)) as value,
    cast(null as integer) as counted_units,
    is_due,
    is_received,
    is_simulated,
    is_provisional,
    is_inexact,
    cast(missing_high as decimal(25, 4)) as missing_high,
    case
        when not is_missing then 0
        when may_be_negative then 2
        when missing_high is null then 1
        else 0
    end as is_unbounded
from measure_cells

union all

select
    programme_code,
    form_code,
    unit_code,
    period_key,
    indicator_code,
    'stock' as kind,
    'sum' as unit_aggregation,
    cast(value as decimal(24, 4)) as value,
    1 as counted_units,
    is_due,
    is_received,
    is_simulated,
    is_provisional,
    is_inexact,
    cast(missing_high as decimal(25, 4)) as missing_high,
    0 as is_unbounded
from share_cells

union all

select
    programme_code,
    form_code,
    unit_code,
    period_key,
    indicator_code,
    kind,
    unit_aggregation,
    cast(null as decimal(24, 4)) as value,
    cast(null as integer) as counted_units,
    0 as is_due,
    0 as is_received,
    0 as is_simulated,
    0 as is_provisional,
    0 as is_inexact,
    cast(missing_high as decimal(25, 4)) as missing_high,
    case when missing_high is null then 1 else 0 end as is_unbounded
from lone_parts
