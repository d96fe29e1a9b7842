-- What a target is counted in: its calendar, its years of the term, the day that decides.
with

targets as (

    select
        *,
        {{ target_kind('targets') }} as target_kind,
        case
            when targets.baseline like 'year:%'
                then cast(replace(targets.baseline, 'year:', '') as integer)
        end as baseline_year
    from {{ ref('stg_target') }} as targets

),

periods as (

    select * from {{ ref('stg_period') }}

),

target_forms as (

    select distinct
        indicators.target_key,
        forms.form_code,
        forms.calendar_code,
        forms.frequency,
        measures.value_type
    from {{ ref('int_target_indicator') }} as indicators
    inner join {{ ref('stg_indicator_part') }} as parts
        on
            indicators.programme_code = parts.programme_code
            and indicators.indicator_code = parts.indicator_code
    inner join {{ ref('stg_measure') }} as measures
        on
            parts.programme_code = measures.programme_code
            and parts.measure_code = measures.indicator_code
    inner join {{ ref('stg_form') }} as forms
        on
            measures.programme_code = forms.programme_code
            and measures.form_code = forms.form_code

),

calendars as (

    select
        target_key,
        min(calendar_code) as calendar_code,
        count(distinct form_code) as form_count,
        max(case when value_type = 'yes_no' then 1 else 0 end) as is_yes_no
    from target_forms
    group by target_key

),

held as (

    select
        targets.*,
        calendars.calendar_code,
        calendars.form_count,
        calendars.is_yes_no = 1 as is_yes_no,
        programmes.term_period_key,
        programmes.term_first_year,
        programmes.term_last_year,
        greatest(
            programmes.term_first_year,
            coalesce(first_years.year, programmes.term_first_year)
        ) as first_year
    from targets
    inner join {{ ref('stg_programme') }} as programmes
        on targets.programme_code = programmes.programme_code
    inner join calendars
        on targets.target_key = calendars.target_key
    left join periods as first_years
        on
            calendars.calendar_code = first_years.calendar_code
            and first_years.period_type = 'year'
            and targets.valid_from >= first_years.start_date
            and targets.valid_from < first_years.end_date
    where targets.target_kind <> 'commitment'

),

spans as (

    select
        held.target_key,
        min(case when years.year = held.first_year then years.start_date end) as first_start_date,
        max(years.end_date) as term_end_date
    from held
    inner join periods as years
        on
            held.calendar_code = years.calendar_code
            and years.period_type = 'year'
            and years.year between held.term_first_year and held.term_last_year
    group by held.target_key

),

-- ends of base periods, begun or not: a date is decided by the last one before it
base_ends as (

    select
        held.target_key,
        held.by_date,
        held.form_count,
        bases.end_date,
        count(distinct forms.form_code) as forms_ending
    from held
    inner join target_forms as forms
        on held.target_key = forms.target_key
    inner join spans
        on held.target_key = spans.target_key
    inner join periods as bases
        on
            held.calendar_code = bases.calendar_code
            and forms.frequency = bases.period_type
            and held.valid_from < bases.end_date
            and spans.term_end_date >= bases.end_date
    where held.rhythm = 'by_date'
    group by held.target_key, held.by_date, held.form_count, bases.end_date

),

deadlines as (

    select
        target_key,
        coalesce(
            max(case when {{ day_before('end_date') }} <= by_date then end_date end),
            min(end_date)
        ) as deciding_end_date
    from base_ends
    where forms_ending = form_count
    group by target_key

)

select
    held.target_key,
    held.programme_code,
    held.target_code,
    held.indicator_code,
    held.target_kind,
    held.scope_type,
    held.scope_code,
    held.quantity,
    held.comparator,
    held.rhythm,
    held.threshold,
    held.is_beyond_met,
    {{ threshold("held") }} as low,
    coalesce(held.high, held.low) as high,
    held.lesser_comparator,
    held.lesser_low,
    held.by_date,
    held.valid_from,
    held.valid_to,
    held.is_yes_no,
    held.calendar_code,
    held.baseline_year,
    held.first_year,
    held.term_first_year,
    held.term_last_year,
    held.term_period_key,
    spans.first_start_date,
    spans.term_end_date,
    deadlines.deciding_end_date
from held
inner join spans
    on held.target_key = spans.target_key
left join deadlines
    on held.target_key = deadlines.target_key
