"""Sweep: the count model over one form's series, all units and measures at once.

One turn per period; shape of the answer: one interval per figure of the batch.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from expectations.plausibility.model import (
    KEEP_FLOW,
    Dispersion,
    Expected,
    Memory,
    expect,
    take_in,
)
from expectations.plausibility.series import Series

DOUBTED_SHARE = 0.006
"""A figure is doubted when chance alone brings one so far out in 6 of 1,000 cases,
three on either side."""

LEAST_PAST = {
    "month": 6,
    "quarter": 4,
    "half_year": 4,
    "nine_months": 3,
    "year": 3,
    "term": 3,
}
"""Earlier periods of its own that a figure needs before it is judged."""

INTERVAL_COLUMNS = (
    "expected_low",
    "expected_mean",
    "expected_high",
    "past_count",
    "peer_count",
)


def intervals(series: Series) -> pd.DataFrame:
    """One row per judged figure of the batch, `INTERVAL_COLUMNS`; index: its row.

    Only counts that cannot be negative are judged, and only after `LEAST_PAST` earlier
    periods of their own.
    """
    judged = np.flatnonzero(is_count(series.measures))
    found = list(_swept(series, judged))
    if not found:
        return pd.DataFrame(columns=list(INTERVAL_COLUMNS), dtype="float64")
    told = pd.concat(found)
    return _bounded(told[told["past_count"].ge(LEAST_PAST[series.frequency])])


def _swept(series: Series, judged: np.ndarray) -> Iterator[pd.DataFrame]:
    """What was expected of the batch's figures of these measures, period by period."""
    place = np.full(len(series.measures), -1)
    place[judged] = np.arange(len(judged))
    figures = series.figures.assign(measure=place[series.figures["measure"]])
    figures = figures[figures["measure"].ge(0)]
    asked = dict(tuple(figures.groupby("period")))
    periods = range(int(figures["period"].max()) + 1 if len(figures) else 0)
    keep = np.where(series.measures["kind"].iloc[judged].eq("flow"), KEEP_FLOW, 0.0)
    memory = Memory.empty(len(series.units), len(judged))
    dispersions: dict[int, Dispersion] = {}
    level_before = series.level[0]
    for period in periods:
        level = series.level[period]
        memory.forget(np.flatnonzero((level != level_before) & (level >= 0)))
        level_before = np.where(level >= 0, level, level_before)
        for code in np.unique(level[level >= 0]):
            units = np.flatnonzero(level == code)
            news = series.values[period][np.ix_(units, judged)]
            own = memory.of(units)
            learnt = dispersions.setdefault(int(code), Dispersion.prior(len(judged)))
            expected = expect(news, own, learnt.value())
            if period in asked:
                yield _told(asked[period], units, expected)
            learnt.learn(news, expected)
            take_in(own, news, expected, keep)
            memory.put(units, own)


def _told(rows: pd.DataFrame, units: np.ndarray, expected: Expected) -> pd.DataFrame:
    """What was expected of those of the batch's figures that these units sent."""
    unit = pd.Index(units).get_indexer(rows["unit"])
    at = (unit[unit >= 0], rows["measure"].to_numpy()[unit >= 0])
    return pd.DataFrame(
        {
            "mean": expected.mean[at],
            "spread": expected.spread[at],
            "past_count": expected.seen[at],
            "peer_count": expected.peers[at],
        },
        index=rows.index[unit >= 0],
    )


def is_count(measures: pd.DataFrame) -> np.ndarray:
    """Which measures the model fits: counts that cannot be negative."""
    is_fit = measures["value_type"].eq("count") & ~measures["may_be_negative"]
    return is_fit.to_numpy(dtype=bool)


def _bounded(told: pd.DataFrame) -> pd.DataFrame:
    """The interval of each expectation: negative binomial, exact for small counts."""
    from scipy.stats import nbinom

    mean, shape = told["mean"].to_numpy(), 1 / told["spread"].to_numpy()
    chance = shape / (shape + mean)
    return pd.DataFrame(
        {
            "expected_low": nbinom.ppf(DOUBTED_SHARE / 2, shape, chance),
            "expected_mean": mean,
            "expected_high": nbinom.ppf(1 - DOUBTED_SHARE / 2, shape, chance),
            "past_count": told["past_count"].to_numpy(),
            "peer_count": told["peer_count"].to_numpy(dtype="float64"),
        },
        index=told.index,
    )
