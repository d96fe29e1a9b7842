"""The course of a measure over the years: tuned, or drawn from what it is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sources.programme.model import Measure, Programme
from sources.simulator.streams import stream
from sources.simulator.tuning import Tuning, in_year

_PER_UNIT = 20.0
_FLOW_SHARE_OF_STOCK = 0.02


@dataclass(frozen=True)
class Profile:
    """Totals and ratios of a measure by year.

    `whole` is the measure it is drawn from (None: it has totals of its own).
    """

    totals: dict[int, float]
    per_unit: float
    growth: float
    first_year: int
    ratio: dict[int, float]
    member_ratio: dict[str, float]
    whole: str | None
    whole_is_stock: bool
    season: float
    spread: str

    def total(self, year: float, units: int) -> float:
        """Total over all units; untuned, it grows with the number of units due."""
        if self.totals:
            return in_year(self.totals, year)
        return self.per_unit * units * (1 + self.growth) ** (year - self.first_year)

    def ratio_at(self, year: float) -> float:
        """Share of the whole, or of the units that say yes."""
        return min(max(in_year(self.ratio, year), 0.0), 1.0)


def profile(
    programme: Programme, tuning: Tuning, measure: Measure, seed: int
) -> Profile:
    """The profile of a measure.

    Untuned, a measure that a target allows never to happen does not happen, one whose
    fall is good falls, and a yes/no spreads over the term.
    """
    given = tuning.measure(measure.code)
    rng = stream(seed, "profile", measure.code)
    first, last = programme.term.first_year, programme.term.last_year
    whole_code = given.of or measure.part_of
    whole = next((m for m in programme.measures if m.code == whole_code), None)
    from_stock = bool(whole and whole.kind == "stock" and measure.kind == "flow")
    never = {
        t.indicator for t in programme.targets if t.rhythm == "never" and t.indicator
    }
    slope = {"lower": -0.06, "higher": 0.05, "neutral": 0.0}[measure.direction]
    scale = 1_000_000.0 if measure.value_type == "money" else 1.0
    ratio: dict[int, float]
    if given.ratio:
        ratio = given.ratio
    elif measure.value_type == "yes_no":
        ratio = {first - 1: 0.2, last: float(np.round(0.7 + 0.3 * rng.random(), 2))}
    elif from_stock:
        ratio = {first: _FLOW_SHARE_OF_STOCK}
    else:
        ratio = {first: float(np.round(0.65 + 0.2 * rng.random(), 2))}
    return Profile(
        totals=given.totals,
        per_unit=(
            0.0 if measure.code in never else _PER_UNIT * scale * rng.lognormal(0, 0.5)
        ),
        growth=slope + 0.03 * (rng.random() - 0.5),
        first_year=first,
        ratio=ratio,
        member_ratio=given.member_ratio,
        whole=None if given.totals else whole_code,
        whole_is_stock=from_stock,
        season=given.season,
        spread=given.spread,
    )
