"""Fills in a drawn form: content in, the bytes of an .xlsx out.

A form is drawn once and kept; each workbook then only gets its cells, which is some
ten times faster than drawing it anew. Equal content gives equal bytes. Text is written
as text (an inline string), never as a formula, a link or a number. The formulas of the
checks stand in cells that are never blank, so they pass through as drawn.
"""

from __future__ import annotations

import datetime as dt
import functools
import io
import re
import zipfile
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Final
from xml.sax.saxutils import escape

from xlsxwriter.utility import xl_rowcol_to_cell

from sources.template import layout
from sources.template.content import CellValue, FormRow, FormSheet, WorkbookContent
from sources.template.meta_sheet import meta_values
from sources.template.render import (
    CREATED,
    FOOTER_MARK,
    SUBJECT_MARK,
    Decorate,
    draw,
)

_FORM_PART: Final = "xl/worksheets/sheet1.xml"
_META_PART: Final = "xl/worksheets/sheet2.xml"
_CORE_PART: Final = "docProps/core.xml"
_BLANK: Final = re.compile(r'<c r="([A-Z]+\d+)" s="(\d+)"/>')
_ZIP_DAY: Final = (1980, 1, 1, 0, 0, 0)
_MAX_CELL_TEXT: Final = 32_767
# What XML cannot hold is written _xHHHH_, and so is text that looks like that already.
_UNWRITABLE: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)"
)

Cells = Mapping[str, CellValue]


def render(content: WorkbookContent, decorate: Decorate | None = None) -> bytes:
    """The .xlsx bytes of one workbook; `decorate` may draw on it beforehand."""
    if decorate is None:
        drawn = _drawn(content.sheet, content.is_simulated, content.has_checks)
    else:
        drawn = _Drawn(
            draw(content.sheet, content.is_simulated, decorate, content.has_checks)
        )
    return drawn.filled(content)


class _Drawn:
    """A drawn form, cut at its blank cells."""

    def __init__(self, data: bytes) -> None:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            parts = {name: package.read(name) for name in package.namelist()}
        self._core = parts.pop(_CORE_PART).decode()
        # literal, cell, style, literal, cell, style, ..., literal
        self._form = _BLANK.split(parts.pop(_FORM_PART).decode())
        self._meta = _BLANK.split(parts.pop(_META_PART).decode())
        self._fixed = _with_parts(b"", parts)

    def filled(self, content: WorkbookContent) -> bytes:
        """The package with the content in its blank cells."""
        footer = f"{content.unit_code} · {content.period_key}".replace("&", "&&")
        form = _fill(self._form, _form_cells(content))
        created = dt.datetime.combine(content.last_day, dt.time())
        core = self._core.replace(SUBJECT_MARK, _xml_text(content.period_key))
        changed = {
            _FORM_PART: form.replace(FOOTER_MARK, _xml_text(footer)),
            _META_PART: _fill(self._meta, _meta_cells(content)),
            _CORE_PART: core.replace(_zulu(CREATED), _zulu(created)),
        }
        return _with_parts(
            self._fixed, {name: text.encode() for name, text in changed.items()}
        )


def _zulu(moment: dt.datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def _with_parts(package: bytes, parts: Mapping[str, bytes]) -> bytes:
    """A package with further parts, all dated alike."""
    buffer = io.BytesIO()
    buffer.write(package)
    with zipfile.ZipFile(buffer, "a", zipfile.ZIP_DEFLATED) as appended:
        for name, part in parts.items():
            info = zipfile.ZipInfo(name, _ZIP_DAY)
            info.compress_type = zipfile.ZIP_DEFLATED
            appended.writestr(info, part)
    return buffer.getvalue()


@functools.lru_cache(maxsize=256)
def _drawn(form: FormSheet, is_simulated: bool, has_checks: bool) -> _Drawn:
    return _Drawn(draw(form, is_simulated, None, has_checks))


def _form_cells(content: WorkbookContent) -> Cells:
    """What stands in the boxes of the form, by cell."""
    period = (
        f"{content.period_label} (từ {content.first_day:%d/%m/%Y} "
        f"đến hết {content.last_day:%d/%m/%Y})"
    )
    cells: dict[str, CellValue] = {
        xl_rowcol_to_cell(layout.ROW_UNIT, 0): content.unit_name,
        xl_rowcol_to_cell(layout.ROW_PERIOD, 0): period,
        xl_rowcol_to_cell(layout.ROW_DEADLINE, 0): (
            f"Hạn gửi / Due: {content.due_date:%d/%m/%Y}"
        ),
        xl_rowcol_to_cell(layout.ROW_NIL, layout.COLUMN_VALUE): content.nil_mark,
    }
    for row_number, row in enumerate(content.sheet.rows, layout.ROW_FIRST_MEASURE):
        if row is not None:
            value = _shown(row, content.values.get(row.code))
            cells[xl_rowcol_to_cell(row_number, layout.COLUMN_VALUE)] = value
            note = content.notes.get(row.code)
            cells[xl_rowcol_to_cell(row_number, layout.COLUMN_NOTE)] = note
            before = _shown(row, content.previous.get(row.code))
            cells[xl_rowcol_to_cell(row_number, layout.COLUMN_PREVIOUS)] = before
    return cells


def _meta_cells(content: WorkbookContent) -> Cells:
    values = meta_values(content)
    return {
        xl_rowcol_to_cell(row, layout.COLUMN_META_VALUE): values[key]
        for row, key in enumerate(layout.META_KEYS)
    }


def _shown(row: FormRow, value: CellValue) -> CellValue:
    """A yes/no is written in words, anything else as it is."""
    if row.value_type == "yes_no" and isinstance(value, bool | int | Decimal):
        return layout.YES_VI if value else layout.NO_VI
    return value


def _fill(pieces: list[str], cells: Cells) -> str:
    """The sheet's XML with the blank cells that have content filled in."""
    out = [pieces[0]]
    blanks: Iterable[tuple[str, str, str]] = zip(
        pieces[1::3], pieces[2::3], pieces[3::3], strict=True
    )
    for cell, style, literal in blanks:
        out.append(_cell_xml(cell, style, cells.get(cell)))
        out.append(literal)
    return "".join(out)


def _cell_xml(cell: str, style: str, value: CellValue) -> str:
    head = f'<c r="{cell}" s="{style}"'
    if value is None or value == "":
        return f"{head}/>"
    if isinstance(value, str):
        if len(value) > _MAX_CELL_TEXT:
            raise ValueError(
                f"Text of {len(value)} characters for cell {cell}: a cell holds at "
                f"most {_MAX_CELL_TEXT}. Shorten it."
            )
        text = _xml_text(value)
        return f'{head} t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'
    return f"{head}><v>{_number(cell, value)}</v></c>"


def _number(cell: str, value: int | Decimal) -> str:
    """A number as a workbook stores it."""
    if isinstance(value, Decimal) and not value.is_finite():
        raise ValueError(f"{value} for cell {cell} is no number; leave the cell empty.")
    return format(value, "f") if isinstance(value, Decimal) else str(int(value))


def _xml_text(text: str) -> str:
    return escape(_UNWRITABLE.sub(lambda m: f"_x{ord(m.group()):04X}_", text))
