-- The question before the answer: which target, for which unit and period, on which figures.
with

targets as (

    select
        *,
        case
            when baseline like 'year:%' then cast(replace(baseline, 'year:', '') as integer)
        end as baseline_year
    from {{ ref('stg_target') }}
    where rhythm <> 'none' and quantity <> 'none'

),

programmes as (

    select * from {{ ref('stg_programme') }}

),

unit_periods as (

    select * from {{ ref('int_unit_period') }}
    where is_alive_at_end and period_type in ('year', 'term')

),

ancestors as (

    select * from {{ ref('stg_unit_ancestor') }}

),

units as (

    select * from {{ ref('stg_unit') }}

),

memberships as (

    select * from {{ ref('stg_unit_group') }}

),

-- in an open year a figure is judged up to the last base period that all its forms can count
indicator_forms as (

    select distinct
        parts.programme_code,
        parts.indicator_code,
        measures.form_code,
        measures.value_type,
        forms.calendar_code
    from {{ ref('stg_indicator_part') }} as parts
    inner join {{ ref('stg_measure') }} as measures
        on
            parts.programme_code = measures.programme_code
            and parts.measure_code = measures.indicator_code
    inner join {{ ref('stg_form') }} as forms
        on
            measures.programme_code = forms.programme_code
            and measures.form_code = forms.form_code
    where parts.indicator_code in (select targets.indicator_code from targets)

),

indicator_calendars as (

    select
        indicator_forms.programme_code,
        indicator_forms.indicator_code,
        min(indicator_forms.calendar_code) as calendar_code,
        max(case when indicator_forms.value_type = 'yes_no' then 1 else 0 end) as is_yes_no
    from indicator_forms
    group by indicator_forms.programme_code, indicator_forms.indicator_code

),

form_progress as (

    select
        programme_code,
        form_code,
        period_key,
        max(base_count) as base_count,
        max(counted_bases) as counted_bases,
        max(case when is_last then base_period_key end) as last_base_key
    from {{ ref('int_form_base') }}
    where cumulation = 'period'
    group by programme_code, form_code, period_key

),

indicator_progress as (

    select
        indicator_forms.programme_code,
        indicator_forms.indicator_code,
        form_progress.period_key,
        max(form_progress.base_count) as base_count,
        min(form_progress.counted_bases) as counted_bases,
        min(form_progress.last_base_key) as last_base_key,
        min(case when form_progress.last_base_key is null then 0 else 1 end) as is_judgeable
    from indicator_forms
    inner join form_progress
        on
            indicator_forms.programme_code = form_progress.programme_code
            and indicator_forms.form_code = form_progress.form_code
    group by
        indicator_forms.programme_code,
        indicator_forms.indicator_code,
        form_progress.period_key

),

-- the periods of a target: years of the term in which it holds, and the term where the term decides
target_periods as (

    select
        targets.*,
        calendars.is_yes_no,
        periods.period_key,
        periods.period_type,
        periods.period_number,
        periods.calendar_code,
        periods.year,
        periods.start_date,
        periods.end_date,
        {{ day_before('periods.end_date') }} as last_day,
        periods.end_date <= {{ as_of_date() }} as is_closed,
        periods.start_date <= {{ as_of_date() }} as has_begun,
        programmes.term_first_year,
        programmes.term_last_year,
        greatest(
            programmes.term_first_year,
            coalesce(first_years.year, programmes.term_first_year)
        ) as first_year
    from targets
    inner join programmes
        on targets.programme_code = programmes.programme_code
    inner join indicator_calendars as calendars
        on
            targets.programme_code = calendars.programme_code
            and targets.indicator_code = calendars.indicator_code
    inner join {{ ref('stg_period') }} as periods
        on
            calendars.calendar_code = periods.calendar_code
            and (
                periods.period_type = 'year'
                or (
                    programmes.term_period_key = periods.period_key
                    and targets.rhythm in ('by_end_of_term', 'never')
                )
            )
    left join {{ ref('stg_period') }} as first_years
        on
            calendars.calendar_code = first_years.calendar_code
            and first_years.period_type = 'year'
            and targets.valid_from >= first_years.start_date
            and targets.valid_from < first_years.end_date
    where
        periods.year between programmes.term_first_year and programmes.term_last_year
        and periods.end_date <= targets.valid_to
        and periods.end_date > targets.valid_from

),

-- by a date: decided by the last year that ends by then, or by the year it lies in if none does
dated as (

    select
        *,
        case
            when rhythm = 'by_end_of_term' then period_type = 'term' or year = term_last_year
            when rhythm = 'by_date'
                then
                    (last_day <= by_date and {{ days_after('last_day', 365) }} > by_date)
                    or (start_date <= by_date and last_day > by_date and start_date <= valid_from)
            else true
        end as is_final,
        case
            when rhythm = 'by_end_of_term' then term_last_year
            when rhythm = 'by_date'
                then
                    year
                    + cast(floor({{ days_between('last_day', 'by_date') }} / 365.0) as integer)
            else year
        end as final_year
    from target_periods
    where
        (
            rhythm <> 'by_date'
            or last_day <= by_date
            or (start_date <= by_date and start_date <= valid_from)
        )
        and (baseline_year is null or year > baseline_year)

),

-- whose figure: the scope itself, and the levels shown below it
scoped as (

    select
        dated.target_key,
        dated.period_key,
        unit_periods.unit_code,
        1 as is_scope
    from dated
    inner join unit_periods
        on
            dated.programme_code = unit_periods.programme_code
            and dated.period_key = unit_periods.period_key
            and (
                (dated.scope_type = 'unit' and dated.scope_code = unit_periods.unit_code)
                or (dated.scope_type = 'level' and dated.scope_code = unit_periods.level)
            )
    union all
    select
        dated.target_key,
        dated.period_key,
        unit_periods.unit_code,
        1 as is_scope
    from dated
    inner join memberships
        on
            dated.programme_code = memberships.programme_code
            and dated.scope_code = memberships.group_code
    inner join unit_periods
        on
            dated.programme_code = unit_periods.programme_code
            and dated.period_key = unit_periods.period_key
            and memberships.unit_code = unit_periods.unit_code
            and memberships.valid_from <= unit_periods.effective_day
            and memberships.valid_to > unit_periods.effective_day
    where dated.scope_type = 'group'
    union all
    select
        dated.target_key,
        dated.period_key,
        unit_periods.unit_code,
        0 as is_scope
    from dated
    inner join {{ ref('stg_target_level') }} as levels
        on dated.target_key = levels.target_key
    inner join unit_periods
        on
            dated.programme_code = unit_periods.programme_code
            and dated.period_key = unit_periods.period_key
            and levels.level = unit_periods.level
    inner join ancestors
        on
            unit_periods.unit_key = ancestors.unit_key
            and unit_periods.effective_day >= ancestors.valid_from
            and unit_periods.effective_day < ancestors.valid_to
    inner join units as above
        on ancestors.ancestor_unit_key = above.unit_key
    left join memberships
        on
            dated.programme_code = memberships.programme_code
            and dated.scope_type = 'group'
            and dated.scope_code = memberships.group_code
            and ancestors.ancestor_unit_code = memberships.unit_code
            and unit_periods.effective_day >= memberships.valid_from
            and unit_periods.effective_day < memberships.valid_to
    where
        (dated.scope_type = 'unit' and dated.scope_code = ancestors.ancestor_unit_code)
        or (dated.scope_type = 'level' and dated.scope_code = above.level)
        or memberships.unit_code is not null

),

units_scoped as (

    select
        target_key,
        period_key,
        unit_code,
        max(is_scope) as is_scope
    from scoped
    group by target_key, period_key, unit_code

),

closed_years as (

    select
        calendar_code,
        year
    from {{ ref('stg_period') }}
    where period_type = 'year' and end_date <= {{ as_of_date() }}

),

elapsed as (

    select
        dated.target_key,
        dated.period_key,
        count(closed_years.year) as closed_year_count
    from dated
    left join closed_years
        on
            dated.calendar_code = closed_years.calendar_code
            and closed_years.year between dated.first_year and dated.year
    group by dated.target_key, dated.period_key

),

questions as (

    select
        dated.*,
        units_scoped.unit_code,
        units_scoped.is_scope,
        unit_periods.unit_key,
        progress.base_count,
        progress.counted_bases,
        coalesce(progress.is_judgeable, 0) as is_judgeable,
        elapsed.closed_year_count,
        -- changes need the same territory in both years, so they are taken on the boundary of today
        case
            when dated.quantity = 'reduction_pct' and unit_periods.is_current then 'current'
            else 'as_reported'
        end as boundary,
        case
            when dated.period_type = 'term' or dated.is_closed then dated.period_key
            else progress.last_base_key
        end as figure_period_key,
        case
            when dated.period_type = 'term' or dated.is_closed then 'period'
            else 'year_to_date'
        end as figure_cumulation
    from dated
    inner join units_scoped
        on
            dated.target_key = units_scoped.target_key
            and dated.period_key = units_scoped.period_key
    inner join unit_periods
        on
            dated.programme_code = unit_periods.programme_code
            and dated.period_key = unit_periods.period_key
            and units_scoped.unit_code = unit_periods.unit_code
    inner join elapsed
        on
            dated.target_key = elapsed.target_key
            and dated.period_key = elapsed.period_key
    left join indicator_progress as progress
        on
            dated.programme_code = progress.programme_code
            and dated.indicator_code = progress.indicator_code
            and dated.period_key = progress.period_key

)

select
    questions.target_key,
    questions.unit_key,
    questions.period_key,
    questions.programme_code,
    questions.target_code,
    questions.indicator_code,
    questions.unit_code,
    questions.is_scope = 1 as is_scope,
    questions.quantity,
    questions.comparator,
    questions.rhythm,
    {{ threshold("questions") }} as low,
    coalesce(questions.high, questions.low) as high,
    questions.period_type,
    questions.year,
    questions.end_date,
    questions.has_begun,
    questions.is_closed,
    questions.is_judgeable = 1 as is_judgeable,
    questions.is_final,
    questions.is_yes_no = 1 as is_yes_no,
    questions.boundary,
    questions.figure_period_key,
    questions.figure_cumulation,
    baselines.period_key as baseline_period_key,
    questions.valid_to as target_valid_to,
    -- the straight path to the threshold: so many of so many years
    case
        when questions.is_final and questions.is_closed then 1
        when questions.is_final and questions.rhythm not in ('by_end_of_term', 'by_date') then 1
        else cast(questions.closed_year_count as integer)
    end as path_years,
    case
        when questions.is_final and questions.is_closed then 1
        when questions.is_final and questions.rhythm not in ('by_end_of_term', 'by_date') then 1
        else cast(questions.final_year - questions.first_year + 1 as integer)
    end as path_of_years,
    coalesce(questions.counted_bases, 0) as counted_bases,
    coalesce(questions.base_count, 0) as base_count
from questions
left join {{ ref('stg_period') }} as figure_periods
    on questions.figure_period_key = figure_periods.period_key
left join {{ ref('stg_period') }} as baselines
    on
        figure_periods.calendar_code = baselines.calendar_code
        and figure_periods.period_type = baselines.period_type
        and figure_periods.period_number = baselines.period_number
        and baselines.year = coalesce(questions.baseline_year, figure_periods.year - 1)
        and questions.quantity = 'reduction_pct'
        and figure_periods.period_type <> 'term'
