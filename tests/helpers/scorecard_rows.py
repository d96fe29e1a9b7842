"""What the hand-written marts of `scorecard_marts` say: every kind of target.

Root P, districts A to D, the term 2021 to 2023, judged on 15/06/2023: 2023 is open.
Rows name the columns they fill; all others are null.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

Row = dict[str, Any]
PROGRAMME = "demo"
HOSTILE = "<script>alert('x')</script>=1+1"
FORMULA = "=cmd|' /C calc'!A0"

DISTRICTS = {
    "A": "Công an huyện An",
    "B": HOSTILE,
    "C": FORMULA,
    "D": "Công an huyện Dương",
}
PUBLISHED_AT = dt.datetime(2023, 6, 15, 7)
AS_OF = dt.date(2023, 6, 15)
_CASES: tuple[tuple[str, str, Row], ...] = (
    (
        "T1",
        "change",
        {
            "quantity": "reduction_pct",
            "comparator": ">=",
            "rhythm": "every_year",
            "low": 5,
            "unit": "vụ",
        },
    ),
    ("T2", "level", {"comparator": "between", "low": 15, "high": 20, "unit": "%"}),
    (
        "T3",
        "zero_tolerance",
        {"comparator": "=", "rhythm": "never", "low": 0, "unit": "vụ"},
    ),
    ("T4", "coverage", {"rhythm": "by_end_of_term", "low": 70, "unit": "%"}),
    ("T5", "composite", {"quantity": "composite", "comparator": "=", "unit": None}),
    (
        "T5.1",
        "zero_tolerance",
        {"comparator": "=", "rhythm": "never", "low": 0, "unit": "vụ"},
    ),
    (
        "T5.2",
        "zero_tolerance",
        {"comparator": "=", "rhythm": "never", "low": 0, "unit": "vụ"},
    ),
    ("T6", "commitment", {"quantity": "none", "comparator": "none", "rhythm": "none"}),
    ("T7", "level", {"low": 80, "unit": "%"}),
    ("T8", "assigned", {"low": 100, "unit": "%"}),
)


FINDING_ON_A = {
    "finding_id": "f1",
    "programme_code": PROGRAMME,
    "unit_key": "kA",
    "indicator_code": "i.T1",
    "status": "open",
}


def targets() -> list[Row]:
    """Rows of dim_target, one of every kind."""
    return [
        {
            "target_key": code,
            "target_code": code,
            "programme_code": PROGRAMME,
            "indicator_code": None if kind == "composite" else f"i.{code}",
            "name_vi": f"Chỉ tiêu {code}",
            "name_en": f"Target {code}",
            "quantity": words.get("quantity", "value"),
            "comparator": words.get("comparator", ">="),
            "rhythm": words.get("rhythm", "every_year"),
            "requirement_vi": f"yêu cầu {code}",
            "requirement_en": f"test {code}",
            "verbatim_vi": f"nguyên văn {code}",
            "document": "NQ",
            "document_title_vi": "Nghị quyết Đại hội",
            "is_commitment": kind == "commitment",
            "valid_from": dt.date(2021, 1, 1),
            "valid_to": dt.date(9999, 12, 31),
            "target_kind": kind,
            "evidence_vi": "Báo cáo số 5" if kind == "commitment" else None,
            "evidence_en": "Report 5" if kind == "commitment" else None,
        }
        for code, kind, words in _CASES
    ]


def indicators() -> list[Row]:
    """Rows of dim_indicator."""
    return [
        {
            "indicator_code": f"i.{code}",
            "programme_code": PROGRAMME,
            "name_vi": f"Số liệu {code}",
            "name_en": f"Figure {code}",
            "kind": "ratio" if words.get("unit") == "%" else "flow",
            "unit_of_measure": words.get("unit"),
            "direction": "up",
            "numerator": "n" if words.get("unit") == "%" else None,
            "denominator": "d" if words.get("unit") == "%" else None,
            "scale": 100 if words.get("unit") == "%" else 1,
            "decimals": 2,
        }
        for code, kind, words in _CASES
        if kind != "composite"
    ]


def units() -> list[Row]:
    """Rows of dim_unit: the root and its districts."""
    names = {"P": "Công an tỉnh", **DISTRICTS}
    return [
        {
            "unit_key": f"k{code}",
            "programme_code": PROGRAMME,
            "unit_code": code,
            "name_vi": name,
            "name_en": code,
            "level": "province" if code == "P" else "district",
            "level_name_vi": "Tỉnh" if code == "P" else "Huyện",
        }
        for code, name in names.items()
    ]


def periods() -> list[Row]:
    """Rows of dim_period: years, the term and the months of 2023."""
    spans = {
        f"y{year}": (dt.date(year, 1, 1), dt.date(year + 1, 1, 1))
        for year in (2021, 2022, 2023)
    }
    spans["term"] = (dt.date(2021, 1, 1), dt.date(2024, 1, 1))
    spans |= {
        f"m{month}": (dt.date(2023, month, 1), dt.date(2023, month + 1, 1))
        for month in (1, 2, 3, 4, 5)
    }
    types = {"y": "year", "t": "term", "m": "month"}
    return [
        {
            "period_key": key,
            "period_type": types[key[0]],
            "label_vi": {
                "y": f"Năm {key[1:]}",
                "t": "Nhiệm kỳ",
                "m": f"Tháng {key[1:]}",
            }[key[0]],
            "label_en": {"y": f"Year {key[1:]}", "t": "Term", "m": f"Month {key[1:]}"}[
                key[0]
            ],
            "start_date": start,
            "end_date": end,
            "last_date": end - dt.timedelta(days=1),
            "year": (end - dt.timedelta(days=1)).year,
            "is_closed": end <= AS_OF,
            "has_begun": start <= AS_OF,
        }
        for key, (start, end) in spans.items()
    ]


def _row(
    code: str, unit: str, period: str, actual: float | None, verdict: str, **more: Any
) -> Row:
    words = next(case[2] for case in _CASES if case[0] == code)
    kind = next(case[1] for case in _CASES if case[0] == code)
    required = more.pop("required", words.get("low", 2))
    low = words.get("low")
    return {
        "target_key": code,
        "unit_key": f"k{unit}",
        "period_key": period,
        "programme_code": PROGRAMME,
        "target_code": code,
        "indicator_code": None if kind == "composite" else f"i.{code}",
        "unit_code": unit,
        "is_scope_unit": unit == "P",
        "actual": None if actual is None else Decimal(str(actual)),
        "required": Decimal(str(required)),
        "gap": None
        if actual is None
        else Decimal(str(actual)) - Decimal(str(required)),
        "verdict": verdict,
        "verdict_reason_vi": f"Vì sao {code} {unit} {period}.",
        "verdict_reason_en": f"Why {code} {unit} {period}.",
        "coverage": Decimal(1),
        "reports_due": 4,
        "reports_received": 4,
        "years_met": 1,
        "years_judged": 2,
        "value": None if actual is None else Decimal(str(actual)),
        "quantity": words.get("quantity", "value"),
        "comparator": words.get("comparator", ">="),
        "rhythm": words.get("rhythm", "every_year"),
        "target_low": low,
        "target_high": words.get("high", low),
        "boundary": "as_reported",
        "figure_period_key": period,
        "figure_cumulation": "period",
        "is_final": True,
        "is_provisional": False,
        "is_estimated": False,
        "is_simulated": True,
        "target_kind": kind,
        **more,
    }


def progress_rows() -> list[Row]:
    """Rows of fct_target_progress; figures of T1 are the published +12.53, -12.18 %."""
    cut = {"value": 3507, "previous_value": 3993, "baseline_period_key": "y2021"}
    base = {"base_period_key": "y2021", "required_from_base_pct": Decimal("9.75")}
    return [
        _row("T1", "P", "y2021", -12.53, "not_met", value=3993, previous_value=3548),
        _row(
            "T1",
            "P",
            "y2022",
            12.18,
            "met",
            **cut,
            **base,
            change_from_base_pct=Decimal("1.18"),
            verdict_from_base="not_met",
            value_if_missing_low=Decimal("11.5"),
            value_if_missing_high=Decimal("12.18"),
            reports_received=3,
            coverage=Decimal("0.75"),
            is_provisional=True,
        ),
        _row(
            "T1",
            "P",
            "y2023",
            6.1,
            "on_track",
            value=1400,
            previous_value=1491,
            projected_end=Decimal("6.4"),
            projected_low=Decimal("4.9"),
            projected_high=Decimal("7.8"),
            projection_basis="seasonal",
            needed_rest=1932,
            needed_per_month=276,
            remaining_months=7,
            is_provisional=True,
            figure_cumulation="year_to_date",
            figure_period_key="m5",
        ),
        *(
            _row(
                "T1",
                "P",
                f"m{n}",
                3 + n * 0.6,
                "on_track",
                figure_cumulation="year_to_date",
            )
            for n in (1, 2, 3, 4, 5)
        ),
        _row("T2", "P", "y2021", 20, "met", numerator=20, denominator=100),
        _row("T2", "P", "y2022", 20.01, "not_met", numerator=2001, denominator=10000),
        _row("T3", "P", "y2021", 0, "met"),
        _row("T3", "P", "y2022", 1, "not_met"),
        _row("T3", "P", "term", 1, "not_met", is_provisional=True),
        _row(
            "T4",
            "P",
            "y2021",
            30,
            "on_track",
            required=23.33,
            numerator=30,
            denominator=100,
            is_final=False,
        ),
        _row(
            "T4",
            "P",
            "y2022",
            60.39,
            "on_track",
            required=46.67,
            numerator=125,
            denominator=207,
            is_final=False,
        ),
        _row(
            "T4",
            "P",
            "term",
            70.3125,
            "on_track",
            required=58.3,
            numerator=45,
            denominator=64,
            previous_numerator=125,
            previous_denominator=207,
            is_denominator_moved=True,
            is_estimated=True,
            is_final=True,
            is_provisional=True,
            projected_end=Decimal(84),
            projection_basis="straight_line",
            needed_rest=0,
            needed_per_month=0,
            remaining_months=7,
            grade_code="lesser",
            grade_label_vi="Đạt mức thấp hơn: kiềm chế",
            grade_label_en="Lesser grade: contained",
        ),
        _row("T5", "P", "y2022", 1, "not_met", required=2),
        _row("T5.1", "P", "y2022", 0, "met"),
        _row("T5.2", "P", "y2022", 1, "not_met"),
        _row(
            "T8",
            "P",
            "y2022",
            96,
            "cannot_judge",
            numerator=96,
            denominator=100,
            value_if_missing_low=Decimal(94),
            value_if_missing_high=Decimal(101),
            reports_received=2,
            coverage=Decimal("0.5"),
        ),
        *(
            _row("T7", unit, "y2022", actual, verdict, is_scope_unit=True)
            for unit, actual, verdict in (
                ("A", 85, "met"),
                ("B", 79.99, "not_met"),
                ("D", 91, "met"),
            )
        ),
        *(
            _row("T1", unit, "y2022", actual, verdict, value=100, previous_value=110)
            for unit, actual, verdict in (
                ("A", 9, "met"),
                ("B", 2, "not_met"),
                ("C", -4, "not_met"),
                ("D", 5, "met"),
            )
        ),
    ]


_SHOWN = {"T3": "term", "T4": "term"}


def scores(rows: list[Row]) -> list[Row]:
    """Rows of rpt_term_scorecard over the progress given."""
    names = {unit["unit_code"]: unit for unit in units()}
    shown = [
        row
        for row in rows
        if row["period_key"] == _SHOWN.get(row["target_code"], "y2022")
    ]
    parts = {"T5": "T5.1;T5.2"}
    scores = [
        {
            **row,
            "unit_name_vi": names[row["unit_code"]]["name_vi"],
            "is_commitment": False,
            "open_finding_count": 1 if row["target_code"] == "T1" else 0,
            "part_target_codes": parts.get(row["target_code"]),
        }
        for row in shown
    ]
    scores.append(
        {
            "target_key": "T6",
            "unit_key": "kP",
            "programme_code": PROGRAMME,
            "target_code": "T6",
            "unit_code": "P",
            "verdict": "no_case",
            "verdict_reason_vi": "Cam kết không nêu số.",
            "verdict_reason_en": "A commitment without a number.",
            "is_scope_unit": True,
            "is_commitment": True,
            "is_simulated": False,
        }
    )
    return [
        {
            **score,
            "programme_name_vi": "Chương trình nhiệm kỳ",
            "programme_name_en": "Term programme",
            "display_order": n,
        }
        for n, score in enumerate(scores)
    ]


def frozen(rows: list[Row]) -> list[Row]:
    """Two editions of 2022: the first had T1 not met and T2 within its band."""
    then: dict[str, Row] = {
        "T1": {"actual": 4.9, "verdict": "not_met"},
        "T2": {"actual": 19.9, "verdict": "met"},
    }
    firsts = [
        {**row, **(then.get(row["target_code"], {}) if row["unit_code"] == "P" else {})}
        for row in rows
        if row["period_key"] == "y2022"
    ]
    seconds = [
        {**row, **(then["T2"] if row["target_code"] == "T2" else {})}
        for row in rows
        if row["period_key"] == "y2022"
    ]
    return [
        {
            **row,
            "edition_code": code,
            "edition_kind": kind,
            "published_at": moment,
            "closed_at": moment,
            "as_of_date": moment.date(),
            "closed_by": "Lan",
            "closed_reason": "Hết hạn báo cáo",
            "target_name_vi": f"Tên khi chốt {row['target_code']}",
            "target_name_en": f"Name then {row['target_code']}",
            "requirement_vi": f"yêu cầu {row['target_code']}",
            "requirement_en": f"test {row['target_code']}",
            "unit_name_vi": DISTRICTS.get(row["unit_code"], "Công an tỉnh"),
            "unit_name_en": row["unit_code"],
            "period_label_vi": "Năm 2022",
            "period_label_en": "Year 2022",
        }
        for code, kind, moment, content in (
            ("y2022.1p", "provisional", dt.datetime(2023, 1, 20), firsts),
            ("y2022.2f", "final", dt.datetime(2023, 3, 1), seconds),
        )
        for row in content
    ]


def revisions() -> list[Row]:
    """Rows of rpt_edition_revision: T2 left its band since it was closed."""
    return [
        {
            "edition_code": "y2022.2f",
            "programme_code": PROGRAMME,
            "period_key": "y2022",
            "published_at": dt.datetime(2023, 3, 1),
            "period_label_vi": "Năm 2022",
            "period_label_en": "Year 2022",
            "target_code": "T2",
            "unit_code": "P",
            "is_scope_unit": True,
            "actual_then": Decimal("19.9"),
            "actual_now": Decimal("20.01"),
            "verdict_then": "met",
            "verdict_now": "not_met",
            "is_revised": True,
            "why_vi": "Từ khi công bố: 1 bản đính chính.",
            "why_en": "Since it was published: corrections 1.",
        }
    ]
