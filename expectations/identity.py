"""Identity: whether a workbook itself names another unit than its unit code does.

The template writes the unit's name above the table and its code into the file's name.
A code that was typed over, or a file taken over from a neighbour, leaves these behind.
"""

from __future__ import annotations

import unicodedata

import pandas as pd

from expectations.register import Register

_BETWEEN = r"[\s_,;()\[\]]+"
_SHORTEST = 4
"""Codes of fewer letters stand in file names for other things."""


def unit_said(register: Register, frame: pd.DataFrame) -> pd.Series:
    """Per submission the name or code of the other unit that its workbook names.

    Empty text where it names its own unit, or none; null where nothing can be said: the
    unit or its duty is in doubt anyway, or the file is none of our workbooks.
    """
    is_asked = frame["due_state"].notna() & frame["due_state"].ne("not_due")
    is_asked &= frame["reader"].eq("template")
    asked = frame[is_asked]
    said = pd.Series(None, index=frame.index, dtype="object")
    if asked.empty:
        return said
    said[is_asked] = ""
    by_name = _other_name(register, asked)
    by_file = _other_code(register, asked)
    said.update(by_file)
    said.update(by_name)
    return said


def _other_name(register: Register, asked: pd.DataFrame) -> pd.Series:
    """The other unit's name, by row, where it stands above the table."""
    if "head_texts" not in asked:
        return pd.Series(dtype="object")
    names = register.units.melt(
        ["unit_code"], ["name_vi", "name_en"], value_name="text"
    )
    names = names.assign(key=names["text"].map(_fold))[["unit_code", "text", "key"]]
    texts = asked["head_texts"].fillna("").str.split("\n").explode()
    lines = texts.rename("line").rename_axis("row").reset_index()
    lines["key"] = lines["line"].map(_fold)
    found = lines.merge(names.drop_duplicates(["unit_code", "key"]), on="key")
    return _others(asked, found, "line")


def _other_code(register: Register, asked: pd.DataFrame) -> pd.Series:
    """The other unit's code, by row, where it is a part of the file's name."""
    codes = pd.DataFrame({"unit_code": register.units["unit_code"].unique()})
    codes = codes[codes["unit_code"].str.len().ge(_SHORTEST)]
    codes = codes.assign(key=codes["unit_code"].map(_fold))
    stems = asked["file_name"].str.replace(r"(\.[A-Za-z-]+)+$", "", regex=True)
    texts = stems.map(_fold).str.split(_BETWEEN, regex=True).explode()
    parts = texts.rename("key").rename_axis("row").reset_index()
    return _others(asked, parts.merge(codes, on="key"), "unit_code")


def _others(asked: pd.DataFrame, found: pd.DataFrame, shown: str) -> pd.Series:
    """The first text by row that names another unit, where none names its own."""
    own = found["row"].map(asked["unit_code"])
    is_own = found["unit_code"].eq(own)
    others = found[~found["row"].isin(found.loc[is_own, "row"])]
    return others.drop_duplicates("row").set_index("row")[shown].astype("object")


def _fold(text: object) -> str:
    plain = unicodedata.normalize("NFC", text) if isinstance(text, str) else ""
    return " ".join(plain.split()).casefold()
