"""The hand-over between reading and judging: four Parquet files in the work folder.

They hold one batch (every delivery not judged yet) and are written whole or not at all;
a killed run leaves its deliveries unjudged in the ledger and the next run reads them
again.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from sources.readers import ReadResult

NAMES = ("submissions", "observations", "findings", "members")
VALUE_TYPE = pa.decimal128(24, 4)


def write(folder: Path, batch: ReadResult) -> None:
    """Writes the batch; observations keep their values as exact decimals."""
    for name in NAMES:
        frame: pd.DataFrame = getattr(batch, name)
        target = folder / f"{name}.parquet"
        beside = target.with_suffix(".next")
        pq.write_table(_table(frame), beside)
        beside.replace(target)


def read(folder: Path) -> ReadResult:
    """The batch as the reading step left it."""
    frames = {
        name: pq.read_table(folder / f"{name}.parquet").to_pandas() for name in NAMES
    }
    return ReadResult(**frames)


def clear(folder: Path) -> None:
    """Forgets the batch once it is judged and loaded."""
    for name in NAMES:
        (folder / f"{name}.parquet").unlink(missing_ok=True)


def exists(folder: Path) -> bool:
    """True when a whole batch lies in the folder."""
    return all((folder / f"{name}.parquet").exists() for name in NAMES)


def _table(frame: pd.DataFrame) -> pa.Table:
    table = pa.Table.from_pandas(
        frame.drop(columns="value", errors="ignore"), preserve_index=False
    )
    if "value" in frame:
        values = pa.array(frame["value"], type=VALUE_TYPE, from_pandas=True)
        table = table.append_column("value", values)
    return table
