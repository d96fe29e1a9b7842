"""Suggestions: the nearest valid codes for a wrong one."""

from __future__ import annotations

import difflib
from collections.abc import Mapping

import pandas as pd

Candidates = Mapping[str | None, Mapping[str, tuple[str, str]]]
"""By form code (None: any form): valid code -> its name in Vietnamese and English."""

MOST = 3
MOST_LOOKED_UP = 50
_LONGEST = 60
_NONE = ("không có mã nào gần giống", "nothing similar", "")


def nearest(wrong: pd.Series, forms: pd.Series, candidates: Candidates) -> pd.DataFrame:
    """One row per wrong code: up to three valid codes, as text in three ways.

    `suggestion_vi` and `suggestion_en` carry names, `suggestion_plain` only codes.

    Each different wrong code of a form is looked up once, and at most 50 of them: a
    file whose every code is wrong needs its map mended, not 5,000 suggestions.
    """
    pairs = pd.DataFrame({"wrong": wrong.astype("object"), "form": forms})
    pairs = pairs.astype("object").where(pairs.notna(), None)
    keys = list(zip(pairs["wrong"], pairs["form"], strict=True))
    found = {
        key: _look_up(key[0], candidates.get(key[1], candidates.get(None, {})))
        for key in list(dict.fromkeys(keys))[:MOST_LOOKED_UP]
    }
    columns = ["suggestion_vi", "suggestion_en", "suggestion_plain"]
    texts = [found.get(key, _NONE) for key in keys]
    return pd.DataFrame(texts, index=wrong.index, columns=columns, dtype="object")


def _look_up(
    wrong: object, names: Mapping[str, tuple[str, str]]
) -> tuple[str, str, str]:
    if not isinstance(wrong, str) or not wrong.strip():
        return _NONE
    folded = {code.casefold(): code for code in names}
    close = difflib.get_close_matches(
        wrong.strip()[:_LONGEST].casefold(), list(folded), n=MOST, cutoff=0.5
    )
    if not close:
        return _NONE
    codes = [folded[text] for text in close]
    return (
        "; ".join(f"{code} ({names[code][0]})" for code in codes),
        "; ".join(f"{code} ({names[code][1]})" for code in codes),
        "; ".join(codes),
    )
