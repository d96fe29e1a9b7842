{#- Rules of comparison over exact fractions worst / worst_of <= figure <= best / best_of. Never divided:
    164 of 235 against 70 % is 16400 >= 70 x 235. path_part / path_whole is the way to the threshold.
    A null (no upper bound) makes a rule unknown, which the caller takes for "not sure". Nothing passes over
    zero; what fell from zero fails, for a rise from nothing is a rise. -#}

{#- Every figure that is possible passes. -#}
{% macro surely_passes(comparator, low, high="null") -%}
    worst_of > 0 and best_of > 0
    and case {{ comparator }}
        when '>=' then worst * path_whole >= {{ low }} * worst_of * path_part
        when '>' then worst * path_whole > {{ low }} * worst_of * path_part
        when '<=' then best * path_whole <= {{ low }} * best_of * path_part
        when '<' then best * path_whole < {{ low }} * best_of * path_part
        when '=' then worst = {{ low }} * worst_of and best = {{ low }} * best_of
        when 'between'
            then
                worst * path_whole >= {{ low }} * worst_of * path_part
                and best * path_whole <= {{ high }} * best_of * path_part
    end
{%- endmacro %}

{#- No figure that is possible passes. -#}
{% macro surely_fails(comparator, low, high="null") -%}
    case {{ comparator }}
        when '>='
            then (best_of > 0 or best < 0) and best * path_whole < {{ low }} * best_of * path_part
        when '>'
            then (best_of > 0 or best < 0) and best * path_whole <= {{ low }} * best_of * path_part
        when '<=' then worst_of > 0 and worst * path_whole > {{ low }} * worst_of * path_part
        when '<' then worst_of > 0 and worst * path_whole >= {{ low }} * worst_of * path_part
        when '='
            then
                (best_of > 0 or best < 0) and best < {{ low }} * best_of
                or worst_of > 0 and worst > {{ low }} * worst_of
        when 'between'
            then
                (best_of > 0 or best < 0) and best * path_whole < {{ low }} * best_of * path_part
                or worst_of > 0 and worst * path_whole > {{ high }} * worst_of * path_part
    end
{%- endmacro %}

{#- A figure as it is compared: one that a split's share made is settled at four decimals. -#}
{% macro settled(figure, digits=38) -%}
    cast(
        case when is_estimated = 1 then round({{ figure }}, 4) else {{ figure }} end
        as decimal({{ digits }}, 8)
    )
{%- endmacro %}

{#- A figure compared as it is, at both ends of what is possible. -#}
{% macro figure_itself() -%}
    cast(value as decimal(30, 8)) as actual,
    cast(low_numerator * scale as decimal(38, 8)) as worst,
    low_denominator as worst_of,
    cast(high_numerator * scale as decimal(38, 8)) as best,
    high_denominator as best_of
{%- endmacro %}

{#- While a condition holds, the threshold by now: so many months of so many. Being ahead of the way is no
    fault, even where the end has to be hit exactly. -#}
{% macro way_by_month(is_on_the_way) -%}
    case when ({{ is_on_the_way }}) and test_comparator = '=' then '>=' else test_comparator end
        as path_comparator,
    case when {{ is_on_the_way }} then months_elapsed else 1 end as path_part,
    case when {{ is_on_the_way }} then months_total else 1 end as path_whole
{%- endmacro %}

{#- The rule that judges a target. -#}
{% macro target_kind(target) -%}
    case
        when {{ target }}.rhythm = 'none' or {{ target }}.quantity = 'none' then 'commitment'
        when {{ target }}.quantity = 'composite' then 'composite'
        when {{ target }}.rhythm = 'never' then 'zero_tolerance'
        when {{ target }}.quantity = 'reduction_pct' then 'change'
        when {{ target }}.threshold = 'assigned' then 'assigned'
        when {{ target }}.rhythm = 'by_date' then 'milestone'
        when {{ target }}.rhythm = 'by_end_of_term' then 'coverage'
        else 'level'
    end
{%- endmacro %}

{#- Cut from one figure to another in per cent, as an exact fraction: above the line. Figures are fractions
    themselves; four decimals of each, for the product of two has to fit. -#}
{% macro cut_above(then_numerator, then_denominator, now_numerator, now_denominator) -%}
    cast(
        case
            when kind in ('ratio', 'unit_share')
                then
                    100 * (
                        cast({{ then_numerator }} as decimal(28, 4))
                        * cast({{ now_denominator }} as decimal(28, 4))
                        - cast({{ now_numerator }} as decimal(28, 4))
                        * cast({{ then_denominator }} as decimal(28, 4))
                    )
            else 100 * ({{ then_numerator }} - {{ now_numerator }})
        end
        as decimal(38, 8)
    )
{%- endmacro %}

{#- ... and below the line. -#}
{% macro cut_below(then_numerator, now_denominator) -%}
    cast(
        case
            when kind in ('ratio', 'unit_share')
                then
                    cast({{ then_numerator }} as decimal(28, 4))
                    * cast({{ now_denominator }} as decimal(28, 4))
            else {{ then_numerator }}
        end
        as decimal(38, 8)
    )
{%- endmacro %}

{#- What a cut is a part of: where no rise was promised, nothing after nothing is a cut of 0 out of 1. -#}
{% macro over_nothing(is_no_rise, above, below) -%}
    case
        when {{ is_no_rise }} and {{ above }} = 0 and {{ below }} = 0 then cast(1 as decimal(38, 8))
        else {{ below }}
    end
{%- endmacro %}

{#- A yearly cut of so many per cent, compounded over some years, in per cent: 5 % in two years is 9.75 %. -#}
{% macro compounded_cut(cut, years) -%}
    cast(
        100 - 100 * power(1 - cast({{ cut }} as {{ type_double() }}) / 100, {{ years }})
        as decimal(18, 10)
    )
{%- endmacro %}
