"""Building reference frames: fixed columns, fixed dtypes, dates and nulls that load.

Shape: whatever rows are given. Text, dates and decimals are object columns that hold
str, `datetime.date` and `Decimal` or None (DuckDB and Arrow take them as VARCHAR, DATE
and DECIMAL); whole numbers are int64 and flags bool, neither ever null.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from sources.programme.model import OPEN_END

OPEN_START = dt.date(1, 1, 1)
"""Written where a date is wanted and the thing has no beginning."""

Columns = Mapping[str, str]


def frame_of(rows: Iterable[Mapping[str, object]], columns: Columns) -> pd.DataFrame:
    """One row per mapping, in the columns and dtypes given."""
    listed = list(rows)
    series = {
        name: pd.Series([row[name] for row in listed], dtype="object")
        for name in columns
    }
    return shaped(pd.DataFrame(series), columns)


def shaped(frame: pd.DataFrame, columns: Columns) -> pd.DataFrame:
    """The same rows with exactly these columns, dtypes and None for what is missing."""
    shaped_columns = {}
    for name, dtype in columns.items():
        column = frame[name].reset_index(drop=True).astype("object")
        column = column.where(column.notna(), None)
        if dtype != "object":
            column = column.astype(pd.api.types.pandas_dtype(dtype))
        shaped_columns[name] = column
    return pd.DataFrame(shaped_columns)


def columns_of(names: str, **dtypes: str) -> dict[str, str]:
    """Columns in order, object unless told otherwise."""
    return {name: dtypes.get(name, "object") for name in names.split()}


def constant(value: object, like: pd.DataFrame) -> pd.Series:
    """The same value for every row of `like`."""
    return pd.Series([value] * len(like), index=like.index, dtype="object")


def key_of(*parts: object) -> str:
    """The md5 key of a versioned thing, from its parts joined with '|'."""
    text = "|".join(str(part) for part in parts)
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def open_end(day: dt.date | None) -> dt.date:
    """The day, or the far end where there is none."""
    return OPEN_END if day is None else day


def open_start(day: dt.date | None) -> dt.date:
    """The day, or the far beginning where there is none."""
    return OPEN_START if day is None else day


def as_days(dates: pd.Series) -> pd.Series:
    """Dates as datetime64[s], which holds the far ends and compares fast."""
    return dates.astype("datetime64[s]")


def as_dates(days: pd.Series) -> pd.Series:
    """datetime64 back to `datetime.date` objects."""
    values = days.to_numpy().astype("datetime64[D]").astype(object)
    return pd.Series(np.asarray(values, dtype=object), index=days.index, dtype="object")
