-- Verdict and evidence in one row: the question, its figures, what its rule said, where it leads.
with

questions as (

    select * from {{ ref('int_target_assessment') }}

),

figures as (

    select * from {{ ref('int_target_figure') }}

),

judgements as (

    select * from {{ ref('int_target_judgement') }}

),

composites as (

    select * from {{ ref('int_rule_composite') }}

),

from_base as (

    select * from {{ ref('int_rule_from_base') }}

),

projections as (

    select * from {{ ref('int_target_projection') }}

)

select
    questions.target_key,
    questions.unit_key,
    questions.period_key,
    questions.programme_code,
    questions.target_code,
    questions.indicator_code,
    questions.unit_code,
    questions.is_scope,
    questions.target_kind,
    questions.period_type,
    questions.rhythm,
    questions.quantity,
    questions.comparator,
    questions.test_comparator,
    questions.year,
    questions.end_date,
    questions.is_closed,
    questions.has_begun,
    questions.is_final,
    questions.is_decided,
    questions.boundary,
    questions.figure_period_key,
    questions.figure_cumulation,
    questions.target_valid_to,
    case
        -- a stock or a rate that lacks a unit is one of other units: no change to tell
        when
            questions.target_kind = 'change' and judgements.verdict = 'cannot_judge'
            and figures.kind <> 'flow'
            then null
        else coalesce(judgements.actual, composites.actual)
    end as actual,
    coalesce(judgements.required, composites.required) as required,
    questions.target_low,
    questions.target_high,
    coalesce(judgements.verdict, composites.verdict) as verdict,
    coalesce(judgements.verdict_reason, composites.verdict_reason) as verdict_reason,
    judgements.grade_code,
    composites.part_codes,
    case
        when figures.target_key is null
            then
                cast(
                    {{ ratio('composites.reports_received', 'composites.reports_due') }}
                    as decimal(9, 6)
                )
        else figures.coverage
    end as coverage,
    figures.previous_coverage,
    coalesce(figures.reports_due, composites.reports_due) as reports_due,
    coalesce(figures.reports_received, composites.reports_received) as reports_received,
    figures.value,
    figures.numerator,
    figures.denominator,
    questions.baseline_period_key,
    figures.previous_value,
    figures.previous_numerator,
    figures.previous_denominator,
    coalesce(figures.is_denominator_moved, false) as is_denominator_moved,
    coalesce(judgements.value_if_missing_low, composites.value_if_missing_low)
        as value_if_missing_low,
    coalesce(judgements.value_if_missing_high, composites.value_if_missing_high)
        as value_if_missing_high,
    projections.projected_end,
    projections.projected_low,
    projections.projected_high,
    projections.projection_basis,
    projections.needed_rest,
    projections.needed_per_month,
    projections.remaining_months,
    from_base.base_period_key,
    from_base.change_from_base_pct,
    from_base.required_from_base_pct,
    from_base.verdict_from_base,
    coalesce(figures.is_complete, composites.is_complete) as is_complete,
    not questions.is_closed
    or not coalesce(figures.is_complete, composites.is_complete)
    or coalesce(figures.is_provisional, composites.is_provisional, false) as is_provisional,
    coalesce(figures.is_estimated, composites.is_estimated) as is_estimated,
    coalesce(figures.is_simulated, composites.is_simulated) as is_simulated
from questions
left join figures
    on
        questions.target_key = figures.target_key
        and questions.unit_code = figures.unit_code
        and questions.period_key = figures.period_key
left join judgements
    on
        questions.target_key = judgements.target_key
        and questions.unit_code = judgements.unit_code
        and questions.period_key = judgements.period_key
left join composites
    on
        questions.target_key = composites.target_key
        and questions.unit_code = composites.unit_code
        and questions.period_key = composites.period_key
left join from_base
    on
        questions.target_key = from_base.target_key
        and questions.unit_code = from_base.unit_code
        and questions.period_key = from_base.period_key
left join projections
    on
        questions.target_key = projections.target_key
        and questions.unit_code = projections.unit_code
        and questions.period_key = projections.period_key
