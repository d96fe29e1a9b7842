"""Numbers: cell content to exact decimals, by the declared number style, never guessed.

An Excel number cell (`n`) is a number, and so is one shown as a percentage (`p`), which
holds a hundredth of what it shows. Any other cell is text and is parsed by the style
that the source or workbook declares, for every type of measure: under `vi`, `1.656` is
1656 and `1,656` is 1.656, also in a decimal measure; a fraction in a count is then gate
1's to refuse. Without a declared style, three digits after one separator are ambiguous
and are refused. Binary floats are never computed with.

Read beside the figure: a word of bound before it (`hơn 1.000`), one word of scale after
it (`4,6 tỷ`; not `4 tỷ 600 triệu`), in the styles `en` and `plain` the flags of
statistical offices (`12.3 p`, `: c`). Refused: `12.8` and `151/201` under `vi`, `1e5`,
`(5,5)` (a negative to some, an aside to others), any other letter. Where the rules
live: marks, words and flags in `marks`, spaces and legacy letters in `texts`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation
from typing import Final, Literal, NamedTuple

import numpy as np
import pandas as pd

from sources.programme.batch import Qualifier
from sources.programme.model import NumberStyle
from sources.readers.marks import (
    BOUND_WORDS,
    FOREIGN_MISSING_MARKS,
    MISSING_MARKS,
    NO_MARKS,
    NOT_APPLICABLE_MARKS,
    YES_MARKS,
    Status,
    meaning_of_flags,
)
from sources.readers.texts import fold, fold_case, has_hidden_marks, narrow

Fault = Literal[
    "not_a_number",
    "ambiguous_number",
    "error_cell",
    "no_cached_value",
    "bad_yes_no",
    "unknown_mark",
    "too_small",
]
Marks = Mapping[str, Literal["nil", "not_applicable", "missing"]]
"""A source's own marks by their text; see `folded_marks`."""

PLACES: Final = Decimal("0.0001")
LARGEST_EXPONENT: Final = 20
"""Numbers of 10 to this power and above are none."""

SCALES: Final = {
    "tỷ": Decimal(10) ** 9,
    "tỉ": Decimal(10) ** 9,
    "triệu": Decimal(10) ** 6,
    "nghìn": Decimal(10) ** 3,
    "ngàn": Decimal(10) ** 3,
}

_DASHES: Final = {ord(dash): "-" for dash in "−–"}
_EXACT = Context(prec=60)
_BOUND = rf"(?:(?P<bound>{'|'.join(BOUND_WORDS)})\s)?"
_SIGN = r"(?P<sign>[+-]?)\s?"
_TAIL = r"\s?(?P<scale>tỷ|tỉ|triệu|nghìn|ngàn)?\s?(?:đồng|đ)?\s?(?P<percent>%)?"
_FLAGGED = re.compile(r"(?P<figure>.*[0-9:])\s?(?P<flags>[a-z]{0,4})(?:\s?\|\s?[CNP])?")
"""A figure or `:`, letters of status, and after a bar one of confidentiality."""


def _style(group: str, decimal: str) -> re.Pattern[str]:
    grouped = rf"[1-9][0-9]{{0,2}}(?P<gap>[{group} ])[0-9]{{3}}(?:(?P=gap)[0-9]{{3}})*"
    whole = rf"(?P<whole>{grouped}|[0-9]+)" if group else r"(?P<whole>[0-9]+)"
    return re.compile(rf"{_BOUND}{_SIGN}{whole}(?:{decimal}(?P<part>[0-9]+))?{_TAIL}")


_STYLES: Final = {
    NumberStyle.VI: _style(".", ","),
    NumberStyle.EN: _style(",", r"\."),
    NumberStyle.PLAIN: _style("", r"\."),
}
_FOREIGN: Final = (NumberStyle.EN, NumberStyle.PLAIN)
_AMBIGUOUS = re.compile(rf"{_BOUND}{_SIGN}[0-9]+[.,][0-9]{{3}}{_TAIL}")
_UNDECLARED = (_STYLES[NumberStyle.VI], _STYLES[NumberStyle.EN])


class Parsed(NamedTuple):
    """What one cell says: a value or none, its status, a fault or none, and what
    qualifies the value."""

    value: Decimal | None
    status: Status
    fault: Fault | None = None
    qualifier: Qualifier | None = None


MISSING: Final = Parsed(None, "missing")
NOT_APPLICABLE: Final = Parsed(None, "not_applicable")
NIL: Final = Parsed(Decimal(0), "nil")
_BY_STATUS: Final[Mapping[Status, Parsed]] = {
    "nil": NIL,
    "not_applicable": NOT_APPLICABLE,
    "missing": MISSING,
}


def folded_marks(marks: Marks) -> Marks:
    """A source's marks as texts are compared with them."""
    return {_word(text): status for text, status in marks.items()}


def parse_number(
    kind: str,
    text: str,
    style: NumberStyle | None,
    value_type: str = "count",
    is_percent: bool = False,
    marks: Marks | None = None,
) -> Parsed:
    """One cell's value. `kind` is the cell's tag, `is_percent` the measure's unit,
    `marks` the source's own, folded."""
    if kind == "e":
        return _faulty("error_cell")
    if kind == "f":
        return _faulty("no_cached_value")
    if marks and (status := marks.get(_word(text))):
        return _BY_STATUS[status]
    if value_type == "yes_no":
        return _yes_no(kind, text)
    if kind in ("b", "d"):
        return _faulty("not_a_number")
    if kind in ("n", "p"):
        if kind == "p" and not is_percent:
            return _faulty("not_a_number")
        return _found(text, Decimal(100 if kind == "p" else 1))
    return _parse_text(text, style, is_percent)


def parse_numbers(
    kinds: pd.Series,
    texts: pd.Series,
    styles: pd.Series,
    value_types: pd.Series,
    are_percent: pd.Series,
    marks: Marks | None = None,
) -> pd.DataFrame:
    """One row per cell: value, observation_status, fault, qualifier; equal cells parsed
    once. `marks` are the source's own."""
    cells = pd.DataFrame(
        {
            "kind": kinds.astype("object"),
            "text": texts.astype("object"),
            "style": styles.astype("object").where(styles.notna(), None),
            "value_type": value_types.astype("object"),
            "is_percent": are_percent.astype(bool),
        }
    )
    own = folded_marks(marks or {})
    numbers = cells.groupby(list(cells.columns), sort=False, dropna=False).ngroup()
    distinct = cells.loc[~numbers.duplicated()]
    parsed = [
        parse_number(
            kind, text, NumberStyle(style) if style else None, value_type, percent, own
        )
        for kind, text, style, value_type, percent in distinct.itertuples(
            index=False, name=None
        )
    ]
    columns = ("value", "observation_status", "fault", "qualifier")
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


def _folded(text: str) -> str:
    return fold(narrow(text).translate(_DASHES).removeprefix("'"))


def _word(text: str) -> str:
    return _folded(text).casefold()


def _parse_text(text: str, style: NumberStyle | None, is_percent: bool) -> Parsed:
    if has_hidden_marks(text):
        return _faulty("not_a_number")
    folded = _folded(text)
    word = folded.casefold()
    if folded in MISSING_MARKS:
        return MISSING
    if word in NOT_APPLICABLE_MARKS:
        return NOT_APPLICABLE
    if style in _FOREIGN:
        if word in FOREIGN_MISSING_MARKS:
            return MISSING
        if (flagged := _FLAGGED.fullmatch(folded)) is not None:
            return _parse_flagged(flagged, style, is_percent)
    return _parse_figure(word, style, is_percent)


def _parse_flagged(
    flagged: re.Match[str], style: NumberStyle | None, is_percent: bool
) -> Parsed:
    meaning = meaning_of_flags(flagged["flags"])
    if meaning is None:
        return _faulty("not_a_number")
    if flagged["figure"] == ":":
        return _BY_STATUS[meaning.status or "missing"]
    if meaning.status == "not_applicable":  # beside a figure: `5 cm`, `5 mz`
        return _faulty("not_a_number")
    parsed = _parse_figure(flagged["figure"].casefold(), style, is_percent)
    if parsed.value is None or parsed.qualifier is not None:
        return parsed
    return parsed._replace(qualifier=meaning.qualifier)


def _parse_figure(word: str, style: NumberStyle | None, is_percent: bool) -> Parsed:
    if not any(character.isalnum() for character in word):
        return _faulty("unknown_mark")
    if style is None and _AMBIGUOUS.fullmatch(word):
        return _faulty("ambiguous_number")
    patterns = _UNDECLARED if style is None else (_STYLES[style],)
    matches = (pattern.fullmatch(word) for pattern in patterns)
    match = next((found for found in matches if found), None)
    if match is None or (match["percent"] and not is_percent):
        return _faulty("not_a_number")
    digits = "".join(c for c in match["whole"] if c.isdigit())
    number = f"{match['sign']}{digits}.{match['part'] or '0'}"
    parsed = _found(number, SCALES.get(match["scale"], Decimal(1)))
    return parsed._replace(qualifier=BOUND_WORDS.get(match["bound"]))


def _yes_no(kind: str, text: str) -> Parsed:
    """`x` is no answer: it means "ticked" to some and "not applicable" to others."""
    word = fold_case(narrow(text).translate(_DASHES))
    if word in MISSING_MARKS:
        return MISSING
    if word in NOT_APPLICABLE_MARKS - {"x"}:
        return NOT_APPLICABLE
    if kind in ("s", "n", "b") and word in YES_MARKS:
        return Parsed(Decimal(1), "reported")
    if kind in ("s", "n", "b") and word in NO_MARKS:
        return NIL
    return _faulty("bad_yes_no")


def _found(text: str, times: Decimal) -> Parsed:
    try:
        number = Decimal(text)
    except InvalidOperation:  # an exponent that no decimal has
        return _faulty("not_a_number")
    if not number.is_finite() or number.adjusted() >= LARGEST_EXPONENT:
        return _faulty("not_a_number")
    number = _EXACT.multiply(number, times)
    if number.adjusted() >= LARGEST_EXPONENT:
        return _faulty("not_a_number")
    if not number:
        return NIL
    value = number.quantize(PLACES, rounding=ROUND_HALF_EVEN, context=_EXACT)
    if not value:
        return _faulty("too_small")
    return Parsed(value, "reported")


def _faulty(fault: Fault) -> Parsed:
    return Parsed(None, "missing", fault)
