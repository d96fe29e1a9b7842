"""States of a series: is an optional measure there as usual, gone, or new.

The unit's reports count, not the calendar: a period without a report says nothing.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from expectations.plausibility.series import Series
from expectations.plausibility.sweep import LEAST_PAST

LOOK_BACK, USUAL = 6, 4
"""A measure is usual when 4 of the unit's 6 reports before had it."""
STOPPED_AFTER = 3
"""Absent for the third time in a row, it is said to have stopped; then nothing more."""

_WINDOW = (1 << LOOK_BACK) - 1
_KEPT = (1 << (LOOK_BACK + STOPPED_AFTER)) - 1
_ONES = np.array([bin(number).count("1") for number in range(_WINDOW + 1)])


def steps_of(series: Series, asked: np.ndarray, is_said: np.ndarray) -> pd.DataFrame:
    """One row per submission of the batch and measure asked.

    Columns: row (label in `series.submissions`), measure (label in `series.measures`),
    state (steady, hole, stopped, new; None before there is a past to compare with) and
    past_count, the unit's reports before.

    Args:
        series: The figures of a form.
        asked: Positions of the measures.
        is_said: (submission, measure asked): the cell says something, figure or mark.
    """
    units = len(series.units)
    window = np.zeros((units, len(asked)), dtype=np.int64)  # newest report: lowest bit
    has_ever = np.zeros((units, len(asked)), dtype=bool)
    reports = np.zeros(units, dtype=np.int64)
    places = series.submissions.assign(position=np.arange(len(series.submissions)))
    turns = dict(tuple(places.groupby("period")))
    found: list[pd.DataFrame] = []
    for period, sent in enumerate(series.sent):
        figures = series.values[period][:, asked]
        is_there = ~np.isnan(figures)
        if period in turns:
            rows = turns[period]
            unit = rows["unit"].to_numpy()
            is_new = is_there[unit] & (figures[unit] != 0) & ~has_ever[unit]
            state = _states(window[unit], is_said[rows["position"]], is_new)
            state[reports[unit] < LEAST_PAST[series.frequency]] = None
            steps = {
                "row": np.repeat(rows.index.to_numpy(), len(asked)),
                "measure": np.tile(asked, len(unit)),
                "state": state.ravel(),
                "past_count": np.repeat(reports[unit], len(asked)),
            }
            found.append(pd.DataFrame(steps))
        window = np.where(sent[:, None], ((window << 1) | is_there) & _KEPT, window)
        has_ever |= is_there
        reports += sent
    return pd.concat(found, ignore_index=True)


def _states(window: np.ndarray, is_said: np.ndarray, is_new: np.ndarray) -> np.ndarray:
    """steady, hole, stopped or new, from which of the last reports had the measure."""
    gone = STOPPED_AFTER - 1
    is_hole = ((window & 1) == 1) & (_ONES[window & _WINDOW] >= USUAL)
    before = window >> gone
    is_gone = (window & ((1 << gone) - 1) == 0) & (before & 1 == 1)
    is_stopped = is_gone & (_ONES[before & _WINDOW] >= USUAL)
    cases = [~is_said & is_hole, ~is_said & is_stopped, is_new]
    return np.select(cases, ["hole", "stopped", "new"], "steady").astype("object")
