"""Peers: how the units of one level fared in a period against their own rates.

Shape of every array: unit x measure.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

USUAL_SWING = 0.3
"""How far a season or a trend usually moves a measure; with peers that say less than
that the factor is drawn towards the unit's own average."""
FEWEST_PEERS = 3
"""With fewer, one slip among them passes for a season: the unit's own past must do."""
_CAP = 2.5
_ROUNDS = 3


@dataclass(frozen=True)
class Peers:
    """What the others say, own figure left out.

    ratio: their figures against their rates; doubt: relative variance of that ratio,
    infinite without enough peers; number: how many they are, 0 when too few; common:
    the ratio of all of them per measure, 1 where there are none.
    """

    ratio: np.ndarray
    doubt: np.ndarray
    number: np.ndarray
    common: np.ndarray

    def factor(self, base: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The factor on each unit's rate, and its relative variance.

        `base` is the unit's own average factor, NaN for a unit without a past, which
        takes the common one.
        """
        trust = USUAL_SWING**2 / (USUAL_SWING**2 + self.doubt)
        trust = np.where(np.isnan(base), 1.0, trust)
        own = np.where(np.isnan(base), self.common, base)
        factor = own + trust * (np.where(trust > 0, self.ratio, own) - own)
        factor = np.where(np.isnan(base), self.common, factor)
        return np.maximum(factor, 1e-6), USUAL_SWING**2 * (1 - trust)


def peers_of(figures: np.ndarray, rate: np.ndarray, spread: np.ndarray) -> Peers:
    """What each unit's peers say; `rate` is NaN where a unit has no past.

    The ratio starts from a median, so no slip moves it, and is then a ratio of sums of
    figures capped around it, so small counts are used in full.
    """
    is_peer = ~np.isnan(figures) & ~np.isnan(rate)
    value, weight = (np.where(is_peer, x, 0.0) for x in (figures, rate))
    common = np.ones(figures.shape[1])
    is_asked = is_peer.any(axis=0)
    with np.errstate(invalid="ignore"):
        start = (figures + 0.5) / (rate + 0.5)
    start = np.where(is_peer, start, np.nan)[:, is_asked]
    common[is_asked] = np.nanmedian(start, axis=0)
    total = weight.sum(axis=0)
    capped = value
    for _ in range(_ROUNDS):
        mean = weight * common
        reach = _CAP * np.sqrt(mean + mean**2 * spread)
        capped = np.where(is_peer, np.clip(value, mean - reach, mean + reach + 1), 0.0)
        common = np.where(is_asked, capped.sum(axis=0) / np.maximum(total, 1e-9), 1.0)
    mean = weight * common
    variance = np.where(is_peer, mean + mean**2 * spread, 0.0)
    others = np.maximum(total - weight, 0.0)
    number = is_peer.sum(axis=0) - is_peer
    is_told = (number >= FEWEST_PEERS) & (others > 0)
    number = np.where(is_told, number, 0)
    safe = np.where(is_told, others, 1.0)
    ratio = np.where(is_told, (capped.sum(axis=0) - capped) / safe, 1.0)
    ratio = np.maximum(ratio, 1e-6)
    mean_of_others = np.maximum(safe * common, 1e-9)
    doubt = np.where(
        is_told,
        np.maximum(variance.sum(axis=0) - variance, 0.0) / mean_of_others**2,
        np.inf,
    )
    return Peers(ratio, doubt, number, np.maximum(common, 1e-6))
