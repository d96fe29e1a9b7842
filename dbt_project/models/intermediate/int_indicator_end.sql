-- Where a figure of the year so far may stop: ends that every form behind the indicator counts.
with

indicator_forms as (

    select distinct
        parts.programme_code,
        parts.indicator_code,
        measures.form_code
    from {{ ref('stg_indicator_part') }} as parts
    inner join {{ ref('stg_measure') }} as measures
        on
            parts.programme_code = measures.programme_code
            and parts.measure_code = measures.indicator_code
    inner join {{ ref('stg_target') }} as targets
        on
            parts.programme_code = targets.programme_code
            and parts.indicator_code = targets.indicator_code

),

form_counts as (

    select
        programme_code,
        indicator_code,
        count(*) as form_count
    from indicator_forms
    group by programme_code, indicator_code

),

years as (

    select * from {{ ref('stg_period') }}
    where period_type = 'year'

),

-- of forms with different frequencies the longest base period stands for the figure
ends as (

    select
        indicator_forms.programme_code,
        indicator_forms.indicator_code,
        years.calendar_code,
        years.year,
        years.start_date as year_start_date,
        bases.end_date,
        bases.period_key as figure_period_key,
        count(*) over one_end as form_count,
        row_number() over (
            partition by
                indicator_forms.programme_code,
                indicator_forms.indicator_code,
                years.period_key,
                bases.end_date
            order by bases.start_date asc, bases.period_key asc
        ) as shortness
    from indicator_forms
    inner join {{ ref('int_form_base') }} as form_bases
        on
            indicator_forms.programme_code = form_bases.programme_code
            and indicator_forms.form_code = form_bases.form_code
            and form_bases.cumulation = 'period'
            and form_bases.is_counted
    inner join years
        on form_bases.period_key = years.period_key
    inner join {{ ref('stg_period') }} as bases
        on form_bases.base_period_key = bases.period_key
    window one_end as (
        partition by
            indicator_forms.programme_code,
            indicator_forms.indicator_code,
            years.period_key,
            bases.end_date
    )

)

select
    ends.programme_code,
    ends.indicator_code,
    ends.calendar_code,
    ends.year,
    ends.year_start_date,
    ends.end_date,
    ends.figure_period_key
from ends
inner join form_counts
    on
        ends.programme_code = form_counts.programme_code
        and ends.indicator_code = form_counts.indicator_code
        and ends.form_count = form_counts.form_count
where ends.shortness = 1
