"""Writes small .xlsb workbooks, record by record, honest or not."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Mapping, Sequence

Cells = Sequence[tuple[int, int, object]]
"""Row and column from 0, and a value: text, number, True/False, or a raw record."""

ROW, END_DATA, SHEET = 0, 146, 156
TYPES = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?><Types xmlns='
    '"http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="bin" ContentType='
    '"application/vnd.ms-excel.sheet.binary.macroEnabled.main"/>'
    '<Default Extension="rels" ContentType='
    '"application/vnd.openxmlformats-package.relationships+xml"/>{sheets}'
    '<Override PartName="/xl/styles.bin" ContentType='
    '"application/vnd.ms-excel.styles"/></Types>'
)
SHEET_TYPE = (
    '<Override PartName="/xl/worksheets/sheet{n}.bin" ContentType='
    '"application/vnd.ms-excel.worksheet"/>'
)
RELATIONS = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?><Relationships xmlns='
    '"http://schemas.openxmlformats.org/package/2006/relationships">{}</Relationships>'
)
RELATION = '<Relationship Id="{}" Type="{}" Target="{}"/>'
KIND = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
PERCENT_STYLE = 1


def record(kind: int, body: bytes = b"") -> bytes:
    """One record: type and length in groups of seven bits, then the body."""
    head = bytes([kind]) if kind < 0x80 else bytes([kind & 0x7F | 0x80, kind >> 7])
    length, count = b"", len(body)
    while True:
        count, low = count >> 7, count & 0x7F
        length += bytes([low | (0x80 if count else 0)])
        if not count:
            return head + length + body


def wide(text: str) -> bytes:
    data = text.encode("utf-16-le")
    return struct.pack("<I", len(data) // 2) + data


def row(number: int, is_hidden: bool = False) -> bytes:
    flags = 0x10 if is_hidden else 0
    return record(ROW, struct.pack("<IIHBBBI", number, 0, 300, 0, flags, 0, 0))


def cell(column: int, value: object, style: int = 0) -> bytes:
    place = struct.pack("<II", column, style)
    if isinstance(value, bytes):
        return value
    if isinstance(value, bool):
        return record(4, place + bytes([value]))
    if isinstance(value, (int, float)):
        return record(5, place + struct.pack("<d", value))
    return record(6, place + wide(str(value)))


def sheet_data(cells: Cells, percents: Sequence[tuple[int, int]] = ()) -> bytes:
    """The rows and cells of one sheet, in the order given."""
    parts: list[bytes] = []
    last = -1
    for number, column, value in cells:
        if number != last:
            parts.append(row(number))
            last = number
        style = PERCENT_STYLE if (number, column) in percents else 0
        parts.append(cell(column, value, style))
    return b"".join(parts)


def sheet_part(data: bytes) -> bytes:
    """One worksheet around its rows."""
    return (
        record(129)
        + record(147, b"\0" * 23)
        + record(148, struct.pack("<IIII", 0, 0, 0, 0))
        + record(145)
        + data
        + record(END_DATA)
        + record(130)
    )


def styles_part() -> bytes:
    """Two cell styles: general and percent."""
    style = "<HHHHHBBHH"
    plain = record(47, struct.pack(style, 0, 0, 0, 0, 0, 0, 0, 0, 0))
    percent = record(47, struct.pack(style, 0, 10, 0, 0, 0, 0, 0, 0, 0))
    body = record(617, struct.pack("<I", 2)) + plain + percent + record(618)
    return record(278) + body + record(279)


def xlsb(
    sheets: Mapping[str, bytes],
    states: Mapping[str, int] | None = None,
    extra: Mapping[str, bytes] | None = None,
) -> bytes:
    """One .xlsb: sheet name to the bytes between its begin and end of data."""
    bundle, relations, types = b"", "", ""
    parts: dict[str, bytes] = {}
    for n, (name, data) in enumerate(sheets.items(), 1):
        state = (states or {}).get(name, 0)
        body = struct.pack("<II", state, n) + wide(f"rId{n}") + wide(name)
        bundle += record(SHEET, body)
        relations += RELATION.format(
            f"rId{n}", KIND + "worksheet", f"worksheets/sheet{n}.bin"
        )
        types += SHEET_TYPE.format(n=n)
        parts[f"xl/worksheets/sheet{n}.bin"] = sheet_part(data)
    relations += RELATION.format("rId99", KIND + "styles", "styles.bin")
    workbook = (
        record(131) + record(143) + bundle + record(144) + record(157, b"\0" * 26)
    )
    parts |= {
        "[Content_Types].xml": TYPES.format(sheets=types).encode(),
        "_rels/.rels": RELATIONS.format(
            RELATION.format("rId1", KIND + "officeDocument", "xl/workbook.bin")
        ).encode(),
        "xl/workbook.bin": workbook + record(132),
        "xl/_rels/workbook.bin.rels": RELATIONS.format(relations).encode(),
        "xl/styles.bin": styles_part(),
        **(extra or {}),
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as container:
        for name, data in parts.items():
            container.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()
