-- Where it leads and what is still needed: what an open figure may become by the day that decides.
with

figures as (

    select
        figures.*,
        figures.months_total - figures.months_elapsed as months_left,
        seasons.share_count,
        seasons.part_sum,
        seasons.whole_sum,
        seasons.share_lowest,
        seasons.share_highest,
        seasons.rise_count,
        seasons.rise_lowest,
        seasons.rise_highest,
        seasons.gain_count,
        seasons.gain_lowest,
        seasons.gain_highest,
        case
            when figures.is_decided or figures.value is null then 'none'
            when
                figures.target_kind = 'coverage'
                and figures.kind = 'flow'
                and figures.period_type <> 'term'
                then 'none'
            when figures.target_kind = 'zero_tolerance' then 'as_it_stands'
            when
                figures.rhythm in ('by_end_of_term', 'by_date')
                and figures.test_comparator in ('>=', '>', '=')
                and not (figures.kind = 'stock' and figures.is_yes_no)
                then 'coverage'
            when figures.kind = 'flow' and seasons.share_count >= 2 and seasons.part_sum > 0
                then 'seasonal'
            when figures.kind = 'flow' then 'straight_line'
            else 'as_it_stands'
        end as method
    from {{ ref('int_target_figure') }} as figures
    left join {{ ref('int_indicator_season') }} as seasons
        on
            figures.boundary = seasons.boundary
            and figures.programme_code = seasons.programme_code
            and figures.unit_code = seasons.unit_code
            and figures.indicator_code = seasons.indicator_code
            and figures.season_period_key = seasons.period_key

),

-- the level at the end, before it is read as a cut
led as (

    select
        *,
        case method
            when 'seasonal' then {{ ratio('value * whole_sum', 'part_sum') }}
            when 'straight_line' then {{ ratio('value * months_total', 'months_elapsed') }}
            when 'coverage' then {{ ratio('value * months_total', 'months_elapsed') }}
            else value
        end as level_end,
        case
            when method = 'seasonal' then {{ ratio('value', 'share_highest') }}
            when method = 'coverage' and kind <> 'flow' and gain_count >= 2
                then value + {{ ratio('gain_lowest * months_left', '12') }}
            when
                method = 'as_it_stands' and rise_count >= 2 and target_kind <> 'zero_tolerance'
                and months_left <= 12
                then value + rise_lowest
        end as level_low,
        case
            when method = 'seasonal' then {{ ratio('value', 'share_lowest') }}
            when method = 'coverage' and kind <> 'flow' and gain_count >= 2
                then value + {{ ratio('gain_highest * months_left', '12') }}
            when
                method = 'as_it_stands' and rise_count >= 2 and target_kind <> 'zero_tolerance'
                and months_left <= 12
                then value + rise_highest
        end as level_high
    from figures

),

-- an interval holds its own middle; a share of units, or what has to reach all, stops at 100
bounded as (

    select
        *,
        case
            when kind = 'unit_share' or (method = 'coverage' and scale = 100)
                then greatest(scale, value)
            else cast(1e18 as decimal(30, 8))
        end as top,
        least(level_low, level_end) as low_end,
        greatest(level_high, level_end) as high_end
    from led

),

capped as (

    select
        *,
        case
            when level_end is not null and (is_decided or method <> 'none')
                then least(level_end, top)
        end as projected_level,
        case when level_low is not null then least(greatest(low_end, 0), top) end
            as projected_lowest,
        case when level_high is not null then least(greatest(high_end, 0), top) end
            as projected_highest
    from bounded

),

-- what the whole may come to: at most, where less is better
needed as (

    select
        *,
        case
            when method = 'none' or months_left <= 0 or test_low is null then null
            when target_kind = 'zero_tolerance' and value > 0 then null
            when target_kind = 'zero_tolerance' then 0 - value
            when target_kind = 'change' and test_comparator in ('>=', '>', 'between')
                then baseline_year_value * (100 - test_low) / 100 - value
            when target_kind = 'change' then null
            when test_comparator in ('<', '<=') then test_low - value
            else greatest(test_low - value, 0)
        end as rest
    from capped

)

select
    target_key,
    unit_code,
    period_key,
    cast(
        case
            when target_kind <> 'change' then projected_level
            when method = 'none'
                then {{ ratio('(previous_value - value)', 'previous_value', 100) }}
            else
                {{ ratio('(baseline_year_value - projected_level)', 'baseline_year_value', 100) }}
        end
        as decimal(30, 8)
    ) as projected_end,
    cast(
        case
            when target_kind = 'change'
                then
                    {{ ratio(
                        '(baseline_year_value - projected_highest)', 'baseline_year_value', 100
                    ) }}
            else projected_lowest
        end
        as decimal(30, 8)
    ) as projected_low,
    cast(
        case
            when target_kind = 'change'
                then
                    {{ ratio(
                        '(baseline_year_value - projected_lowest)', 'baseline_year_value', 100
                    ) }}
            else projected_highest
        end
        as decimal(30, 8)
    ) as projected_high,
    case
        when method = 'none' then null
        when method = 'coverage' then 'straight_line'
        else method
    end as projection_basis,
    cast(rest as decimal(30, 8)) as needed_rest,
    case when months_left > 0 then cast({{ ratio('rest', 'months_left') }} as decimal(30, 8)) end
        as needed_per_month,
    cast(
        case
            when is_decided then 0
            when has_begun and figure_period_key is not null then greatest(months_left, 0)
        end
        as integer
    ) as remaining_months
from needed
