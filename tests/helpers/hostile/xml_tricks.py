"""XML tricks: what an XML parser should never be asked to do."""

from __future__ import annotations

from tests.helpers.hostile.base import (
    FORM,
    TEXTS,
    TYPES,
    WORKBOOK,
    Base,
    Change,
    hostile,
    read_as,
    replaced,
)

LAUGHS = (
    b'<!DOCTYPE x [<!ENTITY a "ha">'
    + b"".join(
        b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9)
    )
    + b"]>"
)
OUTSIDE = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


def _after_prolog(more: bytes) -> Change:
    return replaced(b"?>", b"?>" + more)


@hostile("X_DTD")
def billion_laughs(base: Base) -> bytes:
    return base.changed(FORM, _after_prolog(LAUGHS))


@hostile("X_DTD")
def quadratic_blowup(base: Base) -> bytes:
    entity = b'<!DOCTYPE x [<!ENTITY a "' + b"x" * 50_000 + b'">]>'
    return base.changed(TEXTS, _after_prolog(entity))


@hostile("X_DTD")
def external_entity(base: Base) -> bytes:
    return base.changed(TEXTS, _after_prolog(OUTSIDE))


@hostile("X_DTD")
def document_type_in_the_content_types(base: Base) -> bytes:
    return base.changed(TYPES, _after_prolog(OUTSIDE))


@hostile("X_DTD", suffix=".ods")
def ods_external_entity(base: Base) -> bytes:
    return base.as_ods(before=OUTSIDE.decode())


@hostile("X_XML")
def sheet_cut_inside(base: Base) -> bytes:
    return base.changed(FORM, lambda data: data[: len(data) // 2])


@hostile("X_XML", suffix=".ods")
def ods_rows_never_closed(base: Base) -> bytes:
    return base.as_ods("<table:table-row>")


@hostile("X_XML")
def control_character_in_a_text(base: Base) -> bytes:
    return base.with_text("D12", "4&#1;6")


@hostile("X_XML")
def raw_nul_in_the_sheet(base: Base) -> bytes:
    return base.changed(FORM, replaced(b"<v>12</v>", b"<v>1\x002</v>"))


@hostile(**read_as())
def elements_nested_a_hundred_thousand_deep(base: Base) -> bytes:
    deep = b"<extLst>" + b"<x>" * 100_000 + b"</x>" * 100_000 + b"</extLst></worksheet>"
    return base.changed(FORM, replaced(b"</worksheet>", deep))


@hostile("X_NOTXLSX")
def sheet_without_a_part(base: Base) -> bytes:
    return base.changed(WORKBOOK, replaced(b'r:id="rId1"', b'r:id="rId77"'))


@hostile("X_DUPPART")
def two_sheets_of_one_name(base: Base) -> bytes:
    def change(data: bytes) -> bytes:
        return data.replace("Thông tin".encode(), "BIỂU".encode())

    return base.changed(WORKBOOK, change)
