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
