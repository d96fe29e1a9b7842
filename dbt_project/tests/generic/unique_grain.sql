{#- One row per combination of the columns: the grain of a table. None of them may be null but those named
    in `nullable`. -#}
{% test unique_grain(model, columns, nullable=[]) %}
    select
        {{ columns | join(",\n        ") }},
        count(*) as row_count
    from {{ model }}
    group by {{ columns | join(", ") }}
    having
        count(*) > 1
        {% for column in columns if column not in nullable -%}
        or {{ column }} is null
        {% endfor %}
{% endtest %}
