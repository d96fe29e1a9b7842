"""Inspection: what one untrusted workbook holds, before any reader of them sees it.

Judged by content, never by name: .xlsx and .xlsm here, other kinds in files of theirs.
Macros are bytes that nothing runs. A file that says it may hold them (.xlsm, and every
.xls, .xlsb and .ods, which cannot say otherwise) is read without them and marked so;
one that says it holds none and does is refused.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from sources.readers.container import Container, parse_part, parser_without_dtd
from sources.readers.limits import DEFAULT_LIMITS, Limits
from sources.readers.number_formats import PERCENT_FORMATS, shows_percent
from sources.readers.properties import property_texts
from sources.readers.rejections import Rejected
from sources.readers.sheet_facts import SheetFacts
from sources.readers.sheet_quick import quick_facts
from sources.readers.sheet_scan import scan_sheet
from sources.readers.text_volume import check_text_volume
from sources.readers.xml_parts import (
    Element,
    all_text,
    check_well_formed,
    elements,
    local,
    remembered,
)

_OLD_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_TYPES = "[Content_Types].xml"
_PACKAGE = "_rels/.rels"
_WORKBOOK = "xl/workbook.xml"
_RELATIONS = "xl/_rels/workbook.xml.rels"
STYLES = "xl/styles.xml"
TEXTS = "xl/sharedStrings.xml"
_MOST_TEXT_BYTES = 8 << 20
_MACRO_TYPES = (b"macroenabled", b"vbaproject")
_MACRO_WORKBOOK = b".macroenabled.main+xml"
COMMENTS = re.compile(r"xl/(?:comments|threadedcomments)/?[^/]*\.xml")

Parts = dict[str, list[tuple[str, str]]]
"""Per kind of relation: (id, part name) of every target."""


@dataclass(frozen=True)
class WorkbookFacts:
    """One inspected workbook: worksheets in order, texts outside cells by their place.

    `comments` are cell comments, headers, footers and document properties, which may
    speak of persons as cells may. `kind` is xlsx (.xlsm too), xls, xlsb or ods.
    """

    sheets: tuple[SheetFacts, ...]
    comments: tuple[tuple[str, str], ...] = ()
    has_macros: bool = False
    kind: str = "xlsx"


def inspect(path: Path, limits: Limits = DEFAULT_LIMITS) -> WorkbookFacts:
    """Facts of the workbook at `path`; the file is opened once and streamed.

    Raises:
        Rejected: the file must not reach a reader; the code says why.
    """
    with path.open("rb") as stream:
        return inspect_stream(stream, limits)


def inspect_stream(stream: BinaryIO, limits: Limits = DEFAULT_LIMITS) -> WorkbookFacts:
    """Facts of the workbook in an open file; see `inspect`."""
    head = stream.read(len(_OLD_MAGIC))
    stream.seek(0)
    if head == _OLD_MAGIC:
        from sources.readers.xls_facts import inspect_xls

        return inspect_xls(stream, limits)
    with Container(stream, limits) as container:
        if container.kind == "xlsb":
            from sources.readers.xlsb_facts import inspect_xlsb

            return inspect_xlsb(container)
        if container.kind == "ods":
            from sources.readers.ods_facts import inspect_ods

            return inspect_ods(container)
        check_package(container)
        sheets, parts = worksheets(container.small, limits, container.macros)
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
        check_text_volume(container, sheets, parts.get("sharedStrings", []))
        texts = [*_comments(container), *property_texts(container)]
        texts += [(facts.name, text) for facts in sheets for text in facts.page_texts]
        return WorkbookFacts(tuple(sheets), tuple(texts), bool(container.macros))


def worksheets(
    read: Callable[[str], bytes], limits: Limits, macros: Sequence[str] = ()
) -> tuple[list[SheetFacts], Parts]:
    """Worksheets in the order of their tabs, not yet looked into; `read` gives a part.

    `macros` are the parts of the package that hold macros, if it may hold any.

    Raises:
        Rejected: macros, links to other files, sheets without a part or a name.
    """
    if not _may_have_macros(read(_TYPES)) and macros:
        raise Rejected("X_ACTIVE", macros[0])
    parts = related_parts(read(_RELATIONS))
    sheets = _sheets(_workbook(read(_WORKBOOK)), parts)
    if len(sheets) > limits.sheets:
        raise Rejected("X_TOOBIG", f"{len(sheets)} sheets, at most {limits.sheets}")
    return sheets, parts


@remembered
def _may_have_macros(data: bytes) -> bool:
    """True when the workbook calls itself macro-enabled (.xlsm)."""
    check_well_formed(_TYPES, data)
    said = data.lower()
    found = next((word for word in _MACRO_TYPES if word in said), None)
    if found is not None and _MACRO_WORKBOOK not in said:
        raise Rejected("X_ACTIVE", f"macros in an .xlsx ({found.decode()})")
    return found is not None


def check_package(container: Container) -> None:
    """Refuses a container whose readers would open another workbook than this one."""
    if _PACKAGE in container:
        _check_package(container.small(_PACKAGE))


@remembered
def _check_package(data: bytes) -> None:
    for element in elements(_PACKAGE, data):
        kind = element.attributes.get("Type", "")
        target = element.attributes.get("Target", "").lstrip("/")
        if kind.endswith("/officeDocument") and not re.fullmatch(
            r"xl/workbook\.(?:xml|bin)", target
        ):
            raise Rejected("X_NOTXLSX", f"{_PACKAGE}: {target!r}")


@remembered
def _workbook(data: bytes) -> list[Element]:
    return elements(_WORKBOOK, data)


@remembered
def related_parts(data: bytes) -> Parts:
    """Part names by kind of relation; an external one is refused."""
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
    formats = PERCENT_FORMATS | {
        int(element.attributes["numFmtId"])
        for element in found
        if element.name == "numFmt"
        and element.attributes.get("numFmtId", "").isdecimal()
        and shows_percent(element.attributes.get("formatCode", ""))
    }
    numbers = {str(number) for number in formats}
    styles = [e for e in found if (e.parent, e.name) == ("cellXfs", "xf")]
    return frozenset(
        str(index)
        for index, style in enumerate(styles)
        if style.attributes.get("numFmtId") in numbers
    )


def _comments(container: Container) -> Iterator[tuple[str, str]]:
    """Part name and joined text of every part that holds cell comments."""
    for key, name in container.names.items():
        if COMMENTS.fullmatch(key):
            yield name, all_text(name, container.small(name))
