"""Xls facts: what an old workbook (.xls, Excel 97 to 2003) holds, record by record.

Found out: extents, order, texts, error cells, percent cells, hidden sheets and rows,
comments, headers, footers, macros, links to other files. Not to be found out: a formula
that was never computed, where the writer stored 0 as its result; an empty text counts
as none in workbooks without document properties, which programs that compute write.
Workbooks of Excel 5 and older are refused.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import BinaryIO, NamedTuple

from sources.readers.biff8 import (
    CONTINUE,
    long_text,
    records,
    shared_lengths,
    short_text,
)
from sources.readers.compound_file import CompoundFile, damaged
from sources.readers.limits import Limits, check_file_size
from sources.readers.number_formats import PERCENT_FORMATS, shows_percent
from sources.readers.property_set import told_texts
from sources.readers.rejections import Rejected
from sources.readers.sheet_facts import (
    SheetFacts,
    WorkbookFacts,
    check_has_sheets,
    check_next_sheet,
    check_sums,
)
from sources.readers.text_volume import check_volume
from sources.readers.xls_sheet import SheetWalk

_ENCRYPTED = "EncryptedPackage"
_MACROS = "_VBA_PROJECT_CUR"
_EMBEDDED = ("MBD", "LNK")
_PROPERTIES = "\x05SummaryInformation"
_STATES = ("visible", "hidden", "veryHidden")
_BOF, _EOF, _SHEET, _PASSWORD, _TEXTS = 0x809, 0x0A, 0x85, 0x2F, 0xFC
_FORMAT, _STYLE, _BOOKS, _QUERY = 0x41E, 0xE0, 0x1AE, 0x1AD
_OWN_BOOK, _ADD_IN = 0x0401, 0x3A01
_BIFF8 = 0x0600
_WORKSHEET, _MACRO_SHEET = 0, 1


class _Globals(NamedTuple):
    """What the first part of the stream says about the whole workbook."""

    sheets: list[SheetFacts]
    offsets: list[int]
    lengths: Sequence[int]
    percents: frozenset[int]


def inspect_xls(stream: BinaryIO, limits: Limits) -> WorkbookFacts:
    """Facts of the old workbook in an open file.

    Raises:
        Rejected: the file must not reach a reader; the code says why.
    """
    check_file_size(stream.seek(0, 2), limits)
    file = CompoundFile(stream)
    if file.find(_ENCRYPTED) is not None:
        raise Rejected("X_PASSWORD")
    place = file.find("Workbook")
    if place is None:
        old = file.find("Book") is not None
        raise damaged(
            "a workbook of Excel 5 or older" if old else "no workbook inside",
            "sổ của Excel 5 trở về trước" if old else "không có sổ tính bên trong",
        )
    for entry in file.entries:
        if entry.name.startswith(_EMBEDDED) and entry.kind == 1:
            raise Rejected("X_ACTIVE", f"embedded object {entry.name}")
    book = _read_globals(file, place, limits)
    texts: list[tuple[str, str]] = []
    volume = 0
    properties = file.find(_PROPERTIES)
    for facts, offset in zip(book.sheets, book.offsets, strict=True):
        is_computed = properties is not None
        walk = SheetWalk(facts, limits, book.lengths, book.percents, is_computed)
        walk.run(records(file, place, offset))
        texts += [(facts.name, text) for text in walk.texts]
        volume += walk.volume
        check_volume(volume, limits.text_volume)
        check_sums(book.sheets, limits, is_opened_at_once=True)
    if properties is not None:
        data = b"".join(file.chunks(properties))
        texts.append(("SummaryInformation", "\n".join(told_texts(data))))
    return WorkbookFacts(
        tuple(book.sheets),
        tuple(texts),
        file.find(_MACROS) is not None,
        "xls",
    )


def _read_globals(file: CompoundFile, place: int, limits: Limits) -> _Globals:
    sheets, offsets = list[SheetFacts](), list[int]()
    formats, styles, texts = set(PERCENT_FORMATS), list[int](), list[bytes]()
    last = -1
    for number, (kind, body) in enumerate(records(file, place)):
        if number == 0 and (kind != _BOF or _word(body, 0) != _BIFF8):
            raise damaged(
                "no workbook of Excel 97 or later", "không phải Excel 97 trở lên"
            )
        if kind == _PASSWORD:
            raise Rejected("X_PASSWORD")
        if kind == _SHEET:
            found = _sheet(body, file.entries[place].size)
            if found is not None:
                _add_sheet(sheets, offsets, found, limits)
        elif kind == _TEXTS or (kind == CONTINUE and last == _TEXTS):
            texts.append(body)
        elif kind == _FORMAT and shows_percent(long_text(body, 2)):
            formats.add(_word(body, 0))
        elif kind == _STYLE:
            styles.append(_word(body, 2))
        elif kind == _BOOKS and _word(body, 2) not in (_OWN_BOOK, _ADD_IN):
            raise Rejected("X_ACTIVE", "a link to another workbook")
        elif kind == _QUERY:
            raise Rejected("X_ACTIVE", "a data connection")
        elif kind == _EOF:
            break
        last = last if kind == CONTINUE else kind
    else:
        raise damaged("its first part has no end", "phần đầu của sổ bị cắt cụt")
    check_has_sheets(sheets)
    percents = frozenset(n for n, style in enumerate(styles) if style in formats)
    return _Globals(sheets, offsets, shared_lengths(texts) if texts else (), percents)


def _sheet(body: bytes, size: int) -> tuple[SheetFacts, int] | None:
    """One worksheet and where its records begin; None for a chart."""
    if len(body) < 8:
        raise damaged("a sheet's entry is cut short", "mục lục trang tính bị cắt cụt")
    offset, state, kind = struct.unpack_from("<IBB", body)
    name = short_text(body, 6).replace("\0", "")
    if kind == _MACRO_SHEET:
        raise Rejected("X_ACTIVE", f"macro sheet {name!r}", name)
    if offset >= size or state & 0x3F >= len(_STATES):
        raise damaged("a sheet lies outside the file", "trang tính nằm ngoài tệp")
    if kind != _WORKSHEET:
        return None
    return SheetFacts(name, "Workbook", _STATES[state & 0x3F]), offset


def _add_sheet(
    sheets: list[SheetFacts],
    offsets: list[int],
    found: tuple[SheetFacts, int],
    limits: Limits,
) -> None:
    facts, offset = found
    check_next_sheet(sheets, facts.name, limits)
    if offset in offsets:
        raise Rejected("X_DUPPART", f"sheet {facts.name!r} is another sheet's")
    sheets.append(facts)
    offsets.append(offset)


def _word(body: bytes, at: int) -> int:
    """Two bytes of a record as a number; 0 where the record is too short."""
    return int.from_bytes(body[at : at + 2], "little")
