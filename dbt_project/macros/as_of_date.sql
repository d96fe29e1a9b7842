{#- The day everything is judged on, as a date. A period is closed when its exclusive end lies on or
    before this day; a deadline has passed when its day lies before this day. -#}
{% macro as_of_date() -%}
    {%- set day = var("as_of_date", none) -%}
    {%- if execute and not day -%}
        {{ exceptions.raise_compiler_error(
            "var as_of_date is missing: pass --vars '{as_of_date: YYYY-MM-DD}', the day to judge on"
        ) }}
    {%- endif -%}
    cast('{{ day or "1900-01-01" }}' as date)
{%- endmacro %}

{#- The exclusive end of something that has not ended. -#}
{% macro open_end() -%}
    cast('9999-12-31' as date)
{%- endmacro %}
