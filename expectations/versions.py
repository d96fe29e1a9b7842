"""Versions: a submission beside the version of its report that is in use.

Grain: one row per submission, in the order given.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from sources.programme.batch import VERSION_COLUMNS

KEPT_SHARE = 0.5
"""A new version with fewer values than this share of the one before it is held."""

_KEY = ["form_code", "unit_code", "period_key"]
_ORDER = ["received_at", "delivery_sha256", "submission_id"]


@dataclass
class _InUse:
    """Per form, unit and period: the version in use, and the figures of those before.

    counts: how many values it has. figures: what they are. past: `key figures` of
    versions that a later one replaced.
    """

    counts: dict[str, float]
    figures: dict[str, object] = field(default_factory=dict)
    past: set[tuple[str, object]] = field(default_factory=set)

    def replace(self, keys: pd.Series, counts: np.ndarray, figures: pd.Series) -> None:
        """Takes in new versions, one of each key."""
        known = keys[keys.isin(list(self.figures))]
        self.past.update(zip(known, known.map(self.figures), strict=True))
        self.counts.update(zip(keys, counts, strict=True))
        self.figures.update(zip(keys, figures, strict=True))


def version_frame(
    submissions: pd.DataFrame,
    current: pd.DataFrame,
    before: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """One row per submission with what it does to the version in use before it.

    `previous_count` is the number of values of that version, null where there is none.
    `version_state` is `back` where the figures are those of a version that was replaced
    since, `other_unit` where the workbook names another unit and its figures differ
    from those in use, else `onward`; null where there is none before.

    The version before is the newest one not held of the same form, unit and period that
    was received earlier, in this batch or before it. The order of files does not
    matter, only when they were received.

    Args:
        submissions: With `kept_figures`, how many values enter, `figures`, what they
            are (`figure_digests`), and `unit_said`.
        current: One row per form, unit and period accepted: `observation_count`, its
            values that entered, and `received_at`; without it it counts as received
            before the batch.
        before: One row per version accepted before (`VERSION_COLUMNS`), if known.
    """
    frame = submissions.reset_index(drop=True)
    key, known = _keys(frame), _keys(current)
    order = frame.sort_values(_ORDER).index
    turns = key.loc[order].groupby(key.loc[order]).cumcount().reindex(frame.index)
    counts = frame["kept_figures"].to_numpy(dtype="float64")
    is_later = _is_later(key, frame["received_at"], known, current)
    in_use = _InUse(
        dict(zip(known, current["observation_count"].astype("float64"), strict=True))
    )
    _take_in_past(in_use, before)
    is_doubted = frame["unit_said"].fillna("").ne("")
    previous = np.full(len(frame), np.nan)
    state = pd.Series(None, index=frame.index, dtype="object")
    # first versions of every key, then second ones: a handful of turns
    for turn in range(int(turns.max()) + 1):
        rows = np.flatnonzero(turns.eq(turn) & ~is_later)
        keys, figures = key.iloc[rows], frame["figures"].iloc[rows]
        previous[rows] = keys.map(in_use.counts).to_numpy(dtype="float64")
        has_before = ~np.isnan(previous[rows])
        is_other = figures.ne(keys.map(in_use.figures)).to_numpy() & has_before
        was_there = [pair in in_use.past for pair in zip(keys, figures, strict=True)]
        is_back = is_other & np.array(was_there, dtype=bool)
        is_foreign = is_other & ~is_back & is_doubted.iloc[rows].to_numpy()
        states = np.select([is_back, is_foreign], ["back", "other_unit"], "onward")
        state.iloc[rows[has_before]] = states[has_before]
        is_shrunk = counts[rows] < previous[rows] * KEPT_SHARE
        kept = ~(is_shrunk | is_back | is_foreign)
        in_use.replace(keys[kept], counts[rows][kept], figures[kept])
    frame["previous_count"] = previous
    frame["version_state"] = state
    return frame


def _take_in_past(in_use: _InUse, before: pd.DataFrame | None) -> None:
    if before is None or before.empty:
        return
    assert set(VERSION_COLUMNS) <= set(before.columns)
    pairs = zip(_keys(before), before["figures"], before["is_current"], strict=True)
    for key, figures, is_current in pairs:
        if is_current:
            in_use.figures[key] = figures
        else:
            in_use.past.add((key, figures))


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
