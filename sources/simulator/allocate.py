"""Spreading totals over cells, so that the totals come out as meant.

Every function takes and returns one number per cell (a unit in a period).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]
Weights = NDArray[np.float64]

_HYPERGEOMETRIC_LIMIT = 1_000_000_000


def scatter(total: int, weights: Weights, rng: np.random.Generator) -> Counts:
    """Throw `total` events at cells by weight: random cells, exact total."""
    return rng.multinomial(total, weights / weights.sum())


def apportion(total: int, weights: Weights) -> Counts:
    """Share `total` by weight with the largest remainders: no chance, exact total."""
    exact = total * weights / weights.sum()
    counts = np.floor(exact).astype(np.int64)
    order = np.argsort(counts - exact, kind="stable")
    counts[order[: total - int(counts.sum())]] += 1
    return counts


def thin(whole: Counts, total: int, rng: np.random.Generator) -> Counts:
    """Pick `total` of all counted things: never more than a cell has, exact total."""
    everything = int(whole.sum())
    total = min(max(total, 0), everything)
    if everything < _HYPERGEOMETRIC_LIMIT:
        return rng.multivariate_hypergeometric(whole, total, method="marginals")
    return rng.binomial(whole, total / everything)


def split(whole: Counts, weights: Weights, rng: np.random.Generator) -> Counts:
    """Split each cell over members by weight: one row per cell, a column per member."""
    return rng.multinomial(whole, weights / weights.sum())
