"""Data validation: what the spreadsheet lets an officer type (a paste goes round it).

One rule per kind of measure, over all its cells at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sources.template import layout
from sources.template.content import FormRow
from sources.template.formulas import areas, cell


def add_validations(sheet: Any, rows: Sequence[FormRow | None]) -> None:
    """Lay the rule of each kind of measure over its value cells."""
    kinds: dict[tuple[str, bool], list[int]] = {}
    for row_number, row in enumerate(rows, start=layout.ROW_FIRST_MEASURE):
        if row is not None:
            key = (row.value_type, row.may_be_negative)
            kinds.setdefault(key, []).append(row_number)
    for (value_type, may_be_negative), numbers in kinds.items():
        first = numbers[0]
        rule = _rule(value_type, may_be_negative, cell(first, layout.COLUMN_VALUE))
        rule["multi_range"] = " ".join(areas(numbers, layout.COLUMN_VALUE))
        sheet.data_validation(
            first, layout.COLUMN_VALUE, first, layout.COLUMN_VALUE, rule
        )


def _rule(value_type: str, may_be_negative: bool, box: str) -> dict[str, Any]:
    """The rule, written for the first of the cells it is laid over."""
    mark = layout.NOT_APPLICABLE_MARK
    if value_type == "yes_no":
        return {
            "validate": "list",
            "source": [layout.YES_VI, layout.NO_VI, mark],
            "error_title": "Chọn Có hoặc Không",
            "error_message": "Chọn một giá trị trong danh sách.\nPick from the list.",
        }
    parts = [f"ISNUMBER({box})"]
    if not may_be_negative:
        parts.append(f"{box}>=0")
    if value_type == "count":
        parts.append(f"{box}=INT({box})")
    whole = "số nguyên" if value_type == "count" else "một số"
    sign = "" if may_be_negative else " không âm"
    return {
        "validate": "custom",
        "value": f'=OR({box}="{mark}",AND({",".join(parts)}))',
        "error_title": "Số liệu không hợp lệ",
        "error_message": (
            f"Ô này nhận {whole}{sign}, hoặc {mark}.\nEnter a number of that kind."
        ),
    }
