"""The metadata sheet: stable keys, their values, and what they mean to an officer."""

from __future__ import annotations

from typing import Any, Final

from sources.template import layout
from sources.template.content import WorkbookContent
from sources.template.formats import Formats

_HELP: Final = {
    layout.META_FORMAT: "Kiểu mẫu của hệ thống · layout generation",
    layout.META_TEMPLATE_VERSION: "Phiên bản biểu · version of the form",
    layout.META_PROGRAMME: "Mã chương trình · programme",
    layout.META_FORM: "Mã biểu · form",
    layout.META_UNIT: "Mã đơn vị gửi · reporting unit",
    layout.META_PERIOD: "Mã kỳ báo cáo · period",
    layout.META_NUMBER_STYLE: (
        "Cách ghi số dạng chữ: vi = 1.656,5 · how numbers typed as text are read"
    ),
    layout.META_SEND_NUMBER: (
        "Lần gửi; gửi lại thì tăng thêm 1 · add 1 when you send again"
    ),
    layout.META_SIMULATED: "Số liệu mô phỏng? · simulated figures?",
}


def draw_meta_sheet(workbook: Any, formats: Formats) -> None:
    """Add the metadata sheet, values blank; only the send number is unlocked."""
    sheet = workbook.add_worksheet(layout.SHEET_META)
    sheet.set_column(layout.COLUMN_META_KEY, layout.COLUMN_META_KEY, 20)
    sheet.set_column(layout.COLUMN_META_VALUE, layout.COLUMN_META_VALUE, 34)
    sheet.set_column(layout.COLUMN_META_HELP, layout.COLUMN_META_HELP, 66)
    sheet.hide_gridlines(2)
    sheet.set_paper(9)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.protect("")
    for row, key in enumerate(layout.META_KEYS):
        box = "meta_input" if key == layout.META_SEND_NUMBER else "meta_value"
        sheet.set_row(row, 21)
        sheet.write_string(row, layout.COLUMN_META_KEY, key, formats["meta_key"])
        sheet.write_blank(row, layout.COLUMN_META_VALUE, None, formats[box])
        sheet.write_string(
            row, layout.COLUMN_META_HELP, _HELP[key], formats["meta_help"]
        )


def meta_values(content: WorkbookContent) -> dict[str, str]:
    """Key -> value in the order of the sheet; `content.meta` overrides."""
    form = content.sheet
    is_simulated = layout.META_TRUE if content.is_simulated else layout.META_FALSE
    return {
        layout.META_FORMAT: layout.TEMPLATE_FORMAT,
        layout.META_TEMPLATE_VERSION: form.template_version,
        layout.META_PROGRAMME: form.programme_code,
        layout.META_FORM: form.form_code,
        layout.META_UNIT: content.unit_code,
        layout.META_PERIOD: content.period_key,
        layout.META_NUMBER_STYLE: form.number_style,
        layout.META_SEND_NUMBER: str(content.send_number),
        layout.META_SIMULATED: is_simulated,
        **content.meta,
    }
