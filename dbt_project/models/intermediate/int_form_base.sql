-- Which base periods of a form make up a period, and which of them count by the day judged on.
with

periods as (

    select * from {{ ref('stg_period') }}
    where start_date <= {{ as_of_date() }}

),

forms as (

    select distinct
        forms.programme_code,
        forms.form_code,
        forms.calendar_code,
        forms.frequency,
        programmes.term_period_key
    from {{ ref('stg_form') }} as forms
    inner join {{ ref('stg_programme') }} as programmes
        on forms.programme_code = programmes.programme_code

),

overdue as (

    select distinct
        programme_code,
        form_code,
        period_key
    from {{ ref('int_due') }}
    where is_all_overdue

),

-- a period and the bases that lie in it, then a part of a year and all bases since the year began
stretches as (

    select
        parts.period_key,
        'period' as cumulation,
        parts.part_period_key as base_period_key
    from {{ ref('stg_period_part') }} as parts
    union all
    select
        periods.period_key,
        'year_to_date' as cumulation,
        bases.period_key as base_period_key
    from periods
    inner join {{ ref('stg_period') }} as bases
        on
            periods.year_period_key = bases.year_period_key
            and periods.end_date >= bases.end_date
    where periods.period_type <> 'term' and bases.period_type <> 'term'

),

tilings as (

    select distinct
        period_key,
        part_period_type
    from {{ ref('stg_period_part') }}

),

-- a period counts for a form only when the form's frequency tiles it
tiled as (

    select
        forms.programme_code,
        forms.form_code,
        stretches.cumulation,
        stretches.period_key,
        stretches.base_period_key,
        bases.end_date as base_end_date,
        periods.end_date <= {{ as_of_date() }} or overdue.form_code is not null as is_counted
    from forms
    inner join periods
        on
            forms.calendar_code = periods.calendar_code
            and (periods.period_type <> 'term' or forms.term_period_key = periods.period_key)
    inner join tilings
        on
            periods.period_key = tilings.period_key
            and forms.frequency = tilings.part_period_type
    inner join stretches
        on periods.period_key = stretches.period_key
    inner join {{ ref('stg_period') }} as bases
        on
            stretches.base_period_key = bases.period_key
            and forms.frequency = bases.period_type
    left join overdue
        on
            forms.programme_code = overdue.programme_code
            and forms.form_code = overdue.form_code
            and stretches.base_period_key = overdue.period_key

),

ranked as (

    select
        programme_code,
        form_code,
        period_key,
        cumulation,
        base_period_key,
        is_counted,
        count(*) over whole as base_count,
        sum(case when is_counted then 1 else 0 end) over whole as counted_bases,
        max(case when is_counted then base_end_date end) over whole as last_counted_end,
        base_end_date
    from tiled
    window whole as (partition by programme_code, form_code, period_key, cumulation)

)

select
    programme_code,
    form_code,
    period_key,
    cumulation,
    base_period_key,
    is_counted,
    base_count,
    counted_bases,
    base_end_date = coalesce(last_counted_end, cast('0001-01-01' as date)) as is_last
from ranked
