"""Plain parts: what a worksheet's cells refer to (styles, shared texts, its own frame).

Each is a function of a part's bytes alone and remembered by them: the workbooks of one
form share these parts, so most files ask for what is known already.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from sources.readers.number_formats import QUOTED
from sources.readers.package_parts import STYLES, TEXTS
from sources.readers.plain_zip import NotPlain
from sources.readers.properties import may_tell_of_persons
from sources.readers.sheet_quick import PLAIN_HEAD
from sources.readers.sheet_scan import MAIN_SPACES
from sources.readers.xlsx_facts import percent_styles
from sources.readers.xml_parts import check_well_formed, elements, remember

_NUMERIC_FORMATS = frozenset(
    map(str, (0, 1, 2, 3, 4, 9, 10, 11, 12, 13, 37, 38, 39, 40, 48, 49))
)
"""Built-in formats that show a number as a number, never as a date or a time."""
_FIRST_OWN_FORMAT = 164
_MAYBE_DATE = re.compile(r"[A-DF-Za-z\[\]]")
_TEXTS_FRAME = re.compile(
    r'(?:<\?xml version="1\.0" encoding="(?i:utf-8)"(?: standalone="[a-z]+")?\?>\s*)?'
    r"<sst(?: [^<>]*)?>(?P<items>.*)</sst>\s*",
    re.DOTALL,
)
_TEXT = r'<t(?: xml:space="preserve")?(?: ?/>|>[^<]*</t>)'
_STYLE = r"<rPr>(?:<[A-Za-z]+(?: [^<>]*)?/>)*</rPr>"
_RUNS = rf"(?:<r>(?:{_STYLE})?{_TEXT}</r>)+"
_ITEM = re.compile(rf"<si>(?P<text>{_TEXT}|{_RUNS})</si>")
_PIECE = re.compile(r'<t(?P<kept> xml:space="preserve")?>(?P<text>[^<]*)</t>')
_ENTITY = re.compile(r"&(amp|lt|gt|quot|apos);")
_CONTROLS = bytes(code for code in range(32) if code not in b"\t\n")
_NO_CHARACTERS = ("\ufffe".encode(), "\uffff".encode())
_ESCAPE = re.compile(rb"_x[0-9A-Fa-f]{4}")
_UNKNOWN_ENTITY = re.compile(rb"&(?!(?:amp|lt|gt|quot|apos);)")
_MEANINGS = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}
_ROWS_START, _ROWS_END = b"<sheetData>", b"</sheetData>"
_CELL_NAMES = frozenset(("row", "c", "v", "is", "t"))
_PAGE_TEXTS = frozenset(
    ("oddHeader", "evenHeader", "firstHeader", "evenFooter", "firstFooter")
)


class Styles:
    """Cell styles by index: those that show percentages, those that may show dates.

    Compared by identity: the same bytes give the same object.
    """

    def __init__(self, percents: frozenset[bytes], doubtful: frozenset[bytes]):
        self.percents = percents
        self.doubtful = doubtful


NO_STYLES = Styles(frozenset(), frozenset())


@remember(64, 1 << 16)
def plain_styles(data: bytes) -> Styles:
    """What the styles part says about how numbers are shown."""
    found = elements(STYLES, data)
    own = {
        e.attributes.get("numFmtId"): e.attributes.get("formatCode", "")
        for e in found
        if e.name == "numFmt"
    }
    styles = [
        e.attributes.get("numFmtId")
        for e in found
        if (e.parent, e.name) == ("cellXfs", "xf")
    ]
    doubtful = [
        str(index).encode()
        for index, number in enumerate(styles)
        if not _is_numeric(number, own)
    ]
    percents = [index.encode() for index in percent_styles(data)]
    return Styles(frozenset(percents), frozenset(doubtful))


def _is_numeric(number: str | None, own: Mapping[str | None, str]) -> bool:
    if number in own:
        if _MAYBE_DATE.search(QUOTED.sub("", own[number])):
            return False
        is_own = number is not None and number.isdecimal()
        return number in _NUMERIC_FORMATS or (
            is_own and int(number or 0) >= _FIRST_OWN_FORMAT
        )
    return number in _NUMERIC_FORMATS


@remember(64, 1 << 16)
def shared_texts(data: bytes) -> Mapping[bytes, str]:
    """Every shared text by its number as cells write it.

    Raises:
        NotPlain: the part holds more than plain texts and runs of formatted text.
    """
    check_well_formed(TEXTS, data)
    frame = _TEXTS_FRAME.fullmatch(data.decode())
    if frame is None:
        raise NotPlain
    check_texts(frame["items"].encode())
    texts: dict[bytes, str] = {}
    at, items = 0, frame["items"]
    while at < len(items):
        item = _ITEM.match(items, at)
        if item is None:
            raise NotPlain
        at = item.end()
        pieces = [
            as_written(piece["text"], piece["kept"] is not None)
            for piece in _PIECE.finditer(item["text"])
        ]
        texts[b"%d" % len(texts)] = "".join(pieces)
    return texts


def as_written(escaped: str, is_kept: bool = True) -> str:
    """One text without its entities; spaces at its ends must be declared as kept."""
    if not is_kept and escaped != escaped.strip():
        raise NotPlain
    if "&" not in escaped:
        return escaped
    return _ENTITY.sub(lambda match: _MEANINGS[match[1]], escaped)


def check_texts(texts: bytes) -> None:
    """Refuses texts with characters or escapes that readers may take differently."""
    texts.decode()
    if (
        len(texts.translate(None, _CONTROLS)) < len(texts)
        or b"]]>" in texts
        or any(character in texts for character in _NO_CHARACTERS)
        or (b"_x" in texts and _ESCAPE.search(texts))
        or (b"&" in texts and _UNKNOWN_ENTITY.search(texts))
    ):
        raise NotPlain


def sheet_body(data: bytes) -> bytes:
    """The rows of one worksheet as they stand.

    Raises:
        NotPlain: what stands around them is not well-formed by itself or holds cells.
    """
    has_markup = b"!" in data and b"<!" in data  # one letter is found much faster
    if has_markup or b"\0" in data or not PLAIN_HEAD.match(data):
        raise NotPlain
    start, end = data.find(_ROWS_START) + len(_ROWS_START), data.rfind(_ROWS_END)
    if not len(_ROWS_START) <= start <= end:
        raise NotPlain
    tail = data[end:]
    before, _, rest = tail.partition(b"<oddFooter>")
    footer, _, after = rest.rpartition(b"</oddFooter>")
    if b"<" in footer or may_tell_of_persons(footer):
        raise NotPlain
    check_texts(footer)
    if footer:
        tail = before + b"<oddFooter></oddFooter>" + after
    _check_frame(data[:start] + tail)
    return data[start:end]


@remember(256, 1 << 14)
def _check_frame(frame: bytes) -> None:
    found = elements("worksheet", frame)
    tables = [e.parent for e in found if e.name == "sheetData"]
    if (
        found[0].name != "worksheet"
        or found[0].attributes.get("xmlns", "") not in MAIN_SPACES
        or tables != ["worksheet"]
        or any(e.name in _CELL_NAMES | _PAGE_TEXTS for e in found)
    ):
        raise NotPlain
