"""Figures of a batch by measure, and what adds up to a year-to-date figure.

Grain: one row per submission that is not refused, in the order given.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Literal

import numpy as np
import pandas as pd

from expectations.register import Register
from sources.programme.model import DeclaredRule

_PLACE = ["unit_code", "period_key"]


class Figures:
    """The values of a batch, looked up by form and measure."""

    def __init__(
        self, register: Register, submissions: pd.DataFrame, values: pd.DataFrame
    ) -> None:
        self.register = register
        self.submissions = submissions
        measures = register.measures
        self._measure = pd.MultiIndex.from_frame(
            measures[["form_code", "measure_code"]]
        )
        self._values = values
        self._row = submissions.index.get_indexer(pd.Index(values["submission"]))

    @property
    def dtype(self) -> Literal["float64", "object"]:
        """object where the batch keeps its decimals."""
        return "float64" if self._values["number"].dtype == "float64" else "object"

    def of(self, form: str, measure: str) -> tuple[pd.Series, np.ndarray]:
        """Per submission the value, null without one, and its place in the cells."""
        count = len(self.submissions)
        number = np.full(count, np.nan, dtype=self.dtype)
        place = np.full(count, -1, dtype="int64")
        if (form, measure) in self._measure:
            asked = pd.MultiIndex.from_tuples([(form, measure)])
            at = self._measure.get_indexer(asked)[0]
            is_asked = self._values["measure"].to_numpy() == at
            rows = np.flatnonzero(is_asked & (self._row >= 0))
            number[self._row[rows]] = self._values["number"].to_numpy()[rows]
            place[self._row[rows]] = self._values["place"].iloc[rows].to_numpy()
        return pd.Series(number, dtype=self.dtype), place

    def total(self, form: str, measures: Sequence[str]) -> tuple[pd.Series, np.ndarray]:
        """Per submission the sum of the measures, and their places, one a column."""
        found = [self.of(form, measure) for measure in measures]
        total = found[0][0]
        for number, _ in found[1:]:
            total = total + number
        if total.dtype == "float64":
            total = total.round(4)
        return total, np.stack([place for _, place in found], axis=1)

    def constant(self, value: Decimal, form: str) -> pd.Series:
        """The number beside every submission of the form."""
        is_here = self.submissions["form_code"].eq(form).to_numpy()
        number: object = float(value) if self.dtype == "float64" else value
        column = pd.Series([number] * len(is_here), dtype=self.dtype)
        return column.where(is_here)


def year_to_date(
    rule: DeclaredRule, figures: Figures, earlier: pd.DataFrame | None
) -> pd.Series:
    """Per submission the sum, or the last, of the parts from the start of the year.

    Null where a part is not known. A figure of the batch counts before an earlier one,
    and the submission's own before both.
    """
    measures = figures.register.measures
    part = str(rule.of)
    homes = measures["form_code"][measures["measure_code"].eq(part)]
    form = str(homes.iloc[0]) if len(homes) else ""
    rows = figures.submissions[_PLACE].reset_index(drop=True)
    rows["row"] = np.arange(len(rows))
    rows["own"] = figures.of(rule.form, part)[0].astype("float64")
    rows = rows[figures.submissions["form_code"].eq(rule.form).to_numpy()]
    pairs = rows.merge(_parts(figures.register, form), on="period_key")
    known = _known(part, form, figures, earlier)
    pairs = pairs.merge(
        known.rename(columns={"period_key": "part"}),
        on=["unit_code", "part"],
        how="left",
    )
    is_own = pairs["part"].eq(pairs["period_key"]) & (form == rule.form)
    pairs["value"] = pairs["value"].mask(is_own, pairs["own"])
    parts = pairs.sort_values(["row", "order"]).groupby("row")["value"]
    is_whole = parts.count().eq(parts.size())
    found = parts.sum().round(4) if rule.method == "sum" else parts.last()
    result = found.where(is_whole).reindex(range(len(figures.submissions)))
    if figures.dtype == "float64":
        return result
    exact = [None if np.isnan(value) else Decimal(str(value)) for value in result]
    return pd.Series(exact, dtype="object")


def _parts(register: Register, form: str) -> pd.DataFrame:
    """One row per period and period of the form in the same year, not after its end."""
    kinds = register.forms.drop_duplicates("form_code").set_index("form_code")
    periods = register.periods
    parts = periods[periods["period_kind"].eq(kinds["form_kind"].get(form, ""))]
    calendar = periods["period_kind"].str.partition(" ")[0]
    both = periods.assign(calendar=calendar).merge(
        parts.assign(calendar=calendar),
        on=["calendar", "period_year"],
        suffixes=("", "_p"),
    )
    is_inside = both["period_last_day_p"] <= both["period_last_day"]
    both = both[is_inside].rename(columns={"period_key_p": "part"})
    return both[["period_key", "part"]].assign(order=both["period_last_day_p"])


def _known(
    measure: str,
    form: str,
    figures: Figures,
    earlier: pd.DataFrame | None,
) -> pd.DataFrame:
    """One row per unit and period in which the parts' form has the figure."""
    batch = figures.submissions[[*_PLACE, "received_at"]].reset_index(drop=True)
    batch["value"] = figures.of(form, measure)[0].astype("float64")
    batch = batch[batch["value"].notna()].sort_values("received_at", kind="stable")
    tables = [batch[[*_PLACE, "value"]]]
    if earlier is not None and len(earlier):
        is_part = earlier["form_code"].eq(form) & earlier["measure_code"].eq(measure)
        tables.insert(0, earlier.loc[is_part, [*_PLACE, "value"]])
    tables = [table.astype({"value": "float64"}) for table in tables if len(table)]
    if not tables:
        return batch[[*_PLACE, "value"]]
    known = pd.concat(tables, ignore_index=True)
    return known.drop_duplicates(_PLACE, keep="last")
