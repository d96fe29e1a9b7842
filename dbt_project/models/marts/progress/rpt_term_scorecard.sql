with

targets as (

    select * from {{ ref('dim_target') }}

),

units as (

    select * from {{ ref('dim_unit') }}

),

periods as (

    select * from {{ ref('dim_period') }}

),

progress as (

    select
        progress.*,
        periods.period_type,
        periods.year,
        periods.end_date,
        periods.is_closed,
        periods.has_begun,
        periods.label_vi as period_label_vi,
        periods.label_en as period_label_en
    from {{ ref('fct_target_progress') }} as progress
    inner join periods
        on progress.period_key = periods.period_key
    where periods.period_type <> 'month'

),

-- one row to show: the term where the term decides, else the latest closed year, else what there is
ranked as (

    select
        *,
        row_number() over (
            partition by programme_code, target_code, unit_code
            order by
                case
                    when not has_begun then 4
                    when period_type = 'term' then 1
                    when is_closed or rhythm = 'by_date' then 2
                    else 3
                end asc,
                end_date desc
        ) as recency
    from progress

),

shown as (

    select * from ranked
    where recency = 1

),

-- the year still open, beside the closed one
open_years as (

    select
        programme_code,
        target_code,
        unit_code,
        period_label_vi,
        period_label_en,
        actual,
        verdict,
        row_number() over (
            partition by programme_code, target_code, unit_code order by end_date asc
        ) as recency
    from progress
    where period_type = 'year' and has_begun and not is_closed

),

year_values as (

    select
        programme_code,
        target_code,
        unit_code,
        year,
        concat(cast(year as {{ type_text() }}), ':') as year_text,
        coalesce(cast(cast(actual as decimal(30, 4)) as {{ type_text() }}), '') as value_text
    from progress
    where period_type = 'year' and has_begun

),

series as (

    select
        programme_code,
        target_code,
        unit_code,
        {{ joined_text('concat(year_text, value_text)', ';', 'year') }} as yearly_values
    from year_values
    group by programme_code, target_code, unit_code

),

-- open findings on the figures of the indicator, in the units below and the periods inside
finding_counts as (

    select
        shown.target_key,
        shown.unit_code,
        count(distinct findings.finding_id) as open_finding_count
    from shown
    inner join {{ ref('stg_indicator_part') }} as parts
        on
            shown.programme_code = parts.programme_code
            and shown.indicator_code = parts.indicator_code
    inner join {{ ref('stg_period_part') }} as period_parts
        on shown.period_key = period_parts.period_key
    inner join {{ ref('stg_finding') }} as findings
        on
            parts.programme_code = findings.programme_code
            and parts.measure_code = findings.indicator_code
            and period_parts.part_period_key = findings.period_key
    inner join {{ ref('int_unit_lineage') }} as lineage
        on
            findings.programme_code = lineage.programme_code
            and findings.unit_code = lineage.unit_code
            and findings.period_key = lineage.period_key
            and lineage.boundary = 'as_reported'
            and shown.unit_code = lineage.ancestor_unit_code
    where findings.status = 'open' and findings.severity <> 'INFO'
    group by shown.target_key, shown.unit_code

),

-- what a promise of several is made of
target_parts as (

    select
        target_key,
        {{ joined_text('part_target_code', ';', 'part_target_code') }} as part_target_codes
    from {{ ref('stg_target_part') }}
    group by target_key

),

-- promises without a number: shown with their words, judged by nobody
commitments as (

    select
        targets.target_key,
        units.unit_key,
        units.unit_code,
        row_number() over (
            partition by targets.target_key order by units.valid_from desc
        ) as recency
    from targets
    inner join {{ ref('stg_programme') }} as programmes
        on targets.programme_code = programmes.programme_code
    inner join units
        on
            targets.programme_code = units.programme_code
            and units.unit_code = case
                when targets.scope_type = 'unit' then targets.scope_code
                else programmes.root_unit_code
            end
    where targets.is_commitment

),

rows_shown as (

    select
        target_key,
        unit_key,
        unit_code,
        period_key,
        period_label_vi,
        period_label_en,
        is_scope_unit,
        actual,
        required,
        gap,
        verdict,
        verdict_reason,
        verdict_reason_vi,
        verdict_reason_en,
        coverage,
        reports_due,
        reports_received,
        value_if_missing_low,
        value_if_missing_high,
        projected_end,
        years_met,
        years_judged,
        numerator,
        denominator,
        previous_value,
        grade_code,
        grade_label_vi,
        grade_label_en,
        projected_low,
        projected_high,
        projection_basis,
        needed_rest,
        needed_per_month,
        remaining_months,
        baseline_period_key,
        previous_numerator,
        previous_denominator,
        is_denominator_moved,
        base_period_key,
        change_from_base_pct,
        required_from_base_pct,
        verdict_from_base,
        is_provisional,
        is_estimated,
        is_simulated
    from shown
    union all
    select
        target_key,
        unit_key,
        unit_code,
        cast(null as {{ type_text() }}) as period_key,
        cast(null as {{ type_text() }}) as period_label_vi,
        cast(null as {{ type_text() }}) as period_label_en,
        true as is_scope_unit,
        cast(null as decimal(30, 8)) as actual,
        cast(null as decimal(30, 8)) as required,
        cast(null as decimal(30, 8)) as gap,
        'no_case' as verdict,
        'commitment' as verdict_reason,
        'Cam kết không nêu số: xem nội dung và minh chứng, không chấm đạt hay không đạt.'
            as verdict_reason_vi,
        'A commitment without a number: text and evidence, neither met nor missed.'
            as verdict_reason_en,
        cast(null as decimal(9, 6)) as coverage,
        cast(null as decimal(18, 8)) as reports_due,
        cast(null as decimal(18, 8)) as reports_received,
        cast(null as decimal(30, 8)) as value_if_missing_low,
        cast(null as decimal(30, 8)) as value_if_missing_high,
        cast(null as decimal(30, 8)) as projected_end,
        cast(null as integer) as years_met,
        cast(null as integer) as years_judged,
        cast(null as decimal(38, 8)) as numerator,
        cast(null as decimal(38, 8)) as denominator,
        cast(null as decimal(30, 8)) as previous_value,
        cast(null as {{ type_text() }}) as grade_code,
        cast(null as {{ type_text() }}) as grade_label_vi,
        cast(null as {{ type_text() }}) as grade_label_en,
        cast(null as decimal(30, 8)) as projected_low,
        cast(null as decimal(30, 8)) as projected_high,
        cast(null as {{ type_text() }}) as projection_basis,
        cast(null as decimal(30, 8)) as needed_rest,
        cast(null as decimal(30, 8)) as needed_per_month,
        cast(null as integer) as remaining_months,
        cast(null as {{ type_text() }}) as baseline_period_key,
        cast(null as decimal(38, 8)) as previous_numerator,
        cast(null as decimal(38, 8)) as previous_denominator,
        false as is_denominator_moved,
        cast(null as {{ type_text() }}) as base_period_key,
        cast(null as decimal(30, 8)) as change_from_base_pct,
        cast(null as decimal(30, 8)) as required_from_base_pct,
        cast(null as {{ type_text() }}) as verdict_from_base,
        false as is_provisional,
        false as is_estimated,
        false as is_simulated
    from commitments
    where recency = 1

)

select
    rows_shown.target_key,
    rows_shown.unit_key,
    rows_shown.period_key,
    targets.programme_code,
    programmes.name_vi as programme_name_vi,
    programmes.name_en as programme_name_en,
    targets.target_code,
    targets.name_vi,
    targets.name_en,
    targets.verbatim_vi,
    targets.document,
    targets.document_title_vi,
    targets.indicator_code,
    indicators.name_vi as indicator_name_vi,
    indicators.name_en as indicator_name_en,
    indicators.unit_of_measure,
    case
        when targets.quantity = 'reduction_pct' then '%' else indicators.unit_of_measure
    end as actual_unit,
    indicators.decimals,
    rows_shown.unit_code,
    units.name_vi as unit_name_vi,
    units.name_en as unit_name_en,
    units.level,
    rows_shown.is_scope_unit,
    targets.target_kind,
    targets.is_commitment,
    targets.evidence_vi,
    targets.evidence_en,
    target_parts.part_target_codes,
    targets.requirement_vi,
    targets.requirement_en,
    targets.rhythm,
    rows_shown.period_label_vi,
    rows_shown.period_label_en,
    rows_shown.actual,
    rows_shown.required,
    rows_shown.gap,
    rows_shown.verdict,
    case
        when targets.is_commitment then 'Cam kết'
        else {{ verdict_label('rows_shown.verdict', 'vi') }}
    end as verdict_label_vi,
    case
        when targets.is_commitment then 'Commitment'
        else {{ verdict_label('rows_shown.verdict', 'en') }}
    end as verdict_label_en,
    rows_shown.verdict_reason,
    rows_shown.verdict_reason_vi,
    rows_shown.verdict_reason_en,
    rows_shown.coverage,
    rows_shown.reports_due,
    rows_shown.reports_received,
    rows_shown.value_if_missing_low,
    rows_shown.value_if_missing_high,
    rows_shown.projected_end,
    rows_shown.years_met,
    rows_shown.years_judged,
    rows_shown.numerator,
    rows_shown.denominator,
    rows_shown.previous_value,
    rows_shown.grade_code,
    rows_shown.grade_label_vi,
    rows_shown.grade_label_en,
    rows_shown.projected_low,
    rows_shown.projected_high,
    rows_shown.projection_basis,
    rows_shown.needed_rest,
    rows_shown.needed_per_month,
    rows_shown.remaining_months,
    rows_shown.baseline_period_key,
    rows_shown.previous_numerator,
    rows_shown.previous_denominator,
    rows_shown.is_denominator_moved,
    rows_shown.base_period_key,
    rows_shown.change_from_base_pct,
    rows_shown.required_from_base_pct,
    rows_shown.verdict_from_base,
    {{ verdict_label('rows_shown.verdict_from_base', 'vi') }} as verdict_from_base_label_vi,
    {{ verdict_label('rows_shown.verdict_from_base', 'en') }} as verdict_from_base_label_en,
    series.yearly_values,
    open_years.period_label_vi as open_year_label_vi,
    open_years.period_label_en as open_year_label_en,
    open_years.actual as open_year_actual,
    open_years.verdict as open_year_verdict,
    {{ verdict_label('open_years.verdict', 'vi') }} as open_year_verdict_label_vi,
    {{ verdict_label('open_years.verdict', 'en') }} as open_year_verdict_label_en,
    cast(coalesce(finding_counts.open_finding_count, 0) as integer) as open_finding_count,
    rows_shown.is_provisional,
    rows_shown.is_estimated,
    rows_shown.is_simulated,
    cast(
        case rows_shown.verdict
            when 'not_met' then 1
            when 'off_track' then 2
            when 'cannot_judge' then 3
            when 'on_track' then 4
            when 'met' then 5
            when 'not_due' then 6
            else 7
        end
        as integer
    ) as verdict_rank,
    cast(
        row_number()
            over (
                partition by targets.programme_code
                order by
                    case when targets.is_commitment then 1 else 0 end asc,
                    targets.target_code asc,
                    case when rows_shown.is_scope_unit then 0 else 1 end asc,
                    units.level_rank asc nulls last,
                    rows_shown.unit_code asc
            )
        as integer
    ) as display_order,
    -- codes hold no blank and no sign that a shell would take for its own
    concat(
        'nhiemky trace rpt_term_scorecard programme_code=',
        targets.programme_code,
        ' target_code=',
        targets.target_code,
        ' unit_code=',
        rows_shown.unit_code
    ) as trace_command
from rows_shown
inner join targets
    on rows_shown.target_key = targets.target_key
inner join {{ ref('stg_programme') }} as programmes
    on targets.programme_code = programmes.programme_code
inner join units
    on rows_shown.unit_key = units.unit_key
left join {{ ref('dim_indicator') }} as indicators
    on
        targets.programme_code = indicators.programme_code
        and targets.indicator_code = indicators.indicator_code
left join target_parts
    on rows_shown.target_key = target_parts.target_key
left join series
    on
        targets.programme_code = series.programme_code
        and targets.target_code = series.target_code
        and rows_shown.unit_code = series.unit_code
left join open_years
    on
        targets.programme_code = open_years.programme_code
        and targets.target_code = open_years.target_code
        and rows_shown.unit_code = open_years.unit_code
        and open_years.recency = 1
left join finding_counts
    on
        rows_shown.target_key = finding_counts.target_key
        and rows_shown.unit_code = finding_counts.unit_code
