"""Rows of a database as reports: exact plain texts, grouped by the keys, as CSV.

Shape: rows come ordered by their keys; a `Report` is all rows of one unit and period.
"""

from __future__ import annotations

import base64
import csv
import datetime as dt
import hashlib
import io
import json
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from itertools import groupby
from typing import Any

from sources.connectors.sizes import Size

Texts = tuple[str, ...]


@dataclass(frozen=True)
class Report:
    """All rows of one report as texts, in an order of their own, and its watermarks."""

    rows: list[Texts]
    marks: tuple[Any, ...]
    """Every watermark in it, None for rows without one; empty where none is asked."""

    def digest(self, header: Sequence[str]) -> str:
        """16 letters that change with any value of the report."""
        text = "\x1e".join("\x1f".join(row) for row in (header, *self.rows))
        seal = hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=12)
        return base64.b64encode(seal.digest()).decode()


def reports(
    chunks: Iterable[Sequence[Sequence[Any]]], keys: Sequence[int], mark: int | None
) -> Iterator[Report]:
    """One report per run of rows with equal `keys`; `mark` is the watermark's place.

    Keys that differ by letter case or blanks at the end are one report: some servers
    sort them as equal, and would tear a report apart.
    """

    def report_of(row: tuple[Texts, Any]) -> Texts:
        return tuple([_folded(row[0][at]) for at in keys])

    rows = (pair for chunk in chunks for pair in _pairs(chunk, mark))
    for _, group in groupby(rows, report_of):
        texts, marks = zip(*group, strict=True)
        yield Report(sorted(texts), () if mark is None else tuple(set(marks)))


def as_csv(header: Sequence[str], rows: Iterable[Texts]) -> bytes:
    """One CSV page as RFC 4180 has it, in UTF-8; nothing is written for NULL."""
    page = io.StringIO(newline="")
    writer = csv.writer(page)
    writer.writerow(header)
    writer.writerows(rows)
    return page.getvalue().encode("utf-8", "replace")


def size_of_rows(rows: Sequence[Texts]) -> Size:
    """What these rows ask of a reader; quotes are not counted."""
    length = sum(len("\x1f".join(row).encode("utf-8", "replace")) + 2 for row in rows)
    filled = sum(len(row) - row.count("") for row in rows)
    return Size(len(rows), filled, length)


def _pairs(
    chunk: Sequence[Sequence[Any]], mark: int | None
) -> Iterator[tuple[Texts, Any]]:
    """Each row as texts, with its watermark as it came."""
    columns = list(zip(*chunk, strict=True))
    marks = [None] * len(chunk) if mark is None else columns[mark]
    texts = zip(*(_texts(column) for column in columns), strict=True)
    return zip(texts, marks, strict=True)


def _texts(column: Sequence[Any]) -> Sequence[str]:
    kinds = set(map(type, column))
    if kinds == {str}:
        return column
    if len(kinds) == 1:
        return list(map(_writer(*kinds), column))
    writers = {kind: _writer(kind) for kind in kinds}
    return [writers[type(value)](value) for value in column]


@lru_cache(maxsize=4096)
def _folded(key: str) -> str:
    return key.casefold().rstrip()


def _writer(kind: type) -> Callable[[Any], str]:
    """How values of a type are written: exact, plain, and the same on every machine."""
    for known, write in _WRITERS:
        if issubclass(kind, known):
            return write
    return str


def _decimal(value: Decimal) -> str:
    return format(value, "f")


def _real(value: float) -> str:
    return format(Decimal(repr(value)), "f") if math.isfinite(value) else str(value)


def _document(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


_WRITERS: tuple[tuple[type | tuple[type, ...], Callable[[Any], str]], ...] = (
    (type(None), lambda _: ""),
    (str, str),
    (bool, lambda value: "true" if value else "false"),
    (int, str),
    (Decimal, _decimal),
    (float, _real),
    ((dt.date, dt.time), lambda value: value.isoformat()),
    ((bytes, bytearray, memoryview), lambda value: bytes(value).hex()),
    ((list, tuple, dict), _document),
)
