"""Draws the checks into a form: their formulas, colours and the line that sums up."""

from __future__ import annotations

from typing import Any, Final

from sources.template import layout
from sources.template.checks import SheetFormulas
from sources.template.content import FormSheet
from sources.template.formats import Formats
from sources.template.formulas import cell

_NOT_COMPUTED: Final = ""
"""Stored result of every formula: none, so any spreadsheet computes it on opening."""
_COLOURED: Final = (
    (layout.CHECK_ERROR, "mark_error"),
    (layout.CHECK_DOUBT, "mark_doubt"),
    (layout.CHECK_OK, "mark_ok"),
    (layout.CHECK_EMPTY, "mark_empty"),
)
_BOX_MARKS: Final = (layout.CHECK_ERROR, layout.CHECK_DOUBT)
"""An empty or a good box keeps its own colour."""


def draw_checks(sheet: Any, form: FormSheet, formats: Formats) -> None:
    """Formulas beside every box, the summary beside the nil box, and their colours."""
    formulas = SheetFormulas(form)
    nil = layout.ROW_NIL

    def write(row: int, column: int, formula: str, name: str) -> None:
        sheet.write_formula(row, column, formula, formats[name], _NOT_COMPUTED)

    write(nil, layout.COLUMN_FIGURE, formulas.nil(), "figure")
    first, last = layout.COLUMN_CHECK, layout.COLUMN_NOTE
    sheet.merge_range(nil, first, nil, last, "", formats["summary"])
    write(nil, first, formulas.summary(), "summary")
    for number, row in enumerate(form.rows, start=layout.ROW_FIRST_MEASURE):
        if row is not None:
            write(number, layout.COLUMN_CHECK, formulas.check(row), "check")
            write(number, layout.COLUMN_FIGURE, formulas.figure(row), "figure")
            box = "decimal" if row.value_type == "decimal" else "count"
            previous = formats[f"previous_{box}"]
            sheet.write_blank(number, layout.COLUMN_PREVIOUS, None, previous)
    _colour(sheet, nil, nil, formats)
    bottom = layout.ROW_FIRST_MEASURE + len(form.rows) - 1
    _colour(sheet, layout.ROW_FIRST_MEASURE, bottom, formats)


def _colour(sheet: Any, top: int, bottom: int, formats: Formats) -> None:
    """Colours the checks of these rows by their mark, and the boxes with faults."""
    check = f"${cell(top, layout.COLUMN_CHECK)}"
    for mark, name in _COLOURED:
        is_shown_in_box = mark in _BOX_MARKS and top != layout.ROW_NIL
        first = layout.COLUMN_VALUE if is_shown_in_box else layout.COLUMN_CHECK
        last = layout.COLUMN_NOTE if top == layout.ROW_NIL else layout.COLUMN_CHECK
        sheet.conditional_format(
            top,
            first,
            bottom,
            last,
            {
                "type": "formula",
                "criteria": f'=LEFT({check},1)="{mark}"',
                "format": formats.mark(name),
            },
        )
