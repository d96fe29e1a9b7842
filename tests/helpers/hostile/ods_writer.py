"""Writes small .ods workbooks, honest or not."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Mapping
from xml.sax.saxutils import escape, quoteattr

from tests.helpers.hostile.xlsb_writer import Cells

MIMETYPE = "application/vnd.oasis.opendocument.spreadsheet"
CONTENT = (
    '<?xml version="1.0" encoding="UTF-8"?><office:document-content'
    ' xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
    ' xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0"'
    ' xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
    ' xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"'
    ' xmlns:of="urn:oasis:names:tc:opendocument:xmlns:of:1.2"'
    " xmlns:calcext="
    '"urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'
    ' office:version="1.3"><office:automatic-styles>'
    '<style:style style:name="ta2" style:family="table">'
    '<style:table-properties table:display="false"/></style:style>'
    "</office:automatic-styles><office:body><office:spreadsheet>{}"
    "</office:spreadsheet></office:body></office:document-content>"
)
MANIFEST = (
    '<?xml version="1.0" encoding="UTF-8"?><manifest:manifest'
    ' xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
    f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{MIMETYPE}"/>'
    '<manifest:file-entry manifest:full-path="content.xml"'
    ' manifest:media-type="text/xml"/>{}</manifest:manifest>'
)


def cell(value: object) -> str:
    """One cell; raw XML is passed as bytes."""
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, bool):
        said = str(value).lower()
        head = '<table:table-cell office:value-type="boolean"'
        return f'{head} office:boolean-value="{said}"/>'
    if isinstance(value, (int, float)):
        return f'<table:table-cell office:value-type="float" office:value="{value}"/>'
    return (
        '<table:table-cell office:value-type="string"><text:p>'
        f"{escape(str(value))}</text:p></table:table-cell>"
    )


def gap(name: str, attribute: str, count: int, inside: str = "") -> str:
    return f'<table:{name} table:{attribute}="{count}">{inside}</table:{name}>'


def rows(cells: Cells) -> str:
    """The rows of one sheet, empty ones and cells repeated as programs do."""
    found: dict[int, list[tuple[int, object]]] = {}
    for row, column, value in cells:
        found.setdefault(row, []).append((column, value))
    parts: list[str] = []
    next_row = 0
    for row, line in found.items():
        if row > next_row:
            empty = "<table:table-cell/>"
            parts.append(
                gap("table-row", "number-rows-repeated", row - next_row, empty)
            )
        inside, next_column = "", 0
        for column, value in line:
            if column > next_column:
                count = column - next_column
                inside += gap("table-cell", "number-columns-repeated", count)
            inside += cell(value)
            next_column = column + 1
        parts.append(f"<table:table-row>{inside}</table:table-row>")
        next_row = row + 1
    return "".join(parts)


def table(name: str, inside: str, style: str = "ta1") -> str:
    head = f'<table:table table:name={quoteattr(name)} table:style-name="{style}">'
    return f"{head}<table:table-column/>{inside}</table:table>"


def ods(
    tables: Iterable[str],
    extra: Mapping[str, bytes] | None = None,
    manifest: str = "",
    before: str = "",
) -> bytes:
    """One .ods of the given tables; `before` goes between prolog and root element."""
    content = CONTENT.format("".join(tables))
    if before:
        content = content.replace("?>", "?>" + before, 1)
    parts = {
        "mimetype": MIMETYPE.encode(),
        "content.xml": content.encode(),
        "META-INF/manifest.xml": MANIFEST.format(manifest).encode(),
        **(extra or {}),
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as container:
        for name, data in parts.items():
            way = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            container.writestr(zipfile.ZipInfo(name), data, way)
    return out.getvalue()
