"""Messages: templates of the catalogue filled over the failing rows of a frame."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Mapping
from decimal import Decimal
from string import Formatter

import pandas as pd

LONGEST = 160
# made here of clipped parts; any length
_OURS = {"where", "suggestion", "advice", "left_text", "right_text"}
_DAYS = {"vi": "%d/%m/%Y", "en": "%d %B %Y", "plain": "%Y-%m-%d"}
_EMPTY = {"vi": "(trống)", "en": "(empty)", "plain": ""}
_SWAP = str.maketrans(",.", ".,")


def fill(template: str, rows: pd.DataFrame, language: str) -> list[str]:
    """One text per row. `{x}` is column `x_<language>`, else `x`, else `x_vi`.

    Language `plain` writes numbers for programs (1656.5) and nothing for nothing.
    Values are clipped, lose control characters and are never read as templates.
    """
    parts = list(Formatter().parse(template))
    names = {name for _, name, _, _ in parts if name is not None}
    shown = {name: _column(rows, name, language) for name in sorted(names)}
    return [
        "".join(
            text + (shown[name][row] if name is not None else "")
            for text, name, _, _ in parts
        )
        for row in range(len(rows))
    ]


def placeholders(template: str) -> set[str]:
    """Names that a template asks for."""
    return {name for _, name, _, _ in Formatter().parse(template) if name is not None}


def where(rows: pd.DataFrame, words: Mapping[str, str]) -> pd.Series:
    """One text per row: file, sheet and cell as far as they are known."""
    text = words["file"] + " “" + _clean(rows["file_name"]) + "”"
    for column, word in (("sheet", words["sheet"]), ("cell", words["cell"])):
        if column in rows:
            is_known = rows[column].notna() & rows[column].ne("")
            quoted = "“" + _clean(rows[column]) + "”"
            value = quoted if column == "sheet" else _clean(rows[column])
            text = text.where(~is_known, text + f", {word} " + value)
    return text


WHERE_WORDS = {
    "vi": {"file": "Tệp", "sheet": "trang", "cell": "ô"},
    "en": {"file": "File", "sheet": "sheet", "cell": "cell"},
}


def show(value: object, language: str) -> str:
    """A value as people write it: `1.656,5` in Vietnamese, `1,656.5` in English."""
    if value is None or value is pd.NA or value != value or value == "":
        return _EMPTY[language]
    if isinstance(value, str):
        return clip(value)
    if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
        text = f"{Decimal(str(value)):{'' if language == 'plain' else ','}f}"
        text = text.rstrip("0").rstrip(".") if "." in text else text
        return text.translate(_SWAP) if language == "vi" else text
    if isinstance(value, dt.date):
        return value.strftime(_DAYS[language])
    return clip(str(value))


def clip(text: str, longest: int = LONGEST) -> str:
    """One line of visible characters, at most `longest` of them."""
    if len(text) <= longest and text.isprintable():
        return text
    clean = "".join(
        " " if unicodedata.category(character)[0] == "C" else character
        for character in text[: longest + 1]
    )
    return clean if len(clean) <= longest else clean[:longest] + "…"


def _column(rows: pd.DataFrame, name: str, language: str) -> list[str]:
    choices = (f"{name}_{language}", name, f"{name}_vi")
    column = rows[next(choice for choice in choices if choice in rows)]
    if name in _OURS:
        return [str(value) for value in column]
    codes, values = pd.factorize(column)
    texts = [*(show(value, language) for value in values), _EMPTY[language]]
    return [texts[code] for code in codes]  # code -1, the last text, is null


def _clean(column: pd.Series) -> pd.Series:
    known = {text: clip(text) for text in column.unique() if isinstance(text, str)}
    texts = [known.get(value, "") for value in column.astype("object")]
    return pd.Series(texts, index=column.index, dtype="object")
