"""When reports are sent: working hours of the programme's time zone.

Every function takes and returns one value per submission. Days are datetime64[D].
"""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Days = NDArray[np.datetime64]

_OPENS_SECOND = 7 * 3600 + 1800
_CLOSES_SECOND = 17 * 3600
_LONGEST_DELAY = 25


def days_of(dates: pd.Series) -> Days:
    """Dates as datetime64[D]."""
    return dates.to_numpy().astype("datetime64[D]")


def on_time_days(first: Days, due: Days, rng: np.random.Generator) -> Days:
    """A day from the first to the due one, a working day where there is one."""
    window = np.maximum((due - first).astype(np.int64), 0) + 1
    offset = np.floor(rng.random(len(first)) * window).astype(np.int64)
    day = first + offset
    back = np.busday_offset(day, 0, roll="backward")
    onward = np.busday_offset(day, 0, roll="forward")
    day = np.where(back >= first, back, day)
    return np.where((back < first) & (onward <= due), onward, day)


def later_days(day: Days, rng: np.random.Generator, chance: float = 0.25) -> Days:
    """A working day after the given one: mostly soon, sometimes weeks."""
    delay = np.minimum(rng.geometric(chance, len(day)), _LONGEST_DELAY)
    return np.busday_offset(day + delay, 0, roll="forward")


def moments(day: Days, timezone: str, rng: np.random.Generator) -> pd.Series:
    """The given days at an hour of work, as UTC timestamps (whole seconds)."""
    second = rng.integers(_OPENS_SECOND, _CLOSES_SECOND, len(day))
    local = day.astype("datetime64[s]") + second.astype("timedelta64[s]")
    return pd.Series(local).dt.tz_localize(timezone).dt.tz_convert("UTC")


def end_of(day: dt.date, timezone: str) -> pd.Timestamp:
    """The first moment after a day, in UTC."""
    after = pd.Timestamp(day + dt.timedelta(days=1))
    return after.tz_localize(timezone).tz_convert("UTC")
