"""Plain workbook: inspection and cells in one, for workbooks written the usual way.

What is read here is what was checked, byte for byte: no second reader opens the file.
Whatever is not plain gives None and takes the long way (inspection, then a spreadsheet
reader), which alone refuses files and words why. Both give the same cells, except for
error cells whose name the spreadsheet reader does not know: it gives up at them.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from pathlib import Path
from struct import error as StructError
from typing import TYPE_CHECKING

from sources.readers.limits import Limits
from sources.readers.package_parts import PACKAGE, STYLES, TEXTS, WORKBOOK, Parts
from sources.readers.plain_parts import (
    NO_STYLES,
    plain_styles,
    shared_texts,
    sheet_body,
)
from sources.readers.plain_rows import Filled, filled_cells
from sources.readers.plain_zip import MOST_FILE, NotPlain, PlainZip
from sources.readers.properties import may_tell_of_persons
from sources.readers.rejections import Rejected
from sources.readers.sheet_facts import SheetFacts
from sources.readers.xlsx_facts import COMMENTS, DRAWINGS, worksheets
from sources.readers.xml_parts import elements, remembered

if TYPE_CHECKING:
    from sources.readers.grid import SheetCells

_CORE = "docprops/core.xml"
_OTHER_WAYS = {"docprops/custom.xml", "content.xml", "xl/workbook.bin"}
"""Parts that the long way looks at, or by which it takes the file for another kind."""
_WORKBOOKS = ([WORKBOOK], [f"/{WORKBOOK}"])
_NO_TEXTS: Mapping[bytes, str] = {}


def read_plain(path: Path, limits: Limits) -> list[SheetCells] | None:
    """One entry per worksheet, or None for a workbook that is not plain."""
    if not 0 < path.stat().st_size <= min(MOST_FILE, limits.file_bytes):
        return None
    try:
        return _sheets(PlainZip(path.read_bytes(), limits), limits)
    except (NotPlain, Rejected, StructError, zlib.error, ValueError):
        return None


def _sheets(package: PlainZip, limits: Limits) -> list[SheetCells]:
    if any(map(_has_texts, package.names)) or _OTHER_WAYS & {*package.names}:
        raise NotPlain
    if _CORE in package.names and may_tell_of_persons(package.part(_CORE)):
        raise NotPlain
    _check_start(package.small_part(PACKAGE))
    facts, parts = worksheets(package.small_part, limits)
    styles, texts = NO_STYLES, _NO_TEXTS
    if _has(package, parts, "styles", STYLES):
        styles = plain_styles(package.small_part(STYLES))
    if _has(package, parts, "sharedStrings", TEXTS):
        texts = shared_texts(package.small_part(TEXTS))
    sheets: list[SheetCells] = []
    cells = volume = 0
    for sheet in facts:
        body = sheet_body(package.part(sheet.part))
        found = filled_cells(body, texts, styles, limits)
        cells += found.cells
        volume += sum(map(len, found.texts))
        sheets.append(_as_cells(sheet, found))
        if volume > limits.text_volume:
            raise NotPlain
    if cells > limits.cells:
        raise NotPlain
    return sheets


def _has_texts(part: str) -> bool:
    """True for parts that hold texts outside cells."""
    return bool(COMMENTS.fullmatch(part) or DRAWINGS.fullmatch(part))


@remembered
def _check_start(data: bytes) -> None:
    """The package must begin at the workbook that every reader looks at."""
    targets = [
        element.attributes.get("Target")
        for element in elements(PACKAGE, data)
        if element.attributes.get("Type", "").endswith("/officeDocument")
    ]
    if targets not in _WORKBOOKS:
        raise NotPlain


def _has(package: PlainZip, parts: Parts, kind: str, name: str) -> bool:
    """True when the package holds the part under the name that every reader knows."""
    targets = [target for _, target in parts.get(kind, [])]
    is_there = name.lower() in package.names
    if targets not in ([], [name]) or (targets and not is_there):
        raise NotPlain
    return is_there


def _as_cells(facts: SheetFacts, found: Filled) -> SheetCells:
    return {
        "name": facts.name,
        "state": facts.state,
        "hidden_rows": [],
        "rows": found.rows,
        "columns": found.columns,
        "kinds": found.kinds,
        "texts": found.texts,
        "widths": [],
    }
