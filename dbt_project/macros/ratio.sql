{#- numerator / denominator x scale as decimal(30, 8); null over zero. Divided as doubles, because engines
    disagree on what a decimal divided by a decimal is. Figures to look at: verdicts never use this, they
    multiply across (macros/verdict.sql). -#}
{% macro ratio(numerator, denominator, scale=1) -%}
    cast(
        cast({{ numerator }} as {{ type_double() }}) * {{ scale }}
        / nullif(cast({{ denominator }} as {{ type_double() }}), 0)
        as decimal(30, 8)
    )
{%- endmacro %}
