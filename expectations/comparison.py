"""Comparison: columns of figures row by row, as floats or as the decimals they are.

Grain: one answer per row given.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

COMPARATORS: Mapping[str, Callable[[Any, Any], Any]] = {
    "=": operator.eq,
    "<=": operator.le,
    ">=": operator.ge,
    "<": operator.lt,
    ">": operator.gt,
}


def keeps(
    left: pd.Series, comparator: str, right: pd.Series, tolerance: Any
) -> np.ndarray:
    """Per row: left `comparator` right, where a tolerance lets in as much more."""
    if not Decimal(str(tolerance)):
        return np.asarray(COMPARATORS[comparator](left, right), dtype=bool)
    gap = left - right
    gap = gap.round(4) if gap.dtype == "float64" else gap
    tolerance = number_like(gap, tolerance)
    if comparator == "=":
        return np.asarray(gap.abs() <= tolerance, dtype=bool)
    reach = tolerance if comparator in ("<", "<=") else -tolerance
    return np.asarray(COMPARATORS[comparator](gap, reach), dtype=bool)


def number_like(column: pd.Series, value: Any) -> float | Decimal:
    """The number as the column holds numbers: decimals only in an object column."""
    exact = Decimal(str(value))
    return exact if column.dtype == "object" else float(exact)


def spread(applies: np.ndarray, holds: np.ndarray) -> np.ndarray:
    """The answers of the rows asked, at the places of all rows."""
    every = np.zeros(len(applies), dtype=bool)
    every[applies] = holds
    return every
