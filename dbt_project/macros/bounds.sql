{#- How high a report that did not come may be expected to be, from the past of the same unit, else of its
    level. A count spreads around its mean m by about the square root of m: three times that above the mean
    of a flow, never less than the highest on record, rounded up (mean 0 gives 3, mean 8 gives 17, mean 99
    gives 129). A stock goes on from where it stands: the same above the highest on record. Money and other
    decimals have no spread that is known: twice the highest. A record of nothing but zeros says nothing
    about those, and no record says nothing at all: null. `own` and `level` are relations with columns
    highest and mean. -#}
{% macro upper_expected(measure, own, level) -%}
    {%- set highest = "coalesce(" ~ own ~ ".highest, " ~ level ~ ".highest)" -%}
    {%- set centre -%}
        cast(
            case {{ measure }}.kind
                when 'flow' then coalesce({{ own }}.mean, {{ level }}.mean)
                else {{ highest }}
            end
            as {{ type_double() }}
        )
    {%- endset -%}
    case {{ measure }}.value_type
        when 'yes_no' then 1
        when 'count'
            then
                greatest(
                    {{ highest }},
                    cast(ceil({{ centre }} + 3 * sqrt(greatest({{ centre }}, 0) + 1)) as decimal(25, 4))
                )
        else
            cast(
                2 * coalesce(nullif({{ own }}.highest, 0), nullif({{ level }}.highest, 0))
                as decimal(25, 4)
            )
    end
{%- endmacro %}
