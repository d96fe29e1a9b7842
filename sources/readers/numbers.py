"""Numbers: cell content to exact decimals, by the declared number style, never guessed.

An Excel number cell (`n`) is a number, and so is one shown as a percentage (`p`), which
holds a hundredth of what it shows. Any other cell is text and is parsed by the style
that the source or workbook declares, for every type of measure: under `vi`, `1.656` is
1656 and `1,656` is 1.656, also in a decimal measure; a fraction in a count is then gate
1's to refuse. Without a declared style, three digits after one separator are ambiguous
and are refused. Binary floats are never computed with.
"""

from __future__ import annotations

import re
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Final, Literal, NamedTuple

import numpy as np
import pandas as pd

from sources.programme.model import NumberStyle
from sources.readers.texts import fold, fold_case, narrow

Fault = Literal[
    "not_a_number",
    "ambiguous_number",
    "error_cell",
    "no_cached_value",
    "bad_yes_no",
    "unknown_mark",
]
Status = Literal["reported", "nil", "not_applicable", "missing"]

PLACES: Final = Decimal("0.0001")
LARGEST: Final = Decimal(10) ** 20
MISSING_MARKS: Final = frozenset({"", "-", "--", "—", "…", "...", ".."})
NOT_APPLICABLE_MARKS: Final = frozenset({"x", "không áp dụng", "kad", "n/a"})
YES_MARKS: Final = frozenset({"có", "yes", "1", "true", "đúng"})
NO_MARKS: Final = frozenset({"không", "no", "0", "false", "sai"})
SCALES: Final = {
    "tỷ": Decimal(10) ** 9,
    "tỉ": Decimal(10) ** 9,
    "triệu": Decimal(10) ** 6,
    "nghìn": Decimal(10) ** 3,
    "ngàn": Decimal(10) ** 3,
}

_DASHES: Final = {ord(dash): "-" for dash in "−–"}
_EXACT = Context(prec=60)
_SIGN = r"(?P<sign>[+-]?)\s?"
_TAIL = r"\s?(?P<scale>tỷ|tỉ|triệu|nghìn|ngàn)?\s?(?:đồng|đ)?\s?(?P<percent>%)?"


def _style(group: str, decimal: str) -> re.Pattern[str]:
    grouped = rf"[1-9][0-9]{{0,2}}(?P<gap>[{group} ])[0-9]{{3}}(?:(?P=gap)[0-9]{{3}})*"
    whole = rf"(?P<whole>{grouped}|[0-9]+)" if group else r"(?P<whole>[0-9]+)"
    return re.compile(rf"{_SIGN}{whole}(?:{decimal}(?P<part>[0-9]+))?{_TAIL}")


_STYLES: Final = {
    NumberStyle.VI: _style(".", ","),
    NumberStyle.EN: _style(",", r"\."),
    NumberStyle.PLAIN: _style("", r"\."),
}
_AMBIGUOUS = re.compile(rf"{_SIGN}[0-9]+[.,][0-9]{{3}}{_TAIL}")
_UNDECLARED = (_STYLES[NumberStyle.VI], _STYLES[NumberStyle.EN])


class Parsed(NamedTuple):
    """What one cell says: a value or none, its status, and a fault or none."""

    value: Decimal | None
    status: Status
    fault: Fault | None


MISSING: Final = Parsed(None, "missing", None)
NOT_APPLICABLE: Final = Parsed(None, "not_applicable", None)


def parse_number(
    kind: str,
    text: str,
    style: NumberStyle | None,
    value_type: str = "count",
    is_percent: bool = False,
) -> Parsed:
    """One cell's value. `kind` is the cell's tag, `is_percent` the measure's unit."""
    if kind == "e":
        return _faulty("error_cell")
    if kind == "f":
        return _faulty("no_cached_value")
    if value_type == "yes_no":
        return _yes_no(kind, text)
    if kind in ("b", "d"):
        return _faulty("not_a_number")
    if kind in ("n", "p"):
        if kind == "p" and not is_percent:
            return _faulty("not_a_number")
        number = Decimal(text)
        return _found(_EXACT.multiply(number, Decimal(100)) if kind == "p" else number)
    return _parse_text(text, style, is_percent)


def parse_numbers(
    kinds: pd.Series,
    texts: pd.Series,
    styles: pd.Series,
    value_types: pd.Series,
    are_percent: pd.Series,
) -> pd.DataFrame:
    """One row per cell: value, observation_status, fault; equal cells parsed once."""
    cells = pd.DataFrame(
        {
            "kind": kinds.astype("object"),
            "text": texts.astype("object"),
            "style": styles.astype("object").where(styles.notna(), None),
            "value_type": value_types.astype("object"),
            "is_percent": are_percent.astype(bool),
        }
    )
    numbers = cells.groupby(list(cells.columns), sort=False, dropna=False).ngroup()
    distinct = cells.loc[~numbers.duplicated()]
    parsed = [
        parse_number(kind, text, NumberStyle(style) if style else None, *rest)
        for kind, text, style, *rest in distinct.itertuples(index=False, name=None)
    ]
    columns = ("value", "observation_status", "fault")
    table = {
        name: np.array([*(row[place] for row in parsed), None], dtype=object)[:-1]
        for place, name in enumerate(columns)
    }
    codes = numbers.to_numpy()
    return pd.DataFrame(
        {name: table[name][codes] for name in columns},
        index=cells.index,
        dtype="object",
    )


def _parse_text(text: str, style: NumberStyle | None, is_percent: bool) -> Parsed:
    folded = fold(narrow(text).translate(_DASHES).removeprefix("'"))
    word = folded.casefold()
    if folded in MISSING_MARKS:
        return MISSING
    if word in NOT_APPLICABLE_MARKS:
        return NOT_APPLICABLE
    if not any(character.isalnum() for character in folded):
        return _faulty("unknown_mark")
    if style is None and _AMBIGUOUS.fullmatch(word):
        return _faulty("ambiguous_number")
    patterns = _UNDECLARED if style is None else (_STYLES[style],)
    matches = (pattern.fullmatch(word) for pattern in patterns)
    match = next((found for found in matches if found), None)
    if match is None or (match["percent"] and not is_percent):
        return _faulty("not_a_number")
    digits = "".join(c for c in match["whole"] if c.isdigit())
    number = Decimal(f"{match['sign']}{digits}.{match['part'] or '0'}")
    return _found(_EXACT.multiply(number, SCALES.get(match["scale"], Decimal(1))))


def _yes_no(kind: str, text: str) -> Parsed:
    """`x` is no answer: it means "ticked" to some and "not applicable" to others."""
    word = fold_case(narrow(text).translate(_DASHES))
    if word in MISSING_MARKS:
        return MISSING
    if word in NOT_APPLICABLE_MARKS - {"x"}:
        return NOT_APPLICABLE
    if kind in ("s", "n", "b") and word in YES_MARKS:
        return Parsed(Decimal(1), "reported", None)
    if kind in ("s", "n", "b") and word in NO_MARKS:
        return Parsed(Decimal(0), "nil", None)
    return _faulty("bad_yes_no")


def _found(number: Decimal) -> Parsed:
    if not number.is_finite() or abs(number) >= LARGEST:
        return _faulty("not_a_number")
    value = number.quantize(PLACES, rounding=ROUND_HALF_EVEN, context=_EXACT)
    if not number:
        return Parsed(Decimal(0), "nil", None)
    return Parsed(value, "reported", None)


def _faulty(fault: Fault) -> Parsed:
    return Parsed(None, "missing", fault)
