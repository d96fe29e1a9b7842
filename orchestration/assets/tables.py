"""Tables in Dagster's metadata: a frame as people read it beside a check."""

import dagster as dg
import pandas as pd


def table_of(frame: pd.DataFrame, most: int) -> dg.MetadataValue:
    """The first rows of a frame; whole numbers stay numbers, the rest is text."""
    shown = frame.head(most).astype(object)
    shown = shown.where(shown.notna(), "")
    numbers = {n for n in frame.columns if pd.api.types.is_integer_dtype(frame[n])}
    rows = [
        {
            str(name): value if name in numbers else str(value)
            for name, value in zip(frame.columns, row, strict=True)
        }
        for row in shown.itertuples(index=False)
    ]
    columns = [
        dg.TableColumn(name, type="int") if name in numbers else dg.TableColumn(name)
        for name in frame.columns
    ]
    return dg.MetadataValue.table(
        [dg.TableRecord(row) for row in rows], dg.TableSchema(columns)
    )
