"""Sheet facts: one record per worksheet, and what its numbers may not exceed."""

from __future__ import annotations

from dataclasses import dataclass, field

from sources.readers.limits import Limits
from sources.readers.rejections import Rejected

MOST_NAMED = 1_000
"""Rows of a list of cells that are kept; more of them change no decision."""

Place = tuple[int, int]
"""Row and column, both from 0."""


@dataclass
class SheetFacts:
    """What one worksheet says that readers lose or get wrong.

    `max_row` and `max_column` count from 1 and come from cells that hold something, not
    from the declared dimension. `errors` and `uncached` (formulas without a stored
    result) list every such cell, `percents` every cell shown as a percentage,
    `page_texts` the headers and footers of its pages.
    """

    name: str
    part: str
    state: str = "visible"
    max_row: int = 0
    max_column: int = 0
    cells: int = 0
    formulas: int = 0
    errors: list[tuple[int, int, str]] = field(default_factory=list)
    uncached: list[Place] = field(default_factory=list)
    percents: list[Place] = field(default_factory=list)
    merged: int = 0
    hidden_rows: list[int] = field(default_factory=list)
    page_texts: list[str] = field(default_factory=list)

    def widen(self, row: int, column: int, limits: Limits) -> None:
        """Takes in one filled cell (counted from 1), or refuses it as too far away."""
        self.max_row = max(self.max_row, row)
        self.max_column = max(self.max_column, column)
        if row > limits.rows or column > limits.columns:
            raise self.too_big(
                row,
                column,
                f"lies outside {limits.rows} rows x {limits.columns} columns",
                f"nằm ngoài {limits.rows} dòng x {limits.columns} cột",
            )
        if self.max_row * self.max_column > limits.area:
            raise self.too_big(
                row,
                column,
                f"makes a table over {limits.area} cells",
                f"làm bảng lớn hơn {limits.area} ô",
            )

    def too_big(self, row: int, column: int, why: str, why_vi: str) -> Rejected:
        """One refusal that names the cell (counted from 1)."""
        cell = address(row - 1, column - 1)
        where = f"{self.name}!{cell}"
        return Rejected(
            "X_TOOBIG", f"{where} {why}", self.name, cell, f"{where} {why_vi}"
        )


def column_letters(column: int) -> str:
    """Letters of one column counted from 0: 0 is A, 25 is Z, 26 is AA."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def address(row: int, column: int) -> str:
    """One cell's address from row and column counted from 0: (0, 0) is A1."""
    return f"{column_letters(column)}{row + 1}"
