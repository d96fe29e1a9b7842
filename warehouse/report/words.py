"""Words, marks and colours that the scorecard's page, workbook and table share.

Colour never speaks alone: every verdict has a symbol and a word. Ink on tint keeps a
contrast of 4.5 and more; in black and white the symbol and the word remain.
"""

from __future__ import annotations

from typing import Any, NamedTuple


class Pair(NamedTuple):
    """The same in both languages."""

    vi: str
    en: str


class Verdict(NamedTuple):
    """How a verdict is shown."""

    symbol: str
    vi: str
    en: str
    ink: str
    tint: str


VERDICTS = {
    "not_met": Verdict("✕", "Không đạt", "Not met", "#8c1d18", "#fbe3e1"),
    "off_track": Verdict("▼", "Chậm tiến độ", "Off track", "#853a05", "#fdeadb"),
    "cannot_judge": Verdict(
        "?", "Chưa đủ căn cứ kết luận", "Cannot judge yet", "#665000", "#faf1cd"
    ),
    "on_track": Verdict("▲", "Đúng tiến độ", "On track", "#17555d", "#ddf0f1"),
    "met": Verdict("✓", "Đạt", "Met", "#125430", "#dff1e4"),
    "not_due": Verdict("○", "Chưa đến hạn", "Not due", "#434f5d", "#e8ecf1"),
    "no_case": Verdict(
        "–", "Không phát sinh để đánh giá", "No case", "#434f5d", "#eef1f4"
    ),
}
"""By code, what needs attention first."""
COMMITMENT = Verdict("§", "Cam kết", "Commitment", "#3b3872", "#e8e7f6")
"""Words and evidence, no light."""
GONE = Verdict("–", "Không còn", "Gone", "#434f5d", "#eef1f4")
"""A result that an edition has and the publication no longer."""

SIMULATED = "SỐ LIỆU MÔ PHỎNG · SIMULATED DATA"

KINDS = {
    "level": Pair("giữ ở mức", "level"),
    "change": Pair("tăng giảm so với kỳ trước", "change"),
    "coverage": Pair("bao phủ đến hết nhiệm kỳ", "coverage by the end of term"),
    "zero_tolerance": Pair("không để xảy ra", "zero tolerance"),
    "composite": Pair("gộp nhiều phần", "composite: all parts"),
    "milestone": Pair("đúng thời hạn", "milestone by a date"),
    "assigned": Pair("so với chỉ tiêu được giao", "against an assigned figure"),
    "commitment": Pair("cam kết không nêu số", "commitment without a number"),
}
BOUNDARIES = {
    "as_reported": Pair("theo đơn vị lúc báo cáo", "units as they were"),
    "current": Pair("quy về đơn vị hiện nay", "restated to the units of today"),
    "as_ended": Pair(
        "quy về địa bàn ngày đơn vị kết thúc", "territory of the unit's last day"
    ),
    "fixed": Pair("quy về đơn vị của một ngày chọn", "units of a chosen day"),
}
CUMULATIONS = {
    "period": Pair("trong kỳ", "in the period"),
    "year_to_date": Pair("cộng dồn từ đầu năm", "year to date"),
}
BASES = {
    "seasonal": Pair("theo nhịp tháng các năm trước", "seasonal shares of past years"),
    "straight_line": Pair("kéo thẳng theo thời gian", "straight line"),
    "as_it_stands": Pair("giữ như hiện nay", "as it stands"),
}
EDITION_KINDS = {
    "provisional": Pair("tạm tính", "provisional"),
    "final": Pair("chính thức", "final"),
}
MARKS = {
    "is_provisional": Pair("tạm tính", "provisional"),
    "is_estimated": Pair("có phần ước tính", "estimated in part"),
    "is_denominator_moved": Pair("mẫu số thay đổi", "denominator moved"),
}
"""Columns of the verdict that a reader must see beside the figure."""
REVISED = Pair("khác bản đã chốt", "revised since the edition")


def verdict_of(row: dict[str, Any]) -> Verdict:
    """How the row's verdict is shown; a promise without a number is a commitment."""
    if row.get("is_commitment"):
        return COMMITMENT
    return VERDICTS[row.get("verdict") or "no_case"]


def lookup(words: dict[str, Pair], code: object) -> Pair | None:
    """The words of a code; a code that has none stands for itself."""
    if not code:
        return None
    return words.get(str(code), Pair(str(code), str(code)))
