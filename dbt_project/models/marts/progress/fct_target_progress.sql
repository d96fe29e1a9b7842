with

verdicts as (

    select * from {{ ref('int_target_verdict') }}

),

targets as (

    select * from {{ ref('dim_target') }}

),

indicators as (

    select * from {{ ref('stg_indicator') }}

),

unit_ends as (

    select
        programme_code,
        unit_code,
        max(valid_to) as ended_on
    from {{ ref('stg_unit') }}
    group by programme_code, unit_code

),

joined as (

    select
        verdicts.*,
        targets.by_date,
        targets.requirement_vi,
        targets.requirement_en,
        targets.end_reason_vi,
        targets.end_reason_en,
        targets.lesser_name_vi,
        targets.lesser_name_en,
        case
            when verdicts.quantity = 'reduction_pct' then '%' else indicators.unit_of_measure
        end as unit_of_measure,
        unit_ends.ended_on,
        case
            when verdicts.rhythm = 'never' and verdicts.quantity <> 'composite'
                then -verdicts.actual
            when verdicts.test_comparator in ('<', '<=') then verdicts.required - verdicts.actual
            when verdicts.test_comparator = 'between'
                then
                    least(
                        verdicts.actual - verdicts.target_low,
                        verdicts.target_high - verdicts.actual
                    )
            else verdicts.actual - verdicts.required
        end as gap,
        row_number() over (
            partition by
                verdicts.target_key,
                verdicts.unit_code,
                case when verdicts.period_type = 'month' then 1 else 0 end
            order by verdicts.end_date desc, verdicts.period_type asc
        ) as recency,
        -- a term row closes its last year: it counts every year up to its own end
        sum(
            case when verdicts.period_type = 'year' and verdicts.verdict = 'met' then 1 else 0 end
        ) over years as years_met,
        sum(
            case
                when verdicts.period_type = 'year' and verdicts.verdict in ('met', 'not_met') then 1
                else 0
            end
        ) over years as years_judged
    from verdicts
    inner join targets
        on verdicts.target_key = targets.target_key
    left join indicators
        on
            verdicts.programme_code = indicators.programme_code
            and verdicts.indicator_code = indicators.indicator_code
    inner join unit_ends
        on
            verdicts.programme_code = unit_ends.programme_code
            and verdicts.unit_code = unit_ends.unit_code
    window years as (
        partition by verdicts.programme_code, verdicts.target_code, verdicts.unit_code
        order by verdicts.end_date asc
        range between unbounded preceding and current row
    )

),

-- the last row of something that ended says why there is no later one
ended as (

    select
        *,
        recency = 1 and target_valid_to <= {{ as_of_date() }} as is_target_end,
        recency = 1 and ended_on <= {{ as_of_date() }} as is_unit_end
    from joined

)

select
    target_key,
    unit_key,
    period_key,
    programme_code,
    target_code,
    indicator_code,
    unit_code,
    is_scope as is_scope_unit,
    target_kind,
    cast(actual as decimal(30, 8)) as actual,
    cast(required as decimal(30, 8)) as required,
    cast(gap as decimal(30, 8)) as gap,
    verdict,
    {{ verdict_label('verdict', 'vi') }} as verdict_label_vi,
    {{ verdict_label('verdict', 'en') }} as verdict_label_en,
    concat(
        verdict_reason,
        case
            when is_target_end then concat('; target ended: ', coalesce(end_reason_en, ''))
            else ''
        end,
        case when is_unit_end then '; unit ended' else '' end
    ) as verdict_reason,
    verdict_reason as verdict_reason_code,
    concat(
        {{ verdict_reason_text('vi') }},
        case
            when is_target_end
                then
                    concat(
                        ' Chỉ tiêu đã kết thúc: ',
                        trim(trailing '.' from coalesce(end_reason_vi, '')),
                        '.'
                    )
            else ''
        end,
        case
            when is_unit_end
                then concat(' Đơn vị kết thúc hoạt động từ ', {{ date_text('ended_on') }}, '.')
            else ''
        end
    ) as verdict_reason_vi,
    concat(
        {{ verdict_reason_text('en') }},
        case
            when is_target_end
                then
                    concat(
                        ' The target has ended: ',
                        trim(trailing '.' from coalesce(end_reason_en, '')),
                        '.'
                    )
            else ''
        end,
        case
            when is_unit_end then concat(' The unit ended on ', {{ date_text('ended_on') }}, '.')
            else ''
        end
    ) as verdict_reason_en,
    grade_code,
    {{ grade_label('vi') }} as grade_label_vi,
    {{ grade_label('en') }} as grade_label_en,
    coverage,
    value_if_missing_low,
    value_if_missing_high,
    projected_end,
    projected_low,
    projected_high,
    projection_basis,
    needed_rest,
    needed_per_month,
    remaining_months,
    cast(years_met as integer) as years_met,
    cast(years_judged as integer) as years_judged,
    value,
    numerator,
    denominator,
    baseline_period_key,
    previous_value,
    previous_numerator,
    previous_denominator,
    previous_coverage,
    is_denominator_moved,
    base_period_key,
    change_from_base_pct,
    required_from_base_pct,
    verdict_from_base,
    quantity,
    comparator,
    rhythm,
    cast(target_low as decimal(24, 4)) as target_low,
    cast(target_high as decimal(24, 4)) as target_high,
    reports_due,
    reports_received,
    boundary,
    figure_period_key,
    figure_cumulation,
    is_final,
    is_provisional,
    is_estimated,
    is_simulated
from ended
