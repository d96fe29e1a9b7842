"""Personal: records about persons, wherever in a workbook they may hide."""

from __future__ import annotations

from tests.helpers.hostile import xlsb_writer
from tests.helpers.hostile.base import (
    FORM,
    TEXTS,
    WORKBOOK,
    Base,
    hostile,
    replaced,
)
from tests.helpers.hostile.ods_writer import cell

ID = "079204001234"
PHONE = "0912 345 678"
CORE = "docProps/core.xml"


@hostile("PERSONAL_DATA")
def number_of_an_identity_card(base: Base) -> bytes:
    return base.with_text("G11", f"CCCD {ID}")


@hostile("PERSONAL_DATA")
def identity_card_in_wide_digits(base: Base) -> bytes:
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in ID)
    return base.with_text("G11", wide)


@hostile("PERSONAL_DATA")
def phone_in_a_hidden_sheet(base: Base) -> bytes:
    hidden = base.changed(
        WORKBOOK, replaced(b'sheetId="2" ', b'sheetId="2" state="veryHidden" ')
    )
    return Base(hidden).changed(
        TEXTS,
        lambda data: data.replace(
            b"<t>template_format</t>", b"<t>template_format</t>"
        ).replace("hệ thống".encode(), f"hệ thống {PHONE}".encode(), 1),
    )


@hostile("PERSONAL_DATA")
def phone_in_a_comment(base: Base) -> bytes:
    comment = f"<comments><comment><t>Gọi {PHONE}</t></comment></comments>"
    return base.with_parts({"xl/comments1.xml": comment.encode()})


@hostile("PERSONAL_DATA")
def identity_card_in_the_description(base: Base) -> bytes:
    more = f"<dc:description>{ID}</dc:description></cp:coreProperties>".encode()
    return base.changed(CORE, replaced(b"</cp:coreProperties>", more))


@hostile("PERSONAL_DATA")
def phone_in_a_property_of_ones_own(base: Base) -> bytes:
    told = f"<Properties><property><lpwstr>{PHONE}</lpwstr></property></Properties>"
    return base.with_parts({"docProps/custom.xml": told.encode()})


@hostile("PERSONAL_DATA")
def phone_at_the_foot_of_the_page(base: Base) -> bytes:
    return base.changed(FORM, replaced(b"<oddFooter>", f"<oddFooter>{PHONE} ".encode()))


@hostile("PERSONAL_DATA")
def names_beside_birth_dates(base: Base) -> bytes:
    rows = "".join(
        f'<row r="{n}"><c r="A{n}" t="inlineStr"><is><t>Nguyễn Văn An</t></is></c>'
        f'<c r="B{n}" t="inlineStr"><is><t>12/05/1984</t></is></c></row>'
        for n in range(20, 24)
    )
    return base.changed(
        FORM, replaced(b"</sheetData>", rows.encode() + b"</sheetData>")
    )


@hostile("PERSONAL_DATA", suffix=".xlsb")
def xlsb_phone_in_a_comment(base: Base) -> bytes:
    body = b"\0" + xlsb_writer.wide(f"Gọi {PHONE}")
    return base.as_xlsb(extra={"xl/comments1.bin": xlsb_writer.record(637, body)})


@hostile("PERSONAL_DATA", suffix=".ods")
def ods_phone_in_a_comment(base: Base) -> bytes:
    note = (
        '<table:table-cell office:value-type="string"><office:annotation><text:p>'
        f"{PHONE}</text:p></office:annotation><text:p>x</text:p></table:table-cell>"
    )
    return base.as_ods(f"<table:table-row>{cell(note.encode())}</table:table-row>")


@hostile("PERSONAL_DATA", suffix=".ods")
def ods_identity_card_in_the_description(base: Base) -> bytes:
    told = f"<office:meta xmlns:office='o' xmlns:dc='d'><dc:description>{ID}"
    return base.as_ods(
        extra={"meta.xml": f"{told}</dc:description></office:meta>".encode()}
    )


@hostile("PERSONAL_DATA", suffix=".xls")
def xls_phone_in_the_header_of_the_page(base: Base) -> bytes:
    def change(book: object) -> None:
        book.get_sheet(0).header_str = PHONE.encode()  # type: ignore[attr-defined]

    return base.as_xls(change)  # type: ignore[arg-type]


@hostile("PERSONAL_DATA", suffix=".xls")
def xls_identity_card_in_a_cell(base: Base) -> bytes:
    return base.as_xls(lambda book: book.get_sheet(1).write(30, 0, f"Số {ID}"))


@hostile("PERSONAL_DATA")
def phone_at_the_top_of_the_page(base: Base) -> bytes:
    head = f"<oddHeader>&amp;C{PHONE}</oddHeader><oddFooter>".encode()
    return base.changed(FORM, replaced(b"<oddFooter>", head))
