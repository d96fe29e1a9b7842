"""Plain rows: the cells of a worksheet whose rows have been seen before.

A row is cut at its values. What is left (which cells, of which type and style, with
which formula) is the same in every workbook of a form; it is parsed and checked once
and remembered. So a workbook costs little more than finding its values. Texts between
the same tags cannot change where tags open and close, so the parts being well-formed
makes the whole so, as long as the values hold no markup: they are checked too.
"""

from __future__ import annotations

import functools
import math
import operator
import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from sources.readers.limits import Limits
from sources.readers.plain_parts import Styles, as_written, check_texts
from sources.readers.plain_zip import NotPlain
from sources.readers.sheet_scan import column_number
from sources.readers.xml_parts import check_well_formed, remember

MOST_ROWS = 1_000
_VALUE = re.compile(rb'(<v>|<t>|<t xml:space="preserve">)([^<]+)')
_CUT = b"\0"  # XML cannot hold it
_ROW = re.compile(
    rb'r="(?P<row>[1-9][0-9]{0,6})"(?P<more>(?: [A-Za-z0-9:]+="[^"<]*")*)'
    rb"(?: ?/>|>(?P<cells>.*)</row>)",
    re.DOTALL,
)
_CELL = re.compile(
    rb'<c r="(?P<column>[A-Z]{1,3})(?P<row>[1-9][0-9]{0,6})"'
    rb'(?: s="(?P<style>0|[1-9][0-9]*)")?(?: t="(?P<type>[A-Za-z]+)")?'
    rb"(?: ?/>|>(?P<formula><f(?: [^<>]*)?(?:/>|>[^<]*</f>))?"
    rb"(?:(?P<value><v>\0</v>)|(?P<empty><v></v>|<v ?/>)"
    rb'|(?P<text><is><t(?P<kept> xml:space="preserve")?>\0</t></is>))?</c>)'
)
_UNUSUAL = re.compile(rb'\s(?:hidden="(?!0"|false")|xmlns=)')
_NUMBER = re.compile(rb"-?[0-9]{1,300}(?:\.[0-9]{1,300})?(?:[eE][+-]?[0-9]{1,3})?")


class RowPlan(NamedTuple):
    """One row without its values; rows and columns from 0.

    `columns`, `kinds` and `readings` (how a value is read) have one place per value,
    `uncached` names the formulas without a stored result.
    """

    row: int
    columns: tuple[int, ...]
    kinds: str
    readings: str
    uncached: tuple[int, ...]
    cells: int
    width: int


class SheetPlan(NamedTuple):
    """All rows of one sheet without their values; the same, one place per value."""

    rows: list[int]
    columns: list[int]
    kinds: str
    readings: str
    uncached_rows: list[int]
    uncached_columns: list[int]
    cells: int
    height: int
    width: int


class Filled(NamedTuple):
    """Filled cells of one sheet as parallel columns; errors and then formulas without
    result come last."""

    rows: list[int]
    columns: list[int]
    kinds: str
    texts: list[str]
    cells: int


def filled_cells(
    body: bytes, texts: Mapping[bytes, str], styles: Styles, limits: Limits
) -> Filled:
    """The filled cells of a worksheet's rows.

    Raises:
        NotPlain: the rows hold anything but plain cells within the limits.
    """
    if body.count(b"<row ") > MOST_ROWS:
        raise NotPlain
    pieces = _VALUE.split(body)
    values = pieces[2::3]
    pieces[2::3] = [_CUT] * len(values)
    plan = _sheet_plan(b"".join(pieces), styles)
    check_texts(b"\n".join(values))
    found = _read(plan.readings, values, texts)
    if (
        plan.height > limits.rows
        or plan.width > limits.columns
        or plan.height * plan.width > limits.area
        or max(map(len, found), default=0) > limits.text_length
    ):
        raise NotPlain
    rows, columns, kinds = plan.rows, plan.columns, plan.kinds
    if "" in found:
        kept = [place for place, text in enumerate(found) if text]
        rows, columns = [rows[p] for p in kept], [columns[p] for p in kept]
        kinds, found = "".join([kinds[p] for p in kept]), [found[p] for p in kept]
    if "e" in kinds:
        order = sorted(range(len(kinds)), key=lambda place: kinds[place] == "e")
        rows, columns = [rows[p] for p in order], [columns[p] for p in order]
        kinds, found = "".join([kinds[p] for p in order]), [found[p] for p in order]
    uncached = len(plan.uncached_rows)
    return Filled(
        rows + plan.uncached_rows,
        columns + plan.uncached_columns,
        kinds + "f" * uncached,
        found + [""] * uncached,
        plan.cells,
    )


def number_text(value: float) -> str:
    """Exact text of one number; whole numbers without a point."""
    return str(int(value)) if value.is_integer() else repr(value)


@remember(32, 1 << 18)
def _sheet_plan(skeleton: bytes, styles: Styles) -> SheetPlan:
    first, *pieces = skeleton.split(b"<row ")
    if first:
        raise NotPlain
    plans = [_row_plan(piece, styles) for piece in pieces]
    numbers = [plan.row for plan in plans]
    if not all(map(operator.lt, numbers, numbers[1:])):
        raise NotPlain
    return SheetPlan(
        [plan.row for plan in plans for _ in plan.columns],
        [column for plan in plans for column in plan.columns],
        "".join([plan.kinds for plan in plans]),
        "".join([plan.readings for plan in plans]),
        [plan.row for plan in plans for _ in plan.uncached],
        [column for plan in plans for column in plan.uncached],
        sum(plan.cells for plan in plans),
        max(numbers, default=-1) + 1,
        max((plan.width for plan in plans), default=0),
    )


def _read(readings: str, values: list[bytes], texts: Mapping[bytes, str]) -> list[str]:
    """The text of each value; `readings` says how each is to be taken."""
    read: dict[str, Callable[[bytes], str]] = {
        "n": _number,
        "s": texts.__getitem__,
        "t": _kept,
        "x": _trimmed,
        "e": _error,
        "b": {b"1": "true", b"0": "false"}.__getitem__,
    }
    try:
        return [read[how](value) for how, value in zip(readings, values, strict=True)]
    except (KeyError, ValueError) as error:
        raise NotPlain from error


def _kept(value: bytes) -> str:
    return as_written(value.decode())


def _trimmed(value: bytes) -> str:
    return as_written(value.decode(), is_kept=False)


def _error(value: bytes) -> str:
    """The name of an error; new ones come with new versions of Excel."""
    name = as_written(value.decode()).strip()
    if not name:
        raise NotPlain
    return name


@functools.lru_cache(maxsize=1 << 14)
def _number(value: bytes) -> str:
    if not _NUMBER.fullmatch(value):
        raise NotPlain
    number = float(value)
    if not math.isfinite(number):
        raise NotPlain
    return number_text(number)


@remember(1 << 11, 1 << 14)
def _row_plan(row: bytes, styles: Styles) -> RowPlan:
    """What one row holds, checked as a document of its own."""
    check_well_formed("row", b"<row " + row.replace(_CUT, b"0"))
    found = _ROW.fullmatch(row)
    if found is None or _UNUSUAL.search(found["more"]):
        raise NotPlain
    cells = found["cells"] or b""
    at, count, last = 0, 0, 0
    columns, uncached = [], []
    kinds = readings = ""
    while at < len(cells):
        cell = _CELL.match(cells, at)
        if cell is None or cell["row"] != found["row"]:
            raise NotPlain
        at = cell.end()
        column = column_number(cell["column"].decode())
        if column <= last:
            raise NotPlain
        last, count = column, count + 1
        kind, reading = _kind(cell, styles)
        if reading:
            columns.append(column - 1)
            kinds, readings = kinds + kind, readings + reading
        elif kind:
            uncached.append(column - 1)
    number = int(found["row"]) - 1
    return RowPlan(
        number, tuple(columns), kinds, readings, tuple(uncached), count, last
    )


def _kind(cell: re.Match[bytes], styles: Styles) -> tuple[str, str]:
    """Tag of one cell and how its value is read; an empty tag for an empty cell."""
    kind, has_formula = cell["type"] or b"n", cell["formula"] is not None
    if cell["text"]:
        if kind == b"inlineStr" and not has_formula:
            return "s", "t" if cell["kept"] else "x"
    elif cell["value"]:
        style = cell["style"] or b"0"
        if kind == b"n" and style not in styles.doubtful:
            return ("p" if style in styles.percents else "n"), "n"
        if kind == b"s" and not has_formula:
            return "s", "s"
        if kind == b"str":
            return "s", "t"
        if kind == b"b":
            return "b", "b"
        if kind == b"e":
            return "e", "e"
    elif kind == b"n":
        return ("f" if has_formula else ""), ""
    elif kind == b"str" and has_formula and cell["empty"]:
        return "", ""
    raise NotPlain
