"""Inspection: what one untrusted .xlsx holds, before any spreadsheet reader sees it."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from sources.readers.container import Container, parse_part, parser_without_dtd
from sources.readers.limits import DEFAULT_LIMITS, Limits
from sources.readers.rejections import Rejected
from sources.readers.sheet_facts import SheetFacts
from sources.readers.sheet_quick import quick_facts
from sources.readers.sheet_scan import scan_sheet
from sources.readers.xml_parts import (
    Element,
    all_text,
    check_well_formed,
    elements,
    local,
    remembered,
)

_TYPES = "[Content_Types].xml"
_WORKBOOK = "xl/workbook.xml"
_RELATIONS = "xl/_rels/workbook.xml.rels"
STYLES = "xl/styles.xml"
TEXTS = "xl/sharedStrings.xml"
_MOST_TEXT_BYTES = 8 << 20
_MACRO_TYPES = (b"macroenabled", b"vbaproject")
COMMENTS = re.compile(r"xl/(?:comments|threadedcomments)/?[^/]*\.xml")
_PERCENT_FORMATS = frozenset({"9", "10"})
QUOTED = re.compile(r'"[^"]*"|\\.')

Parts = dict[str, list[tuple[str, str]]]
"""Per kind of relation: (id, part name) of every target."""


@dataclass(frozen=True)
class WorkbookFacts:
    """One inspected workbook: worksheets in order, comment texts by part name."""

    sheets: tuple[SheetFacts, ...]
    comments: tuple[tuple[str, str], ...] = ()


def inspect(path: Path, limits: Limits = DEFAULT_LIMITS) -> WorkbookFacts:
    """Facts of the workbook at `path`; the file is opened once and streamed.

    Raises:
        Rejected: the file must not reach a reader; the code says why.
    """
    with path.open("rb") as stream:
        return inspect_stream(stream, limits)


def inspect_stream(stream: BinaryIO, limits: Limits = DEFAULT_LIMITS) -> WorkbookFacts:
    """Facts of the workbook in an open file; see `inspect`."""
    with Container(stream, limits) as container:
        sheets, parts = worksheets(container.small, limits)
        text_count = _count_texts(container, parts.get("sharedStrings", []))
        percents: frozenset[str] = frozenset()
        if STYLES in container:
            percents = percent_styles(container.small(STYLES))
        for facts in sheets:
            if not quick_facts(container, facts, text_count, percents):
                scan_sheet(container, facts, text_count, percents)
        cells = sum(facts.cells for facts in sheets)
        if cells > limits.cells:
            raise Rejected("X_TOOBIG", f"{cells} cells, at most {limits.cells}")
        return WorkbookFacts(tuple(sheets), tuple(_comments(container)))


def worksheets(
    read: Callable[[str], bytes], limits: Limits
) -> tuple[list[SheetFacts], Parts]:
    """Worksheets in the order of their tabs, not yet looked into; `read` gives a part.

    Raises:
        Rejected: macros, links to other files, sheets without a part or a name.
    """
    _check_types(read(_TYPES))
    parts = _parts(read(_RELATIONS))
    sheets = _sheets(_workbook(read(_WORKBOOK)), parts)
    if len(sheets) > limits.sheets:
        raise Rejected("X_TOOBIG", f"{len(sheets)} sheets, at most {limits.sheets}")
    return sheets, parts


@remembered
def _check_types(data: bytes) -> None:
    check_well_formed(_TYPES, data)
    found = next((word for word in _MACRO_TYPES if word in data.lower()), None)
    if found is not None:
        raise Rejected("X_ACTIVE", f"macro-enabled workbook ({found.decode()})")


@remembered
def _workbook(data: bytes) -> list[Element]:
    return elements(_WORKBOOK, data)


@remembered
def _parts(data: bytes) -> Parts:
    parts: Parts = {}
    for element in elements(_RELATIONS, data):
        if element.name != "Relationship":
            continue
        attributes = element.attributes
        kind = attributes.get("Type", "").rsplit("/", 1)[-1]
        target = attributes.get("Target", "")
        if attributes.get("TargetMode") == "External":
            raise Rejected("X_ACTIVE", f"external {kind}")
        place = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        name = posixpath.normpath(place)
        parts.setdefault(kind, []).append((attributes.get("Id", ""), name))
    return parts


def _sheets(workbook: list[Element], parts: Parts) -> list[SheetFacts]:
    """Worksheets in the order of their tabs; chart sheets hold no cells."""
    names = dict(parts.get("worksheet", []))
    others = dict(parts.get("chartsheet", []) + parts.get("dialogsheet", []))
    sheets: list[SheetFacts] = []
    seen: set[str] = set()
    for element in workbook:
        attributes = element.attributes
        if element.name != "sheet" or attributes.get("id") in others:
            continue
        name = attributes.get("name", "")
        if attributes.get("id") not in names:
            raise Rejected("X_NOTXLSX", f"sheet {name!r} has no part of its own")
        if name.casefold() in seen:
            raise Rejected("X_DUPPART", f"two sheets are named {name!r}")
        seen.add(name.casefold())
        state = attributes.get("state", "visible")
        sheets.append(SheetFacts(name, names[attributes["id"]], state))
    if not sheets:
        raise Rejected("X_NOTXLSX", "the workbook holds no worksheet")
    return sheets


def _count_texts(container: Container, parts: list[tuple[str, str]]) -> int:
    """Number of shared texts, counted in the XML, not in its `count` attribute."""
    part = parts[0][1] if parts else TEXTS
    if part not in container:
        return 0
    data = container.whole(part, _MOST_TEXT_BYTES)
    if data is not None and b"<!" not in data and b":si" not in data:
        check_well_formed(part, data)
        return data.count(b"<si>") + data.count(b"<si ") + data.count(b"<si/")
    count = 0

    def start(name: str, _: dict[str, str]) -> None:
        nonlocal count
        count += local(name) == "si"

    parser = parser_without_dtd(part)
    parser.StartElementHandler = start
    parse_part(container, part, parser)
    return count


@remembered
def percent_styles(data: bytes) -> frozenset[str]:
    """Indexes of the cell styles that show a number as a percentage."""
    found = elements(STYLES, data)
    formats = _PERCENT_FORMATS | {
        element.attributes.get("numFmtId", "")
        for element in found
        if element.name == "numFmt"
        and "%" in QUOTED.sub("", element.attributes.get("formatCode", ""))
    }
    styles = [e for e in found if (e.parent, e.name) == ("cellXfs", "xf")]
    return frozenset(
        str(index)
        for index, style in enumerate(styles)
        if style.attributes.get("numFmtId") in formats
    )


def _comments(container: Container) -> Iterator[tuple[str, str]]:
    """Part name and joined text of every part that holds cell comments."""
    for key, name in container.names.items():
        if COMMENTS.fullmatch(key):
            yield name, all_text(name, container.small(name))
