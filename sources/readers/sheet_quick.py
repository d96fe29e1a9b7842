"""Sheet quick: the facts of `sheet_scan` for plain worksheets, at half the cost.

For workbooks that `plain_workbook` leaves to the long way (dates, comments, …). Only
the form that spreadsheet programs write is taken, with formulas; anything else (errors,
hidden rows, prefixes, cells without reference) goes to the full scan, so both give the
same facts or this one gives none.
"""

from __future__ import annotations

import functools
import html
import operator
import re
from collections.abc import Callable, Mapping, Set

from sources.readers.container import Container
from sources.readers.sheet_facts import SheetFacts
from sources.readers.sheet_scan import MAIN_SPACES, column_number
from sources.readers.xml_parts import check_well_formed

MOST_BYTES = 32 << 20
MOST_CELLS = 400_000
_SHIFT, _MASK = 15, (1 << 15) - 1
_CELL = re.compile(
    rb'<c r="([A-Z]{1,3})([1-9][0-9]{0,6})"(?: s="(0|[1-9][0-9]*)")?'
    rb'(?: t="([A-Za-z]+)")?'
    rb"(?:/>|>(<f(?: [^<>]*)?(?:/>|>[^<]*</f>))?"
    rb"(?:<v>([^<]+)</v>|<v></v>|<v/>|(<is>(?:[^<]|<(?!/is>))*</is>))?</c>)",
)
_CELL_START = re.compile(rb"<c[\s/>]")
_ROW_START = re.compile(rb"<row[\s/>]")
_PLAIN_ROW = re.compile(rb'<row(?: (?!hidden="[^0f])[\w.:-]+="[^"<>]*")* ?/?>')
_NUMBERS = re.compile(rb"(?:-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?\n)*+")
_VALUES: Mapping[bytes, Callable[[bytes], object]] = {
    b"s": bytes.isdigit,
    b"b": (b"0", b"1").__contains__,
    b"str": bool,
}
"""What a plain value is, by the type of its cell; the rest are numbers."""
PLAIN_HEAD = re.compile(
    rb'(?:<\?xml version="1\.0" encoding="(?i:utf-8)"(?: standalone="[a-z]+")?\?>\s*)?'
    rb"<worksheet[\s>]"
)
_UNUSUAL = re.compile(rb":(?:c|v|f|is|t|row|sheetData)[\s/>]")
_SPACE = re.compile(rb"xmlns\s*=\s*[\"']([^\"']*)")
_MERGE = re.compile(rb"<mergeCell[\s/]")
_PAGE_TEXT = re.compile(
    rb"<(?:[\w.-]+:)?(?:odd|even|first)(?:Header|Footer)(?:\s[^>]*)?>([^<]*)<"
)


def quick_facts(
    container: Container,
    facts: SheetFacts,
    text_count: int,
    percent_styles: Set[str] = frozenset(),
) -> bool:
    """Fills `facts` and returns True, or leaves them alone and returns False.

    Raises:
        Rejected: the part is damaged, or a filled cell lies too far away.
    """
    data = container.whole(facts.part, MOST_BYTES)
    if data is None or not PLAIN_HEAD.match(data) or b"<!" in data:
        return False
    check_well_formed(facts.part, data)  # first: the patterns rely on closed tags
    limits = container.limits
    count = sum(1 for _ in _CELL_START.finditer(data))
    if count > MOST_CELLS or not _is_plain(data):
        return False
    cells = _CELL.findall(data)
    places = [int(row) << _SHIFT | _column(letters) for letters, row, *_ in cells]
    if (
        len(cells) != count
        or count > limits.cells
        or not all(map(operator.lt, places, places[1:]))
        or (places and places[-1] >> _SHIFT > limits.rows)
        or max(map(len, (c[5] or c[6] for c in cells)), default=0) > limits.text_length
        or not _are_plain(cells)
        or not _points_to_texts(cells, text_count)
    ):
        return False
    facts.cells = len(cells)
    formulas = [(p, c) for p, c in zip(places, cells, strict=True) if c[4]]
    facts.formulas = len(formulas)
    facts.uncached = [
        ((place >> _SHIFT) - 1, (place & _MASK) - 1)
        for place, cell in formulas
        if not cell[5] and cell[3] != b"str"
    ]
    facts.merged = len(_MERGE.findall(data))
    behind = data.rfind(b"</sheetData>")
    facts.page_texts = [
        html.unescape(text.decode()) for text in _PAGE_TEXT.findall(data, behind + 1)
    ]
    if percent_styles:
        facts.percents = [
            ((place >> _SHIFT) - 1, (place & _MASK) - 1)
            for place, cell in zip(places, cells, strict=True)
            if (cell[2] or b"0").decode() in percent_styles
            and cell[5]
            and cell[3] != b"s"
        ]
    filled = [p for p, c in zip(places, cells, strict=True) if c[4] or c[5] or c[6]]
    if filled:
        widest = max(filled, key=_MASK.__and__)
        for place in sorted((widest, filled[-1])):
            facts.widen(place >> _SHIFT, place & _MASK, limits)
    return True


def _is_plain(data: bytes) -> bool:
    return (
        b' t="e"' not in data
        and data.rfind(b"<?") <= 0  # nothing but the declaration
        and data.count(b"<sheetData") == 1
        and {space.decode() for space in _SPACE.findall(data)} <= {*MAIN_SPACES}
        and b"AlternateContent" not in data
        and not _UNUSUAL.search(data)
        and sum(1 for _ in _ROW_START.finditer(data))
        == sum(1 for _ in _PLAIN_ROW.finditer(data))
    )


def _are_plain(cells: list[tuple[bytes, ...]]) -> bool:
    """True when every value is written as programs do, so that all read the same."""
    numbers = []
    for *_, kind, _, value, _ in cells:
        if not value:
            continue
        if kind in _VALUES:
            if not _VALUES[kind](value):
                return False
        elif kind in (b"", b"n"):
            numbers.append(value + b"\n")
        else:
            return False
    return _NUMBERS.fullmatch(b"".join(numbers)) is not None


def _points_to_texts(cells: list[tuple[bytes, ...]], text_count: int) -> bool:
    try:
        indexes = [
            int(value) for *_, kind, _, value, _ in cells if kind == b"s" and value
        ]
    except ValueError:
        return False
    return not indexes or (min(indexes) >= 0 and max(indexes) < text_count)


@functools.lru_cache(maxsize=18_278)
def _column(letters: bytes) -> int:
    return column_number(letters.decode())
