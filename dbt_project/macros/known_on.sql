{#- What was known at an instant: var known_on, naive UTC as 'YYYY-MM-DD HH:MM:SS', null for everything.
    A submission counts from when it was received, whenever it was processed, so any past day gives one
    answer. The staging of submissions, deliveries and findings applies it; no model above needs to know.
    No past state have: programme, units and targets; what people decided (waivers, releases); the life of
    a finding. They stand as they are now. -#}

{#- True for an instant that had come; without known_on for every one. -#}
{% macro is_known(instant) -%}
    {%- set moment = var("known_on", none) -%}
    {%- if moment -%}
        {{ instant }} <= cast('{{ moment }}' as timestamp)
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}

{#- The table function marts.as_known_on(ts): columns of fct_observation, its rows as they were at ts (naive
    UTC). The relation is named without its catalog, because the file is copied under other names. -#}
{% macro create_as_known_on(history) -%}
    {{ adapter.dispatch("create_as_known_on", "nhiemky")(history) }}
{%- endmacro %}
{% macro default__create_as_known_on(history) %}{% endmacro %}
{% macro duckdb__create_as_known_on(history) -%}
    {%- set columns = [
        "unit_key",
        "period_key",
        "indicator_code",
        "programme_code",
        "unit_code",
        "form_code",
        "value",
        "observation_status",
        "submission_id",
        "version",
        "source_file",
        "source_sheet",
        "source_cell",
        "raw_text",
        "received_at",
        "recorded_at",
        "is_simulated",
    ] -%}
    create or replace macro {{ history.schema }}.as_known_on(ts) as table
    select {{ columns | join(", ") }}
    from {{ history.schema }}.{{ history.identifier }}
    where recorded_from <= cast(ts as timestamp) and recorded_to > cast(ts as timestamp)
{%- endmacro %}
