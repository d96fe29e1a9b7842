"""Containers: files that are broken, locked, or not what they say they are."""

from __future__ import annotations

import io
import zipfile
import zlib

from tests.helpers.hostile.base import (
    FORM,
    TYPES,
    Base,
    hostile,
    read_as,
    replaced,
    zipped,
)
from tests.helpers.hostile.raw_zip import RawEntry, deflated, raw_zip


def _and(base: Base, entry: RawEntry) -> bytes:
    return raw_zip([*(deflated(n, d) for n, d in base.parts().items()), entry])


@hostile("X_EMPTY")
def no_bytes_at_all(base: Base) -> bytes:
    return b""


@hostile("X_NOTXLSX")
def one_byte(base: Base) -> bytes:
    return b"P"


@hostile("X_DAMAGED")
def first_half_only(base: Base) -> bytes:
    return base.template[: len(base.template) // 2]


@hostile("X_DAMAGED")
def last_bytes_missing(base: Base) -> bytes:
    return base.template[:-22]


@hostile("X_DAMAGED")
def byte_flipped_in_the_sheet(base: Base) -> bytes:
    data = bytearray(base.template)
    with zipfile.ZipFile(io.BytesIO(base.template)) as container:
        entry = container.getinfo(FORM)
    data[entry.header_offset + 30 + len(FORM) + entry.compress_size // 2] ^= 0x55
    return bytes(data)


@hostile("X_PASSWORD")
def entry_locked_in_the_zip(base: Base) -> bytes:
    entry = deflated("xl/media/a.png", b"x")
    return _and(base, entry._replace(flags=1))


@hostile("X_NOTXLSX")
def web_page_called_xlsx(base: Base) -> bytes:
    return b"<html><table><tr><td>12</td></tr></table></html>"


@hostile("X_NOTXLSX")
def csv_called_xlsx(base: Base) -> bytes:
    return "Mã;Số liệu\noffences;12\n".encode()


@hostile("X_NOTXLSX")
def pdf_called_xlsx(base: Base) -> bytes:
    return b"%PDF-1.7\n" + b"\0" * 100


@hostile("X_NOTXLSX")
def word_document_called_xlsx(base: Base) -> bytes:
    return zipped({"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<d/>"})


@hostile("X_NOTXLSX", suffix=".ods")
def text_document_called_ods(base: Base) -> bytes:
    kind = b"application/vnd.oasis.opendocument.text"
    return base.as_ods(extra={"mimetype": kind})


@hostile(**read_as())
def old_workbook_called_xlsx(base: Base) -> bytes:
    return base.as_xls()


@hostile(suffix=".xls", **read_as())
def new_workbook_called_xls(base: Base) -> bytes:
    return base.template


@hostile(suffix=".txt", **read_as())
def open_document_called_txt(base: Base) -> bytes:
    return base.as_ods()


@hostile("X_DUPPART")
def same_part_twice(base: Base) -> bytes:
    return _and(base, deflated(FORM, b"<worksheet/>"))


@hostile("X_DUPPART")
def same_part_twice_in_other_case(base: Base) -> bytes:
    return _and(base, deflated(FORM.upper(), b"<worksheet/>"))


@hostile("X_PATH")
def part_that_climbs_out(base: Base) -> bytes:
    return base.with_parts({"../../../../tmp/evil": b"x"})


@hostile("X_PATH")
def part_from_the_root(base: Base) -> bytes:
    return base.with_parts({"/etc/cron.d/evil": b"x"})


@hostile("X_PATH")
def part_on_another_drive(base: Base) -> bytes:
    return base.with_parts({"C:evil": b"x"})


@hostile("X_PATH")
def part_with_a_backslash_in_its_name(base: Base) -> bytes:
    return _and(base, deflated("xl\\..\\evil", b"x"))


@hostile("X_PATH")
def part_with_a_nul_in_its_name(base: Base) -> bytes:
    return _and(base, deflated("xl/a\0b", b"x"))


@hostile("X_DAMAGED")
def unknown_compression(base: Base) -> bytes:
    data = base.parts()[FORM]
    entry = RawEntry("xl/media/b.bin", data, len(data), zlib.crc32(data), method=99)
    return _and(base, entry)


@hostile("X_NOTXLSX")
def two_workbooks_in_one(base: Base) -> bytes:
    return base.with_parts({"content.xml": b"<x/>", "mimetype": b"x"})


@hostile("X_NOTXLSX")
def package_that_points_elsewhere(base: Base) -> bytes:
    change = replaced(b'"xl/workbook.xml"', b'"evil/workbook.xml"')
    return base.changed("_rels/.rels", change)


@hostile("X_NOTXLSX")
def no_content_types(base: Base) -> bytes:
    return zipped({n: d for n, d in base.parts().items() if n != TYPES})


@hostile("X_PASSWORD", suffix=".ods")
def ods_locked_with_a_password(base: Base) -> bytes:
    entry = '<manifest:file-entry manifest:full-path="styles.xml">'
    return base.as_ods(
        manifest=entry + "<manifest:encryption-data/></manifest:file-entry>"
    )
