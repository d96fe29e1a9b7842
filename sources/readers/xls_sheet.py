"""Xls sheet: one pass over the records of one worksheet of an old workbook."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence, Set

from sources.readers.biff8 import CONTINUE, Record, long_text
from sources.readers.compound_file import damaged
from sources.readers.error_codes import ERROR_NAMES
from sources.readers.limits import Limits
from sources.readers.rejections import Rejected
from sources.readers.sheet_facts import SheetFacts

_BOF, _EOF, _DIMENSIONS, _ROW = 0x809, 0x0A, 0x200, 0x208
_NUMBER, _RK, _MANY_RK, _SHARED, _LABEL, _RICH = 0x203, 0x27E, 0xBD, 0xFD, 0x204, 0xD6
_BOOL_OR_ERROR, _FORMULA, _STRING = 0x205, 0x06, 0x207
_BLANK, _MANY_BLANK = 0x201, 0xBE
_MERGED, _HEADER, _FOOTER, _COMMENT_BOX, _QUERY = 0xE5, 0x14, 0x15, 0x1B6, 0x1AD
_SHORTEST = {
    _NUMBER: 14,
    _RK: 10,
    _SHARED: 10,
    _LABEL: 8,
    _RICH: 8,
    _BOOL_OR_ERROR: 8,
    _FORMULA: 20,
    _BLANK: 6,
}
_EMPTY_TEXT = 3
_HIDDEN_ROW = 0x20
_MOST_ROWS, _MOST_COLUMNS = 1 << 16, 1 << 8
_PLACE = struct.Struct("<HHH")
_MOST_COMMENT = 1 << 20


class SheetWalk:
    """State of one pass: fills `facts`; `texts` are comments, headers and footers.

    Without `is_computed` a formula that shows an empty text has no stored result.

    Raises:
        Rejected: cells too far, too many, out of order, or pointing to no text.
    """

    def __init__(
        self,
        facts: SheetFacts,
        limits: Limits,
        lengths: Sequence[int],
        percents: Set[int],
        is_computed: bool = True,
    ):
        self.facts = facts
        self.limits = limits
        self.lengths = lengths
        self.percents = percents
        self.is_computed = is_computed
        self.texts: list[str] = []
        self.volume = 0
        self._last = (-1, -1)
        self._waiting: tuple[int, int] | None = None
        self._comment_length = 0

    def run(self, found: Iterable[Record]) -> None:
        """Takes in the records from the sheet's begin to its end."""
        depth = 0
        last = -1
        for kind, body in found:
            if kind == _BOF:
                depth += 1
            elif depth == 0:
                raise damaged("a sheet has no begin", "trang tính không có phần đầu")
            elif kind == _EOF:
                depth -= 1
                if depth == 0:
                    self._end_formula()
                    return
            elif depth == 1:
                self._take(kind, body, last)
            last = last if kind == CONTINUE else kind
        raise damaged("a sheet has no end", "trang tính bị cắt cụt")

    def _take(self, kind: int, body: bytes, last: int) -> None:
        if kind in _SHORTEST:
            if len(body) < _SHORTEST[kind]:
                raise damaged("a cell is cut short", "một ô bị cắt cụt")
            self._cell(kind, body)
        elif kind in (_MANY_RK, _MANY_BLANK):
            self._many(kind, body)
        elif kind == _STRING:
            self.volume += len(long_text(body, 0))
            self._waiting = None
        elif kind == _ROW and len(body) >= 16:
            row, flags = struct.unpack_from("<H10xH", body)
            if flags & _HIDDEN_ROW:
                self.facts.hidden_rows.append(row + 1)
        elif kind == _DIMENSIONS:
            self._check_dimensions(body)
        elif kind == _MERGED and len(body) >= 2:
            self.facts.merged += struct.unpack_from("<H", body)[0]
        elif kind in (_HEADER, _FOOTER):
            self.texts.append(long_text(body, 0))
        elif kind == CONTINUE and last == _COMMENT_BOX and body:
            self._comment(body)
        elif kind == _QUERY:
            raise Rejected("X_ACTIVE", "a data connection", self.facts.name)

    def _cell(self, kind: int, body: bytes) -> None:
        row, column, style = _PLACE.unpack_from(body)
        self._place(row, column)
        if kind == _BLANK:
            return
        facts = self.facts
        facts.widen(row + 1, column + 1, self.limits)
        if kind == _FORMULA:
            self._formula(row, column, style, body[6:14])
        elif kind == _SHARED:
            index = struct.unpack_from("<I", body, 6)[0]
            if index >= len(self.lengths):
                raise damaged(
                    f"a cell points to text {index} of {len(self.lengths)}",
                    f"một ô trỏ tới chữ số {index} trong {len(self.lengths)}",
                )
            self.volume += self.lengths[index]
        elif kind == _BOOL_OR_ERROR and body[7]:
            facts.errors.append((row, column, ERROR_NAMES.get(body[6], "#?")))
        elif kind in (_LABEL, _RICH):
            self.volume += len(long_text(body, 6))
        elif kind in (_NUMBER, _RK) and style in self.percents:
            facts.percents.append((row, column))

    def _formula(self, row: int, column: int, style: int, result: bytes) -> None:
        self.facts.formulas += 1
        if result[6:] != b"\xff\xff":
            if style in self.percents:
                self.facts.percents.append((row, column))
        elif result[0] == 2:
            name = ERROR_NAMES.get(result[2], "#?")
            self.facts.errors.append((row, column, name))
        elif result[0] == 0:
            self._waiting = (row, column)
        elif result[0] == _EMPTY_TEXT and not self.is_computed:
            self.facts.uncached.append((row, column))

    def _end_formula(self) -> None:
        """A formula that promised a text which did not come has no stored result."""
        if self._waiting is not None:
            self.facts.uncached.append(self._waiting)
            self._waiting = None

    def _many(self, kind: int, body: bytes) -> None:
        """One record with several neighbours: (style, number) or (style) each."""
        width = 6 if kind == _MANY_RK else 2
        count, rest = divmod(len(body) - 6, width)
        if count < 1 or rest:
            raise damaged("a row of cells is cut short", "một dãy ô bị cắt cụt")
        row, first = struct.unpack_from("<HH", body)
        for number in range(count):
            self._place(row, first + number)
            style = struct.unpack_from("<H", body, 4 + width * number)[0]
            if kind == _MANY_RK and style in self.percents:
                self.facts.percents.append((row, first + number))
        if kind == _MANY_RK:
            self.facts.widen(row + 1, first + count, self.limits)

    def _place(self, row: int, column: int) -> None:
        """Counts one cell; they come row by row, each once."""
        self._end_formula()
        facts, limits = self.facts, self.limits
        if (row, column) <= self._last:
            raise facts.cell_out_of_order(row + 1, column + 1)
        self._last = (row, column)
        facts.count_cells(row + 1, column + 1, limits)

    def _check_dimensions(self, body: bytes) -> None:
        """Readers reserve what is declared here, so it may not exceed the format."""
        if len(body) < 12:
            raise damaged("a sheet's size is cut short", "kích thước trang bị cắt cụt")
        first, rows, left, columns = struct.unpack_from("<IIHH", body)
        if (
            rows > _MOST_ROWS
            or columns > _MOST_COLUMNS
            or first > rows
            or left > columns
        ):
            raise damaged("a sheet declares an impossible size", "kích thước trang sai")

    def _comment(self, body: bytes) -> None:
        self._comment_length += len(body)
        if self._comment_length > _MOST_COMMENT:
            raise Rejected("X_BOMB", f"{self.facts.name}: comments", self.facts.name)
        codec = "utf-16-le" if body[0] & 1 else "latin-1"
        self.texts.append(body[1:].decode(codec, "replace"))
