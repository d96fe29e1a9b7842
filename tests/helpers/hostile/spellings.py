"""Spellings: workbooks that write a thing so that readers take it differently."""

from __future__ import annotations

from decimal import Decimal

from tests.helpers.hostile.base import (
    FORM,
    FORM_NAME,
    WORKBOOK,
    Base,
    hostile,
    read_as,
    replaced,
)

D11 = "D11"
RELATIONS = "xl/_rels/workbook.xml.rels"


def _value(base: Base, value: str, kind: str = "n") -> bytes:
    """The template with this XML as the value of D11."""
    return base.with_cell(D11, f'<c r="D11" t="{kind}"><v>{value}</v></c>')


@hostile("X_XML", place=D11)
def number_with_blanks_around(base: Base) -> bytes:
    return _value(base, " 1.656 ")


@hostile("X_XML", place=D11)
def number_with_a_comma(base: Base) -> bytes:
    return _value(base, "1,656")


@hostile("X_XML", place=D11)
def number_split_by_a_comment(base: Base) -> bytes:
    return _value(base, "1<!-- x -->656")


@hostile("X_XML", place=D11)
def number_split_by_an_instruction(base: Base) -> bytes:
    return _value(base, "1<?x y?>656")


@hostile("X_XML", place=D11)
def number_in_a_marked_section(base: Base) -> bytes:
    return _value(base, "<![CDATA[1656]]>")


@hostile("X_XML", place=D11)
def number_with_a_digit_as_a_reference(base: Base) -> bytes:
    return _value(base, "1&#54;56")


@hostile("X_XML", place=D11)
def text_of_a_formula_in_a_marked_section(base: Base) -> bytes:
    return _value(base, "1<![CDATA[656]]>", "str")


@hostile("X_DAMAGED")
def index_of_a_text_with_blanks(base: Base) -> bytes:
    return _value(base, " 1 ", "s")


@hostile("X_DAMAGED")
def index_of_a_text_with_a_sign(base: Base) -> bytes:
    return _value(base, "+1", "s")


@hostile("X_XML", place=D11)
def index_of_a_text_as_a_reference(base: Base) -> bytes:
    return _value(base, "&#49;", "s")


@hostile(**read_as(offences="error_cell"))
def error_of_a_newer_version(base: Base) -> bytes:
    return _value(base, "#SPILL!", "e")


@hostile(**read_as(offences="error_cell"))
def error_with_blanks_around(base: Base) -> bytes:
    return _value(base, " #N/A ", "e")


@hostile("X_UNREADABLE", place=D11)
def error_of_a_newer_version_in_a_sheet_with_comments(base: Base) -> bytes:
    newer = Base(_value(base, "#CALC!", "e"))
    return newer.changed(FORM, replaced(b"<sheetData>", b"<!-- x --><sheetData>"))


@hostile("X_XML", place=D11)
def cell_with_two_values(base: Base) -> bytes:
    return _value(base, "12</v><v>13")


@hostile("X_XML")
def cell_of_a_foreign_namespace(base: Base) -> bytes:
    return base.with_cell(D11, '<x:c xmlns:x="urn:x" r="D11"><x:v>12</x:v></x:c>')


@hostile("X_XML")
def cell_in_an_alternative(base: Base) -> bytes:
    inside = '<m:Choice><c r="D11"><v>13</v></c></m:Choice>'
    alternatives = f'<m:AlternateContent xmlns:m="urn:m">{inside}</m:AlternateContent>'
    return base.with_cell(D11, alternatives)


@hostile("X_XML")
def second_table_of_cells(base: Base) -> bytes:
    more = b'</sheetData><sheetData><row r="99"><c r="A99"><v>1</v></c></row>'
    return base.changed(FORM, replaced(b"</sheetData>", more + b"</sheetData>"))


@hostile("X_XML")
def sheet_in_utf_16(base: Base) -> bytes:
    def change(data: bytes) -> bytes:
        return data.decode().replace('"UTF-8"', '"UTF-16"', 1).encode("utf-16")

    return base.changed(FORM, change)


@hostile("X_XML")
def sheet_in_utf_16_that_does_not_say_so(base: Base) -> bytes:
    def change(data: bytes) -> bytes:
        return data.decode().partition("?>")[2].encode("utf-16")

    return base.changed(FORM, change)


@hostile("X_XML")
def styles_in_utf_16(base: Base) -> bytes:
    def change(data: bytes) -> bytes:
        return data.decode().replace('"UTF-8"', '"UTF-16"', 1).encode("utf-16")

    return base.changed("xl/styles.xml", change)


def _moved(base: Base, old: str, new: str) -> bytes:
    """The template with a part of the workbook under both names."""
    parts = base.parts()
    relations = replaced(old.encode(), new.encode())(parts[RELATIONS])
    return base.with_parts({RELATIONS: relations, f"xl/{new}": parts[f"xl/{old}"]})


@hostile("X_UNREADABLE")
def styles_under_another_name(base: Base) -> bytes:
    return _moved(base, "styles.xml", "styles2.xml")


@hostile("X_UNREADABLE")
def texts_under_another_name(base: Base) -> bytes:
    return _moved(base, "sharedStrings.xml", "strings2.xml")


@hostile("X_UNREADABLE")
def sheet_by_a_detour(base: Base) -> bytes:
    return base.changed(RELATIONS, replaced(b'"worksheets/', b'"../xl/worksheets/'))


@hostile("X_UNREADABLE")
def name_of_a_sheet_in_two_lines(base: Base) -> bytes:
    return base.changed(WORKBOOK, replaced("Biểu".encode(), "Bi&#10;ểu".encode()))


@hostile("X_UNREADABLE")
def state_of_a_sheet_in_capitals(base: Base) -> bytes:
    return base.changed(WORKBOOK, replaced(b"sheetId=", b'state="Hidden" sheetId='))


def _hidden_row(base: Base, how: bytes) -> bytes:
    return base.changed(FORM, replaced(b'<row r="11" ', b'<row r="11" ' + how + b" "))


@hostile("R_HIDDEN_ROWS", **read_as())
def hidden_row_in_single_quotes(base: Base) -> bytes:
    return _hidden_row(base, b"hidden='1'")


@hostile("R_HIDDEN_ROWS", **read_as())
def hidden_row_with_blanks(base: Base) -> bytes:
    return _hidden_row(base, b'hidden = "1"')


@hostile("R_HIDDEN_ROWS", **read_as())
def hidden_row_behind_a_bracket(base: Base) -> bytes:
    return _hidden_row(base, b'a=">" hidden="1"')


def _ods_cell(
    base: Base, inside: str, more: str = ' office:value-type="string"'
) -> bytes:
    """The workbook as .ods with this in the cell of the offences."""
    cell = f"<table:table-cell{more}>{inside}</table:table-cell>".encode()
    base.grids[FORM_NAME] = [
        (row, column, cell if (row, column) == (10, 3) else value)
        for row, column, value in base.grids[FORM_NAME]
    ]
    return base.as_ods()


@hostile(suffix=".ods", **read_as(offences="not_a_number"))
def ods_figure_in_two_lines(base: Base) -> bytes:
    return _ods_cell(base, "<text:p>12<text:line-break/>345</text:p>")


@hostile(suffix=".ods", **read_as(offences="not_a_number"))
def ods_figures_with_a_tab_between(base: Base) -> bytes:
    return _ods_cell(base, "<text:p>1<text:tab/>656</text:p>")


@hostile(suffix=".ods", **read_as(offences="not_a_number"))
def ods_figure_with_a_reading_aid(base: Base) -> bytes:
    aid = "<text:ruby-base>12</text:ruby-base><text:ruby-text>9</text:ruby-text>"
    return _ods_cell(base, f"<text:p><text:ruby>{aid}</text:ruby></text:p>")


@hostile(suffix=".ods", **read_as(offences=Decimal(1656)))
def ods_text_in_a_marked_section(base: Base) -> bytes:
    return _ods_cell(base, "<text:p>1<![CDATA[656]]></text:p>")


@hostile(suffix=".ods", **read_as(offences=Decimal(12)))
def ods_text_beside_a_drawing(base: Base) -> bytes:
    box = "<draw:text-box><text:p>9</text:p></draw:text-box>"
    drawing = f"<draw:frame>{box}</draw:frame>"
    return _ods_cell(base, f"<text:p>12</text:p>{drawing}")


@hostile(suffix=".ods", **read_as(offences=Decimal(1656)))
def ods_text_without_a_type(base: Base) -> bytes:
    return _ods_cell(base, "<text:p>1.656</text:p>", "")


@hostile(suffix=".ods", **read_as(offences="error_cell"))
def ods_number_that_is_only_shown(base: Base) -> bytes:
    return _ods_cell(base, "<text:p>12</text:p>", ' office:value-type="float"')


@hostile(suffix=".ods", **read_as(offences="no_cached_value"))
def ods_formula_whose_result_is_only_shown(base: Base) -> bytes:
    return _ods_cell(base, "<text:p>12</text:p>", ' table:formula="of:=6+6"')
