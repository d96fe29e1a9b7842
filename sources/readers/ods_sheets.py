"""Ods sheets: the facts of every sheet of an .ods, in one pass over its content.

Rows and cells may be repeated by a number, so a few bytes can stand for billions of
cells: a repetition counts in full as soon as it holds something.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from sources.readers.limits import Limits
from sources.readers.rejections import Rejected
from sources.readers.sheet_facts import (
    Place,
    SheetFacts,
    check_next_sheet,
    check_sums,
)
from sources.readers.text_volume import check_volume

_CELLS = ("table:table-cell", "table:covered-table-cell")
_VALUES = (
    "office:value-type",
    "office:value",
    "office:string-value",
    "office:date-value",
    "office:time-value",
    "office:boolean-value",
)
_VALUE_OF = {
    "float": "office:value",
    "percentage": "office:value",
    "currency": "office:value",
    "date": "office:date-value",
    "time": "office:time-value",
    "boolean": "office:boolean-value",
}
_GLUED = ("text:line-break", "text:tab", "text:ruby-text", "text:note")
"""What parts a text for the eye and not for readers: 12, a line's end, 34 is 1234."""
_SEAM = "\0"  # XML cannot hold it
_SEAM_IN_FIGURES = re.compile(rf"(?<=[0-9])\s*{_SEAM}\s*(?=[0-9])")
_ERROR = re.compile(r"#[A-Z/0]+[!?]|#N/A|Err:[0-9]{3}")
_OUTSIDE = re.compile(
    r"'(?:file|https?|ftp|smb):|\bDDE\(|\bWEBSERVICE\(", re.IGNORECASE
)
_MOST_ROWS = 1 << 20
_MOST_COMMENT = 1 << 20


class ContentScan:
    """State of one pass over content.xml: feed it the parser's events.

    Raises:
        Rejected: cells too far or too many, links to other files, tables in tables.
    """

    def __init__(self, limits: Limits):
        self.limits = limits
        self.sheets: list[SheetFacts] = []
        self.comments: list[str] = []
        self._hidden_styles: set[str] = set()
        self._style = ""
        self._sheet: SheetFacts | None = None
        self._row = self._rows = self._column = 0
        self._cell: dict[str, str] | None = None
        self._text: list[str] = []
        self._length = self._paragraphs = self._volume = self._cells = 0
        self._in_comment = self._is_split = False
        self._comment_length = self._drawings = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """One start tag."""
        if name in _CELLS:
            self._start_cell(attributes)
        elif name == "table:table-row":
            self._start_row(attributes)
        elif name == "table:table":
            self._start_table(attributes)
        elif name == "text:p" and self._is_in_text():
            self._paragraphs += 1
            self._text += ["\n"] * (self._paragraphs > 1)
        elif name == "text:s":
            count = _number(attributes.get("text:c"))
            self._add_length(count)
            self._text += [" " * count] * self._is_in_text()
        elif name in _GLUED:
            self._part()
        elif name == "office:annotation":
            self._in_comment = True
            self.comments.append("")
        elif name.startswith("draw:") and self._cell is not None:
            self.split()
            self.comments += [""] * (self._drawings == 0)
            self._drawings += 1
        elif name == "style:style":
            self._style = attributes.get("style:name", "")
        elif name == "style:table-properties":
            if attributes.get("table:display") == "false":
                self._hidden_styles.add(self._style)
        elif name in ("table:table-source", "table:dde-link", "office:dde-source"):
            raise Rejected("X_ACTIVE", name)

    def text(self, text: str) -> None:
        """A piece of text."""
        if self._in_comment or self._drawings:
            self._comment_length += len(text)
            if self._comment_length > _MOST_COMMENT:
                raise Rejected("X_BOMB", "content.xml: comments")
            self.comments[-1] += text
        elif self._cell is not None:
            self._add_length(len(text))
            self._text.append(text)

    def end(self, name: str) -> None:
        """One end tag."""
        if name in _CELLS:
            self._end_cell()
        elif name == "table:table-row":
            self._row += self._rows
        elif name == "table:table":
            self._end_table()
        elif name == "office:annotation":
            self._in_comment = False
        elif name in _GLUED[2:]:
            self._part()
        elif self._drawings and name.startswith("draw:"):
            self._drawings -= 1

    def split(self, *_: object) -> None:
        """A marked section or a drawing: readers lose a part of the cell's text."""
        self._is_split = True

    def _part(self) -> None:
        if self._is_in_text():
            self.split()
            self._text.append(_SEAM)

    def _is_in_text(self) -> bool:
        is_in_cell = self._sheet is not None and self._cell is not None
        return is_in_cell and not (self._in_comment or self._drawings)

    def _start_table(self, attributes: dict[str, str]) -> None:
        if self._sheet is not None:
            raise Rejected("X_UNREADABLE", f"{self._sheet.name}: a table in a table")
        name = attributes.get("table:name", "")
        if not name:
            raise Rejected("X_XML", "content.xml: a table has no name")
        check_next_sheet(self.sheets, name, self.limits)
        if _OUTSIDE.match(name):
            raise Rejected("X_ACTIVE", f"sheet {name!r} of another file")
        is_hidden = attributes.get("table:style-name") in self._hidden_styles
        self._sheet = SheetFacts(
            name, "content.xml", "hidden" if is_hidden else "visible"
        )
        self._row = 0

    def _end_table(self) -> None:
        if self._sheet is None:
            return
        self.sheets.append(self._sheet)
        self._cells += self._sheet.cells
        check_sums(self.sheets, self.limits, is_opened_at_once=True)
        self._sheet = None

    def _start_row(self, attributes: dict[str, str]) -> None:
        self._rows = _number(attributes.get("table:number-rows-repeated"))
        self._column = 0
        if self._sheet is not None and self._row + self._rows > _MOST_ROWS:
            self._rows = max(0, _MOST_ROWS - self._row)
        if attributes.get("table:visibility", "visible") != "visible":
            self._hide_rows()

    def _hide_rows(self) -> None:
        if self._sheet is not None and self._row + self._rows <= self.limits.rows:
            first = self._row + 1
            self._sheet.hidden_rows += range(first, first + self._rows)

    def _start_cell(self, attributes: dict[str, str]) -> None:
        if self._cell is not None:
            raise Rejected("X_UNREADABLE", "content.xml: a table in a table")
        self._cell = attributes
        self._text, self._length, self._paragraphs = [], 0, 0
        self._is_split = False
        self._add_length(len(attributes.get("office:string-value", "")))
        if _OUTSIDE.search(attributes.get("table:formula", "")):
            raise Rejected("X_ACTIVE", "a formula with a link to another file")

    def _add_length(self, length: int) -> None:
        if self._cell is None:
            return
        self._length += length
        if self._sheet is not None:
            place = self._row + 1, self._column + 1
            self._sheet.check_text(self._length, *place, self.limits)

    def _end_cell(self) -> None:
        cell, sheet = self._cell, self._sheet
        self._cell = None
        if cell is None or sheet is None:
            return
        column = self._column
        repeated = _number(cell.get("table:number-columns-repeated"))
        self._column += repeated
        has_formula = "table:formula" in cell
        text = _SEAM_IN_FIGURES.sub(" / ", "".join(self._text)).replace(_SEAM, "\n")
        shown = text.strip()
        if not (has_formula or shown or any(name in cell for name in _VALUES)):
            return
        if not (self._rows and repeated):
            return
        sheet.widen(self._row + self._rows, column + repeated, self.limits)
        count = self._rows * repeated
        place = self._row + 1, column + 1
        sheet.count_cells(*place, self.limits, count, self._cells)
        sheet.formulas += count * has_formula
        self._volume += self._length * count
        check_volume(self._volume, self.limits.text_volume)
        kind = cell.get("office:value-type")
        if cell.get("calcext:value-type") == "error" or (
            has_formula and kind in (None, "string") and _ERROR.fullmatch(shown)
        ):
            sheet.errors += [(*place, shown) for place in self._places(column)]
        elif has_formula and (
            _lacks_value(cell)
            or (set(cell).isdisjoint(_VALUES) and (shown or not self._paragraphs))
        ):
            sheet.uncached += self._places(column)
        elif _lacks_value(cell) and shown:
            sheet.errors += [(*place, shown) for place in self._places(column)]
        elif kind == "percentage":
            sheet.percents += self._places(column)
        elif (self._is_split or kind != "string") and (
            shown and set(cell).isdisjoint(_VALUES[1:])
        ):
            sheet.texts += [(*place, text) for place in self._places(column)]

    def _places(self, first: int) -> list[Place]:
        """Every place that the cell just read stands for."""
        return [
            (self._row + row, column)
            for row in range(self._rows)
            for column in range(first, self._column)
        ]


def _lacks_value(cell: Mapping[str, str]) -> bool:
    """True for a number, a date or a truth that is shown without being stored."""
    kind = _VALUE_OF.get(cell.get("office:value-type", ""))
    return kind is not None and kind not in cell


def _number(text: str | None) -> int:
    """A count of repetitions; absent is once, a strange one is refused."""
    if text is None:
        return 1
    if not (text.isascii() and text.isdigit() and len(text) < 20):
        raise Rejected("X_XML", f"content.xml: a repetition of {text[:20]!r}")
    return int(text)
