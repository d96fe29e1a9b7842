"""Made-up counts of one form, without the simulator: generator, slips, series.

Units with rates of their own, a season and a trend in common, over-dispersed counts.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from expectations.plausibility.series import Series
from expectations.plausibility.sweep import intervals

LEAST_FACTOR, LEAST_STEP = 4, 20
"""A jump that a person would see: four times as much or as little, and by 20."""


def counts(
    rng: np.random.Generator,
    periods: int,
    units: int,
    measures: int,
    dispersion: float = 0.05,
) -> np.ndarray:
    """(period, unit, measure): counts with means from one to some hundreds."""
    rate = rng.lognormal(2.0, 1.2, (units, measures))
    time = np.arange(periods)[:, None]
    height, phase = rng.uniform(0, 0.35, measures), rng.random(measures)
    season = 1 + height * np.cos(2 * np.pi * (time / 12 - phase))
    common = season * np.exp(time * rng.uniform(-0.01, 0.01, measures))
    mean = rate * common[:, None, :]
    chance = rng.gamma(1 / dispersion, dispersion, mean.shape) if dispersion else 1.0
    return rng.poisson(mean * chance).astype("float64")


def series_of(
    values: np.ndarray, kind: str = "flow", frequency: str = "month", **measure: object
) -> Series:
    """All of it as the batch; every unit of one level."""
    periods, units, measures = values.shape
    places = np.nonzero(~np.isnan(values))
    figures = pd.DataFrame(
        dict(zip(("period", "unit", "measure"), places, strict=True))
    )
    facts = {"kind": kind, "value_type": "count", "may_be_negative": False, **measure}
    return Series(
        form_code="F",
        periods=pd.DataFrame({"period_kind": [f"civil · {frequency}"] * periods}),
        units=np.arange(units),
        measures=pd.DataFrame([facts] * measures),
        values=values,
        sent=~np.isnan(values).all(axis=2),
        level=np.zeros((periods, units), dtype=int),
        submissions=figures[["period", "unit"]].drop_duplicates(),
        figures=figures,
    )


def judged(values: np.ndarray, **more: object) -> pd.DataFrame:
    """One row per judged figure: its place, value, interval and `is_flagged`."""
    series = series_of(values, **more)
    found = intervals(series)
    rows = series.figures.loc[found.index].join(found)
    rows["value"] = values[rows["period"], rows["unit"], rows["measure"]]
    is_in = rows["value"].between(rows["expected_low"], rows["expected_high"])
    return rows.assign(is_flagged=~is_in)


def slipped(
    values: np.ndarray, kind: str, share: float, rng: np.random.Generator
) -> np.ndarray:
    """A copy with slips in a share of the figures: ten_fold, digit_lost or swapped."""
    result = values.copy()
    period, unit, measure = np.nonzero(~np.isnan(values))
    pick = rng.choice(len(period), int(len(period) * share), replace=False)
    at = (period[pick], unit[pick], measure[pick])
    if kind == "ten_fold":
        result[at] *= 10
    elif kind == "digit_lost":
        first = 10 ** np.floor(np.log10(np.maximum(values[at], 1)))
        is_last = rng.random(len(pick)) < 0.5
        result[at] = np.where(is_last, values[at] // 10, values[at] % first)
    else:
        partner = (measure[pick] + 1) % values.shape[2]
        there = (at[0], at[1], partner)
        result[at], result[there] = values[there], values[at]
    return result


def is_visible(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Where a figure changed so much that a person would see it."""
    high, low = np.fmax(before, after), np.fmin(before, after)
    return (high >= LEAST_FACTOR * np.maximum(low, 1)) & (high - low >= LEAST_STEP)
