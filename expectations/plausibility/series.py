"""Series: the figures of one form as a dense array, periods x units x measures.

NaN where nothing was accepted. A national form (37 months, 3,321 units, 60 measures)
takes 60 MB; nothing walks over single figures.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from expectations.register import Register

KEY = ["form_code", "unit_code", "period_key"]


@dataclass(frozen=True)
class Series:
    """All figures of one form, earlier ones and those of the batch.

    periods: the register's rows from the first period with a figure to the last, in
    order of time. units: codes. measures: the form's rows of the register. values:
    (period, unit, measure). sent: (period, unit), a figure is there or the batch has a
    submission. level: (period, unit), position of the unit's level on the period's last
    day, -1 where it was not alive. submissions and figures: rows of the batch, index as
    given, with their places `period`, `unit` and, for figures, `measure`.
    """

    form_code: str
    periods: pd.DataFrame
    units: np.ndarray
    measures: pd.DataFrame
    values: np.ndarray
    sent: np.ndarray
    level: np.ndarray
    submissions: pd.DataFrame
    figures: pd.DataFrame

    @property
    def frequency(self) -> str:
        """Length of the form's periods: month, quarter and so on."""
        return str(self.periods["period_kind"].iloc[-1]).rpartition(" ")[2]


def series_by_form(
    register: Register,
    submissions: pd.DataFrame,
    figures: pd.DataFrame,
    earlier: pd.DataFrame,
) -> Iterator[Series]:
    """One `Series` per form of `submissions`, made when asked for.

    Args:
        register: The programme.
        submissions: One row per form, unit and period of the batch (`KEY`).
        figures: One row per figure of these submissions: `KEY`, measure_code, value.
        earlier: One row per figure accepted before, same columns. A unit's figures of
            a period are passed over where the batch has a submission for it.
    """
    known = register.measures.drop_duplicates(["form_code", "measure_code"])
    past_form, forms = pd.factorize(earlier["form_code"])
    place = {form: position for position, form in enumerate(forms)}
    columns = [*KEY[1:], "measure_code", "value"]
    for form_code, rows in submissions.groupby("form_code", sort=True):
        is_own = past_form == place.get(form_code, -2)
        yield _series(
            register,
            str(form_code),
            known[known["form_code"].eq(form_code)].reset_index(drop=True),
            rows,
            figures[figures["form_code"].eq(form_code)],
            earlier[columns] if is_own.all() else earlier.loc[is_own, columns],
        )


def _series(
    register: Register,
    form_code: str,
    measures: pd.DataFrame,
    submissions: pd.DataFrame,
    figures: pd.DataFrame,
    earlier: pd.DataFrame,
) -> Series:
    past = {name: _factorized(earlier[name]) for name in (*KEY[1:], "measure_code")}
    periods = _stretch(register, {*submissions["period_key"], *past["period_key"][1]})
    units = np.array(
        sorted({*submissions["unit_code"], *past["unit_code"][1]}), dtype="object"
    )
    axes = {
        "period_key": pd.Index(periods["period_key"].astype("object")),
        "unit_code": pd.Index(units),
        "measure_code": pd.Index(measures["measure_code"].astype("object")),
    }
    values = np.full([len(axis) for axis in axes.values()], np.nan)
    place = np.zeros(len(earlier), dtype="int64")
    is_known = np.ones(len(earlier), dtype=bool)
    for name, axis in axes.items():
        codes, texts = past.pop(name)
        at = np.append(axis.get_indexer(texts), -1)[codes]
        is_known &= at >= 0
        place = place * len(axis) + at
    figures_before = earlier["value"].to_numpy("float64")
    values.ravel()[place[is_known]] = figures_before[is_known]
    sent = _placed(submissions, axes)
    values[sent["period"], sent["unit"]] = np.nan
    own = _placed(figures, axes)
    own = own[own["measure"].ge(0)]
    values[own["period"], own["unit"], own["measure"]] = figures.loc[
        own.index, "value"
    ].to_numpy("float64")
    is_sent = ~np.isnan(values).all(axis=2)
    is_sent[sent["period"], sent["unit"]] = True
    return Series(
        form_code=form_code,
        periods=periods,
        units=units,
        measures=measures,
        values=values,
        sent=is_sent,
        level=_levels(register, periods, units),
        submissions=sent,
        figures=own,
    )


def _factorized(column: pd.Series) -> tuple[np.ndarray, pd.Index]:
    """Code per row, in half the memory, and the texts."""
    codes, texts = pd.factorize(column)
    return codes.astype("int32"), pd.Index(texts, dtype="object")


def _stretch(register: Register, asked: set[str]) -> pd.DataFrame:
    """The periods of the same calendar and length from the first asked to the last."""
    known = register.periods.sort_values("period_last_day", kind="stable")
    wanted = known[known["period_key"].isin(asked)]
    days = known["period_last_day"]
    is_between = (days >= wanted["period_last_day"].iloc[0]) & (
        days <= wanted["period_last_day"].iloc[-1]
    )
    is_kind = known["period_kind"].isin(wanted["period_kind"].unique())
    return known[is_between & is_kind].reset_index(drop=True)


def _placed(rows: pd.DataFrame, axes: dict[str, pd.Index]) -> pd.DataFrame:
    """Places of the rows on the axes, -1 where they have none; index as given."""
    return pd.DataFrame(
        {
            name.partition("_")[0]: axis.get_indexer(pd.Index(rows[name]))
            for name, axis in axes.items()
            if name in rows
        },
        index=rows.index,
    )


def _levels(register: Register, periods: pd.DataFrame, units: np.ndarray) -> np.ndarray:
    """(period, unit): position of the unit's level on the period's last day, or -1."""
    versions = register.units[register.units["unit_code"].isin(units)]
    unit = pd.Index(units).get_indexer(versions["unit_code"])
    level = pd.factorize(versions["level"], sort=True)[0]
    since, until = (versions[name].to_numpy() for name in ("unit_from", "unit_to"))
    result = np.full((len(periods), len(units)), -1)
    for row, day in enumerate(periods["period_last_day"]):
        holds = (since <= day) & (day < until)
        result[row, unit[holds]] = level[holds]
    return result
