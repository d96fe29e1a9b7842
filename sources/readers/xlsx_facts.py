"""Xlsx facts: what a workbook in XML (.xlsx, .xlsm) holds, part by part.

Macros are bytes that nothing runs: a file that says it may hold them (.xlsm) is read
without them and marked so, one that says it holds none and does is refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from sources.readers.container import Container, parse_part, parser_without_dtd
from sources.readers.limits import Limits
from sources.readers.number_formats import PERCENT_FORMATS, shows_percent
from sources.readers.package_parts import (
    RELATIONS,
    STYLES,
    TEXTS,
    TYPES,
    WORKBOOK,
    Parts,
    check_names,
    check_package,
    related_parts,
    worksheet_parts,
)
from sources.readers.properties import property_texts
from sources.readers.rejections import Rejected
from sources.readers.sheet_facts import (
    SheetFacts,
    WorkbookFacts,
    check_has_sheets,
    check_next_sheet,
    check_sums,
)
from sources.readers.sheet_quick import quick_facts
from sources.readers.sheet_scan import scan_sheet
from sources.readers.text_volume import check_text_volume
from sources.readers.xml_parts import (
    Element,
    all_text,
    check_well_formed,
    drawn_text,
    elements,
    local,
    remembered,
)

_STATES = ("visible", "hidden", "veryHidden")
_MOST_TEXT_BYTES = 8 << 20
_MACRO_TYPES = (b"macroenabled", b"vbaproject")
_MACRO_WORKBOOK = b".macroenabled.main+xml"
COMMENTS = re.compile(r"xl/(?:comments|threadedcomments)/?[^/]*\.xml")
DRAWINGS = re.compile(r"xl/drawings/[^/]*\.xml")


def inspect_xlsx(container: Container) -> WorkbookFacts:
    """Facts of one .xlsx; its container is open and its entries are checked.

    Raises:
        Rejected: the file must not reach a reader; the code says why.
    """
    check_package(container)
    sheets, parts = worksheets(container.small, container.limits, container.macros)
    text_count = _count_texts(container, parts.get("sharedStrings", []))
    percents: frozenset[str] = frozenset()
    if STYLES in container:
        percents = percent_styles(container.small(STYLES))
    for facts in sheets:
        if not quick_facts(container, facts, text_count, percents):
            scan_sheet(container, facts, text_count, percents)
    check_sums(sheets, container.limits)
    check_text_volume(container, sheets, parts.get("sharedStrings", []))
    texts = [
        *_comments(container),
        *_drawn_texts(container),
        *property_texts(container),
    ]
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
    if not _may_have_macros(read(TYPES)) and macros:
        raise Rejected("X_ACTIVE", macros[0])
    parts = related_parts(read(RELATIONS))
    check_names(parts)
    return _sheets(_workbook(read(WORKBOOK)), parts, limits), parts


@remembered
def _may_have_macros(data: bytes) -> bool:
    """True when the workbook calls itself macro-enabled (.xlsm)."""
    check_well_formed(TYPES, data)
    said = data.lower()
    found = next((word for word in _MACRO_TYPES if word in said), None)
    if found is not None and _MACRO_WORKBOOK not in said:
        raise Rejected("X_ACTIVE", f"macros in an .xlsx ({found.decode()})")
    return found is not None


@remembered
def _workbook(data: bytes) -> list[Element]:
    return elements(WORKBOOK, data)


def _sheets(workbook: list[Element], parts: Parts, limits: Limits) -> list[SheetFacts]:
    """Worksheets in the order of their tabs; chart sheets hold no cells."""
    names, others = worksheet_parts(parts)
    sheets: list[SheetFacts] = []
    for element in workbook:
        attributes = element.attributes
        if element.name != "sheet" or attributes.get("id") in others:
            continue
        name = attributes.get("name", "")
        if attributes.get("id") not in names:
            raise Rejected("X_NOTXLSX", f"sheet {name!r} has no part of its own")
        check_next_sheet(sheets, name, limits)
        state = attributes.get("state", "visible")
        if min(name, default=" ") < " " or state not in _STATES:
            raise Rejected("X_UNREADABLE", f"sheet {name!r}, state {state!r}")
        sheets.append(SheetFacts(name, names[attributes["id"]], state))
    check_has_sheets(sheets)
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


def _drawn_texts(container: Container) -> Iterator[tuple[str, str]]:
    """Part name and text of every part that holds text boxes and shapes."""
    for key, name in container.names.items():
        if DRAWINGS.fullmatch(key):
            yield name, drawn_text(name, container.small(name))
