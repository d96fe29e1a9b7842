"""Columns of the scorecard workbook's sheets, and one row of each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

from warehouse.report.cards import Card, Row, marks_of
from warehouse.report.words import (
    BASES,
    BOUNDARIES,
    COMMITMENT,
    CUMULATIONS,
    GONE,
    KINDS,
    REVISED,
    VERDICTS,
    lookup,
    verdict_of,
)

Kind = Literal["text", "figure", "count", "share", "date"]


class Column(NamedTuple):
    """A column: its heading in both languages, what it holds, how wide it is."""

    vi: str
    en: str
    kind: Kind = "text"
    width: float = 12


SCORES = (
    Column("Mã", "Code", width=11),
    Column("Chỉ tiêu", "Target", width=38),
    Column("Target in English", "name", width=30),
    Column("Kết luận", "Verdict", width=17),
    Column("Mức", "Grade", width=14),
    Column("Kỳ", "Period", width=14),
    Column("Thực hiện", "Actual", "figure", 11),
    Column("Cần đến kỳ này", "Required by now", "figure", 11),
    Column("Đơn vị tính", "Unit of measure", width=9),
    Column("Yêu cầu", "Requirement", width=24),
    Column("Chênh lệch", "Gap", "figure", 10),
    Column("Đủ báo cáo", "Coverage", "share", 9),
    Column("Năm đạt", "Years met", "count", 7),
    Column("Năm có kết luận", "Years judged", "count", 8),
    Column("Dự báo cuối kỳ", "Projected end", "figure", 11),
    Column("Dự báo thấp", "Projected low", "figure", 10),
    Column("Dự báo cao", "Projected high", "figure", 10),
    Column("Phần còn lại cần", "Rest needs", "figure", 11),
    Column("Mỗi tháng cần", "Per month", "figure", 10),
    Column("Phát hiện đang mở", "Open findings", "count", 9),
    Column("Dấu hiệu", "Marks", width=18),
    Column("Vì sao", "Why", width=46),
    Column("Nguyên văn", "Verbatim", width=46),
    Column("Văn bản", "Document", width=34),
)
BASIS = (
    Column("Mã", "Code", width=11),
    Column("Chỉ tiêu", "Target", width=36),
    Column("Loại", "Kind", width=16),
    Column("Kết luận", "Verdict", width=17),
    Column("Kỳ kết luận", "Period judged", width=14),
    Column("Số liệu của", "Figures of", width=14),
    Column("Cách tính", "Stretch", width=14),
    Column("Địa giới", "Boundary", width=18),
    Column("Tử số", "Numerator", "count", 11),
    Column("Mẫu số", "Denominator", "count", 11),
    Column("Số liệu", "Figure", "figure", 11),
    Column("Kỳ so sánh", "Compared with", width=14),
    Column("Tử số kỳ so sánh", "Numerator then", "count", 11),
    Column("Mẫu số kỳ so sánh", "Denominator then", "count", 11),
    Column("Số liệu kỳ so sánh", "Figure then", "figure", 11),
    Column("Đem so", "Compared", "figure", 11),
    Column("Phép so", "Comparator", width=9),
    Column("Cần", "Required", "figure", 11),
    Column("Ngưỡng dưới", "Low", "figure", 10),
    Column("Ngưỡng trên", "High", "figure", 10),
    Column("Thấp nhất nếu đủ", "If missing, low", "figure", 11),
    Column("Cao nhất nếu đủ", "If missing, high", "figure", 11),
    Column("Báo cáo đến hạn", "Reports due", "count", 10),
    Column("Báo cáo đã nhận", "Reports in", "count", 10),
    Column("Giảm so năm gốc, %", "Cut from base, %", "figure", 10),
    Column("Cần giảm so năm gốc, %", "Cut required from base, %", "figure", 10),
    Column("Kết luận so năm gốc", "Verdict from base", width=15),
    Column("Cơ sở dự báo", "Projection basis", width=18),
    Column("Lệnh truy đến ô", "Down to the cells", width=44),
)
_STEPS = (
    Column("Mã", "Code", width=11),
    Column("Kỳ", "Period", width=18),
    Column("Đến hết ngày", "Until", "date", 11),
    Column("Thực hiện", "Actual", "figure", 11),
    Column("Cần", "Required", "figure", 11),
    Column("Đơn vị tính", "Unit of measure", width=9),
    Column("Kết luận", "Verdict", width=17),
    Column("Mức", "Grade", width=14),
    Column("Tử số", "Numerator", "count", 11),
    Column("Mẫu số", "Denominator", "count", 11),
    Column("Số liệu", "Figure", "figure", 11),
    Column("Kỳ so sánh", "Compared with", width=16),
    Column("Số liệu kỳ so sánh", "Figure then", "figure", 11),
    Column("Giảm so năm gốc, %", "Cut from base, %", "figure", 10),
    Column("Đủ báo cáo", "Coverage", "share", 9),
    Column("Thấp nhất nếu đủ", "If missing, low", "figure", 11),
    Column("Cao nhất nếu đủ", "If missing, high", "figure", 11),
    Column("Dấu hiệu", "Marks", width=18),
    Column("Vì sao", "Why", width=50),
)
YEARS = MONTHS = _STEPS
UNITS = (
    Column("Mã đơn vị", "Unit code", width=13),
    Column("Đơn vị", "Unit", width=30),
    Column("Cấp", "Level", width=13),
    Column("Kỳ", "Period", width=13),
    Column("Thực hiện", "Actual", "figure", 11),
    Column("Cần", "Required", "figure", 11),
    Column("Đơn vị tính", "Unit of measure", width=9),
    Column("Kết luận", "Verdict", width=17),
    Column("Chênh lệch", "Gap", "figure", 10),
    Column("Tử số", "Numerator", "count", 11),
    Column("Mẫu số", "Denominator", "count", 11),
    Column("Số liệu kỳ so sánh", "Figure then", "figure", 11),
    Column("Đủ báo cáo", "Coverage", "share", 9),
    Column("Phát hiện đang mở", "Open findings", "count", 9),
    Column("Dấu hiệu", "Marks", width=18),
    Column("Vì sao", "Why", width=50),
)
REVISIONS = (
    Column("Bản chốt", "Edition", width=18),
    Column("Mã", "Code", width=11),
    Column("Mã đơn vị", "Unit code", width=13),
    Column("Kỳ", "Period", width=16),
    Column("Khi chốt", "Then", "figure", 11),
    Column("Nay", "Now", "figure", 11),
    Column("Kết luận khi chốt", "Verdict then", width=17),
    Column("Kết luận nay", "Verdict now", width=17),
    Column("Vì sao", "Why", width=50),
)

Cells = Sequence[Any]
Periods = dict[str, tuple[str, str]]


def score_row(card: Card) -> Cells:
    """One target's answer (columns of SCORES)."""
    row, target, ahead = card.row, card.target, card.outlook or {}
    marks = ", ".join(mark.vi for mark in card.marks)
    return (
        card.code,
        target["name_vi"],
        target["name_en"],
        COMMITMENT if card.is_commitment else verdict_of(row),
        row["grade_label_vi"],
        row["period_label_vi"],
        row["actual"],
        row["required"],
        target["actual_unit"],
        target["requirement_vi"],
        row["gap"],
        row["coverage"],
        row["years_met"],
        row["years_judged"],
        ahead.get("projected_end"),
        ahead.get("projected_low"),
        ahead.get("projected_high"),
        ahead.get("needed_rest"),
        ahead.get("needed_per_month"),
        row["open_finding_count"],
        marks,
        row["verdict_reason_vi"],
        target["verbatim_vi"],
        target["document_title_vi"] or target["document"],
    )


def basis_row(card: Card, periods: Periods, command: str) -> Cells:
    """What one target's verdict rests on (columns of BASIS), and how to trace it."""
    row = card.row
    kind = lookup(KINDS, card.target["target_kind"])
    stretch = lookup(CUMULATIONS, row["figure_cumulation"])
    boundary = lookup(BOUNDARIES, row["boundary"])
    basis = lookup(BASES, row["projection_basis"])
    return (
        card.code,
        card.target["name_vi"],
        kind and kind.vi,
        verdict_of(row),
        row["period_label_vi"],
        _label(row["figure_period_key"], periods),
        stretch and stretch.vi,
        boundary and boundary.vi,
        row["numerator"],
        row["denominator"],
        row["value"],
        _label(row["baseline_period_key"], periods),
        row["previous_numerator"],
        row["previous_denominator"],
        row["previous_value"],
        row["actual"],
        row["comparator"],
        row["required"],
        row["target_low"],
        row["target_high"],
        row["value_if_missing_low"],
        row["value_if_missing_high"],
        row["reports_due"],
        row["reports_received"],
        row["change_from_base_pct"],
        row["required_from_base_pct"],
        VERDICTS.get(row["verdict_from_base"] or ""),
        basis and basis.vi,
        command,
    )


def step_row(card: Card, row: Row, periods: Periods) -> Cells:
    """One target at the end of one year or month (columns of YEARS and MONTHS)."""
    return (
        card.code,
        row["period_label_vi"],
        row["last_date"],
        row["actual"],
        row["required"],
        card.target["actual_unit"],
        verdict_of(row),
        row["grade_label_vi"],
        row["numerator"],
        row["denominator"],
        row["value"],
        _label(row["baseline_period_key"], periods),
        row["previous_value"],
        row["change_from_base_pct"],
        row["coverage"],
        row["value_if_missing_low"],
        row["value_if_missing_high"],
        _marks(row),
        row["verdict_reason_vi"],
    )


def unit_row(row: Row, target: Row) -> Cells:
    """One unit of one target (columns of UNITS)."""
    return (
        row["unit_code"],
        row["unit_name_vi"],
        row["level_name_vi"],
        row["period_label_vi"],
        row["actual"],
        row["required"],
        target["actual_unit"],
        verdict_of(row),
        row["gap"],
        row["numerator"],
        row["denominator"],
        row["previous_value"],
        row["coverage"],
        row["open_finding_count"],
        _marks(row) + (f", {REVISED.vi}" if row.get("is_revised") else ""),
        row["verdict_reason_vi"],
    )


def revision_row(row: Row) -> Cells:
    """One result that an edition froze otherwise (columns of REVISIONS)."""
    return (
        row["edition_code"],
        row["target_code"],
        row["unit_code"],
        row["period_label_vi"],
        row["actual_then"],
        row["actual_now"],
        VERDICTS.get(row["verdict_then"] or "", GONE),
        VERDICTS.get(row["verdict_now"] or "", GONE),
        row["why_vi"],
    )


def _label(key: str | None, periods: Periods) -> str | None:
    return periods.get(key, (key, key))[0] if key else None


def _marks(row: Row) -> str:
    return ", ".join(mark.vi for mark in marks_of(row))
