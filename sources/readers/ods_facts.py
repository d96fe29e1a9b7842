"""Ods facts: what an OpenDocument spreadsheet holds, by streaming its content.

Found out: extents with repeated rows and cells counted out, error cells, formulas that
were never computed, percent cells, hidden sheets and rows, comments, headers, footers.
Not to be found out: who put a macro there, for the format has one name for both kinds.
Names are taken with their usual prefixes, as the reader takes them.
"""

from __future__ import annotations

import re

from sources.readers.container import Container, parse_part, parser_without_dtd
from sources.readers.ods_sheets import ContentScan
from sources.readers.rejections import Rejected
from sources.readers.sheet_facts import WorkbookFacts, check_has_sheets
from sources.readers.xml_parts import check_well_formed, elements, texts_by_element

_MIMETYPE = b"application/vnd.oasis.opendocument.spreadsheet"
_CONTENT, _MANIFEST, _STYLES, _META = (
    "content.xml",
    "META-INF/manifest.xml",
    "styles.xml",
    "meta.xml",
)
_HARMLESS_OBJECT = "application/vnd.oasis.opendocument.chart"
_OBJECT = re.compile(r"Object [^/]*/?")
_TOLD = ("title", "subject", "description", "keyword", "user-defined")
_HEADERS = re.compile(r"(?:header|footer)(?:-left|-first)?")


def inspect_ods(container: Container) -> WorkbookFacts:
    """Facts of one .ods; its container is open and its entries are checked.

    Raises:
        Rejected: the file must not reach a reader; the code says why.
    """
    if container.small("mimetype", 1 << 10) != _MIMETYPE:
        raise Rejected("X_NOTXLSX", "its mimetype is no spreadsheet")
    _check_manifest(container.small(_MANIFEST))
    scan = ContentScan(container.limits)
    parser = parser_without_dtd(_CONTENT)
    parser.StartElementHandler = scan.start
    parser.EndElementHandler = scan.end
    parser.CharacterDataHandler = scan.text
    parser.StartCdataSectionHandler = scan.split
    parse_part(container, _CONTENT, parser)
    check_has_sheets(scan.sheets)
    texts = [(f"{_CONTENT} (comment)", text) for text in scan.comments]
    texts += _texts(container)
    macros = bool(container.macros)
    return WorkbookFacts(tuple(scan.sheets), tuple(texts), macros, container.kind)


def _check_manifest(data: bytes) -> None:
    for element in elements(_MANIFEST, data):
        if element.name == "encryption-data":
            raise Rejected("X_PASSWORD")
        kind = element.attributes.get("media-type", "")
        path = element.attributes.get("full-path", "")
        if _OBJECT.fullmatch(path) and kind != _HARMLESS_OBJECT:
            raise Rejected("X_ACTIVE", f"{path} ({kind})")


def _texts(container: Container) -> list[tuple[str, str]]:
    """Part name and text of headers, footers and document properties."""
    found: list[tuple[str, str]] = []
    if _META in container:
        told = texts_by_element(_META, container.small(_META))
        found.append((_META, "\n".join(text for name, text in told if name in _TOLD)))
    if _STYLES in container:
        data = container.small(_STYLES)
        check_well_formed(_STYLES, data)
        if b"<style:header" in data or b"<style:footer" in data:
            found.append((_STYLES, _header_texts(data)))
    return found


def _header_texts(data: bytes) -> str:
    """The texts of all headers and footers of the pages."""
    texts: list[str] = []
    depth = 0
    parser = parser_without_dtd(_STYLES)

    def start(name: str, _: dict[str, str]) -> None:
        nonlocal depth
        depth += _HEADERS.fullmatch(name.removeprefix("style:")) is not None

    def end(name: str) -> None:
        nonlocal depth
        depth -= _HEADERS.fullmatch(name.removeprefix("style:")) is not None

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = lambda text: texts.append(text) if depth else None
    parser.Parse(data, True)
    return "\n".join(texts)
