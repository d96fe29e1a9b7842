"""Random streams: one per seed and purpose, so that no draw depends on another's."""

from __future__ import annotations

import zlib

import numpy as np


def stream(seed: int, *purpose: str) -> np.random.Generator:
    """A generator that depends on the seed and the words of its purpose only."""
    words = [zlib.crc32(word.encode()) for word in purpose]
    return np.random.default_rng(np.random.SeedSequence([seed, *words]))
