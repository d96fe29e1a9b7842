"""Made-up figures of one form: one row per due report, one column per measure.

Figures follow from what a measure is (flow or stock, count or yes/no, part of which
whole, split by which list) and from its tuning; nothing is known by name. Totals over
the whole programme come out as tuned: parts are drawn from their whole, members add up
to their total, units share by size.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sources.programme.model import Form, Measure, Programme
from sources.simulator.allocate import Weights, apportion, scatter, split, thin
from sources.simulator.defaults import Profile, profile
from sources.simulator.members import Breakdown, breakdown_of
from sources.simulator.sizes import readiness
from sources.simulator.streams import stream
from sources.simulator.tuning import Tuning

_JITTER = 0.08


@dataclass(frozen=True)
class Setting:
    """What every form's figures are made from; `sizes` by unit code."""

    programme: Programme
    tuning: Tuning
    sizes: pd.Series
    seed: int


def form_figures(setting: Setting, form: Form, cells: pd.DataFrame) -> pd.DataFrame:
    """One row per row of `cells`, one column per measure and member of the form.

    Args:
        setting: Programme, tuning, sizes, seed.
        form: The form.
        cells: unit_code, level, period_key, year, year_start, year_end, start_date,
            end_date; whole years of due reports.
    """
    by_code = {measure.code: measure for measure in setting.programme.measures}
    drawing = _Drawing(setting, cells)
    for code in _wholes_first(form, by_code, setting.tuning):
        drawing.draw(by_code[code])
    columns = drawing.columns
    return pd.DataFrame(columns, index=cells.index)


class _Drawing:
    """The columns drawn so far, over the cells of one form."""

    def __init__(self, setting: Setting, cells: pd.DataFrame) -> None:
        self.setting = setting
        self.cells = cells
        self.columns: dict[str, np.ndarray] = {}
        years = cells["year"].to_numpy()
        self.years = {int(y): np.flatnonzero(years == y) for y in np.unique(years)}
        periods = cells.groupby("period_key", sort=True).indices
        starts, ends, year_starts, year_ends = (
            cells[name].to_numpy().astype("datetime64[D]").astype(np.int64)
            for name in ("start_date", "end_date", "year_start", "year_end")
        )
        self.days = (ends - starts).astype(np.float64)
        year_days = year_ends - year_starts
        self.progress = (ends - year_starts) / year_days
        self.middle = self.progress - self.days / 2 / year_days
        self.periods = {str(key): np.asarray(index) for key, index in periods.items()}

    def draw(self, measure: Measure) -> None:
        """Add the columns of a measure and of its members."""
        rng = stream(self.setting.seed, "figures", measure.code)
        shape = profile(
            self.setting.programme, self.setting.tuning, measure, self.setting.seed
        )
        split_by = breakdown_of(
            self.setting.programme, self.setting.tuning, measure, self.setting.seed
        )
        whole = shape.whole if shape.whole in self.columns else None
        if measure.value_type == "yes_no":
            self.columns[measure.code] = self._yes_no(measure, shape)
            return
        weights = self._weights(measure, shape, rng)
        leaves = self._leaves(measure, shape, split_by, whole, weights, rng)
        total = np.sum(list(leaves.values()), axis=0)
        self.columns[measure.code] = _rounded(total, measure)
        for member, parts in split_by.leaves_below.items():
            column = np.sum([leaves[part] for part in parts], axis=0)
            self.columns[f"{measure.code}.{member}"] = _rounded(column, measure)

    def _leaves(
        self,
        measure: Measure,
        shape: Profile,
        split_by: Breakdown,
        whole: str | None,
        weights: Weights,
        rng: np.random.Generator,
    ) -> dict[str, np.ndarray]:
        """Figures of the leaf members; one nameless leaf without a breakdown."""
        names = list(split_by.leaf_weights)
        shares = np.array(list(split_by.leaf_weights.values()))
        if whole is None:
            return self._from_totals(measure, shape, names, shares, weights, rng)
        wholes = [f"{whole}.{name}" for name in names]
        if len(names) > 1 and all(column in self.columns for column in wholes):
            factors = np.array([shape.member_ratio.get(n, 1.0) for n in names])
            return dict(
                zip(
                    names,
                    self._from_wholes(measure, shape, wholes, factors, rng),
                    strict=True,
                )
            )
        part = self._from_wholes(measure, shape, [whole], np.ones(1), rng)[0]
        if len(names) == 1:
            return {names[0]: part}
        if part.dtype.kind == "i":
            table = split(part, shares, rng)
        else:
            table = part[:, None] * (shares / shares.sum())[None, :]
        return {name: table[:, i] for i, name in enumerate(names)}

    def _from_totals(
        self,
        measure: Measure,
        shape: Profile,
        names: list[str],
        shares: np.ndarray,
        weights: Weights,
        rng: np.random.Generator,
    ) -> dict[str, np.ndarray]:
        """Spread the programme's totals: a flow over a year, a stock over a period."""
        is_count = measure.value_type == "count"
        table = np.zeros(
            (len(names), len(self.cells)), dtype="i8" if is_count else "f8"
        )
        groups = (
            self.years.values() if measure.kind == "flow" else self.periods.values()
        )
        for index in groups:
            at = self._moment(index, measure.kind)
            total = shape.total(at, self._unit_count(index))
            if not is_count:
                noise = rng.lognormal(0.0, _JITTER, (len(names), len(index)))
                parts = np.outer(shares / shares.sum(), weights[index]) * noise
                table[:, index] = total * parts / parts.sum()
                continue
            for row, part in enumerate(apportion(round(total), shares)):
                if measure.kind == "flow":
                    table[row, index] = scatter(int(part), weights[index], rng)
                else:
                    table[row, index] = apportion(int(part), weights[index])
        return {name: table[i] for i, name in enumerate(names)}

    def _from_wholes(
        self,
        measure: Measure,
        shape: Profile,
        wholes: list[str],
        factors: np.ndarray,
        rng: np.random.Generator,
    ) -> list[np.ndarray]:
        """Draw parts out of wholes so that all of them together have the ratio."""
        by_year = measure.kind == "flow"
        parts = [np.zeros_like(self.columns[whole]) for whole in wholes]
        for index in (self.years if by_year else self.periods).values():
            ratio = shape.ratio_at(self._moment(index, measure.kind))
            sums = np.array([self.columns[whole][index].sum() for whole in wholes])
            wanted = float((sums * factors).sum())
            scale = ratio * float(sums.sum()) / wanted if wanted else 0.0
            if by_year and shape.whole_is_stock:
                scale /= self.cells["period_key"].iloc[index].nunique()
            for part, whole, factor in zip(parts, wholes, factors, strict=True):
                column = self.columns[whole][index]
                share = min(scale * float(factor), 1.0)
                if column.dtype.kind == "i":
                    part[index] = thin(column, round(share * int(column.sum())), rng)
                else:
                    noise = rng.lognormal(0.0, _JITTER, len(index))
                    part[index] = column * np.minimum(share * noise, 1.0)
        return parts

    def _yes_no(self, measure: Measure, shape: Profile) -> np.ndarray:
        """1 for the readiest units of each period and level, as many as the ratio."""
        ready = readiness(
            self.setting.programme,
            self.setting.sizes,
            measure.code,
            self.setting.seed,
        )
        ranked = self.cells[["period_key", "level"]].assign(
            ready=self.cells["unit_code"].map(ready)
        )
        groups = ranked.groupby(["period_key", "level"])["ready"]
        rank = groups.rank(method="first").to_numpy()
        count = groups.transform("size").to_numpy()
        moments = self.cells["year"].to_numpy() - 1 + self.progress
        lookup = {m: shape.ratio_at(m) for m in np.unique(moments.round(3))}
        ratios = pd.Series(moments.round(3)).map(lookup).to_numpy()
        return (rank <= np.rint(ratios * count)).astype(np.int64)

    def _weights(
        self, measure: Measure, shape: Profile, rng: np.random.Generator
    ) -> Weights:
        """How much of a total each cell draws."""
        if shape.spread == "equal":
            sizes = np.ones(len(self.cells))
        else:
            sizes = self.cells["unit_code"].map(self.setting.sizes).to_numpy()
        if measure.kind == "stock":
            return sizes
        phase = rng.random()
        wave = 1 + shape.season * np.cos(2 * np.pi * (self.middle - phase))
        return sizes * self.days * wave * rng.lognormal(0.0, _JITTER, len(sizes))

    def _moment(self, index: np.ndarray, kind: str) -> float:
        """The year a total is meant for: for a stock, the point within the year."""
        year = float(self.cells["year"].iloc[index[0]])
        return year if kind == "flow" else year - 1 + float(self.progress[index[0]])

    def _unit_count(self, index: np.ndarray) -> int:
        return int(self.cells["unit_code"].iloc[index].nunique())


def _rounded(column: np.ndarray, measure: Measure) -> np.ndarray:
    return column if column.dtype.kind == "i" else column.round(measure.decimals)


def _wholes_first(form: Form, by_code: dict[str, Measure], tuning: Tuning) -> list[str]:
    """The form's measures, every whole before its parts."""
    ordered: list[str] = []

    def visit(code: str, above: frozenset[str]) -> None:
        whole = tuning.measure(code).of or by_code[code].part_of
        if whole in form.measures and whole not in above and whole not in ordered:
            visit(whole, above | {code})
        if code not in ordered:
            ordered.append(code)

    for code in form.measures:
        visit(code, frozenset({code}))
    return ordered
