-- What was stated when a period was closed last, against what the same figures say today.
with

editions as (

    select
        *,
        row_number() over (
            partition by programme_code, period_key order by edition_number desc
        ) as recency
    from {{ ref('stg_edition') }}

),

latest as (

    select * from editions
    where recency = 1

),

stated as (

    select
        edition_rows.*,
        latest.edition_kind,
        latest.published_at,
        latest.closed_at
    from latest
    inner join {{ ref('stg_edition_row') }} as edition_rows
        on
            latest.programme_code = edition_rows.programme_code
            and latest.edition_code = edition_rows.edition_code

),

-- by codes, not by keys: a key changes with the day from which a unit or a target is valid
compared as (

    select
        stated.*,
        today.actual as actual_now,
        today.numerator as numerator_now,
        today.denominator as denominator_now,
        today.verdict as verdict_now,
        today.verdict_label_vi as verdict_now_label_vi,
        today.verdict_label_en as verdict_now_label_en,
        today.target_key is null as is_gone,
        {{ differs('stated.verdict', 'today.verdict') }} as is_verdict_revised,
        {{ differs('stated.actual', 'today.actual') }}
        or {{ differs('stated.numerator', 'today.numerator') }}
        or {{ differs('stated.denominator', 'today.denominator') }} as is_figure_revised
    from stated
    left join {{ ref('fct_target_progress') }} as today
        on
            stated.programme_code = today.programme_code
            and stated.target_code = today.target_code
            and stated.unit_code = today.unit_code
            and stated.period_key = today.period_key

),

revised as (

    select * from compared
    where is_verdict_revised or is_figure_revised

),

-- from the year before, against which a change is taken, to the end of what was closed
stretches as (

    select
        periods.period_key,
        periods.calendar_code,
        periods.end_date,
        {{ days_after('coalesce(years.start_date, periods.start_date)', -366) }} as start_date
    from {{ ref('stg_period') }} as periods
    left join {{ ref('stg_period') }} as years
        on periods.year_period_key = years.period_key

),

arrivals as (

    select
        history.programme_code,
        history.unit_code,
        history.indicator_code,
        history.submission_id,
        history.change_reason,
        history.recorded_at,
        periods.calendar_code,
        periods.start_date,
        periods.end_date
    from {{ ref('fct_observation_history') }} as history
    inner join {{ ref('stg_period') }} as periods
        on history.period_key = periods.period_key
    where history.recorded_at > (select min(latest.published_at) from latest)

),

units_below as (

    select distinct
        programme_code,
        unit_code,
        ancestor_unit_code
    from {{ ref('stg_unit_ancestor') }}

),

causes as (

    select
        revised.edition_code,
        revised.target_key,
        revised.unit_key,
        count(
            distinct case
                when arrivals.change_reason = 'first_report' then arrivals.submission_id
            end
        ) as late_report_count,
        count(
            distinct case
                when arrivals.change_reason <> 'first_report' then arrivals.submission_id
            end
        ) as correction_count
    from revised
    inner join stretches
        on revised.period_key = stretches.period_key
    inner join {{ ref('stg_indicator_part') }} as parts
        on
            revised.programme_code = parts.programme_code
            and revised.indicator_code = parts.indicator_code
    inner join units_below
        on
            revised.programme_code = units_below.programme_code
            and revised.unit_code = units_below.ancestor_unit_code
    inner join arrivals
        on
            revised.programme_code = arrivals.programme_code
            and units_below.unit_code = arrivals.unit_code
            and parts.measure_code = arrivals.indicator_code
            and stretches.calendar_code = arrivals.calendar_code
            and revised.published_at < arrivals.recorded_at
            and stretches.start_date <= arrivals.start_date
            and stretches.end_date >= arrivals.end_date
    group by revised.edition_code, revised.target_key, revised.unit_key

),

explained as (

    select
        compared.*,
        compared.is_verdict_revised or compared.is_figure_revised as is_revised,
        cast(coalesce(causes.late_report_count, 0) as integer) as late_report_count,
        cast(coalesce(causes.correction_count, 0) as integer) as correction_count,
        case
            when not (compared.is_verdict_revised or compared.is_figure_revised) then null
            when compared.is_gone then 'row_gone'
            when causes.edition_code is not null then 'reports_since'
            else 'other'
        end as revision_reason
    from compared
    left join causes
        on
            compared.edition_code = causes.edition_code
            and compared.target_key = causes.target_key
            and compared.unit_key = causes.unit_key

)

select
    edition_code,
    edition_kind,
    published_at,
    closed_at,
    programme_code,
    period_key,
    period_label_vi,
    period_label_en,
    target_key,
    target_code,
    target_name_vi,
    target_name_en,
    unit_key,
    unit_code,
    unit_name_vi,
    unit_name_en,
    indicator_code,
    is_scope_unit,
    actual as actual_then,
    actual_now,
    cast(actual_now - actual as decimal(30, 8)) as difference,
    numerator as numerator_then,
    numerator_now,
    denominator as denominator_then,
    denominator_now,
    verdict as verdict_then,
    verdict_label_vi as verdict_then_label_vi,
    verdict_label_en as verdict_then_label_en,
    verdict_now,
    verdict_now_label_vi,
    verdict_now_label_en,
    is_revised,
    is_verdict_revised,
    late_report_count,
    correction_count,
    revision_reason,
    case revision_reason
        when 'row_gone'
            then 'Nay không còn dòng này: chương trình đã đổi chỉ tiêu hoặc đơn vị.'
        when 'reports_since'
            then
                concat(
                    'Từ khi công bố: ',
                    cast(late_report_count as {{ type_text() }}),
                    ' báo cáo đến sau, ',
                    cast(correction_count as {{ type_text() }}),
                    ' bản đính chính.'
                )
        when 'other'
            then
                concat(
                    'Không có báo cáo mới của đơn vị: chương trình, quyết định, địa bàn ',
                    'hoặc ngày xét đã đổi.'
                )
    end as why_vi,
    case revision_reason
        when 'row_gone'
            then 'The row is no longer there: the programme changed the target or the unit.'
        when 'reports_since'
            then
                concat(
                    'Since it was published: late reports ',
                    cast(late_report_count as {{ type_text() }}),
                    ', corrections ',
                    cast(correction_count as {{ type_text() }}),
                    '.'
                )
        when 'other'
            then
                concat(
                    'No new report of the unit: the programme, a decision, the territory ',
                    'or the day judged on changed.'
                )
    end as why_en,
    is_simulated
from explained
