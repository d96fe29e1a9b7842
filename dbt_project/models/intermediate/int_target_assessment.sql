-- The question before the answer: which target, for which unit and period, on which figures.
with

target_periods as (

    select * from {{ ref('int_target_period') }}

),

questions as (

    select
        target_periods.*,
        scopes.unit_code,
        scopes.unit_key,
        scopes.is_scope,
        indicators.kind,
        indicators.direction,
        -- changes need the same territory in both years
        case
            when target_periods.quantity = 'reduction_pct' then boundaries.boundary
            else 'as_reported'
        end as boundary,
        case
            when target_periods.threshold = 'assigned' then assigned.value
            else target_periods.low
        end as target_low,
        case
            when target_periods.threshold = 'assigned' then assigned.value
            else target_periods.high
        end as target_high,
        case
            when not target_periods.is_beyond_met then 'neither'
            when target_periods.quantity = 'reduction_pct' then 'above'
            when indicators.direction = 'higher' then 'above'
            when indicators.direction = 'lower' then 'below'
            else 'neither'
        end as open_side
    from target_periods
    inner join {{ ref('int_target_scope') }} as scopes
        on
            target_periods.target_key = scopes.target_key
            and target_periods.period_key = scopes.period_key
    inner join {{ ref('int_unit_boundary') }} as boundaries
        on
            target_periods.programme_code = boundaries.programme_code
            and scopes.unit_code = boundaries.unit_code
    left join {{ ref('stg_indicator') }} as indicators
        on
            target_periods.programme_code = indicators.programme_code
            and target_periods.indicator_code = indicators.indicator_code
    left join {{ ref('stg_target_assigned') }} as assigned
        on
            target_periods.programme_code = assigned.programme_code
            and target_periods.target_code = assigned.target_code
            and scopes.unit_code = assigned.unit_code
            and target_periods.year = assigned.year

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
    target_kind,
    kind,
    direction,
    quantity,
    comparator,
    rhythm,
    -- a band that lets the better side pass is a single threshold
    case open_side
        when 'above' then '>='
        when 'below' then '<='
        else comparator
    end as test_comparator,
    case when open_side = 'below' then target_high else target_low end as test_low,
    target_high as test_high,
    target_low,
    target_high,
    lesser_comparator,
    lesser_low,
    by_date,
    target_valid_to,
    is_yes_no,
    period_type,
    year,
    end_date,
    has_begun,
    is_closed,
    is_whole,
    is_final,
    is_decided,
    boundary,
    figure_period_key,
    figure_cumulation,
    season_period_key,
    baseline_period_key,
    baseline_year_key,
    base_period_key,
    years_from_base,
    months_elapsed,
    months_total
from questions
