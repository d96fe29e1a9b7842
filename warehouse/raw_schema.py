"""Schema raw: the tables that dbt reads, their columns and types, in one place.

Instants are naive UTC, `valid_to` and `until` are exclusive days. No keys are declared:
DuckDB checks them too early for delete and insert in one transaction; the gates and dbt
tests hold them.
"""

from __future__ import annotations

TEXT, INT, FLAG, DAY, MOMENT = "VARCHAR", "INTEGER", "BOOLEAN", "DATE", "TIMESTAMP"
VALUE = "DECIMAL(24,4)"
SHARE = "DECIMAL(9,8)"
SCALE = "DECIMAL(12,4)"
FIGURE, SUM = "DECIMAL(30,8)", "DECIMAL(38,8)"
COVERAGE, REPORTS = "DECIMAL(9,6)", "DECIMAL(18,8)"


def _columns(
    names: str, kind: str = TEXT, **others: str | tuple[str, ...]
) -> dict[str, str]:
    """Columns in order, all of `kind` but those named under another type."""
    return {name: str(others.get(name, kind)) for name in names.split()}


_PERIOD = _columns(
    "period_key calendar_code period_type label_vi label_en start_date end_date year "
    "period_number year_period_key previous_period_key same_period_last_year_key",
    start_date=DAY,
    end_date=DAY,
    year=INT,
    period_number=INT,
)
_PERIOD_PART = _columns("period_key part_period_key part_period_type")
_VALIDITY = {"valid_from": DAY, "valid_to": DAY}

REFERENCE: dict[str, dict[str, str]] = {
    "ref_programme": _columns(
        "programme_code name_vi name_en root_unit_code term_period_key calendar_code "
        "term_first_year term_last_year timezone",
        term_first_year=INT,
        term_last_year=INT,
    ),
    "ref_level": _columns(
        "programme_code level_code level_rank name_vi name_en", level_rank=INT
    ),
    "ref_unit": _columns(
        "programme_code unit_key unit_code official_code name_vi name_en unit_type "
        "level parent_unit_code valid_from valid_to is_current",
        is_current=FLAG,
        **_VALIDITY,
    ),
    "ref_unit_ancestor": _columns(
        "programme_code unit_key ancestor_unit_key unit_code ancestor_unit_code depth "
        "valid_from valid_to",
        depth=INT,
        **_VALIDITY,
    ),
    "ref_unit_succession": _columns(
        "programme_code from_unit_code to_unit_code effective_date relation share "
        "share_basis is_estimated",
        effective_date=DAY,
        share=SHARE,
        is_estimated=FLAG,
    ),
    "ref_unit_restatement": _columns(
        "programme_code unit_code valid_from valid_to boundary_from boundary_to "
        "to_unit_code share is_estimated",
        boundary_from=DAY,
        boundary_to=DAY,
        share=SHARE,
        is_estimated=FLAG,
        **_VALIDITY,
    ),
    "ref_unit_group": _columns(
        "programme_code group_code unit_code valid_from valid_to", **_VALIDITY
    ),
    "ref_measure": _columns(
        "programme_code indicator_code parent_indicator_code breakdown_code "
        "member_code name_vi name_en kind value_type unit_of_measure direction "
        "unit_aggregation decimals form_code is_required part_of_code "
        "part_of_severity may_be_negative",
        decimals=INT,
        is_required=FLAG,
        may_be_negative=FLAG,
    ),
    "ref_indicator": _columns(
        "programme_code indicator_code parent_indicator_code breakdown_code "
        "member_code name_vi name_en kind unit_of_measure direction numerator "
        "denominator scale time_aggregation unit_aggregation decimals",
        scale=SCALE,
        decimals=INT,
    ),
    "ref_indicator_part": _columns("programme_code indicator_code measure_code role"),
    "ref_indicator_level": _columns("programme_code indicator_code level unit_type"),
    "ref_form": _columns(
        "programme_code form_code name_vi name_en frequency calendar_code "
        "template_version first_year valid_from valid_to",
        first_year=INT,
        **_VALIDITY,
    ),
    "ref_form_due": _columns(
        "programme_code form_code level unit_code since until", since=DAY, until=DAY
    ),
    "ref_form_deadline": _columns(
        "programme_code form_code level deadline_days", deadline_days=INT
    ),
    "ref_form_control": _columns("programme_code form_code level"),
    "ref_target": _columns(
        "programme_code target_key target_code indicator_code name_vi name_en "
        "scope_type scope_code drill_levels quantity comparator low high rhythm "
        "baseline by_date verbatim_vi document_code document_title_vi valid_from "
        "valid_to end_reason_vi end_reason_en threshold is_beyond_met "
        "lesser_comparator lesser_low lesser_name_vi lesser_name_en evidence_vi "
        "evidence_en",
        low=VALUE,
        high=VALUE,
        lesser_low=VALUE,
        by_date=DAY,
        is_beyond_met=FLAG,
        **_VALIDITY,
    ),
    "ref_target_level": _columns("programme_code target_key level"),
    "ref_target_part": _columns("programme_code target_key part_target_code"),
    "ref_target_assigned": _columns(
        "programme_code target_code unit_code year value document_code",
        year=INT,
        value=VALUE,
    ),
}
"""Tables that one programme's reference frames replace."""

SHARED: dict[str, dict[str, str]] = {
    "ref_period": _PERIOD,
    "ref_period_part": _PERIOD_PART,
}
"""Tables without a programme: the union over all programmes in the warehouse."""

OWNED: dict[str, dict[str, str]] = {
    f"programme_{name.removeprefix('ref_')}": {"programme_code": TEXT, **columns}
    for name, columns in SHARED.items()
}
"""Who brought which row of the shared tables; not for dbt."""

RECORDED: dict[str, dict[str, str]] = {
    "delivery": _columns(
        "delivery_sha256 programme_code source_code origin file_name size_bytes "
        "status received_at recorded_at is_simulated",
        size_bytes="BIGINT",
        received_at=MOMENT,
        recorded_at=MOMENT,
        is_simulated=FLAG,
    ),
    "submission": _columns(
        "submission_id programme_code delivery_sha256 file_name sheet form_code "
        "unit_code period_key version status received_at recorded_at accepted_from "
        "accepted_to observation_count finding_count is_simulated is_control_total "
        "change_reason",
        version=INT,
        received_at=MOMENT,
        recorded_at=MOMENT,
        accepted_from=MOMENT,
        accepted_to=MOMENT,
        observation_count=INT,
        finding_count=INT,
        is_simulated=FLAG,
        is_control_total=FLAG,
    ),
    "quarantined_value": _columns(
        "submission_id programme_code measure_code sheet cell"
    ),
    "finding": _columns(
        "finding_id programme_code delivery_sha256 submission_id unit_code form_code "
        "period_key indicator_code rule_code severity status message_vi message_en "
        "sheet cell observed expected recorded_at scope origin subject_key life "
        "first_seen_at is_repeat waived_by waived_reason waived_until",
        recorded_at=MOMENT,
        first_seen_at=MOMENT,
        is_repeat=FLAG,
        waived_until=MOMENT,
    ),
    "deadline_extension": _columns(
        "programme_code form_code unit_code period_key due_date reason decided_by "
        "decided_at",
        due_date=DAY,
        decided_at=MOMENT,
    ),
}
"""Tables replaced from the ledger."""

PROGRESS: dict[str, str] = _columns(
    "target_key unit_key period_key programme_code target_code indicator_code "
    "unit_code is_scope_unit target_kind actual required gap verdict "
    "verdict_label_vi verdict_label_en verdict_reason verdict_reason_code "
    "verdict_reason_vi verdict_reason_en grade_code grade_label_vi grade_label_en "
    "coverage value_if_missing_low value_if_missing_high projected_end "
    "projected_low projected_high projection_basis needed_rest needed_per_month "
    "remaining_months years_met years_judged value numerator denominator "
    "baseline_period_key previous_value previous_numerator previous_denominator "
    "previous_coverage is_denominator_moved base_period_key change_from_base_pct "
    "required_from_base_pct verdict_from_base quantity comparator rhythm target_low "
    "target_high reports_due reports_received boundary figure_period_key "
    "figure_cumulation is_final is_provisional is_estimated is_simulated",
    is_scope_unit=FLAG,
    actual=FIGURE,
    required=FIGURE,
    gap=FIGURE,
    coverage=COVERAGE,
    value_if_missing_low=FIGURE,
    value_if_missing_high=FIGURE,
    projected_end=FIGURE,
    projected_low=FIGURE,
    projected_high=FIGURE,
    needed_rest=FIGURE,
    needed_per_month=FIGURE,
    remaining_months=INT,
    years_met=INT,
    years_judged=INT,
    value=FIGURE,
    numerator=SUM,
    denominator=SUM,
    previous_value=FIGURE,
    previous_numerator=SUM,
    previous_denominator=SUM,
    previous_coverage=COVERAGE,
    is_denominator_moved=FLAG,
    change_from_base_pct=FIGURE,
    required_from_base_pct=FIGURE,
    target_low=VALUE,
    target_high=VALUE,
    reports_due=REPORTS,
    reports_received=REPORTS,
    is_final=FLAG,
    is_provisional=FLAG,
    is_estimated=FLAG,
    is_simulated=FLAG,
)
"""The columns of marts.fct_target_progress: what an edition freezes of it, by name."""

LABELS = _columns(
    "target_name_vi target_name_en requirement_vi requirement_en unit_name_vi "
    "unit_name_en period_label_vi period_label_en"
)
"""Names that an edition keeps as they were when it was closed."""

EDITION: dict[str, dict[str, str]] = {
    "edition": _columns(
        "programme_code edition_code period_key kind number closed_at published_at "
        "as_of_date publication_id closed_by reason rows_sha256 row_count",
        number=INT,
        closed_at=MOMENT,
        published_at=MOMENT,
        as_of_date=DAY,
        row_count=INT,
    ),
    "edition_row": {"edition_code": TEXT, **PROGRESS, **LABELS},
}
"""Editions from the ledger, and their frozen rows from landing."""

OBSERVATION: dict[str, dict[str, str]] = {
    "observation": _columns(
        "submission_id programme_code measure_code value observation_status raw_text "
        "sheet cell qualifier",
        value=VALUE,
    ),
    "observation_load": _columns(
        "programme_code submission_id content_digest row_count", row_count=INT
    ),
}
"""Values by submission, and which submissions they were loaded from, as what."""

TABLES: dict[str, dict[str, str]] = {
    **REFERENCE,
    **SHARED,
    **OWNED,
    **RECORDED,
    **OBSERVATION,
    **EDITION,
}

UNIQUE_CODES: dict[str, str] = {
    "ref_unit": "unit_code",
    "ref_indicator": "indicator_code",
    "ref_form": "form_code",
    "ref_target": "target_code",
}
"""Codes that may belong to one programme only, in one warehouse."""


def create_statement(table: str) -> str:
    """DDL of one table of schema raw."""
    columns = ", ".join(f'"{name}" {kind}' for name, kind in TABLES[table].items())
    return f"create table if not exists raw.{table} ({columns})"
