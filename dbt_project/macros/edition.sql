{#- The columns that an edition freezes: those of fct_target_progress in their order there, then the names they
    were shown under. raw.edition_row has the same ones (warehouse/raw_schema.py). -#}
{% macro edition_columns(table=none) -%}
    {%- for name in [
        "target_key", "unit_key", "period_key", "programme_code", "target_code", "indicator_code",
        "unit_code", "is_scope_unit", "target_kind", "actual", "required", "gap", "verdict",
        "verdict_label_vi", "verdict_label_en", "verdict_reason", "verdict_reason_code",
        "verdict_reason_vi", "verdict_reason_en", "grade_code", "grade_label_vi", "grade_label_en",
        "coverage", "value_if_missing_low", "value_if_missing_high", "projected_end",
        "projected_low", "projected_high", "projection_basis", "needed_rest", "needed_per_month",
        "remaining_months", "years_met", "years_judged", "value", "numerator", "denominator",
        "baseline_period_key", "previous_value", "previous_numerator", "previous_denominator",
        "previous_coverage", "is_denominator_moved", "base_period_key", "change_from_base_pct",
        "required_from_base_pct", "verdict_from_base", "quantity", "comparator", "rhythm",
        "target_low", "target_high", "reports_due", "reports_received", "boundary",
        "figure_period_key", "figure_cumulation", "is_final", "is_provisional", "is_estimated",
        "is_simulated",

        "target_name_vi", "target_name_en", "requirement_vi", "requirement_en", "unit_name_vi",
        "unit_name_en", "period_label_vi", "period_label_en"
    ] -%}
        {{ table ~ "." if table }}{{ name }}{{ ",\n        " if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{#- True where two figures or words differ; no figure and no figure are alike. -#}
{% macro differs(first, second) -%}
    case
        when {{ first }} is null then {{ second }} is not null
        when {{ second }} is null then true
        else {{ first }} <> {{ second }}
    end
{%- endmacro %}
