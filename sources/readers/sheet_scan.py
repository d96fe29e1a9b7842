"""Sheet scan: facts of one worksheet by streaming its XML, in constant memory.

Works for any well-formed worksheet; `sheet_quick` is the short way for plain ones.
"""

from __future__ import annotations

import re
from collections.abc import Set

from sources.readers.container import Container, parse_part, parser_without_dtd
from sources.readers.rejections import Rejected
from sources.readers.sheet_facts import SheetFacts

_REFERENCE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")
_TRUE = ("1", "true")
_PAGE_TEXT = re.compile(r"(?:odd|even|first)(?:Header|Footer)")


def scan_sheet(
    container: Container,
    facts: SheetFacts,
    text_count: int,
    percent_styles: Set[str] = frozenset(),
) -> None:
    """Fills `facts` from the sheet's part; one pass, one cell in memory at a time.

    Raises:
        Rejected: cells too far, too many, out of order, or pointing to no text.
    """
    scan = _Scan(container, facts, text_count, percent_styles)
    parser = parser_without_dtd(facts.part)
    parser.StartElementHandler = scan.start
    parser.EndElementHandler = scan.end
    parser.CharacterDataHandler = scan.text
    parse_part(container, facts.part, parser)


class _Scan:
    """State of one pass: the row and the cell that the parser is in."""

    def __init__(
        self,
        container: Container,
        facts: SheetFacts,
        text_count: int,
        percent_styles: Set[str],
    ):
        self.facts = facts
        self.limits = container.limits
        self.text_count = text_count
        self.percent_styles = percent_styles
        self.row = self.column = self.length = 0
        self.type = self.style = ""
        self.value = ""
        self.in_value = self.has_value = self.has_formula = False
        self.in_page_text = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        name = name.rsplit(":", 1)[-1]
        if name == "c":
            self._start_cell(attributes)
        elif name in ("v", "t", "is"):
            self.in_value = True
            self.has_value = self.has_value or (name == "v" and self.type == "str")
        elif name == "row":
            self._start_row(attributes)
        elif name == "f":
            self.has_formula = True
            self.facts.formulas += 1
        elif name == "mergeCell":
            self.facts.merged += 1
        elif _PAGE_TEXT.fullmatch(name):
            self.in_page_text = True
            self.facts.page_texts.append("")

    def text(self, text: str) -> None:
        if self.in_value:
            self.has_value = True
            self.length += len(text)
            self.facts.check_text(self.length, self.row, self.column, self.limits)
            if self.type in ("e", "s"):
                self.value += text
        elif self.in_page_text:
            self.facts.page_texts[-1] += text

    def end(self, name: str) -> None:
        name = name.rsplit(":", 1)[-1]
        if name in ("v", "t", "is"):
            self.in_value = False
        elif name == "c":
            self._end_cell()
        elif self.in_page_text and _PAGE_TEXT.fullmatch(name):
            self.in_page_text = False

    def _start_row(self, attributes: dict[str, str]) -> None:
        number = attributes.get("r") or str(self.row + 1)
        if not (number.isascii() and number.isdigit()):
            raise Rejected("X_XML", f"{self.facts.name}: row number {number!r}")
        if int(number) <= self.row:
            raise self.facts.row_out_of_order(int(number), self.row)
        self.row, self.column = int(number), 0
        if attributes.get("hidden") in _TRUE:
            self.facts.hidden_rows.append(self.row)

    def _start_cell(self, attributes: dict[str, str]) -> None:
        facts = self.facts
        row, column = self.row, self.column + 1
        reference = attributes.get("r")
        if reference is not None:
            match = _REFERENCE.fullmatch(reference)
            if match is None:
                raise Rejected("X_XML", f"{facts.name}: cell reference {reference!r}")
            column, row = column_number(match[1]), int(match[2])
            if row != self.row:
                detail = f"cell {reference} stands in row {self.row}"
                raise facts.out_of_order(detail)
            if column <= self.column:
                raise facts.cell_out_of_order(row, column)
        self.column = column
        facts.count_cells(row, column, self.limits)
        self.type = attributes.get("t", "n")
        self.style = attributes.get("s", "")
        self.value, self.length = "", 0
        self.has_value = self.has_formula = False

    def _end_cell(self) -> None:
        facts, place = self.facts, (self.row - 1, self.column - 1)
        if not (self.has_value or self.has_formula):
            return
        facts.widen(self.row, self.column, self.limits)
        if not self.has_value:
            facts.uncached.append(place)
        elif self.type == "e":
            facts.errors.append((*place, self.value.strip()))
        elif self.type == "s":
            if not is_text_number(self.value.strip(), self.text_count):
                detail = f"{facts.name}: a cell points to text {self.value[:12]!r}"
                raise Rejected("X_DAMAGED", f"{detail} of {self.text_count}")
        elif self.style in self.percent_styles:
            facts.percents.append(place)


def column_number(letters: str) -> int:
    """One column counted from 1: A is 1, AA is 27."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def is_text_number(text: str, count: int) -> bool:
    """True when `text` is an index into a list of `count` shared texts."""
    return text.isascii() and text.isdigit() and int(text) < count
