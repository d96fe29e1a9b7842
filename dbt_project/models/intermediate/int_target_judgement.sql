-- The answer of every rule but the composite's: multiplied across, at both ends of what is
-- possible.
with

rules as (

    select * from {{ ref('int_rule_level') }}
    union all
    select * from {{ ref('int_rule_assigned') }}
    union all
    select * from {{ ref('int_rule_coverage') }}
    union all
    select * from {{ ref('int_rule_milestone') }}
    union all
    select * from {{ ref('int_rule_zero_tolerance') }}
    union all
    select * from {{ ref('int_rule_change') }}

),

compared as (

    select
        figures.*,
        rules.actual,
        rules.worst,
        rules.worst_of,
        rules.best,
        rules.best_of,
        rules.path_comparator,
        rules.path_part,
        rules.path_whole,
        rules.rule_reason,
        rules.fail_reason
    from {{ ref('int_target_figure') }} as figures
    inner join rules
        on
            figures.target_key = rules.target_key
            and figures.unit_code = rules.unit_code
            and figures.period_key = rules.period_key

),

tested as (

    select
        *,
        coalesce({{ surely_passes('path_comparator', 'test_low', 'test_high') }}, false) as passes,
        coalesce({{ surely_fails('path_comparator', 'test_low', 'test_high') }}, false) as fails,
        coalesce({{ surely_passes('lesser_comparator', 'lesser_low') }}, false) as passes_lesser,
        coalesce({{ surely_fails('lesser_comparator', 'lesser_low') }}, false) as fails_lesser
    from compared

),

reasoned as (

    select
        *,
        case
            when not has_begun then 'period_not_begun'
            when figure_period_key is null then 'nothing_due_yet'
            when is_unreported and coalesce(reports_due, 0) = 0 then 'nothing_asked'
            when rule_reason is not null then rule_reason
            when is_unreported then 'no_report'
            when is_complete and coalesce(denominator, 1) = 0 then 'nothing_to_compare'
            when is_complete and value is null then 'not_applicable'
            when passes then 'threshold_kept'
            when fails then fail_reason
            -- nothing is missing and still no answer: there is nothing to divide by
            when is_complete and worst_of = 0 then 'nothing_to_compare'
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
    unit_code,
    cast(actual as decimal(30, 8)) as actual,
    case
        when target_kind = 'zero_tolerance' then cast(0 as decimal(30, 8))
        else cast({{ ratio('test_low * path_part', 'path_whole') }} as decimal(30, 8))
    end as required,
    case verdict_reason
        when 'period_not_begun' then 'not_due'
        when 'nothing_due_yet' then 'not_due'
        when 'milestone_pending' then 'not_due'
        when 'term_decides' then 'not_due'
        when 'breach' then 'not_met'
        when 'no_breach' then case when is_decided then 'met' else 'on_track' end
        when 'threshold_kept' then case when is_decided then 'met' else 'on_track' end
        when 'threshold_missed' then case when is_decided then 'not_met' else 'off_track' end
        when 'nothing_asked' then 'no_case'
        when 'nothing_to_compare' then 'no_case'
        when 'not_applicable' then 'no_case'
        else 'cannot_judge'
    end as verdict,
    verdict_reason,
    case
        when lesser_comparator is null then null
        when verdict_reason = 'threshold_kept' then 'full'
        when verdict_reason = 'threshold_missed' and passes_lesser then 'lesser'
        -- none after none: not cut, but held
        when
            verdict_reason = 'nothing_to_compare' and value = 0 and previous_value = 0
            and lesser_comparator = '>=' and lesser_low = 0
            then 'lesser'
        when verdict_reason = 'threshold_missed' and fails_lesser then 'none'
    end as grade_code,
    {{ ratio('worst', 'worst_of') }} as value_if_missing_low,
    {{ ratio('best', 'best_of') }} as value_if_missing_high,
    is_complete,
    is_estimated,
    is_provisional,
    is_simulated,
    reports_due,
    reports_received,
    cast(path_part as integer) as path_part,
    cast(path_whole as integer) as path_whole
from reasoned
