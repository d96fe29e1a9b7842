"""Text columns: the folding of `texts` for whole columns, each distinct text once."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from sources.readers.texts import fold, fold_case


def map_distinct(texts: pd.Series, change: Callable[[str], object]) -> pd.Series:
    """One changed text per row; `change` is called once per distinct text."""
    codes, distinct = pd.factorize(texts.astype("object"))
    changed = pd.Series([change(text) for text in distinct], dtype="object")
    return pd.Series(changed.to_numpy()[codes], index=texts.index, dtype="object")


def fold_column(texts: pd.Series) -> pd.Series:
    """One text per row as NFC, spaces folded, trimmed."""
    return map_distinct(texts, fold)


def fold_case_column(texts: pd.Series) -> pd.Series:
    """One text per row folded for comparing, without difference of case."""
    return map_distinct(texts, fold_case)
