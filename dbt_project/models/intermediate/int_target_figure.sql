-- The evidence: the figure of each question, the same figure in the periods it is compared with.
with

questions as (

    select * from {{ ref('int_target_assessment') }}
    where target_kind <> 'composite'

),

-- parts of a split carry a share of eight decimals; what that leaves beyond four of a figure would
-- turn a verdict at the very threshold
figures as (

    select
        boundary,
        programme_code,
        unit_code,
        period_key,
        cumulation,
        indicator_code,
        kind,
        scale,
        coverage,
        reports_due,
        reports_received,
        is_estimated,
        is_inexact,
        is_provisional,
        is_simulated,
        {{ settled('value', 30) }} as value,
        {{ settled('numerator') }} as numerator,
        {{ settled('denominator') }} as denominator,
        {{ settled('low_numerator') }} as low_numerator,
        {{ settled('low_denominator') }} as low_denominator,
        {{ settled('high_numerator') }} as high_numerator,
        {{ settled('high_denominator') }} as high_denominator
    from {{ ref('int_indicator_value') }}
    where indicator_code in (select questions.indicator_code from questions)

),

joined as (

    select
        questions.*,
        figures.value,
        figures.numerator,
        figures.denominator,
        figures.scale,
        figures.coverage,
        figures.reports_due,
        figures.reports_received,
        figures.low_numerator,
        figures.low_denominator,
        figures.high_numerator,
        figures.high_denominator,
        baselines.value as previous_value,
        baselines.numerator as previous_numerator,
        baselines.denominator as previous_denominator,
        baselines.coverage as previous_coverage,
        baselines.low_numerator as previous_low_numerator,
        baselines.low_denominator as previous_low_denominator,
        baselines.high_numerator as previous_high_numerator,
        baselines.high_denominator as previous_high_denominator,
        bases.value as base_value,
        bases.low_numerator as base_low_numerator,
        bases.low_denominator as base_low_denominator,
        bases.high_numerator as base_high_numerator,
        bases.high_denominator as base_high_denominator,
        baseline_years.value as baseline_year_value,
        coalesce(figures.reports_received >= figures.reports_due, true) as is_figure_complete,
        coalesce(baselines.reports_received >= baselines.reports_due, true)
            as is_previous_complete,
        coalesce(bases.reports_received >= bases.reports_due, true) as is_base_complete,
        coalesce(figures.is_estimated, 0) = 1
        or coalesce(figures.is_inexact, 0) = 1 as is_figure_estimated,
        coalesce(baselines.is_estimated, 0) = 1
        or coalesce(baselines.is_inexact, 0) = 1 as is_previous_estimated,
        coalesce(figures.is_provisional, 0) = 1 as is_figure_provisional,
        coalesce(baselines.is_provisional, 0) = 1 as is_previous_provisional,
        coalesce(figures.is_simulated, 0) = 1 as is_figure_simulated,
        coalesce(baselines.is_simulated, 0) = 1 as is_previous_simulated
    from questions
    left join figures
        on
            questions.programme_code = figures.programme_code
            and questions.boundary = figures.boundary
            and questions.unit_code = figures.unit_code
            and questions.indicator_code = figures.indicator_code
            and questions.figure_period_key = figures.period_key
            and questions.figure_cumulation = figures.cumulation
    left join figures as baselines
        on
            questions.programme_code = baselines.programme_code
            and questions.boundary = baselines.boundary
            and questions.unit_code = baselines.unit_code
            and questions.indicator_code = baselines.indicator_code
            and questions.baseline_period_key = baselines.period_key
            and questions.figure_cumulation = baselines.cumulation
    left join figures as bases
        on
            questions.programme_code = bases.programme_code
            and questions.boundary = bases.boundary
            and questions.unit_code = bases.unit_code
            and questions.indicator_code = bases.indicator_code
            and questions.base_period_key = bases.period_key
            and questions.figure_cumulation = bases.cumulation
    left join figures as baseline_years
        on
            questions.programme_code = baseline_years.programme_code
            and questions.boundary = baseline_years.boundary
            and questions.unit_code = baseline_years.unit_code
            and questions.indicator_code = baseline_years.indicator_code
            and questions.baseline_year_key = baseline_years.period_key
            and baseline_years.cumulation = 'period'

),

-- indicators whose lower line counts units: it moves when units merge or split, without any work
unit_counts as (

    select
        parts.programme_code,
        parts.indicator_code
    from {{ ref('stg_indicator_part') }} as parts
    inner join {{ ref('stg_measure') }} as measures
        on
            parts.programme_code = measures.programme_code
            and parts.measure_code = measures.indicator_code
    where parts.role = 'denominator'
    group by parts.programme_code, parts.indicator_code
    having min(case when measures.value_type = 'yes_no' then 1 else 0 end) = 1

)

select
    joined.target_key,
    joined.unit_key,
    joined.period_key,
    joined.programme_code,
    joined.target_code,
    joined.indicator_code,
    joined.unit_code,
    joined.is_scope,
    joined.target_kind,
    joined.kind,
    joined.direction,
    joined.quantity,
    joined.comparator,
    joined.rhythm,
    joined.test_comparator,
    joined.test_low,
    joined.test_high,
    joined.target_low,
    joined.target_high,
    joined.lesser_comparator,
    joined.lesser_low,
    joined.by_date,
    joined.target_valid_to,
    joined.is_yes_no,
    joined.period_type,
    joined.year,
    joined.end_date,
    joined.has_begun,
    joined.is_closed,
    joined.is_whole,
    joined.is_final,
    joined.is_decided,
    joined.boundary,
    joined.figure_period_key,
    joined.figure_cumulation,
    joined.season_period_key,
    joined.baseline_period_key,
    joined.baseline_year_key,
    joined.base_period_key,
    joined.years_from_base,
    joined.months_elapsed,
    joined.months_total,
    joined.value,
    joined.numerator,
    joined.denominator,
    joined.scale,
    joined.coverage,
    joined.reports_due,
    joined.reports_received,
    joined.low_numerator,
    joined.low_denominator,
    joined.high_numerator,
    joined.high_denominator,
    joined.previous_value,
    joined.previous_numerator,
    joined.previous_denominator,
    joined.previous_coverage,
    joined.previous_low_numerator,
    joined.previous_low_denominator,
    joined.previous_high_numerator,
    joined.previous_high_denominator,
    joined.base_value,
    joined.base_low_numerator,
    joined.base_low_denominator,
    joined.base_high_numerator,
    joined.base_high_denominator,
    joined.baseline_year_value,
    joined.is_figure_complete,
    joined.is_previous_complete,
    joined.is_base_complete,
    joined.is_figure_estimated,
    joined.is_previous_estimated,
    joined.is_figure_simulated,
    joined.is_previous_simulated,
    coalesce(joined.reports_received, 0) = 0 and joined.value is null as is_unreported,
    joined.is_figure_complete
    and (joined.quantity <> 'reduction_pct' or joined.is_previous_complete) as is_complete,
    joined.is_figure_estimated
    or (joined.quantity = 'reduction_pct' and joined.is_previous_estimated) as is_estimated,
    joined.is_figure_provisional
    or (joined.quantity = 'reduction_pct' and joined.is_previous_provisional) as is_provisional,
    joined.is_figure_simulated
    or (joined.quantity = 'reduction_pct' and joined.is_previous_simulated) as is_simulated,
    (joined.kind = 'unit_share' or unit_counts.indicator_code is not null)
    and coalesce(joined.denominator <> joined.previous_denominator, false) as is_denominator_moved
from joined
left join unit_counts
    on
        joined.programme_code = unit_counts.programme_code
        and joined.indicator_code = unit_counts.indicator_code
