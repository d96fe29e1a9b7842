"""The kinds of faults that are planted, what each does, and where each can be.

A fault is done to the values, to the metadata, to the drawn workbook, or to its bytes.
`rule_hint` (a code of the rule catalogue, empty when no rule should fire) and `effect`
say what ought to come of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

import numpy as np

from sources.simulator.forms import FormFacts
from sources.template import layout
from sources.template.content import CellValue

Needs = Literal["nothing", "count", "part", "many", "dead_unit"]


@dataclass(frozen=True, slots=True)
class FaultKind:
    """One kind of fault: its name, what to expect of it, and what a form must have."""

    kind: str
    rule_hint: str
    effect: str
    needs: Needs = "nothing"


FAULTS = (
    FaultKind("truncated_file", "X_DAMAGED", "rejected"),
    FaultKind("not_a_workbook", "X_NOTXLSX", "rejected"),
    FaultKind("text_for_number", "NOT_A_NUMBER", "quarantined", "count"),
    FaultKind("negative_count", "VALUE_NEGATIVE", "quarantined", "count"),
    FaultKind("fraction_in_count", "VALUE_NOT_WHOLE", "quarantined", "count"),
    FaultKind("part_exceeds_whole", "PART_OVER_WHOLE", "quarantined", "part"),
    FaultKind("unknown_unit", "UNIT_UNKNOWN", "rejected"),
    FaultKind("unit_not_alive", "UNIT_NOT_ALIVE", "rejected", "dead_unit"),
    FaultKind("unknown_period", "PERIOD_UNKNOWN", "rejected"),
    FaultKind("wrong_template_version", "TEMPLATE_VERSION", "rejected"),
    FaultKind("error_cell", "ERROR_CELL", "quarantined", "count"),
    FaultKind("formula_without_value", "FORMULA_NOT_COMPUTED", "quarantined", "count"),
    FaultKind("hidden_sheet", "", "accepted"),
    FaultKind("personal_data", "PERSONAL_DATA", "refused"),
    FaultKind("formula_like_text", "", "accepted"),
    FaultKind("values_dropped", "HELD_SHRUNK", "held", "many"),
)
DRAWN = frozenset(
    {"error_cell", "formula_without_value", "hidden_sheet", "personal_data"}
)
"""Kinds that `decorate` draws."""

_TEXTS = ("vài vụ", "mười hai", "chưa có số liệu", "12 vụ")
_FORMULA_NOTES = (
    '=HYPERLINK("http://localhost/x","xem")',
    "+cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd",
    "-2+3+cmd",
)
_PERSON_COLUMNS = ("Họ và tên", "Số CCCD", "Số điện thoại")
_PERSON_ROWS = (
    ("Nguyễn Văn Mẫu", "001099000001", "0900000001"),
    ("Trần Thị Thử", "001199000002", "0900000002"),
)
_NOT_WORKBOOKS = (
    b"<html><body><h1>SIMULATED</h1><p>Phien lam viec het han</p></body></html>\n",
    b"%PDF-1.4\n% SIMULATED, not a workbook\n%%EOF\n",
    "STT;Chỉ tiêu;Số liệu\n1;SIMULATED;12\n".encode(),
)


def faulty_values(
    kind: str,
    measure_code: str,
    values: dict[str, CellValue],
    facts: FormFacts,
    rng: np.random.Generator,
) -> dict[str, CellValue]:
    """The values with the fault in them (the same ones when it lies elsewhere)."""
    changed = dict(values)
    if kind == "text_for_number":
        changed[measure_code] = _TEXTS[int(rng.integers(len(_TEXTS)))]
    elif kind == "negative_count":
        changed[measure_code] = -int(rng.integers(1, 9))
    elif kind == "fraction_in_count":
        changed[measure_code] = Decimal(int(rng.integers(1, 30))) + Decimal("0.5")
    elif kind == "part_exceeds_whole":
        whole = values.get(facts.wholes[measure_code])
        base = int(whole) if isinstance(whole, int | Decimal) else 0
        changed[measure_code] = base + int(rng.integers(1, 6))
    elif kind == "values_dropped":
        kept = max(1, len(facts.codes) // 6)
        changed = {code: values.get(code) for code in facts.codes[:kept]}
    return changed


def faulty_note(kind: str, rng: np.random.Generator) -> str:
    """A note that a spreadsheet would take for a formula; empty for other kinds."""
    if kind != "formula_like_text":
        return ""
    return _FORMULA_NOTES[int(rng.integers(len(_FORMULA_NOTES)))]


def decorate(kind: str, row: int, workbook: Any, sheet: Any, formats: Any) -> None:
    """Faults that are drawn: `row` is where the faulty measure stands."""
    column = layout.COLUMN_VALUE
    if kind == "error_cell":
        sheet.write_formula(row, column, "=#REF!+1", formats["count"], "#REF!")
    elif kind == "formula_without_value":
        sheet.write_formula(row, column, "=SUM(H1:H9)", formats["count"], "")
    elif kind == "hidden_sheet":
        hidden = workbook.add_worksheet("Nháp")
        hidden.write_string(0, 0, "SIMULATED: bản nháp kỳ trước")
        hidden.write_number(1, 0, 999)
        hidden.hide()
    elif kind == "personal_data":
        first = layout.COLUMN_CODE + 1
        for offset, title in enumerate(_PERSON_COLUMNS):
            sheet.write_string(layout.ROW_HEADER, first + offset, title)
            for below, person in enumerate(_PERSON_ROWS):
                sheet.write_string(
                    layout.ROW_FIRST_MEASURE + below, first + offset, person[offset]
                )


def damaged(kind: str, data: bytes, rng: np.random.Generator) -> bytes:
    """Faults done to the bytes of the file."""
    if kind == "truncated_file":
        return data[: int(len(data) * rng.uniform(0.3, 0.9))]
    if kind == "not_a_workbook":
        return _NOT_WORKBOOKS[int(rng.integers(len(_NOT_WORKBOOKS)))]
    return data
