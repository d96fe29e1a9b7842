"""Versions: what the version before a submission had filled in.

Grain: one row per submission, in the order given.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

KEPT_SHARE = 0.5
"""A new version with fewer values than this share of the one before it is held."""

_KEY = ["form_code", "unit_code", "period_key"]


def version_frame(submissions: pd.DataFrame, current: pd.DataFrame) -> pd.DataFrame:
    """One row per submission with `previous_count`, null where there is none before.

    The version before is the newest one not held of the same form, unit and period that
    was received earlier, in this batch or before it (`current`, one row per form, unit
    and period). The order of files does not matter, only when they were received. A
    current row without `received_at` counts as received before the batch.
    """
    frame = submissions.reset_index(drop=True)
    key = _keys(frame)
    known = _keys(current)
    order = frame.sort_values(["received_at", "delivery_sha256", "submission_id"]).index
    turns = key.loc[order].groupby(key.loc[order]).cumcount().reindex(frame.index)
    counts = frame["observation_count"].to_numpy(dtype="float64")
    is_later = _is_later(key, frame["received_at"], known, current)
    in_use: dict[str, float] = dict(
        zip(known, current["observation_count"].astype("float64"), strict=True)
    )
    before = np.full(len(frame), np.nan)
    # first versions of every key, then second ones: a handful of turns
    for turn in range(int(turns.max()) + 1):
        rows = np.flatnonzero(turns.eq(turn) & ~is_later)
        before[rows] = key.iloc[rows].map(in_use).to_numpy(dtype="float64")
        kept = rows[~(counts[rows] < before[rows] * KEPT_SHARE)]
        in_use.update(zip(key.iloc[kept], counts[kept], strict=True))
    frame["previous_count"] = before
    return frame


def _keys(frame: pd.DataFrame) -> pd.Series:
    texts = frame[_KEY].astype("object")
    return texts["form_code"] + "|" + texts["unit_code"] + "|" + texts["period_key"]


def _is_later(
    key: pd.Series, received: pd.Series, known: pd.Series, current: pd.DataFrame
) -> pd.Series:
    """True where the version in use was received after the submission."""
    if "received_at" not in current or current.empty:
        return pd.Series(False, index=key.index)
    since = pd.Series(
        pd.to_datetime(current["received_at"], utc=True).to_numpy(), index=known
    )
    in_use_since = pd.to_datetime(key.map(since), utc=True)
    return in_use_since > pd.to_datetime(received, utc=True)
