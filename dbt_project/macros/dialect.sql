{#- The only home of dialect differences: every macro here is dispatched, DuckDB is the default. -#}

{% macro type_text() %}{{ return(adapter.dispatch("type_text", "nhiemky")()) }}{% endmacro %}
{% macro default__type_text() %}varchar{% endmacro %}
{% macro spark__type_text() %}string{% endmacro %}

{% macro type_double() %}{{ return(adapter.dispatch("type_double", "nhiemky")()) }}{% endmacro %}
{% macro default__type_double() %}double{% endmacro %}
{% macro postgres__type_double() %}double precision{% endmacro %}

{#- A date some days after another. -#}
{% macro days_after(day, days) -%}
    cast({{ dbt.dateadd("day", days, day) }} as date)
{%- endmacro %}

{#- The last day of a half-open period. -#}
{% macro day_before(day) -%}
    {{ days_after(day, -1) }}
{%- endmacro %}

{#- Days from one date to another. -#}
{% macro days_between(first, second) -%}
    {{ dbt.datediff(first, second, "day") }}
{%- endmacro %}

{#- Months from one first day of a month to another; a reporting month begins on the same day each time. -#}
{% macro months_between(first, second) -%}
    {{ dbt.datediff(first, second, "month") }}
{%- endmacro %}

{#- Texts of a group in one, in order. -#}
{% macro joined_text(text, separator, order) -%}
    {{ dbt.listagg(text, "'" ~ separator ~ "'", "order by " ~ order) }}
{%- endmacro %}

{#- Midnight at the start of a local day, as a naive UTC timestamp. -#}
{% macro utc_midnight(day, timezone) -%}
    {{ adapter.dispatch("utc_midnight", "nhiemky")(day, timezone) }}
{%- endmacro %}
{% macro default__utc_midnight(day, timezone) -%}
    ((cast({{ day }} as timestamp) at time zone {{ timezone }}) at time zone 'UTC')
{%- endmacro %}
{% macro spark__utc_midnight(day, timezone) -%}
    to_utc_timestamp(cast({{ day }} as timestamp), {{ timezone }})
{%- endmacro %}

{#- Seconds from one timestamp to another. -#}
{% macro seconds_between(first, second) -%}
    {{ dbt.datediff(first, second, "second") }}
{%- endmacro %}

{#- A number as a person reads it: 1.656,5 in Vietnamese, 1,656.5 in English; no trailing zeros. -#}
{% macro number_text(number, language, decimals=2) -%}
    {{ adapter.dispatch("number_text", "nhiemky")(number, language, decimals) }}
{%- endmacro %}
{% macro default__number_text(number, language, decimals) -%}
    {%- set plain -%}
        rtrim(rtrim(format('{:,.{{ decimals }}f}', cast({{ number }} as double)), '0'), '.')
    {%- endset -%}
    {%- if language == "vi" -%}
        translate({{ plain }}, ',.', '.,')
    {%- else -%}
        {{ plain }}
    {%- endif -%}
{%- endmacro %}
{% macro spark__number_text(number, language, decimals) -%}
    {%- set plain -%}
        regexp_replace(format_number(cast({{ number }} as double), {{ decimals }}), '\\.?0+$', '')
    {%- endset -%}
    {%- if language == "vi" -%}
        translate({{ plain }}, ',.', '.,')
    {%- else -%}
        {{ plain }}
    {%- endif -%}
{%- endmacro %}

{#- A date as dd/mm/yyyy. -#}
{% macro date_text(day) -%}
    {{ adapter.dispatch("date_text", "nhiemky")(day) }}
{%- endmacro %}
{% macro default__date_text(day) -%}
    strftime({{ day }}, '%d/%m/%Y')
{%- endmacro %}
{% macro spark__date_text(day) -%}
    date_format({{ day }}, 'dd/MM/yyyy')
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
        "qualifier",
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
