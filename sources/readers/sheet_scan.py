"""Sheet scan: facts of one worksheet by streaming its XML, in constant memory.

Works for any well-formed worksheet; `sheet_quick` is the short way for plain ones.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Set
from typing import NamedTuple
from xml.parsers import expat

from sources.readers.container import Container, parse_part, parser_without_dtd
from sources.readers.rejections import Rejected
from sources.readers.sheet_facts import SheetFacts, address

_REFERENCE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")
_TRUE = ("1", "true")
MAIN_SPACES = (
    "",
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    "http://purl.oclc.org/ooxml/spreadsheetml/main",
)
"""Namespaces of worksheets; without any, readers take them for the same."""
_DEPTHS = {"sheetData": 2, "row": 3, "c": 4, "v": 5, "is": 5, "f": 5}
_NUMBER = re.compile(
    r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
    r"|[+-]?(?i:inf|infinity|nan)"
)
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
    parser = parser_without_dtd(facts.part, " ")
    scan = _Scan(parser, container, facts, text_count, percent_styles)
    parser.StartElementHandler = scan.start
    parser.EndElementHandler = scan.end
    parser.CharacterDataHandler = scan.text
    parser.CommentHandler = scan.markup
    parser.ProcessingInstructionHandler = scan.markup
    parser.StartCdataSectionHandler = scan.markup
    parse_part(container, facts.part, parser)


class _Tag(NamedTuple):
    """One name as the parser gives it: its local part, and the bytes of `<name>`."""

    name: str
    length: int
    is_main: bool


@functools.lru_cache(maxsize=1 << 10)
def _tag(name: str) -> _Tag:
    space, local, prefix, *_ = [*(name.split(" ") if " " in name else ["", name]), ""]
    written = f"{prefix}:{local}" if prefix else local
    return _Tag(local, len(written.encode()) + 2, space in MAIN_SPACES)


class _Scan:
    """State of one pass: the row and the cell that the parser is in."""

    def __init__(
        self,
        parser: expat.XMLParserType,
        container: Container,
        facts: SheetFacts,
        text_count: int,
        percent_styles: Set[str],
    ):
        self.parser = parser
        self.facts = facts
        self.limits = container.limits
        self.text_count = text_count
        self.percent_styles = percent_styles
        self.row = self.column = self.length = 0
        self.type = self.style = ""
        self.value = ""
        self.in_value = self.has_value = self.has_formula = False
        self.in_page_text = self.in_rows = self.had_rows = self.in_v = False
        self.depth = self.values = self.value_start = 0

    def start(self, full_name: str, attributes: dict[str, str]) -> None:
        name, length, is_main = _tag(full_name)
        self.depth += 1
        if name == "sheetData":
            self._check_element(name, is_main and not self.had_rows)
            self.in_rows = self.had_rows = True
        elif self.in_rows:
            if self.in_v:
                self.markup()
            if name in _DEPTHS:
                self._check_element(name, is_main)
            self._start_in_rows(name, length, attributes)
        elif name == "mergeCell":
            self.facts.merged += 1
        elif _PAGE_TEXT.fullmatch(name):
            self.in_page_text = True
            self.facts.page_texts.append("")

    def _check_element(self, name: str, is_expected: bool) -> None:
        """Some readers take these for cells wherever they stand, others do not."""
        if not is_expected or self.depth != _DEPTHS[name]:
            where = f"{self.facts.name}: <{name}>"
            raise Rejected(
                "X_XML",
                f"{where} in a place or namespace of its own",
                self.facts.name,
                detail_vi=f"{where} đứng sai chỗ",
            )

    def _start_in_rows(
        self, name: str, length: int, attributes: dict[str, str]
    ) -> None:
        if name == "c":
            self._start_cell(attributes)
        elif name in ("v", "t", "is"):
            self.in_value = True
            if name != "t":
                self._start_value(name, length)
        elif name == "row":
            self._start_row(attributes)
        elif name == "f":
            self.has_formula = True
            self.facts.formulas += 1

    def _start_value(self, name: str, length: int) -> None:
        self.values += 1
        self.in_v = name == "v"
        self.has_value = self.has_value or (self.in_v and self.type == "str")
        self.value_start = self.parser.CurrentByteIndex + length
        if self.values > 1 or (self.in_v and self.type == "inlineStr"):
            raise self._strange("holds two values", "chứa hai giá trị")

    def markup(self, *_: object) -> None:
        """What is no text inside a value makes readers lose a part of it."""
        if self.in_v:
            raise self._strange("has markup in its value", "có mã lệnh trong giá trị")

    def text(self, text: str) -> None:
        if self.in_value:
            self.has_value = True
            self.length += len(text)
            self.facts.check_text(self.length, self.row, self.column, self.limits)
            if self.in_v and self.type != "str":
                self.value += text
        elif self.in_page_text:
            self.facts.page_texts[-1] += text

    def end(self, full_name: str) -> None:
        name = _tag(full_name).name
        self.depth -= 1
        if self.in_rows:
            if name in ("v", "t", "is"):
                self.in_value = False
                if self.in_v:
                    self._check_value()
            elif name == "c":
                self._end_cell()
            elif name == "sheetData":
                self.in_rows = False
        elif self.in_page_text and _PAGE_TEXT.fullmatch(name):
            self.in_page_text = False

    def _check_value(self) -> None:
        """Refuses a value that is not written plainly: readers differ on the rest."""
        self.in_v = False
        if self.type == "str" or not self.value:
            return
        length = self.parser.CurrentByteIndex - self.value_start
        if length != len(self.value.encode()) or (
            self.type == "n" and not _NUMBER.fullmatch(self.value)
        ):
            raise self._strange(
                "holds no plain number", "không chứa số viết thông thường"
            )

    def _strange(self, why: str, why_vi: str) -> Rejected:
        cell = address(self.row - 1, self.column - 1)
        where = f"{self.facts.name}!{cell}"
        return Rejected(
            "X_XML", f"{where} {why}", self.facts.name, cell, f"{where} {why_vi}"
        )

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
        self.style = attributes.get("s", "0").lstrip("0") or "0"
        self.value, self.length, self.values = "", 0, 0
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
            if not is_text_number(self.value, self.text_count):
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
