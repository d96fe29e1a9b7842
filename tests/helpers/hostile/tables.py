"""Tables: foreign tables whose columns are not where a map looks for them."""

from __future__ import annotations

import io
from collections.abc import Sequence
from decimal import Decimal

import xlsxwriter

from tests.helpers.hostile.base import Base, hostile

Row = Sequence[object]
HEADER: Row = ("Đơn vị", "Mã tội", "Tên", "Số vụ")
TOTAL: Row = ("Xã Một", "------", "Tổng", 12)


def _table(*rows: Row, merged: str = "") -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet("A")
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
        if merged:
            sheet.merge_range(merged, "Số liệu")
    return out.getvalue()


@hostile(source="tables", file_name="table2021.xlsx", values={"cases": Decimal(12)})
def table_honest(base: Base) -> bytes:
    return _table(HEADER, TOTAL)


@hostile("X_COLUMNS", source="tables", file_name="table2022.xlsx")
def table_without_its_column(base: Base) -> bytes:
    return _table(HEADER[:3], TOTAL[:3])


@hostile("X_COLUMNS", source="tables", file_name="table2023.xlsx")
def table_with_a_column_twice(base: Base) -> bytes:
    return _table((*HEADER, "Số vụ"), (*TOTAL, 13))


@hostile("X_COLUMNS", source="tables", file_name="table2024.xlsx")
def table_with_merged_headers(base: Base) -> bytes:
    return _table((), TOTAL, merged="A1:D1")


@hostile("X_COLUMNS", source="tables", file_name="table2025.xlsx")
def table_with_two_header_rows(base: Base) -> bytes:
    return _table(("Đơn vị", "Mã", "Tên", "Số"), ("", "tội", "", "vụ"), TOTAL)
