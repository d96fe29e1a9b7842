"""How big each unit is, and how ready: what makes figures continue over a reform.

Grain: one number per unit code. A unit that follows others has the sum of their shares,
a unit that only gathers others has the sum of its children, any other one gets a size
of its own; so the totals of a district go on in its communes, and those of old
communes in the new ones.
"""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from sources.programme.model import Programme
from sources.simulator.streams import stream

_DEFAULT_SIZE = 10.0
_SIZE_SIGMA = 0.4


def unit_sizes(programme: Programme, by_type: dict[str, float], seed: int) -> pd.Series:
    """Relative size of every unit code ever, positive floats."""
    types = {unit.unit_code: unit.unit_type for unit in programme.units}
    born = _first_days(programme)
    draws = stream(seed, "sizes").lognormal(0.0, _SIZE_SIGMA, len(types))
    own = {
        code: by_type.get(types[code], _DEFAULT_SIZE) * float(draw)
        for code, draw in zip(sorted(types), draws, strict=True)
    }
    before: dict[str, list[tuple[str, float]]] = {}
    for link in programme.successions:
        to = link.to_unit_code
        if to is not None and born[to] >= link.effective_date and link.share > 0:
            before.setdefault(to, []).append((link.from_unit_code, float(link.share)))
    children = _children(programme)
    sizes: dict[str, float] = {}

    def size(code: str, above: frozenset[str]) -> float:
        if code not in sizes:
            below = above | {code}
            if code in before:
                parts = [s * size(u, below) for u, s in before[code] if u not in below]
            else:
                parts = [size(u, below) for u in children[code] if u not in below]
            sizes[code] = sum(parts) or own[code]
        return sizes[code]

    return pd.Series({code: size(code, frozenset()) for code in types}, dtype="float64")


def readiness(
    programme: Programme, sizes: pd.Series, name: str, seed: int
) -> pd.Series:
    """A rank-like number in [0, 1) per unit code: the lowest are the first to say yes.

    A unit that follows others takes the number of the largest part.
    """
    codes = sorted(sizes.index)
    drawn = pd.Series(stream(seed, "ready", name).random(len(codes)), index=codes)
    born = _first_days(programme)
    links = pd.DataFrame(
        [
            (s.from_unit_code, s.to_unit_code, float(s.share), s.effective_date)
            for s in programme.successions
            if s.to_unit_code is not None and born[s.to_unit_code] >= s.effective_date
        ],
        columns=["old", "new", "share", "day"],
    )
    links["part"] = links["share"] * links["old"].map(sizes)
    links = links.sort_values(["day", "new", "part", "old"], kind="stable")
    for _, same_day in links.groupby("day"):
        largest = same_day.drop_duplicates("new", keep="last").set_index("new")["old"]
        drawn.loc[largest.index] = drawn.loc[largest].to_numpy()
    # distinct numbers for units that share a predecessor
    return drawn + pd.Series(np.arange(len(codes)) * 1e-9, index=codes)


def _first_days(programme: Programme) -> dict[str, dt.date]:
    days: dict[str, dt.date] = {}
    for unit in sorted(programme.units, key=lambda u: u.valid_from, reverse=True):
        days[unit.unit_code] = unit.valid_from
    return days


def _children(programme: Programme) -> dict[str, list[str]]:
    """The children of each unit when it first had any, without double counting."""
    units = pd.DataFrame(
        [(u.unit_code, u.parent_unit_code, u.valid_from) for u in programme.units],
        columns=["unit", "parent", "day"],
    )
    units = units[units["parent"].notna()]
    first = units.groupby("parent")["day"].transform("min")
    at_first = units[units["day"].eq(first)].sort_values("unit")
    gathered = at_first.groupby("parent")["unit"].agg(list).to_dict()
    return {u.unit_code: gathered.get(u.unit_code, []) for u in programme.units}
