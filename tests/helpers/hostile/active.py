"""Active: macros, objects, links to other files; bytes that would like to run."""

from __future__ import annotations

from tests.helpers.hostile.base import (
    TYPES,
    Base,
    hostile,
    read_as,
    replaced,
    zipped,
)
from tests.helpers.hostile.ods_writer import cell

PLAIN = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
WITH_MACROS = b"application/vnd.ms-excel.sheet.macroEnabled.main+xml"
MACROS = {"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0 Sub Auto_Open() Shell"}
RELATIONS = "xl/_rels/workbook.xml.rels"


@hostile("X_ACTIVE")
def macros_in_a_plain_workbook(base: Base) -> bytes:
    return base.with_parts(MACROS)


@hostile("R_MACROS_LEFT_OUT", suffix=".xlsm", **read_as())
def macros_in_a_workbook_that_says_so(base: Base) -> bytes:
    types = base.parts()[TYPES].replace(PLAIN, WITH_MACROS)
    return base.with_parts({**MACROS, TYPES: types})


@hostile("R_MACROS_LEFT_OUT", suffix=".xlsb", **read_as())
def xlsb_with_macros(base: Base) -> bytes:
    return base.as_xlsb(extra=MACROS)


@hostile("R_MACROS_LEFT_OUT", suffix=".ods", **read_as())
def ods_with_macros(base: Base) -> bytes:
    return base.as_ods(extra={"Basic/Standard/Module1.xml": b"<x/>"})


@hostile("X_ACTIVE")
def embedded_object(base: Base) -> bytes:
    return base.with_parts({"xl/embeddings/oleObject1.bin": b"MZ"})


@hostile("X_ACTIVE")
def control_of_activex(base: Base) -> bytes:
    return base.with_parts({"xl/activeX/activeX1.bin": b"MZ"})


@hostile("X_ACTIVE")
def link_to_another_workbook(base: Base) -> bytes:
    return base.with_parts({"xl/externalLinks/externalLink1.xml": b"<externalLink/>"})


@hostile("X_ACTIVE")
def link_to_a_running_program(base: Base) -> bytes:
    link = (
        b'<externalLink><ddeLink ddeService="cmd" ddeTopic="/c calc"/></externalLink>'
    )
    return base.with_parts({"xl/externalLinks/externalLink9.xml": link})


@hostile("X_ACTIVE")
def relation_to_the_outside(base: Base) -> bytes:
    more = (
        b'<Relationship Id="x" Type="a/sheet" Target="http://x" TargetMode="External"/>'
    )
    return base.changed(RELATIONS, replaced(b"</Rel", more + b"</Rel"))


@hostile("X_ACTIVE")
def data_connection(base: Base) -> bytes:
    return base.with_parts({"xl/connections.xml": b"<connections/>"})


@hostile("X_ACTIVE")
def sheet_of_old_macros(base: Base) -> bytes:
    return base.with_parts({"xl/macrosheets/sheet1.xml": b"<x/>"})


@hostile("X_ACTIVE", suffix=".ods")
def ods_link_to_a_running_program(base: Base) -> bytes:
    link = (
        b'<table:table-cell table:formula="of:=DDE(&quot;cmd&quot;;&quot;/c&quot;)"/>'
    )
    return base.as_ods(f"<table:table-row>{cell(link)}</table:table-row>")


@hostile("X_ACTIVE", suffix=".ods")
def ods_embedded_object(base: Base) -> bytes:
    entry = '<manifest:file-entry manifest:full-path="Object 1"'
    entry += ' manifest:media-type="application/vnd.sun.star.oleobject"/>'
    return base.as_ods(extra={"Object 1": b"MZ"}, manifest=entry)


@hostile("X_ACTIVE", suffix=".xlsb")
def xlsb_embedded_object(base: Base) -> bytes:
    return base.as_xlsb(extra={"xl/embeddings/oleObject1.bin": b"MZ"})


@hostile("X_NOTXLSX", suffix=".zip")
def program_in_a_zip(base: Base) -> bytes:
    return zipped({"BaoCao.xlsx.exe": b"MZ"})
