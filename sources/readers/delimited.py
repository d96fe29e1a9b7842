"""Delimited: text files of records (CSV, TSV) as sheets in which every cell is text."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from sources.readers.delimiters import delimiter_of, records
from sources.readers.encodings import decoded
from sources.readers.grid import SheetCells, empty_sheet, guard
from sources.readers.limits import Limits, check_file_size
from sources.readers.rejections import Rejected
from sources.readers.sdmx_csv import check_actions


class Dialect(NamedTuple):
    """How a text file is declared to be written; `auto` where that is to be found."""

    encoding: str
    delimiter: str


def read_csv(path: Path, dialect: Dialect, limits: Limits) -> list[SheetCells]:
    """One entry: a text file as a sheet without a name, every cell text.

    Raises:
        Rejected: wrong encoding, an open quote, too large, or personal data.
    """
    check_file_size(path.stat().st_size, limits)
    sheet = delimited_sheet([("", path.read_bytes())], dialect, limits)
    guard([sheet], figures_are_text=True)
    return [sheet]


def delimited_sheet(
    pages: Iterable[tuple[str, bytes]], dialect: Dialect, limits: Limits
) -> SheetCells:
    """The records of all pages, (name, bytes), under their common header.

    Raises:
        Rejected: wrong encoding, an open quote, too large, or another header.
    """
    sheet = empty_sheet("", "visible")
    head: list[str] | None = None
    csv.field_size_limit(limits.text_length)
    for name, data in pages:
        try:
            text = decoded(data, dialect.encoding)
            delimiter = delimiter_of(text, dialect.delimiter)
            if (fields := text.count(delimiter)) > limits.area:
                raise Rejected("X_TOOBIG", f"{fields} fields, at most {limits.area}")
            found = _records(text, delimiter)
            first = next(found, [])
            if head is not None and first != head:
                detail = ", ".join(map(repr, first))
                raise Rejected("X_COLUMNS", detail, "", "row 1")
            if head is None:
                head = first
                _append(sheet, head, limits)
            for record in found:
                _append(sheet, record, limits)
        except Rejected as reason:
            raise reason.inside(name) from reason
    sheet["kinds"] = "s" * len(sheet["texts"])
    check_actions(sheet)
    return sheet


def _append(sheet: SheetCells, record: list[str], limits: Limits) -> None:
    row = len(sheet["widths"])
    filled = [(column, field) for column, field in enumerate(record) if field]
    if len(sheet["texts"]) + len(filled) > limits.cells or row >= limits.cells:
        raise Rejected("X_TOOBIG", f"row {row + 1}: over {limits.cells} cells")
    sheet["widths"].append(len(record))
    sheet["rows"] += [row] * len(filled)
    sheet["columns"] += [column for column, _ in filled]
    sheet["texts"] += [field for _, field in filled]


def _records(text: str, delimiter: str) -> Iterator[list[str]]:
    row = 0
    try:
        for record in records(text, delimiter):
            row += 1
            yield record
    except csv.Error as problem:
        place = f"row {row + 1}"
        raise Rejected("X_CSV", f"{place}: {problem}", "", place) from problem
