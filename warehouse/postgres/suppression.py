"""What a reader without small counts sees: which columns of which mart may tell one.

Shape: `part_of(table, column, type)` says what becomes of a column in the view of
`marts_suppressed`; tables that are in neither list are not offered there at all, and a
column that nobody classified is empty.

A count from 1 to one less than the reader's `small_count` is small; a zero stays a
zero. Where any count that a row holds is small, every figure and every sentence with
figures of that row is left out and `is_suppressed` is true. Figures that rest on counts
of other rows (rates of other years) are always left out, since this row cannot tell
whether those were small. Counts are all measures that are counted (cases, persons) and
both sides of every ratio; shares of units, yes/no, money and decimals are none. What
cannot be told apart counts as small.

This is primary suppression alone. Complementary suppression is NOT done: a small count
can still be worked out where a total and all other parts of it are shown, or from two
periods of a year to date, or as what is left between both sides of a ratio. Where that
matters, give a login the totals without the parts.
"""

from __future__ import annotations

from enum import Enum


class Part(Enum):
    """What a column holds, and so what becomes of it."""

    OPEN = "shown"
    FIGURE = "left out of a suppressed row"
    RATIO_ELSEWHERE = "left out of every ratio, its counts stand in other rows"
    COUNT_ELSEWHERE = "left out of every count, it rests on counts of other rows"
    ELSEWHERE = "left out of every row of counts or ratios"
    NEVER = "left out of every row"


WITHOUT_COUNTS = frozenset(
    {
        "publication",
        "dim_form",
        "dim_indicator",
        "dim_period",
        "dim_target",
        "dim_unit",
        "bridge_unit_ancestor",
        "bridge_unit_group",
        "bridge_unit_succession",
        "fct_submission",
    }
)
"""Tables that hold no figure of an indicator: every column is shown."""

WITH_COUNTS = frozenset(
    {
        "fct_edition",
        "fct_finding",
        "fct_indicator_value",
        "fct_observation",
        "fct_observation_history",
        "fct_target_progress",
        "rpt_edition_revision",
        "rpt_term_scorecard",
    }
)
"""Tables of figures, each with `programme_code` and `indicator_code`."""

NO_COUNT_KINDS = ("unit_share",)
NO_COUNT_TYPES = ("yes_no", "decimal", "money")
"""Kinds and types of value in `dim_indicator` that count neither cases nor persons."""

_SHOWN_TYPES = ("boolean", "date", "timestamp with time zone")
_SHOWN_ENDINGS = ("_key", "_code", "_label_vi", "_label_en", "_name_vi", "_name_en")

COUNTS = (
    *("numerator", "denominator", "previous_numerator", "previous_denominator"),
    *("numerator_then", "numerator_now", "denominator_then", "denominator_now"),
)
"""Columns that are counts in a row of counts or ratios: tested."""

COUNTS_BUT_RATIOS = ("value", "previous_value")
"""Columns that are counts in a row of counts, and rates in one of ratios."""

_EVERYWHERE: dict[Part, tuple[str, ...]] = {
    Part.FIGURE: (
        *(*COUNTS, *COUNTS_BUT_RATIOS),
        *("actual", "required", "gap", "actual_then", "actual_now", "difference"),
        *("value_if_missing_low", "value_if_missing_high", "change_pct"),
        *("change_points", "projected_end", "projected_low", "projected_high"),
        *("needed_rest", "needed_per_month", "raw_text"),
        *("verdict_reason", "verdict_reason_vi", "verdict_reason_en"),
    ),
    Part.ELSEWHERE: ("yearly_values", "open_year_actual", "change_from_base_pct"),
    Part.NEVER: (
        *("message_vi", "message_en", "observed", "expected"),
        *("waived_reason", "closed_reason"),
    ),
    Part.OPEN: (
        *("boundary", "cumulation", "figure_cumulation", "coverage", "reports_due"),
        *("reports_received", "previous_coverage", "is_provisional", "level"),
        *("verdict", "verdict_then", "verdict_now", "verdict_from_base"),
        *("verdict_rank", "years_met", "years_judged", "remaining_months"),
        *("projection_basis", "required_from_base_pct", "target_kind", "quantity"),
        *("comparator", "rhythm", "target_low", "target_high", "requirement_vi"),
        *("requirement_en", "display_order", "name_vi", "name_en", "verbatim_vi"),
        *("document", "document_title_vi", "unit_of_measure", "actual_unit"),
        *("decimals", "evidence_vi", "evidence_en", "part_target_codes"),
        *("open_year_verdict", "open_finding_count", "edition_kind", "closed_by"),
        *("late_report_count", "correction_count"),
        *("revision_reason", "why_vi", "why_en", "observation_status", "qualifier"),
        *("submission_id", "version", "source_file", "source_sheet", "source_cell"),
        *("change_reason", "finding_id", "delivery_sha256", "severity", "status"),
        *("scope", "origin", "life", "waived_by", "trace_command"),
        *("form_code_found", "unit_code_found", "period_key_found"),
    ),
}
"""Columns by what they hold; a name means the same in every mart."""

_IN_TABLE: dict[tuple[str, str], Part] = {
    ("fct_indicator_value", "previous_value"): Part.RATIO_ELSEWHERE,
    ("fct_indicator_value", "change_pct"): Part.RATIO_ELSEWHERE,
    ("fct_indicator_value", "change_points"): Part.RATIO_ELSEWHERE,
    ("rpt_edition_revision", "actual_then"): Part.COUNT_ELSEWHERE,
    ("rpt_edition_revision", "actual_now"): Part.COUNT_ELSEWHERE,
    ("rpt_edition_revision", "difference"): Part.COUNT_ELSEWHERE,
}
"""Columns that tell more in one mart, whose rows hold fewer of the counts behind them:
the year before of a ratio, the year before of a change."""

_PARTS = {name: part for part, names in _EVERYWHERE.items() for name in names}


def is_offered(table: str) -> bool:
    """True where `marts_suppressed` has a view of that table."""
    return table in WITHOUT_COUNTS or table in WITH_COUNTS


def is_classified(table: str, column: str, type_name: str) -> bool:
    """True where somebody has said what becomes of the column, or its type says so."""
    return (
        table in WITHOUT_COUNTS
        or (table, column) in _IN_TABLE
        or column in _PARTS
        or type_name in _SHOWN_TYPES
        or column.endswith(_SHOWN_ENDINGS)
    )


def part_of(table: str, column: str, type_name: str) -> Part:
    """What becomes of a column; NEVER of one that nobody classified."""
    if not is_classified(table, column, type_name):
        return Part.NEVER
    if table in WITHOUT_COUNTS:
        return Part.OPEN
    return _IN_TABLE.get((table, column)) or _PARTS.get(column, Part.OPEN)
