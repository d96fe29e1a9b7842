-- The answer: figures against the threshold, multiplied across, at both ends of what is possible.
with

questions as (

    select * from {{ ref('int_target_assessment') }}

),

figures as (

    select * from {{ ref('int_indicator_value') }}
    where indicator_code in (select questions.indicator_code from questions)

),

measured as (

    select
        questions.*,
        figures.kind,
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
        figures.value_if_missing_low as figure_low,
        figures.value_if_missing_high as figure_high,
        baselines.value as previous_value,
        baselines.coverage as previous_coverage,
        baselines.value_if_missing_low as previous_low,
        baselines.value_if_missing_high as previous_high,
        coalesce(figures.is_estimated, 0) + coalesce(baselines.is_estimated, 0) > 0
            as is_estimated,
        coalesce(figures.is_simulated, 0) + coalesce(baselines.is_simulated, 0) > 0
            as is_simulated
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

),

-- what is compared, as two exact fractions: the lowest and the highest it can be
-- (a cut is worst with this year at its highest and the year before at its lowest)
compared as (

    select
        *,
        coalesce(coverage, 1) >= 1
        and (quantity <> 'reduction_pct' or coalesce(previous_coverage, 1) >= 1) as is_complete,
        case
            when quantity = 'reduction_pct' then (previous_low - figure_high) * 100
            else low_numerator * scale
        end as worst,
        case when quantity = 'reduction_pct' then previous_low else low_denominator end as worst_of,
        case
            when quantity = 'reduction_pct' then (previous_high - figure_low) * 100
            else high_numerator * scale
        end as best,
        case when quantity = 'reduction_pct' then previous_high else high_denominator end
            as best_of,
        case
            when quantity = 'reduction_pct'
                then {{ ratio('(previous_value - value)', 'previous_value', 100) }}
            else value
        end as actual,
        -- the threshold on the way: part of the term, or part of an open year for what adds up
        case
            when comparator in ('>=', '>', '=') and rhythm in ('by_end_of_term', 'by_date')
                then path_years
            when not is_closed and kind = 'flow' and quantity = 'value' and rhythm = 'every_year'
                then counted_bases
            else 1
        end as path_part,
        case
            when comparator in ('>=', '>', '=') and rhythm in ('by_end_of_term', 'by_date')
                then path_of_years
            when not is_closed and kind = 'flow' and quantity = 'value' and rhythm = 'every_year'
                then base_count
            else 1
        end as path_whole,
        -- being ahead of the path is no fault, even where the end has to be hit exactly
        case
            when
                comparator = '=' and rhythm in ('by_end_of_term', 'by_date')
                and not (is_final and is_closed) then '>='
            else comparator
        end as path_comparator,
        case
            when is_final and is_closed then 'met'
            else 'on_track'
        end as pass_verdict,
        case
            when is_final and is_closed then 'not_met'
            else 'off_track'
        end as fail_verdict
    from measured

),

tested as (

    select
        *,
        coalesce({{ surely_passes() }}, false) as passes,
        coalesce({{ surely_fails() }}, false) as fails
    from compared

),

reasoned as (

    select
        *,
        case
            when not has_begun then 'period_not_begun'
            when not is_closed and not is_judgeable then 'nothing_due_yet'
            when rhythm = 'never' and numerator > 0 then 'breach'
            when coalesce(reports_received, 0) = 0 and value is null then 'no_report'
            when rhythm = 'never' and is_complete and value is not null then 'no_breach'
            when rhythm = 'never' then 'reports_missing'
            when quantity = 'reduction_pct' and previous_value is null then 'no_baseline'
            when is_complete and quantity = 'reduction_pct' and value = 0 and previous_value = 0
                then 'nothing_to_compare'
            when is_complete and coalesce(denominator, 1) = 0 then 'nothing_to_compare'
            when is_complete and value is null then 'not_applicable'
            when passes then 'threshold_kept'
            when fails and rhythm = 'by_date' and is_yes_no and not (is_final and is_closed)
                then 'milestone_pending'
            when fails then 'threshold_missed'
            else 'reports_missing'
        end as verdict_reason
    from tested

)

select
    target_key,
    unit_key,
    period_key,
    programme_code,
    target_code,
    indicator_code,
    unit_code,
    is_scope,
    period_type,
    rhythm,
    quantity,
    comparator,
    year,
    end_date,
    is_closed,
    has_begun,
    is_final,
    boundary,
    figure_period_key,
    figure_cumulation,
    target_valid_to,
    cast(actual as decimal(30, 8)) as actual,
    case
        when rhythm = 'never' then cast(0 as decimal(30, 8))
        when path_whole = 0 then null
        else {{ ratio('low * path_part', 'path_whole') }}
    end as required,
    low as target_low,
    high as target_high,
    case verdict_reason
        when 'period_not_begun' then 'not_due'
        when 'nothing_due_yet' then 'not_due'
        when 'milestone_pending' then 'not_due'
        when 'breach' then 'not_met'
        when 'no_breach' then pass_verdict
        when 'threshold_kept' then pass_verdict
        when 'threshold_missed' then fail_verdict
        when 'nothing_to_compare' then 'no_case'
        when 'not_applicable' then 'no_case'
        else 'cannot_judge'
    end as verdict,
    verdict_reason,
    coverage,
    previous_coverage,
    reports_due,
    reports_received,
    value,
    numerator,
    denominator,
    previous_value,
    -- bounds of what is compared; null where they have no end
    case
        when quantity = 'reduction_pct' then {{ ratio('worst', 'worst_of') }}
        else figure_low
    end as value_if_missing_low,
    case
        when quantity = 'reduction_pct' then {{ ratio('best', 'best_of') }}
        else figure_high
    end as value_if_missing_high,
    -- a straight line to the end of the period; figures that do not grow with time stay as they are
    cast(
        case
            when is_closed and is_final then actual
            when rhythm in ('by_end_of_term', 'by_date') and comparator in ('>=', '>', '=')
                then
                    least(
                        {{ ratio('actual * path_of_years', 'path_years') }},
                        case when kind = 'unit_share' then scale end
                    )
            when not is_closed and kind = 'flow' and quantity = 'value' and rhythm = 'every_year'
                then {{ ratio('actual * base_count', 'counted_bases') }}
            else actual
        end
        as decimal(30, 8)
    ) as projected_end,
    is_complete,
    not is_closed or not is_complete as is_provisional,
    is_estimated,
    is_simulated
from reasoned
