"""Cells: workbooks that open well and whose cells do not say what they seem to."""

from __future__ import annotations

import unicodedata
from decimal import Decimal

from tests.helpers.hostile import xlsb_writer
from tests.helpers.hostile.base import (
    FORM,
    WORKBOOK,
    Base,
    hostile,
    read_as,
    replaced,
)
from tests.helpers.hostile.ods_writer import cell

D11 = "D11"


@hostile(**read_as())
def honest_template(base: Base) -> bytes:
    return base.template


@hostile(**read_as(offences=Decimal(1656)))
def number_typed_as_text(base: Base) -> bytes:
    return base.with_text(D11, "1.656")


@hostile(**read_as(offences=Decimal(123)))
def number_in_wide_digits(base: Base) -> bytes:
    return base.with_text(D11, "１２３")


@hostile(**read_as(offences="not_a_number"))
def formula_hidden_in_a_text(base: Base) -> bytes:
    return base.with_text(D11, "=cmd|'/c calc'!A1")


@hostile(**read_as(offences="not_a_number"))
def script_in_a_text(base: Base) -> bytes:
    return base.with_text(D11, "&lt;script&gt;alert(1)&lt;/script&gt;")


@hostile(**read_as(offences="error_cell"))
def error_in_a_figure(base: Base) -> bytes:
    return base.with_cell(D11, '<c r="D11" t="e"><v>#REF!</v></c>')


@hostile(**read_as(offences="no_cached_value"))
def formula_never_computed(base: Base) -> bytes:
    return base.with_cell(D11, '<c r="D11"><f>1+1</f></c>')


@hostile(**read_as(offences="not_a_number"))
def true_where_a_number_belongs(base: Base) -> bytes:
    return base.with_cell(D11, '<c r="D11" t="b"><v>1</v></c>')


@hostile(**read_as(offences="not_a_number"))
def number_without_end(base: Base) -> bytes:
    return base.with_cell(D11, '<c r="D11"><v>1e999</v></c>')


@hostile(**read_as(offences="not_a_number"))
def number_that_is_none(base: Base) -> bytes:
    return base.with_cell(D11, '<c r="D11"><v>NaN</v></c>')


@hostile(**read_as(offences="not_a_number"))
def number_of_three_hundred_digits(base: Base) -> bytes:
    return base.with_cell(D11, '<c r="D11"><v>1e300</v></c>')


def _dated(base: Base) -> bytes:
    """The template with a date in D11."""
    styles = "xl/styles.xml"
    parts = base.parts()
    found = parts[styles].decode()
    head, tail = found.split("<cellXfs count=", 1)
    xfs, rest = tail.split("</cellXfs>", 1)
    date = '<xf numFmtId="14" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    style = xfs.count("<xf ")
    parts[styles] = f"{head}<cellXfs count={xfs}{date}</cellXfs>{rest}".encode()
    more = Base(base.with_parts({styles: parts[styles]}))
    return more.with_cell(D11, f'<c r="D11" s="{style}"><v>45000</v></c>')


@hostile(**read_as(offences="not_a_number"))
def date_where_a_number_belongs(base: Base) -> bytes:
    return _dated(base)


@hostile(**read_as(offences="not_a_number"))
def date_of_the_1904_calendar(base: Base) -> bytes:
    change = replaced(b"<workbookPr ", b'<workbookPr date1904="1" ')
    return Base(_dated(base)).changed(WORKBOOK, change)


@hostile(**read_as(offences=Decimal(45000)))
def serial_of_a_date_without_its_format(base: Base) -> bytes:
    return base.with_cell(D11, '<c r="D11"><v>45000</v></c>')


@hostile("X_DAMAGED")
def text_that_is_not_there(base: Base) -> bytes:
    return base.with_cell(D11, '<c r="D11" t="s"><v>99999</v></c>')


@hostile("X_ROWORDER")
def row_out_of_order(base: Base) -> bytes:
    late = b'<row r="2"><c r="A2"><v>1</v></c></row></sheetData>'
    return base.changed(FORM, replaced(b"</sheetData>", late))


@hostile("X_ROWORDER")
def cell_twice(base: Base) -> bytes:
    twice = '<c r="D11"><v>44</v></c><c r="D11"><v>12</v></c>'
    return base.with_cell(D11, twice)


@hostile("X_TOOBIG", place=D11)
def text_beyond_what_a_cell_holds(base: Base) -> bytes:
    return base.with_text(D11, "x" * 32_768)


@hostile(**read_as())
def names_in_decomposed_letters(base: Base) -> bytes:
    """As a Mac writes them: every sheet name and title in NFD."""
    parts = base.parts()
    changed = {
        name: unicodedata.normalize("NFD", data.decode()).encode()
        for name, data in parts.items()
        if name.startswith("xl/w") or name == "xl/sharedStrings.xml"
    }
    return base.with_parts(changed)


@hostile(**read_as())
def titles_with_strange_spaces(base: Base) -> bytes:
    def change(data: bytes) -> bytes:
        return data.replace("Số liệu".encode(), "Số\u00a0\u200bliệu ".encode())

    return base.changed("xl/sharedStrings.xml", change)


@hostile(**read_as())
def merged_header(base: Base) -> bytes:
    merge = b'<mergeCell ref="D9:D10"/>'
    return base.changed(FORM, replaced(b"<mergeCell ", merge + b"<mergeCell "))


@hostile("X_TEMPLATE")
def title_of_the_figures_renamed(base: Base) -> bytes:
    def change(data: bytes) -> bytes:
        return data.replace("<t>Số liệu</t>".encode(), "<t>Tháng này</t>".encode())

    return base.changed("xl/sharedStrings.xml", change)


@hostile("X_HIDDEN")
def hidden_sheet(base: Base) -> bytes:
    change = replaced(b'sheetId="1" ', b'sheetId="1" state="hidden" ')
    return base.changed(WORKBOOK, change)


@hostile("X_HIDDEN")
def very_hidden_sheet(base: Base) -> bytes:
    change = replaced(b'sheetId="1" ', b'sheetId="1" state="veryHidden" ')
    return base.changed(WORKBOOK, change)


@hostile("R_HIDDEN_ROWS", **read_as())
def hidden_row_with_a_figure(base: Base) -> bytes:
    return base.changed(FORM, replaced(b'<row r="11" ', b'<row r="11" hidden="1" '))


@hostile("X_NOSHEET")
def form_sheet_missing(base: Base) -> bytes:
    def change(data: bytes) -> bytes:
        return data.replace('name="Biểu"'.encode(), b'name="Sheet1"')

    return base.changed(WORKBOOK, change)


@hostile(suffix=".xlsb", **read_as())
def xlsb_honest(base: Base) -> bytes:
    return base.as_xlsb()


@hostile("X_ROWORDER", suffix=".xlsb")
def xlsb_row_out_of_order(base: Base) -> bytes:
    return base.as_xlsb(xlsb_writer.row(2) + xlsb_writer.cell(0, 1))


@hostile("X_DAMAGED", suffix=".xlsb")
def xlsb_text_that_is_not_there(base: Base) -> bytes:
    place = (0).to_bytes(4, "little") * 2 + (7).to_bytes(4, "little")
    return base.as_xlsb(xlsb_writer.row(400) + xlsb_writer.record(7, place))


@hostile("X_DAMAGED", suffix=".xlsb")
def xlsb_text_longer_than_its_record(base: Base) -> bytes:
    place = (0).to_bytes(4, "little") * 2 + b"\xff\xff\xff\x0f"
    return base.as_xlsb(xlsb_writer.row(400) + xlsb_writer.record(6, place))


@hostile("X_UNREADABLE", suffix=".xlsb")
def xlsb_cell_of_an_unknown_kind(base: Base) -> bytes:
    body = (0).to_bytes(4, "little") * 2 + b"\0" + xlsb_writer.wide("12")
    return base.as_xlsb(xlsb_writer.row(400) + xlsb_writer.record(62, body))


@hostile("X_UNREADABLE", suffix=".ods")
def ods_table_in_a_table(base: Base) -> bytes:
    inside = '<table:table table:name="y"><table:table-row/></table:table>'
    return base.as_ods(
        f"<table:table-row><table:table-cell>{inside}</table:table-cell></table:table-row>"
    )


@hostile(suffix=".ods", **read_as(offences="error_cell", staff="no_cached_value"))
def ods_error_and_formula_never_computed(base: Base) -> bytes:
    def change(value: object) -> object:
        if value == 12:
            return (
                b'<table:table-cell office:value-type="string"'
                b' office:string-value="" calcext:value-type="error">'
                b"<text:p>#DIV/0!</text:p></table:table-cell>"
            )
        return b'<table:table-cell table:formula="of:=1+1"/>' if value == 7 else value

    grids = base.grids
    grids["Biểu"] = [
        (row, column, change(value)) for row, column, value in grids["Biểu"]
    ]
    return base.as_ods()


@hostile("X_TOOBIG", suffix=".ods")
def ods_text_beyond_what_a_cell_holds(base: Base) -> bytes:
    return base.as_ods(f"<table:table-row>{cell('x' * 32_768)}</table:table-row>")


@hostile("X_LEGACY_FONT", place="G11")
def letters_of_tcvn3(base: Base) -> bytes:
    first = Base(base.with_text("G11", "C«ng an tØnh"))
    return first.with_text("G12", "sè vô ph¹m téi")


@hostile("X_LEGACY_FONT", suffix=".xls")
def xls_letters_of_tcvn3(base: Base) -> bytes:
    def change(book: object) -> None:
        for number, text in enumerate(
            ("hép møt tÕt", "C«ng an tØnh", "sè vô ph¹m téi")
        ):
            book.get_sheet(0).write(30 + number, 0, text)  # type: ignore[attr-defined]

    return base.as_xls(change)  # type: ignore[arg-type]
