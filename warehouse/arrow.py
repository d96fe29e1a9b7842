"""Frames become Arrow tables with exactly the types of schema raw."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa

from warehouse.errors import LoadError
from warehouse.raw_schema import (
    DAY,
    FLAG,
    INT,
    MOMENT,
    SCALE,
    SHARE,
    TABLES,
    TEXT,
    VALUE,
)

_TYPES: dict[str, pa.DataType] = {
    TEXT: pa.string(),
    INT: pa.int32(),
    "BIGINT": pa.int64(),
    FLAG: pa.bool_(),
    DAY: pa.date32(),
    MOMENT: pa.timestamp("us"),
    VALUE: pa.decimal128(24, 4),
    SHARE: pa.decimal128(9, 8),
    SCALE: pa.decimal128(12, 4),
}


def to_arrow(frame: pd.DataFrame, table: str) -> pa.Table:
    """One row per row of `frame`, in the columns of `raw.<table>`, exact or refused.

    Raises:
        LoadError: columns differ from the schema, or a value does not fit its type.
    """
    columns = TABLES[table]
    if list(frame.columns) != list(columns):
        absent = [name for name in columns if name not in frame.columns]
        extra = [str(name) for name in frame.columns if name not in columns]
        raise LoadError(
            f"raw.{table}: the frame's columns are not those of the table (absent: "
            f"{', '.join(absent) or 'none'}; unknown: {', '.join(extra) or 'none'}; "
            f"wanted in this order: {', '.join(columns)}). Nothing was loaded; the "
            "step that made the frame and warehouse/raw_schema.py must agree."
        )
    arrays = [
        _array(frame[name], kind, f"raw.{table}.{name}")
        for name, kind in columns.items()
    ]
    return pa.table(arrays, names=list(columns))


def _array(series: pd.Series, kind: str, where: str) -> pa.Array:
    try:
        if kind == MOMENT:
            series = pd.to_datetime(series, utc=True).dt.tz_localize(None)
        elif kind == DAY and pd.api.types.is_datetime64_any_dtype(series):
            series = series.dt.date
        return pa.array(series, type=_TYPES[kind], from_pandas=True)
    except (pa.ArrowException, ValueError, TypeError) as error:
        raise LoadError(
            f"{where}: a value does not fit {kind}: {error}. Nothing was loaded. "
            "Counts and money must be whole or exact decimals of at most four places, "
            "never binary floats."
        ) from error
