"""Draws the fixed part of a form's workbook with XlsxWriter, once per form.

What differs from one unit or period to the next is left as blank formatted cells and
as the marks below; `stamp` fills them in. Formulas are those of `checks` alone, in
cells of their own; there is no link.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable
from typing import Any, Final

import xlsxwriter

from sources.template import layout
from sources.template.check_cells import draw_checks
from sources.template.content import FormRow, FormSheet
from sources.template.formats import MAX_DEPTH, Formats
from sources.template.meta_sheet import draw_meta_sheet
from sources.template.validation import add_validations

Decorate = Callable[[Any, Any, Any], None]
"""Called with (workbook, form worksheet, formats) before the workbook is closed."""

FOOTER_MARK: Final = "[[footer]]"
SUBJECT_MARK: Final = "[[subject]]"
CREATED: Final = dt.datetime(1970, 1, 1)
"""Stands where the stamp puts the date of the content."""

_WIDTHS: Final = (6, 44, 11, 15, 27, 12, 20, 20, 9)
_LINE_HEIGHT: Final = 16.5
_MEASURE_CHARACTERS: Final = 42
_INSTRUCTIONS: Final = (
    "Chỉ điền vào ô nền vàng. Số thập phân dùng dấu phẩy (5,5), hàng nghìn dùng dấu "
    "chấm (1.656); không có thì ghi 0, không áp dụng thì ghi "
    f"{layout.NOT_APPLICABLE_MARK}. Không đổi tên sheet, không sửa cột Mã. "
    "Không ghi họ tên, số giấy tờ hay dữ liệu cá nhân."
)
_INSTRUCTIONS_CHECK: Final = (
    f" Xem cột {layout.TITLE_CHECK}: ô đỏ phải sửa, ô cam cần xem lại trước khi gửi."
)
_INSTRUCTIONS_EN: Final = (
    "Fill in the yellow cells only; decimal comma, 0 when there was none, "
    f"{layout.NOT_APPLICABLE_MARK} when not applicable. No personal data."
)


def draw(
    form: FormSheet,
    is_simulated: bool,
    decorate: Decorate | None,
    has_checks: bool = False,
) -> bytes:
    """The .xlsx bytes of a form without unit, period and figures."""
    buffer = io.BytesIO()
    workbook = xlsxwriter.Workbook(
        buffer,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_numbers": False,
            "strings_to_urls": False,
        },
    )
    workbook.set_properties(
        {
            "title": form.name_vi,
            "subject": SUBJECT_MARK,
            "category": layout.SIMULATED_FILE_MARK if is_simulated else "",
            "created": CREATED,
        }
    )
    formats = Formats(workbook)
    sheet = workbook.add_worksheet(layout.SHEET_FORM)
    _set_up_page(sheet, is_simulated, has_checks)
    _draw_head(sheet, form, is_simulated, has_checks, formats)
    _draw_header_row(sheet, formats, has_checks)
    for row_number, row in enumerate(form.rows, start=layout.ROW_FIRST_MEASURE):
        if row is not None:
            _draw_measure(sheet, row_number, row, formats)
    add_validations(sheet, form.rows)
    if has_checks:
        draw_checks(sheet, form, formats)
    last_row = layout.ROW_FIRST_MEASURE + len(form.rows) - 1
    sheet.print_area(0, 0, last_row, layout.COLUMN_CODE)
    draw_meta_sheet(workbook, formats)
    if decorate is not None:
        decorate(workbook, sheet, formats)
    workbook.close()
    return buffer.getvalue()


def _set_up_page(sheet: Any, is_simulated: bool, has_checks: bool) -> None:
    for column, width in enumerate(_WIDTHS):
        is_hidden = column == layout.COLUMN_FIGURE or (
            column in layout.CHECK_COLUMNS and not has_checks
        )
        sheet.set_column(column, column, width, None, {"hidden": is_hidden})
    sheet.hide_gridlines(2)
    sheet.set_paper(9)
    sheet.set_portrait()
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.5, right=0.4, top=0.6, bottom=0.7)
    sheet.center_horizontally()
    sheet.repeat_rows(layout.ROW_HEADER, layout.ROW_HEADER_EN)
    mark = f"  {layout.SIMULATED_BANNER}" if is_simulated else ""
    sheet.set_footer(f"&L&8{FOOTER_MARK}{mark}&R&8Trang &P / &N")
    sheet.freeze_panes(layout.ROW_FIRST_MEASURE, 0)
    sheet.protect(
        "",
        {
            "format_columns": True,
            "format_rows": True,
            "select_locked_cells": True,
            "select_unlocked_cells": True,
        },
    )
    sheet.set_selection(
        layout.ROW_FIRST_MEASURE,
        layout.COLUMN_VALUE,
        layout.ROW_FIRST_MEASURE,
        layout.COLUMN_VALUE,
    )


def _draw_head(
    sheet: Any,
    form: FormSheet,
    is_simulated: bool,
    has_checks: bool,
    formats: Formats,
) -> None:
    """Everything above the header row; unit, period and deadline stay blank."""
    last = layout.COLUMN_CODE
    sheet.set_row(layout.ROW_UNIT, 22)
    sheet.write_blank(layout.ROW_UNIT, 0, None, formats["unit"])
    code = f"{form.form_code} · v{form.template_version}"
    sheet.write_string(layout.ROW_UNIT, last, code, formats["form_code"])
    sheet.set_row(layout.ROW_TITLE, 26 * (1 + len(form.name_vi) // 75))
    sheet.set_row(layout.ROW_PERIOD, 20)
    _draw_across(sheet, layout.ROW_TITLE, form.name_vi.upper(), formats["title"])
    _draw_across(sheet, layout.ROW_TITLE_EN, form.name_en, formats["title_en"])
    _draw_across(sheet, layout.ROW_PERIOD, "", formats["period"])
    _draw_across(sheet, layout.ROW_DEADLINE, "", formats["deadline"])
    if is_simulated:
        banner = layout.SIMULATED_BANNER
        _draw_across(sheet, layout.ROW_BANNER, banner, formats["banner"])
        sheet.set_row(layout.ROW_BANNER, 22)
    _draw_across(sheet, layout.ROW_INSTRUCTIONS, "", formats["instructions"])
    sheet.write_rich_string(
        layout.ROW_INSTRUCTIONS,
        0,
        formats["run_small"],
        _INSTRUCTIONS + (_INSTRUCTIONS_CHECK if has_checks else ""),
        formats["run_en"],
        "\n" + _INSTRUCTIONS_EN,
        formats["instructions"],
    )
    sheet.set_row(layout.ROW_INSTRUCTIONS, 50)
    nil = layout.ROW_NIL
    sheet.merge_range(nil, 0, nil, layout.COLUMN_VALUE - 1, "", formats["nil_label"])
    sheet.write_rich_string(
        nil,
        0,
        formats["run_vi"],
        layout.NIL_LABEL_VI + "  ",
        formats["run_en"],
        layout.NIL_LABEL_EN,
        formats["nil_label"],
    )
    sheet.write_blank(nil, layout.COLUMN_VALUE, None, formats["nil_box"])
    code_format = formats["code_plain"]
    sheet.write_string(nil, layout.COLUMN_CODE, layout.NIL_CODE, code_format)
    sheet.set_row(nil, 24)


def _draw_across(sheet: Any, row: int, text: str, cell_format: Any) -> None:
    """Text over the whole width of the form."""
    sheet.merge_range(row, 0, row, layout.COLUMN_CODE, "", cell_format)
    if text:
        sheet.write_string(row, 0, text, cell_format)


def _draw_header_row(sheet: Any, formats: Formats, has_checks: bool) -> None:
    sheet.set_row(layout.ROW_HEADER, 24)
    titles = zip(layout.HEADER_VI, layout.HEADER_EN, strict=True)
    for column, (title, english) in enumerate(titles):
        if column in layout.CHECK_COLUMNS and not has_checks:
            continue
        sheet.write_string(layout.ROW_HEADER, column, title, formats["header"])
        sheet.write_string(layout.ROW_HEADER_EN, column, english, formats["header_en"])


def _draw_measure(sheet: Any, row_number: int, row: FormRow, formats: Formats) -> None:
    """One line of the form: labels and code; the boxes stay blank."""
    depth = min(row.depth, MAX_DEPTH)
    label = formats[f"measure_{depth}" if depth else "measure"]
    name = row.name_vi + ("" if row.is_required else " (nếu có)")
    sheet.write_string(row_number, layout.COLUMN_NUMBER, row.number, formats["number"])
    if row.name_en:
        sheet.write_rich_string(
            row_number,
            layout.COLUMN_MEASURE,
            formats["run_bold" if row.has_members else "run_vi"],
            name,
            formats["run_en"],
            "\n" + row.name_en,
            label,
        )
    else:
        sheet.write_string(row_number, layout.COLUMN_MEASURE, name, label)
    lines = 1 + len(name) // _MEASURE_CHARACTERS
    lines += 1 + len(row.name_en) // (_MEASURE_CHARACTERS + 14) if row.name_en else 0
    sheet.set_row(row_number, 5 + _LINE_HEIGHT * lines)
    unit_column = layout.COLUMN_UNIT_OF_MEASURE
    sheet.write_string(row_number, unit_column, row.unit_of_measure, formats["uom"])
    box = "count" if row.value_type in ("count", "money") else row.value_type
    sheet.write_blank(row_number, layout.COLUMN_VALUE, None, formats[box])
    sheet.write_blank(row_number, layout.COLUMN_NOTE, None, formats["note"])
    sheet.write_string(row_number, layout.COLUMN_CODE, row.code, formats["code"])
