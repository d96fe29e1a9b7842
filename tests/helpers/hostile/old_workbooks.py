"""Old workbooks: .xls files that are broken, locked or active, record by record."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable

import xlwt
from xlwt.CompoundDoc import XlsDoc

from tests.helpers.hostile.base import Base, hostile, read_as

EOF = struct.pack("<HH", 0x0A, 0)
SHEET, END = 0x85, 0x0A


def _record(kind: int, body: bytes) -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def _number(row: int, column: int, value: float) -> bytes:
    return _record(0x203, struct.pack("<HHHd", row, column, 15, value))


def _file(stream: bytes) -> bytes:
    out = io.BytesIO()
    XlsDoc().save(out, stream)
    return out.getvalue()


def _stream(base: Base, change: Callable[[xlwt.Workbook], None] | None = None) -> bytes:
    book = base.old_book()
    if change is not None:
        change(book)
    stream: bytes = book.get_biff_data()
    return stream


def _in_the_last_sheet(base: Base, more: bytes) -> bytes:
    stream = _stream(base)
    assert stream.endswith(EOF)
    return _file(stream[: -len(EOF)] + more + EOF)


def _in_the_globals(base: Base, more: bytes) -> bytes:
    """The workbook with a record before the end of its first part."""
    stream = bytearray(_stream(base))
    at, sheets = 0, []
    while True:
        kind, length = struct.unpack_from("<HH", stream, at)
        if kind == SHEET:
            sheets.append(at + 4)
        if kind == END:
            break
        at += 4 + length
    for place in sheets:
        offset = struct.unpack_from("<I", stream, place)[0]
        struct.pack_into("<I", stream, place, offset + len(more))
    return _file(bytes(stream[:at]) + more + bytes(stream[at:]))


def _fat(data: bytes) -> int:
    """Where the table of sectors begins in the file."""
    return 512 * (struct.unpack_from("<I", data, 76)[0] + 1)


@hostile(suffix=".xls", **read_as())
def xls_honest(base: Base) -> bytes:
    return base.as_xls()


@hostile(suffix=".xls", **read_as(offences="error_cell"))
def xls_error_cell(base: Base) -> bytes:
    return base.as_xls(
        lambda book: book.get_sheet(0).row(10).set_cell_error(3, "#REF!")
    )


@hostile(suffix=".xls", **read_as(offences="no_cached_value"))
def xls_formula_never_computed(base: Base) -> bytes:
    """As libraries write it: an empty text as the result, no document properties."""
    return base.as_xls(lambda book: book.get_sheet(0).write(10, 3, xlwt.Formula("6+6")))


@hostile("X_HIDDEN", suffix=".xls", place="")
def xls_very_hidden_sheet(base: Base) -> bytes:
    def hide(book: xlwt.Workbook) -> None:
        book.get_sheet(0).visibility = 2
        book.set_active_sheet(1)

    return base.as_xls(hide)


@hostile("X_XLS", suffix=".xls")
def xls_looped_sectors(base: Base) -> bytes:
    data = bytearray(base.as_xls())
    struct.pack_into("<I", data, _fat(data) + 4 * 3, 1)
    return bytes(data)


@hostile("X_XLS", suffix=".xls")
def xls_sector_outside_the_file(base: Base) -> bytes:
    data = bytearray(base.as_xls())
    struct.pack_into("<I", data, _fat(data), 0x00FFFFFF)
    return bytes(data)


@hostile("X_XLS", suffix=".xls")
def xls_table_of_sectors_that_loops(base: Base) -> bytes:
    data = bytearray(base.as_xls())
    struct.pack_into("<II", data, 68, 0, 1_000_000)
    return bytes(data)


@hostile("X_XLS", suffix=".xls")
def xls_cut_short(base: Base) -> bytes:
    return base.as_xls()[:3000]


@hostile("X_XLS", suffix=".xls")
def xls_of_nothing_but_a_head(base: Base) -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600


@hostile("X_XLS", suffix=".xls")
def xls_sheet_outside_the_stream(base: Base) -> bytes:
    stream = bytearray(_stream(base))
    at = stream.index(struct.pack("<H", SHEET))
    struct.pack_into("<I", stream, at + 4, 0x7FFFFFFF)
    return _file(bytes(stream))


@hostile("X_XLS", suffix=".xls")
def xls_size_that_no_sheet_has(base: Base) -> bytes:
    stream = bytearray(_stream(base))
    at = stream.index(struct.pack("<HH", 0x200, 14))
    struct.pack_into("<IIHH", stream, at + 4, 0, 0xFFFFFFFF, 0, 0xFFFF)
    return _file(bytes(stream))


@hostile("X_XLS", suffix=".xls")
def xls_text_that_is_not_there(base: Base) -> bytes:
    cell = _record(0xFD, struct.pack("<HHHI", 400, 0, 15, 999_999))
    return _in_the_last_sheet(base, cell)


@hostile("X_XLS", suffix=".xls")
def xls_of_excel_five(base: Base) -> bytes:
    return base.as_xls().replace(
        "Workbook".encode("utf-16-le"), b"B\0o\0o\0k\0" + b"\0" * 8
    )


@hostile(suffix=".xls", **read_as())
def xls_that_speaks_of_encryption(base: Base) -> bytes:
    """The name of the stream of an encrypted workbook, in UTF-16, in a cell."""
    text = "EncryptedPackage – gói đã mã hóa"
    return base.as_xls(lambda book: book.get_sheet(0).write(400, 0, text))


@hostile("X_PASSWORD")
def locked_with_a_password(base: Base) -> bytes:
    """An encrypted .xlsx: a compound file with the workbook in one stream."""
    data = bytearray(_file(b"\x5a" * 5_000))
    directory = 512 * (struct.unpack_from("<I", data, 48)[0] + 1)
    name = "EncryptedPackage\0".encode("utf-16-le")
    data[directory + 128 : directory + 192] = name.ljust(64, b"\0")
    struct.pack_into("<H", data, directory + 192, len(name))
    return bytes(data)


@hostile("X_PASSWORD", suffix=".xls")
def xls_locked_with_a_password(base: Base) -> bytes:
    return _in_the_globals(
        base, _record(0x2F, struct.pack("<HHH", 1, 1, 1) + b"x" * 48)
    )


@hostile("X_ROWORDER", suffix=".xls")
def xls_cell_twice(base: Base) -> bytes:
    return _in_the_last_sheet(base, _number(0, 0, 1.0))


@hostile("X_ACTIVE", suffix=".xls")
def xls_link_to_another_workbook(base: Base) -> bytes:
    name = b"\x01\x00\x00x"
    link = _record(0x1AE, struct.pack("<HH", 1, 4) + name)
    return _in_the_globals(base, link)


@hostile("X_ACTIVE", suffix=".xls")
def xls_sheet_of_old_macros(base: Base) -> bytes:
    stream = bytearray(_stream(base))
    at = stream.index(struct.pack("<H", SHEET))
    stream[at + 9] = 1
    return _file(bytes(stream))


@hostile("R_MACROS_LEFT_OUT", suffix=".xls", **read_as())
def xls_with_macros(base: Base) -> bytes:
    """A storage of macros in a free entry of the directory."""
    data = bytearray(base.as_xls())
    directory = 512 * (struct.unpack_from("<I", data, 48)[0] + 1)
    name = "_VBA_PROJECT_CUR\0".encode("utf-16-le")
    entry = name.ljust(64, b"\0") + struct.pack(
        "<HBBIII", len(name), 1, 1, *(-1 & 0xFFFFFFFF,) * 3
    )
    entry += b"\0" * 36 + struct.pack("<IIQ"[:3], 0, 0) + b"\0" * 4
    data[directory + 256 : directory + 384] = entry.ljust(128, b"\0")[:128]
    return bytes(data)
