"""Xlsb facts: what a binary workbook (.xlsb) holds, by walking its records.

Found out: extents, order, texts, error cells, percent cells, hidden sheets and rows,
comments, headers and footers. Not to be found out: a formula that was never computed,
for the format stores a result with every formula.
"""

from __future__ import annotations

import re
import struct
from array import array
from collections.abc import Iterator, Sequence, Set

from sources.readers.biff12 import records, wide_text
from sources.readers.container import Container
from sources.readers.error_codes import ERROR_NAMES
from sources.readers.number_formats import PERCENT_FORMATS, shows_percent
from sources.readers.package_parts import (
    check_package,
    related_parts,
    worksheet_parts,
)
from sources.readers.properties import property_texts
from sources.readers.rejections import Rejected
from sources.readers.sheet_facts import (
    SheetFacts,
    WorkbookFacts,
    check_has_sheets,
    check_next_sheet,
    check_sums,
)
from sources.readers.text_volume import check_volume

_WORKBOOK = "xl/workbook.bin"
_RELATIONS = "xl/_rels/workbook.bin.rels"
_STYLES = "xl/styles.bin"
_TEXTS = "xl/sharedStrings.bin"
_COMMENTS = re.compile(r"xl/comments[^/]*\.bin")
_STATES = ("visible", "hidden", "veryHidden")
_ROW, _BLANK, _ERROR, _TEXT, _SHARED = 0, 1, 3, 6, 7
_FORMULA_TEXT, _FORMULA_ERROR = 8, 11
_NUMBERS = frozenset({2, 5, 9})
_SHORTEST = {1: 8, 2: 12, 3: 9, 4: 9, 5: 16, 6: 12, 7: 12, 8: 12, 9: 16, 10: 9, 11: 9}
"""Bytes of a cell record by its type; only these types are cells that readers know."""
_UNKNOWN_CELLS = frozenset({*range(12, 19), 62})
_SHARED_ITEM, _MERGED, _FORMAT, _STYLE = 19, 176, 44, 47
_STYLES_BEGIN, _STYLES_END = 617, 618
_SHEET, _TEXTS_BEGIN = 156, 159
_HEADER_FOOTER, _COMMENT_TEXT = 479, 637
_HIDDEN_ROW = 0x10
_UINT, _USHORT = struct.Struct("<I"), struct.Struct("<H")


def inspect_xlsb(container: Container) -> WorkbookFacts:
    """Facts of one .xlsb; its container is open and its entries are checked.

    Raises:
        Rejected: the file must not reach a reader; the code says why.
    """
    check_package(container)
    sheets = _sheets(container)
    lengths = _shared_lengths(container)
    percents = _percent_styles(container)
    texts: list[tuple[str, str]] = []
    volume = 0
    for facts in sheets:
        walk = _Walk(container, facts, lengths, percents)
        volume += walk.run()
        check_volume(volume, container.limits.text_volume)
        texts += walk.texts
    check_sums(sheets, container.limits)
    texts += [*_comments(container), *property_texts(container)]
    macros = bool(container.macros)
    return WorkbookFacts(tuple(sheets), tuple(texts), macros, container.kind)


def _sheets(container: Container) -> list[SheetFacts]:
    """Worksheets in the order of their tabs; chart sheets hold no cells."""
    names, others = worksheet_parts(related_parts(container.small(_RELATIONS)))
    sheets: list[SheetFacts] = []
    for kind, body in records(container, _WORKBOOK):
        if kind != _SHEET or len(body) < 12:
            continue
        state = _UINT.unpack_from(body)[0]
        relation, at = wide_text(_WORKBOOK, body, 8)
        name, _ = wide_text(_WORKBOOK, body, at)
        if relation in others or not relation:
            continue
        if relation not in names:
            raise Rejected("X_NOTXLSX", f"sheet {name!r} has no part of its own")
        check_next_sheet(sheets, name, container.limits)
        if state >= len(_STATES):
            raise Rejected("X_DAMAGED", f"{_WORKBOOK}: sheet state {state}")
        sheets.append(SheetFacts(name, names[relation], _STATES[state]))
    check_has_sheets(sheets)
    return sheets


def _shared_lengths(container: Container) -> Sequence[int]:
    """Characters of every shared text that a reader will know, in order."""
    lengths = array("L")
    declared = 0
    if _TEXTS not in container:
        return lengths
    for kind, body in records(container, _TEXTS):
        if kind == _TEXTS_BEGIN and len(body) >= 8:
            declared = _UINT.unpack_from(body, 4)[0]
        elif kind == _SHARED_ITEM:
            lengths.append(len(wide_text(_TEXTS, body, 1)[0]))
    return lengths[:declared]


def _percent_styles(container: Container) -> Set[int]:
    """Indexes of the cell styles that show a number as a percentage."""
    if _STYLES not in container:
        return frozenset()
    formats, found = set(PERCENT_FORMATS), set[int]()
    index, is_cell_style = 0, False
    for kind, body in records(container, _STYLES):
        if kind == _FORMAT and len(body) >= 2:
            if shows_percent(wide_text(_STYLES, body, 2)[0]):
                formats.add(_USHORT.unpack_from(body)[0])
        elif kind in (_STYLES_BEGIN, _STYLES_END):
            is_cell_style = kind == _STYLES_BEGIN
        elif kind == _STYLE and is_cell_style and len(body) >= 4:
            if _USHORT.unpack_from(body, 2)[0] in formats:
                found.add(index)
            index += 1
    return found


def _comments(container: Container) -> Iterator[tuple[str, str]]:
    """Part name and text of every comment."""
    for key, name in container.names.items():
        if _COMMENTS.fullmatch(key):
            for kind, body in records(container, name):
                if kind == _COMMENT_TEXT:
                    yield name, wide_text(name, body, 1)[0]


class _Walk:
    """One pass over the records of one worksheet."""

    def __init__(
        self,
        container: Container,
        facts: SheetFacts,
        lengths: Sequence[int],
        percents: Set[int],
    ):
        self.container = container
        self.facts = facts
        self.lengths = lengths
        self.percents = percents
        self.texts: list[tuple[str, str]] = []
        self.row = self.column = -1
        self.volume = 0

    def run(self) -> int:
        """Fills the facts; gives the characters of all text cells."""
        for kind, body in records(self.container, self.facts.part):
            if kind == _ROW:
                self._start_row(body)
            elif kind in _SHORTEST:
                self._cell(kind, body)
            elif kind in _UNKNOWN_CELLS:
                detail = f"{self.facts.name}: a cell of kind {kind}"
                raise Rejected("X_UNREADABLE", detail, self.facts.name)
            elif kind == _MERGED:
                self.facts.merged += 1
            elif kind == _HEADER_FOOTER:
                text = body[2:].decode("utf-16-le", "replace")
                self.texts.append((self.facts.part, text))
        return self.volume

    def _start_row(self, body: bytes) -> None:
        if len(body) < 12:
            raise Rejected("X_DAMAGED", f"{self.facts.part}: a row is cut short")
        row = _UINT.unpack_from(body)[0]
        if row <= self.row:
            raise self.facts.row_out_of_order(row + 1, self.row + 1)
        self.row, self.column = row, -1
        if body[11] & _HIDDEN_ROW:
            self.facts.hidden_rows.append(row + 1)

    def _cell(self, kind: int, body: bytes) -> None:
        facts, limits = self.facts, self.container.limits
        if len(body) < _SHORTEST[kind] or self.row < 0:
            raise Rejected("X_DAMAGED", f"{facts.part}: a cell is cut short")
        column = _UINT.unpack_from(body)[0]
        if column <= self.column:
            raise facts.cell_out_of_order(self.row + 1, column + 1)
        self.column = column
        place = (self.row, column)
        facts.count_cells(self.row + 1, column + 1, limits)
        if kind == _BLANK:
            return
        facts.widen(self.row + 1, column + 1, limits)
        facts.formulas += kind >= _FORMULA_TEXT
        if kind in (_ERROR, _FORMULA_ERROR):
            facts.errors.append((*place, ERROR_NAMES.get(body[8], "#?")))
        elif kind in (_TEXT, _FORMULA_TEXT):
            self.volume += len(wide_text(facts.part, body, 8)[0])
        elif kind == _SHARED:
            index = _UINT.unpack_from(body, 8)[0]
            if index >= len(self.lengths):
                detail = f"{facts.name}: a cell points to text {index}"
                raise Rejected("X_DAMAGED", f"{detail} of {len(self.lengths)}")
            self.volume += self.lengths[index]
        elif kind in _NUMBERS and _UINT.unpack_from(body, 4)[0] & 0xFFFFFF in (
            self.percents
        ):
            facts.percents.append(place)
