{#- Rows whose value lies outside [low, high]; null is no value. -#}
{% test within(model, column_name, low, high) %}
    select {{ column_name }}
    from {{ model }}
    where {{ column_name }} < {{ low }} or {{ column_name }} > {{ high }}
{% endtest %}
