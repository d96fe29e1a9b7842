"""Constants of the product's own workbook: what is written and what is looked for.

A reader finds the header row by `HEADER_VI` (not by its row number: officers insert
rows), then each measure by its code in the column titled `TITLE_CODE`; older workbooks
without the columns of checks read alike. What the workbook is about stands on the
metadata sheet as key and value, one pair a row.
"""

from __future__ import annotations

from typing import Final

TEMPLATE_FORMAT: Final = "nhiemky-1"
"""Layout generation; a form's own version is `META_TEMPLATE_VERSION`."""

SHEET_FORM: Final = "Biểu"
SHEET_META: Final = "Thông tin"

# --- The sheet to fill -------------------------------------------------------------
TITLE_NUMBER: Final = "STT"
TITLE_MEASURE: Final = "Chỉ tiêu"
TITLE_UNIT_OF_MEASURE: Final = "Đơn vị tính"
TITLE_VALUE: Final = "Số liệu"
TITLE_CHECK: Final = "Kiểm tra"
TITLE_PREVIOUS: Final = "Kỳ trước"
TITLE_NOTE: Final = "Ghi chú"
TITLE_CODE: Final = "Mã"

HEADER_VI: Final = (
    TITLE_NUMBER,
    TITLE_MEASURE,
    TITLE_UNIT_OF_MEASURE,
    TITLE_VALUE,
    TITLE_CHECK,
    TITLE_PREVIOUS,
    TITLE_NOTE,
    TITLE_CODE,
)
HEADER_EN: Final = (
    "No.",
    "Measure",
    "Unit",
    "Figure",
    "Check",
    "Last period",
    "Note",
    "Code",
)
"""Stands in the row under `HEADER_VI`, small and grey; its code cell is no measure."""

COLUMN_NUMBER: Final = 0
COLUMN_MEASURE: Final = 1
COLUMN_UNIT_OF_MEASURE: Final = 2
COLUMN_VALUE: Final = 3
COLUMN_CHECK: Final = 4
COLUMN_PREVIOUS: Final = 5
COLUMN_NOTE: Final = 6
COLUMN_CODE: Final = 7
COLUMN_FIGURE: Final = 8
"""Hidden: the number that the value cell stands for, or an empty text."""
CHECK_COLUMNS: Final = (COLUMN_CHECK, COLUMN_PREVIOUS)
"""Left empty and hidden in a workbook that does not check itself."""

# Zero-based rows of a freshly written workbook.
ROW_UNIT: Final = 0
ROW_TITLE: Final = 1
ROW_TITLE_EN: Final = 2
ROW_PERIOD: Final = 3
ROW_DEADLINE: Final = 4
ROW_BANNER: Final = 5
ROW_INSTRUCTIONS: Final = 6
ROW_NIL: Final = 7
ROW_HEADER: Final = 8
ROW_HEADER_EN: Final = 9
ROW_FIRST_MEASURE: Final = 10

# The nil report: a row above the header, mark in `COLUMN_VALUE`, code in `COLUMN_CODE`.
NIL_CODE: Final = "KHONG_PHAT_SINH"
NIL_LABEL_VI: Final = "Báo cáo không phát sinh: đánh dấu X vào ô bên"
NIL_LABEL_EN: Final = "nil report"
NIL_MARK: Final = "X"
NIL_MARKS: Final = ("x", "không phát sinh", "có", "1")
"""What counts as a mark: NFC, spaces folded, case folded."""

NOT_APPLICABLE_MARK: Final = "KAD"
"""In a value cell: the measure does not apply to this unit ("không áp dụng")."""
# The check column and the line above the table begin with one of these.
CHECK_ERROR: Final = "✗"
"""Gate 1 would keep the figure out."""
CHECK_DOUBT: Final = "⚠"
"""Gate 1 would let it in with a doubt."""
CHECK_EMPTY: Final = "○"
"""Required and not filled in yet."""
CHECK_OK: Final = "✓"

YES_VI: Final = "Có"
NO_VI: Final = "Không"

SIMULATED_BANNER: Final = "SỐ LIỆU MÔ PHỎNG / SIMULATED"
SIMULATED_FILE_MARK: Final = "SIMULATED"

# --- The metadata sheet ------------------------------------------------------------
COLUMN_META_KEY: Final = 0
COLUMN_META_VALUE: Final = 1
COLUMN_META_HELP: Final = 2

META_FORMAT: Final = "template_format"
META_TEMPLATE_VERSION: Final = "template_version"
META_PROGRAMME: Final = "programme_code"
META_FORM: Final = "form_code"
META_UNIT: Final = "unit_code"
META_PERIOD: Final = "period_key"
META_NUMBER_STYLE: Final = "number_style"
META_SEND_NUMBER: Final = "send_number"
META_SIMULATED: Final = "is_simulated"
META_KEYS: Final = (
    META_FORMAT,
    META_TEMPLATE_VERSION,
    META_PROGRAMME,
    META_FORM,
    META_UNIT,
    META_PERIOD,
    META_NUMBER_STYLE,
    META_SEND_NUMBER,
    META_SIMULATED,
)
META_TRUE: Final = "true"
META_FALSE: Final = "false"
