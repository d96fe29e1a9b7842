"""Delimited: text files of records (CSV, TSV) as sheets in which every cell is text."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from sources.readers.grid import SheetCells, empty_sheet, guard
from sources.readers.limits import Limits
from sources.readers.rejections import Rejected
from sources.readers.sdmx_csv import check_actions


class Dialect(NamedTuple):
    """How a text file is declared to be written."""

    encoding: str
    delimiter: str


def read_csv(path: Path, dialect: Dialect, limits: Limits) -> list[SheetCells]:
    """One entry: a text file as a sheet without a name, every cell text.

    Raises:
        Rejected: wrong encoding, an open quote, too large, or personal data.
    """
    size = path.stat().st_size
    if size == 0:
        raise Rejected("X_EMPTY")
    if size > limits.file_bytes:
        raise Rejected("X_TOOBIG", f"{size} bytes, at most {limits.file_bytes}")
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
    for name, data in pages:
        text = _decoded(name, data, dialect.encoding)
        records = _records(name, text, dialect.delimiter, limits)
        if head is None:
            head = next(records, [])
            _append(sheet, head, limits)
        elif (other := next(records, [])) != head:
            detail = f"{name}: {', '.join(map(repr, other))}"
            raise Rejected("X_COLUMNS", detail, "", "row 1")
        for record in records:
            _append(sheet, record, limits)
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


def _records(
    name: str, text: str, delimiter: str, limits: Limits
) -> Iterator[list[str]]:
    csv.field_size_limit(limits.text_length)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    row = 0
    try:
        for record in reader:
            row += 1
            yield record
    except csv.Error as problem:
        place = f"row {row + 1}"
        detail = f"{name}: {place}: {problem}" if name else f"{place}: {problem}"
        raise Rejected("X_CSV", detail, "", place) from problem


def _decoded(name: str, data: bytes, encoding: str) -> str:
    place = f"{name}: {encoding}" if name else encoding
    try:
        text = data.decode(encoding)
    except (UnicodeError, LookupError) as error:
        raise Rejected("X_ENCODING", f"{place}: {error}") from error
    if "\0" in text:
        detail = f"{place}: the text holds NUL characters (UTF-16, or no text file)"
        raise Rejected("X_ENCODING", detail)
    return text.removeprefix("\ufeff")
