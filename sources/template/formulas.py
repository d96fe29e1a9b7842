"""Pieces of cell formulas as text, in the form in which a workbook stores them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from xlsxwriter.utility import xl_col_to_name

_FUNCTIONS = (
    "ABS|AND|COUNT|COUNTIF|FIND|IF|IFERROR|INT|ISERROR|ISNUMBER|ISTEXT|LEFT|LEN|LOWER"
    "|MID|OR|ROUND|ROW|SUBSTITUTE|SUM|SUMPRODUCT|TRIM"
)
"""The functions of our formulas: they calculate and reach nothing outside the sheet."""

_PLAIN = re.compile(
    r'(?:"(?:[^"]|"")*"'  # text
    rf"|(?:{_FUNCTIONS})\("
    r"|\$?[A-Z]{1,3}\$?[0-9]+(?![A-Z0-9(])"
    r"|\$?[0-9]+(?:\.[0-9]+)?(?:E[+-]?[0-9]+)?"
    r"|[-+*/^&=<>(),;:{}%\s])*+"
)


def is_plain(formula: str) -> bool:
    """True where a formula is made of our functions, values and cells of its sheet."""
    return _PLAIN.fullmatch(formula) is not None


def chain(cases: Sequence[tuple[str, str]], otherwise: str) -> str:
    """Nested IFs: the first case that holds speaks."""
    text = otherwise
    for condition, says in reversed(cases):
        text = f"IF({condition},{says},{text})"
    return text


def word(box: str) -> str:
    """The text of a box, spaces folded, in lower case."""
    return f'LOWER(TRIM(SUBSTITUTE({box},"\u00a0"," ")))'


def is_one_of(said: str, marks: Sequence[str]) -> str:
    """True where the text equals one of the marks."""
    return f"OR({','.join(f'{said}={quoted(mark)}' for mark in marks)})"


def quoted(text: str) -> str:
    """A text as a formula holds it."""
    doubled = text.replace('"', '""')
    return f'"{doubled}"'


def cell(row: int, column: int) -> str:
    """A cell's address from row and column counted from 0."""
    return f"{xl_col_to_name(column)}{row + 1}"


def areas(rows: Sequence[int], column: int) -> Iterator[str]:
    """Rows in ascending order as runs of neighbouring cells of one column."""
    runs: list[list[int]] = []
    for row in rows:
        if runs and row == runs[-1][1] + 1:
            runs[-1][1] = row
        else:
            runs.append([row, row])
    for first, last in runs:
        area = cell(first, column)
        yield area if first == last else f"{area}:{cell(last, column)}"
