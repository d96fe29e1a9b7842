{#- One row per combination of the columns, none of them null: the grain of a table. -#}
{% test unique_grain(model, columns) %}
    select
        {{ columns | join(",\n        ") }},
        count(*) as row_count
    from {{ model }}
    group by {{ columns | join(", ") }}
    having
        count(*) > 1
        {% for column in columns -%}
        or {{ column }} is null
        {% endfor %}
{% endtest %}
