"""Sheet facts: one record per worksheet and workbook, and what they may not exceed.

Every kind of workbook is judged by these rules, so that all are refused alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sources.readers.limits import Limits
from sources.readers.rejections import Rejected

Place = tuple[int, int]
"""Row and column, both from 0."""


@dataclass
class SheetFacts:
    """What one worksheet says that readers lose or get wrong.

    `max_row` and `max_column` count from 1 and come from cells that hold something, not
    from the declared dimension. `errors` and `uncached` (formulas without a stored
    result) list every such cell, `percents` every cell shown as a percentage,
    `page_texts` the headers and footers of its pages, `texts` the cells whose text
    readers leave out or put together wrongly.
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
    texts: list[tuple[int, int, str]] = field(default_factory=list)

    def count_cells(
        self, row: int, column: int, limits: Limits, count: int = 1, before: int = 0
    ) -> None:
        """Counts cells at a place (from 1), filled or not, or refuses the last of them.

        `before` are the cells of other sheets that count towards the same limit.
        """
        self.cells += count
        if before + self.cells > limits.cells:
            most = limits.cells
            why, why_vi = f"is beyond cell {most}", f"vượt quá {most} ô"
            raise self.too_big(row, column, why, why_vi)
        if row > limits.rows:
            most = limits.rows
            why, why_vi = f"lies below row {most}", f"nằm dưới dòng {most}"
            raise self.too_big(row, column, why, why_vi)

    def check_text(self, length: int, row: int, column: int, limits: Limits) -> None:
        """Refuses a text of a cell (from 1) that is longer than a cell may hold."""
        if length > limits.text_length:
            most = limits.text_length
            raise self.too_big(
                row,
                column,
                f"holds a text over {most} characters",
                f"chứa đoạn chữ dài hơn {most} ký tự",
            )

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

    def out_of_order(self, detail: str) -> Rejected:
        """The refusal of rows or cells that stand where readers do not expect them."""
        return Rejected("X_ROWORDER", f"{self.name}: {detail}", self.name)

    def row_out_of_order(self, row: int, last: int) -> Rejected:
        """The refusal of a row (from 1) behind another that it should stand before."""
        return self.out_of_order(f"row {row} stands after row {last}")

    def cell_out_of_order(self, row: int, column: int) -> Rejected:
        """The refusal of a cell (from 1) that came before, or belongs further left."""
        cell = address(row - 1, column - 1)
        return self.out_of_order(f"cell {cell} is repeated or misplaced")


@dataclass(frozen=True)
class WorkbookFacts:
    """One inspected workbook: worksheets in order, texts outside cells by their place.

    `comments` are cell comments, headers, footers and document properties, which may
    speak of persons as cells may. `kind` is xlsx (.xlsm too), xls, xlsb or ods.
    """

    sheets: tuple[SheetFacts, ...]
    comments: tuple[tuple[str, str], ...] = ()
    has_macros: bool = False
    kind: str = "xlsx"


def check_next_sheet(sheets: Sequence[SheetFacts], name: str, limits: Limits) -> None:
    """Refuses one more sheet beside those found: its name is taken, or one too many."""
    if name.casefold() in {sheet.name.casefold() for sheet in sheets}:
        raise Rejected("X_DUPPART", f"two sheets are named {name!r}")
    if len(sheets) >= limits.sheets:
        raise Rejected("X_TOOBIG", f"over {limits.sheets} sheets")


def check_has_sheets(sheets: Sequence[SheetFacts]) -> None:
    """Refuses a workbook without any worksheet."""
    if not sheets:
        raise Rejected("X_NOTXLSX", "the workbook holds no worksheet")


def check_sums(
    sheets: Sequence[SheetFacts], limits: Limits, is_opened_at_once: bool = False
) -> None:
    """Refuses sheets that together hold too many cells.

    With `is_opened_at_once` the reader lays out all sheets, so their areas add up too.
    """
    cells = sum(sheet.cells for sheet in sheets)
    if cells > limits.cells:
        raise Rejected("X_TOOBIG", f"{cells} cells, at most {limits.cells}")
    area = sum(sheet.max_row * sheet.max_column for sheet in sheets)
    if is_opened_at_once and area > limits.area:
        raise Rejected("X_TOOBIG", f"sheets over {limits.area} cells in all")


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
