"""Personal: cells that look like records about persons, named by place, never by value.

Structure decides, not single words: figures in number cells pass, money in a sentence
passes, long labels that mention a telephone pass, a title such as "Họ và tên" or the
key `hoTen` counts only above filled cells. A column of figures counts when all of them
are built like ID numbers that lost their zero.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from sources.readers.texts import fold, narrow

ID_NUMBER = "CCCD/CMND"
PHONE = "điện thoại/phone"
EMAIL = "e-mail"
BIRTH_DATE = "ngày sinh/birth date"
TITLED = "cột thông tin cá nhân/personal column"

_SEPARATOR = re.compile(r"(?<=\d)[ .\-](?=\d)")
_WIDE_SEPARATOR = re.compile(r"(?<=\d)[ .\-]{1,3}(?=\d)")
_DASH = {ord(dash): "-" for dash in "\u2010\u2011\u2012–—−"}
_DATE = re.compile(
    r"(?<!\d)(?:\d{1,2} ?[./-] ?\d{1,2} ?[./-] ?\d{4}|\d{4}-\d\d-\d\d)(?!\d)"
)
_MAYBE = re.compile(r"[@\d](?:(?<=@)|(?:[^\w\n,;:/]{0,3}\d){8}|(?<=[A-Za-z ]\d)\d{6})")
_CCCD = re.compile(r"(?<!\d)0(?:0[1-9]|[1-8]\d|9[0-6])\d{9}(?!\d)")
_ZEROLESS = re.compile(
    r"(?:[1-9]|[1-8]\d|9[0-6])(?:[01][2-9]\d|[23](?:[01]\d|2[0-6]))\d{3}(?!000)\d{3}"
)
"""The same read as a number: province, century and sex, year, number (never round)."""

_FEWEST_ZEROLESS = 3
_LONG_FIGURE = re.compile(r"^\d{10,11}$", re.MULTILINE)
_PHONE = re.compile(r"(?<!\d)(?:\+84|0)[35789]\d{8}(?!\d)")
_COUNTRY_CODE = re.compile(r"\(?\+84\)? ?(?:\(0\))?")
_NINE = re.compile(r"(?<!\d)\d{9}(?!\d)")
_NINE_IN_TEXT = re.compile(
    r"(?<![\d.,])[0-3]\d{8}(?![\d.,]|\s?(?:%|d\b|dong|vnd|usd|ty|trieu|nghin|nguoi|vu\b))"
)
_NAMED_ID = re.compile(
    r"(?:cccd|cmnd|cmtnd|cmt|can cuoc(?: cong dan)?|chung minh(?: nhan dan)?|dinh danh"
    r"|ho chieu|passport)[^\d\n]{0,12}(?:\d{9,12}(?!\d)|\b[a-z] ?\d{7}(?!\d))"
)
_EMAIL = re.compile(r"[\w.%+-]{1,64}@[\w-]{1,63}\.[A-Za-z]{2}")
_BIRTH_YEAR = r"(?:19[2-9]\d|200\d|201[0-2])"
_BIRTH = re.compile(
    rf"(?<!\d)\d{{1,2}}[/.-]\d{{1,2}}[/.-]{_BIRTH_YEAR}(?!\d)"
    rf"|^{_BIRTH_YEAR}-\d\d-\d\d",
    re.MULTILINE,
)
_FIGURE = re.compile(r"[+-]?\d+(?:[., \u00a0]\d+)*\s?%?")
_FRACTION = re.compile(r"[+-]?0[.,]\d+")
_OF_WHOM = r"(?: (?:cua )?(?:nguoi vi pham|doi tuong|bi can|bi hai|chu ho))?"
_ID_TITLE = re.compile(
    r"(?:(?:so|ma) ?)?(?:the )?(?:cccd|cmnd|cmtnd|cmt|can ?cuoc|can cuoc cong dan"
    r"|ho ?chieu|chung minh nhan dan|dinh ?danh|dinh danh ca nhan|id ?number"
    r"|national ?id|passport ?(?:no|number)?)"
    rf"(?: ?/ ?(?:cccd|cmnd|can cuoc|ho chieu|dinh danh))*{_OF_WHOM}"
)
_TITLE = re.compile(
    r"(?:ho ?va ?ten|ho ?ten|ho, ten|ho, chu dem va ten|ho chu dem va ten"
    r"|(?:ho va )?ten khai sinh|ho, chu dem va ten khai sinh|ho ten khai sinh"
    r"|full ?name|first ?name|last ?name|surname"
    r"|(?:so ?)?dien ?thoai(?: di dong)?|sdt|so ?dt|phone(?: ?number)?|e-?mail"
    r"|thu dien tu|ngay ?sinh|ngay,? thang,? nam sinh|date ?of ?birth|birth ?date|dob"
    r"|que ?quan|(?:noi|dia chi|ho khau) thuong tru"
    r"|so the bhyt|so bhyt|ma so bhxh|so so bhxh)(?: (?:cua|nguoi|doi tuong|bi can).*)?"
)
_KEY = re.compile(r"[\w.]+")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|_")
_FILLED_TITLE = re.compile(r"(?:ho va ten|ho ten|so cccd|so cmnd|ngay sinh) ?: ?\w.*")
_FAMILY_NAMES = (
    "nguyen|tran|le|pham|hoang|huynh|phan|vu|vo|dang|bui|do|ho|ngo|duong|ly|dao|dinh"
    "|trinh|mai|luong|truong|ta|cao|ha|luu|doan|chu|quach|to|vuong|phung|tang|lam|thai"
    "|kieu|nghiem|ninh|tong|quang|lo|giap|khuong|mac|chau|dam|trieu|vi|sung|giang|thao"
)
_PERSON = re.compile(rf"(?:{_FAMILY_NAMES})(?: [a-z']+){{1,4}}")


class PersonalCell(NamedTuple):
    """One suspicious cell, row and column from 0, and what it looks like."""

    row: int
    column: int
    what: str


Cell = tuple[int, int, str, str]
"""Row, column, tag and text of one filled cell."""


def find_personal(
    rows: Sequence[int],
    columns: Sequence[int],
    kinds: str,
    texts: Sequence[str],
    figures_are_text: bool = False,
) -> list[PersonalCell]:
    """Suspicious cells of one sheet, in sheet order.

    `figures_are_text` for formats without number cells (CSV): bare digits without a
    leading zero are then figures unless their column's title says otherwise.
    """
    cells = list(zip(rows, columns, kinds, texts, strict=True))
    found = _titled(cells)
    words = "\n".join([cell[3] for cell in cells if cell[2] in "sd"])
    if _MAYBE.search(narrow(words)):
        found += _values(cells, figures_are_text)
    if _LONG_FIGURE.search("\n".join(texts)):
        found += _zeroless(cells)
    if _BIRTH.search(words):
        found += _births(cells)
    return sorted(set(found))


def find_in_text(text: str) -> str | None:
    """What a free text (a cell comment) looks like, or None."""
    return _look(_plain(text))


def is_personal_title(text: str) -> bool:
    """True for a title or key under which there are persons' own data."""
    return _title(text) is not None


def _titled(cells: Sequence[Cell]) -> list[PersonalCell]:
    """Personal titles above filled cells, or filled in themselves."""
    titles = [
        (row, column, what)
        for row, column, kind, text in cells
        if kind == "s" and (what := _title(text))
    ]
    last_row: dict[int, int] = {}
    for row, column, _, _ in cells if titles else ():
        last_row[column] = max(row, last_row.get(column, -1))
    return [
        PersonalCell(row, column, TITLED)
        for row, column, what in titles
        if what == "filled" or last_row[column] > row
    ]


def _values(cells: Iterable[Cell], figures_are_text: bool) -> list[PersonalCell]:
    """Texts that look like a person's number, phone or address.

    Nine bare digits may be a figure typed as text: they count where they make up half
    of their column's figures or more.
    """
    found: list[PersonalCell] = []
    nines: dict[int, list[PersonalCell]] = defaultdict(list)
    figures: Counter[int] = Counter()
    for row, column, kind, text in cells:
        plain = _plain(text)
        is_figure = kind != "s" or _FIGURE.fullmatch(plain) is not None
        figures[column] += is_figure
        if kind != "s":
            continue
        if what := _look(plain):
            found.append(PersonalCell(row, column, what))
        elif not is_figure and _NINE_IN_TEXT.search(_ascii(plain)):
            found.append(PersonalCell(row, column, ID_NUMBER))
        elif _NINE.fullmatch(plain) and not figures_are_text:
            nines[column].append(PersonalCell(row, column, ID_NUMBER))
    for column, suspects in nines.items():
        if 2 * len(suspects) >= figures[column]:
            found += suspects
    return found


def _look(text: str) -> str | None:
    if _FRACTION.fullmatch(text):
        return None
    dateless = _COUNTRY_CODE.sub("+84", _DATE.sub("|", text))
    joined = _WIDE_SEPARATOR.sub("", dateless)
    if _CCCD.search(joined) or _CCCD.search(dateless):
        return ID_NUMBER
    if _NAMED_ID.search(_ascii(joined)):
        return ID_NUMBER
    if _PHONE.search(_SEPARATOR.sub("", dateless)) or _PHONE.search(dateless):
        return PHONE
    return EMAIL if _EMAIL.search(text) else None


def _zeroless(cells: Iterable[Cell]) -> list[PersonalCell]:
    """Columns in which every figure is built like an ID number without its zero."""
    figures: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for row, column, kind, text in cells:
        if kind in "np" or (kind == "s" and _FIGURE.fullmatch(text)):
            figures[column].append((row, text))
    return [
        PersonalCell(row, column, ID_NUMBER)
        for column, found in figures.items()
        if len({text for _, text in found}) >= _FEWEST_ZEROLESS
        and all(_ZEROLESS.fullmatch(text) for _, text in found)
        for row, _ in found
    ]


def _births(cells: Iterable[Cell]) -> list[PersonalCell]:
    """Birth dates in rows that also hold a person's name, when two rows or more do."""
    dated: dict[int, PersonalCell] = {}
    names: list[tuple[int, str]] = []
    for row, column, kind, text in cells:
        if kind in ("d", "s") and _BIRTH.search(text):
            dated.setdefault(row, PersonalCell(row, column, BIRTH_DATE))
        else:
            names.append((row, text))
    named = {
        row
        for row, text in names
        if row in dated and text[:1].isupper() and _PERSON.fullmatch(_ascii(text))
    }
    both = [cell for row, cell in dated.items() if row in named]
    return both if len(both) > 1 else []


@functools.lru_cache(maxsize=65_536)
def _title(text: str) -> str | None:
    if len(text) > 60:
        return None
    if _KEY.fullmatch(text):
        text = _HUMP.sub(" ", text.rpartition(".")[2])
    plain = _ascii(text)
    if _FILLED_TITLE.fullmatch(plain):
        return "filled"
    plain = plain.strip(" :.*()")
    is_title = _ID_TITLE.fullmatch(plain) or _TITLE.fullmatch(plain)
    return "title" if is_title else None


def _plain(text: str) -> str:
    """One text with one kind of digit, blank and dash."""
    return fold(narrow(text).translate(_DASH))


def _ascii(text: str) -> str:
    """One text without accents and case, for comparing titles and names only."""
    split = unicodedata.normalize("NFD", fold(text).replace("đ", "d").replace("Đ", "D"))
    return "".join(c for c in split if not unicodedata.combining(c)).casefold()
