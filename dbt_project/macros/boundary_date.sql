{#- The day of the boundary `fixed` as a date, or null when the var is not given: then there is no such
    boundary. A day before the programme's first unit has no figures. -#}
{% macro boundary_date() -%}
    {%- set day = var("boundary_date", none) -%}
    {%- if day and not modules.re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", day | string) -%}
        {{ exceptions.raise_compiler_error(
            "var boundary_date is '" ~ day ~ "': write the day whose units to restate to as YYYY-MM-DD"
        ) }}
    {%- endif -%}
    cast({{ "'" ~ day ~ "'" if day else "null" }} as date)
{%- endmacro %}
