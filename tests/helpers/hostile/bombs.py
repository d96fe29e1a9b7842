"""Bombs: a few bytes that stand for far too many."""

from __future__ import annotations

import io
import zipfile

from tests.helpers.hostile import xlsb_writer
from tests.helpers.hostile.base import (
    FORM,
    TEXTS,
    Base,
    hostile,
    read_as,
    replaced,
    zipped,
)
from tests.helpers.hostile.ods_writer import cell
from tests.helpers.hostile.raw_zip import RawEntry, deflated, raw_zip, repeated

GIGABYTE = 1 << 30


def _with_bomb(
    base: Base, part: str, before: bytes, piece: bytes, after: bytes
) -> bytes:
    """The template with a gigabyte of `piece` in the place of one part."""
    entries = [deflated(n, data) for n, data in base.parts().items() if n != part]
    return raw_zip([*entries, repeated(part, before, piece, GIGABYTE, after)])


@hostile("X_BOMB")
def gigabyte_in_one_cell(base: Base) -> bytes:
    before = b'<worksheet><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>'
    after = b"</t></is></c></row></sheetData></worksheet>"
    return _with_bomb(base, FORM, before, b"x", after)


@hostile("X_BOMB")
def millions_of_rows(base: Base) -> bytes:
    before, after = b"<worksheet><sheetData>", b"</sheetData></worksheet>"
    return _with_bomb(base, FORM, before, b"<row><c><v>1</v></c></row>", after)


@hostile("X_BOMB")
def gigabyte_of_shared_texts(base: Base) -> bytes:
    return _with_bomb(base, TEXTS, b"<sst>", b"<si><t>a</t></si>", b"</sst>")


@hostile("X_BOMB")
def gigabyte_of_spaces_behind_the_sheet(base: Base) -> bytes:
    return _with_bomb(base, FORM, base.parts()[FORM], b" ", b"")


@hostile("X_BOMB")
def gigabyte_picture(base: Base) -> bytes:
    return _with_bomb(base, "xl/media/image1.png", b"\x89PNG", b"\0", b"")


@hostile("X_BOMB")
def hundred_thousand_entries(base: Base) -> bytes:
    return raw_zip(RawEntry(f"x/{n}", b"\3\0", 0) for n in range(100_000))


@hostile("X_DAMAGED")
def sizes_that_lie(base: Base) -> bytes:
    bomb = repeated(FORM, b"<worksheet>", b" ", 64 << 20, b"</worksheet>")
    entries = [deflated(n, data) for n, data in base.parts().items() if n != FORM]
    return raw_zip([*entries, bomb._replace(size=10_000)])


@hostile("X_NOTXLSX")
def zip_of_zips(base: Base) -> bytes:
    data = base.template
    for level in range(5):
        data = zipped({f"{level}-{n}.zip": data for n in range(4)})
    return data


@hostile("X_BOMB")
def long_text_in_every_cell(base: Base) -> bytes:
    """32,767 letters, 20,000 times pointed to."""
    book = (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        "<sheetData>{}</sheetData></worksheet>"
    )
    texts = base.parts()[TEXTS]
    last = texts.count(b"<si>")
    rows = "".join(
        f'<row r="{n}"><c r="A{n}" t="s"><v>{last}</v></c></row>'
        for n in range(1, 20_001)
    )
    texts = texts.replace(b"</sst>", b"<si><t>" + b"x" * 32_767 + b"</t></si></sst>")
    return base.with_parts({FORM: book.format(rows).encode(), TEXTS: texts})


@hostile("X_TOOBIG", place="A200001")
def styled_rows_to_the_end(base: Base) -> bytes:
    rows = "".join(
        [f'<row r="{n}"><c r="A{n}" s="1"/></row>' for n in range(16, 1048577)]
    )
    return base.changed(
        FORM, replaced(b"</sheetData>", rows.encode() + b"</sheetData>")
    )


@hostile("X_TOOBIG", place="XFD1048576")
def stray_cell_at_the_far_corner(base: Base) -> bytes:
    far = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    return base.changed(FORM, replaced(b"</sheetData>", far))


@hostile("X_TOOBIG", place="XFD16")
def two_stray_cells_far_apart(base: Base) -> bytes:
    far = (
        b'<row r="16"><c r="XFD16"><v>1</v></c></row>'
        b'<row r="50000"><c r="A50000"><v>1</v></c></row></sheetData>'
    )
    return base.changed(FORM, replaced(b"</sheetData>", far))


@hostile(**read_as())
def dimension_that_lies(base: Base) -> bytes:
    return base.changed(FORM, replaced(b'ref="A1:I15"', b'ref="A1:XFD1048576"'))


@hostile("X_TOOBIG", suffix=".ods", place="A1048576")
def ods_rows_repeated_a_billion_times(base: Base) -> bytes:
    row = (
        '<table:table-row table:number-rows-repeated="1000000000">{}</table:table-row>'
    )
    return base.as_ods(row.format(cell(1)))


@hostile("X_TOOBIG", suffix=".ods")
def ods_cells_repeated_a_billion_times(base: Base) -> bytes:
    many = '<table:table-cell table:number-columns-repeated="1000000000"'
    many += ' office:value-type="float" office:value="1"/>'
    return base.as_ods(f"<table:table-row>{many}</table:table-row>")


@hostile("X_TOOBIG", suffix=".ods")
def ods_billion_spaces_in_a_text(base: Base) -> bytes:
    text = b'<table:table-cell office:value-type="string"><text:p>'
    text += b'<text:s text:c="1000000000"/></text:p></table:table-cell>'
    return base.as_ods(f"<table:table-row>{cell(text)}</table:table-row>")


@hostile("X_XML", suffix=".ods")
def ods_repetition_that_is_no_number(base: Base) -> bytes:
    row = '<table:table-row table:number-rows-repeated="-1"><table:table-cell/>'
    return base.as_ods(row + "</table:table-row>")


@hostile(suffix=".ods", **read_as())
def ods_empty_rows_to_the_end(base: Base) -> bytes:
    """As LibreOffice itself writes it."""
    empty = '<table:table-cell table:number-columns-repeated="16384"/>'
    row = f'<table:table-row table:number-rows-repeated="1048561">{empty}'
    return base.as_ods(row + "</table:table-row>")


@hostile("X_TOOBIG", suffix=".xlsb", place="XFD1048576")
def xlsb_stray_cell_at_the_far_corner(base: Base) -> bytes:
    far = xlsb_writer.row(1_048_575) + xlsb_writer.cell(16_383, 1)
    return base.as_xlsb(far)


@hostile("X_DAMAGED", suffix=".xlsb")
def xlsb_record_of_a_quarter_gigabyte(base: Base) -> bytes:
    return base.as_xlsb(b"\x06\xff\xff\xff\x7f" + b"x" * 100)


@hostile("X_TOOBIG", suffix=".xls", place="IV65536")
def xls_stray_cell_at_the_far_corner(base: Base) -> bytes:
    return base.as_xls(lambda book: book.get_sheet(0).write(65_535, 255, 1))


@hostile("X_NOTXLSX", suffix=".zip")
def zip_of_a_folder(base: Base) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as container:
        container.writestr(zipfile.ZipInfo("m.xlsx"), base.template)
    return out.getvalue()
