"""Values: a sender's formulas become what they came to; nothing stays that can act.

A reply is opened by others than its sender. A formula may fetch an address, start a
program or show what another file holds, so each is replaced by the result stored in the
file. Only the template's own checks stay: in their columns, made of functions that do
no more than calculate (`is_plain`).
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

from openpyxl import load_workbook
from openpyxl.formatting.formatting import ConditionalFormattingList

from sources.readers.texts import fold
from sources.template import layout
from sources.template.formulas import is_plain

_FIGURE_AFTER_CODE = layout.COLUMN_FIGURE - layout.COLUMN_CODE


def leave_values(workbook: Any, data: bytes) -> None:
    """Leaves values in the workbook, which is the content of `data`.

    Links that lead out, names, pivot tables, charts and pictures go as well; of
    validations and conditional formats those stay that only calculate.
    """
    live = {sheet.title: list(_live(sheet)) for sheet in workbook.worksheets}
    if any(live.values()):
        results = load_workbook(io.BytesIO(data), data_only=True, keep_links=False)
        for title, cells in live.items():
            for cell in cells:
                stored = results[title][cell.coordinate]
                # as the reader of openpyxl sets it: a text is never taken for a formula
                cell._value, cell.data_type = stored._value, stored.data_type
    workbook.defined_names.clear()
    for sheet in workbook.worksheets:
        sheet.defined_names.clear()
        sheet._pivots, sheet._charts, sheet._images = [], [], []
        sheet._hyperlinks = [link for link in sheet._hyperlinks if not link.target]
        for cell in sheet._cells.values():
            if cell.hyperlink is not None and cell.hyperlink.target:
                cell.hyperlink = None
        _keep_plain_rules(sheet)


def _live(sheet: Any) -> Iterator[Any]:
    """Cells with a formula that is none of the template's checks."""
    columns = _check_columns(sheet)
    for cell in sheet._cells.values():
        if cell.data_type == "f":
            is_ours = cell.column in columns and isinstance(cell.value, str)
            if not is_ours or not is_plain(cell.value):
                yield cell


def _check_columns(sheet: Any) -> set[int]:
    """Where the template's checks stand: under their title and beside the codes."""
    if fold(sheet.title) != layout.SHEET_FORM:
        return set()
    found: dict[str, set[tuple[int, int]]] = {}
    for cell in sheet._cells.values():
        if isinstance(cell.value, str):
            place = cell.row, cell.column
            found.setdefault(fold(cell.value), set()).add(place)
    rows = dict(found.get(layout.TITLE_CODE, ()))
    heads = [(r, c) for r, c in found.get(layout.TITLE_CHECK, ()) if r in rows]
    return {
        column
        for row, check in heads
        for column in (check, rows[row] + _FIGURE_AFTER_CODE)
    }


def _keep_plain_rules(sheet: Any) -> None:
    """Drops validations and conditional formats that could do more than calculate."""
    validations = sheet.data_validations
    validations.dataValidation = [
        rule
        for rule in validations.dataValidation
        if all(is_plain(f) for f in (rule.formula1, rule.formula2) if f)
    ]
    kept = ConditionalFormattingList()
    for area in sheet.conditional_formatting:
        for rule in area.rules:
            is_scale = rule.colorScale or rule.dataBar or rule.iconSet
            if not is_scale and all(map(is_plain, rule.formula)):
                kept.add(str(area.sqref), rule)
    sheet.conditional_formatting = kept
