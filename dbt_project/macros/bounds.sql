{#- How high a report that did not come may be expected to be, from the highest of the same unit, else of
    its level, on record. A count (flow or stock) spreads around its mean m by about the square root of m:
    three times that above the highest on record, rounded up, so that 0 gives 3, 8 gives 17 and 99 gives
    129. Money and other decimals have no spread that is known: twice the highest. A record of nothing but
    zeros says nothing about those, and no record says nothing at all: null. -#}
{% macro upper_expected(value_type, own_highest, level_highest) -%}
    {%- set highest = "coalesce(" ~ own_highest ~ ", " ~ level_highest ~ ")" -%}
    case {{ value_type }}
        when 'yes_no' then 1
        when 'count'
            then
                cast(
                    ceil({{ highest }} + 3 * sqrt(cast({{ highest }} as {{ type_double() }}) + 1))
                    as decimal(25, 4)
                )
        else cast(2 * coalesce(nullif({{ own_highest }}, 0), nullif({{ level_highest }}, 0)) as decimal(25, 4))
    end
{%- endmacro %}
