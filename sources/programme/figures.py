"""Figures: what a submission says, as one text to compare it with another by."""

from __future__ import annotations

import numpy as np
import pandas as pd
from pandas.util import hash_array, hash_pandas_object


def figure_digests(
    submission: pd.Series, measure: pd.Series, value: pd.Series, status: pd.Series
) -> pd.Series:
    """One short text per submission: equal where measures, values and statuses are.

    Takes one row per value, in any order. Values count to four decimals.
    """
    rows = pd.DataFrame(
        {
            "measure": _hashes(measure),
            "value": value.to_numpy(dtype="float64").round(4) + 0.0,  # no minus zero
            "status": _hashes(status),
        }
    )
    hashes = hash_pandas_object(rows, index=False)
    return hashes.groupby(submission.to_numpy()).sum().astype("str").astype("object")


def _hashes(texts: pd.Series) -> np.ndarray:
    codes, known = pd.factorize(texts)
    hashes = hash_array(np.asarray([*known, ""], dtype="object"))
    return np.asarray(hashes[codes])  # code -1, the last text, is null
