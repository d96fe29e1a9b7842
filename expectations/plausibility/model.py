"""The count model: what a period is expected to bring, and what it then teaches.

Shape of every array: unit x measure of one level in one period. What is known before a
period judges it; then it is taken in, with whatever lies far outside capped. Two
figures in a row far outside on the same side are a new level: the past before them is
forgotten, and nothing is judged until there is enough of a past again.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from expectations.plausibility.peers import Peers, peers_of

OWN_SHAPE = 0.5
"""Half a case is known of a unit before it reports: a first case is no surprise."""
KEEP_FLOW = 0.95
"""What a past period still weighs one period on; after 13 periods it is half."""
LEAST_DISPERSION = 0.005
"""Over-dispersion is never taken below 0.005: 7 % beside the chance of a count."""
_PRIOR_DISPERSION = 0.1
_PRIOR_WEIGHT = 10.0
_CAP_HIGH, _CAP_LOW = 4.0, 3.0
_NEW_LEVEL = 2


@dataclass
class Memory:
    """What is known of every unit and measure so far, unit x measure.

    cases and exposure: weighted sums of figures and of factors; weight: weighted number
    of periods; seen: periods since the series began (anew); run: figures in a row far
    outside, negative below; last and last_factor: the newest figure and its factor.
    """

    cases: np.ndarray
    exposure: np.ndarray
    weight: np.ndarray
    seen: np.ndarray
    run: np.ndarray
    last: np.ndarray
    last_factor: np.ndarray

    @classmethod
    def empty(cls, units: int, measures: int) -> Memory:
        """Nothing known of anything."""
        return cls(*(np.zeros((units, measures)) for _ in fields(cls)))

    def of(self, rows: np.ndarray) -> Memory:
        """The memory of some units, copied."""
        return Memory(*(getattr(self, field.name)[rows] for field in fields(self)))

    def put(self, rows: np.ndarray, part: Memory) -> None:
        """Writes back what `of` gave."""
        for field in fields(self):
            getattr(self, field.name)[rows] = getattr(part, field.name)

    def forget(self, rows: np.ndarray) -> None:
        """Forgets these units: they have become something else."""
        for field in fields(self):
            getattr(self, field.name)[rows] = 0.0


@dataclass
class Dispersion:
    """Over-dispersion of the measures at one level, by moments, from what was seen."""

    sums: np.ndarray
    weights: np.ndarray

    @classmethod
    def prior(cls, measures: int) -> Dispersion:
        """What is believed before anything is seen."""
        return cls(
            np.full(measures, _PRIOR_DISPERSION * _PRIOR_WEIGHT),
            np.full(measures, _PRIOR_WEIGHT),
        )

    def value(self) -> np.ndarray:
        """One number per measure: variance is mean + value * mean squared.

        A standard error above the estimate: few units teach little.
        """
        doubt = 1 + np.sqrt(1 / self.weights)
        return np.maximum(self.sums / self.weights * doubt, LEAST_DISPERSION)

    def learn(self, figures: np.ndarray, expected: Expected) -> None:
        """Takes in how far the figures of a period lay from what was expected.

        Each squared distance is capped at nine variances, and weighs by what it can
        tell: small counts say little of over-dispersion.
        """
        is_seen = ~np.isnan(figures) & (expected.seen >= _NEW_LEVEL)
        mean = np.where(is_seen, np.maximum(expected.mean, 1e-6), 1.0)
        square = np.where(is_seen, figures - mean, 0.0) ** 2
        square = np.minimum(square, 9 * expected.variance())
        beyond = square / mean**2 - 1 / mean - expected.known_spread
        reach = _PRIOR_DISPERSION * mean
        weight = np.where(is_seen, (reach / (1 + reach)) ** 2, 0.0)
        self.sums += (weight * beyond / expected.repeat).sum(axis=0)
        self.weights += weight.sum(axis=0)


@dataclass(frozen=True)
class Expected:
    """What a period was expected to bring, unit x measure.

    spread: relative variance beside the chance of a count; known_spread is its part
    that does not come from over-dispersion, repeat the factor on the other part (the
    own past is over-dispersed too). seen: own periods behind it; peers: like units.
    """

    mean: np.ndarray
    spread: np.ndarray
    known_spread: np.ndarray
    repeat: np.ndarray
    factor: np.ndarray
    seen: np.ndarray
    peers: np.ndarray

    def variance(self) -> np.ndarray:
        """Variance of the figure to come."""
        return self.mean + self.mean**2 * self.spread


def expect(figures: np.ndarray, memory: Memory, dispersion: np.ndarray) -> Expected:
    """What the past and the peers' figures of this period make of every unit's own."""
    is_past = memory.seen > 0
    exposure = np.where(is_past, memory.exposure, 1.0)
    usual = _mean_of(memory.cases / exposure, is_past)
    own_exposure = OWN_SHAPE / np.maximum(usual, 0.5)
    rate = (memory.cases + OWN_SHAPE) / (memory.exposure + own_exposure)
    repeat = 1 + 1 / np.where(is_past, memory.weight, 1.0)
    own_spread = 1 / (memory.cases + OWN_SHAPE)
    peers: Peers = peers_of(
        figures, np.where(is_past, rate, np.nan), own_spread + dispersion * repeat
    )
    base = np.where(is_past, exposure / np.where(is_past, memory.weight, 1.0), np.nan)
    factor, doubt = peers.factor(base)
    known_spread = own_spread + doubt
    return Expected(
        mean=rate * factor,
        spread=dispersion * repeat + known_spread,
        known_spread=known_spread,
        repeat=repeat,
        factor=factor,
        seen=memory.seen.copy(),
        peers=peers.number,
    )


def take_in(
    memory: Memory, figures: np.ndarray, expected: Expected, keep: np.ndarray
) -> None:
    """Adds a period to the memory; `keep` per measure says how fast the past fades."""
    is_new = ~np.isnan(figures)
    is_past = is_new & (memory.seen > 0)
    deviation = np.sqrt(expected.variance())
    high = expected.mean + _CAP_HIGH * deviation + 1
    low = np.maximum(expected.mean - _CAP_LOW * deviation, 0)
    value = np.where(is_new, figures, 0.0)
    side = np.where(is_past, (value > high) * 1.0 - (value < low) * 1.0, 0.0)
    run = np.where(side * memory.run > 0, memory.run + side, side)
    is_anew = np.abs(run) >= _NEW_LEVEL
    capped = np.where(is_past, np.clip(value, low, high), value)
    kept = {
        "cases": np.where(is_anew, memory.last, memory.cases),
        "exposure": np.where(is_anew, memory.last_factor, memory.exposure),
        "weight": np.where(is_anew, 1.0, memory.weight),
        "seen": np.where(is_anew, 1.0, memory.seen),
    }
    after = {
        "cases": keep * kept["cases"] + np.where(is_anew, value, capped),
        "exposure": keep * kept["exposure"] + expected.factor,
        "weight": keep * kept["weight"] + 1,
        "seen": kept["seen"] + 1,
        "run": np.where(is_anew, 0.0, run),
        "last": value,
        "last_factor": expected.factor,
    }
    for name, changed in after.items():
        np.copyto(getattr(memory, name), changed, where=is_new)


def _mean_of(values: np.ndarray, is_counted: np.ndarray) -> np.ndarray:
    """Mean per measure over the units that count; 0 where none does."""
    number = is_counted.sum(axis=0)
    total = np.where(is_counted, values, 0.0).sum(axis=0)
    return total / np.maximum(number, 1)
