"""Unit proposals: units whose names look like a foreign one, for a person to choose.

Names are compared with their accents, wherever the tone mark stands (Hoà, Hòa). That
they agree without accents is a hint at most: Cẩm Giàng and Cẩm Giang are two places.
"""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections import Counter
from collections.abc import Collection, Mapping
from typing import NamedTuple

import numpy as np

from sources.programme.model import Programme, UnitVersion
from sources.readers.encodings import TONES
from sources.readers.texts import fold, fold_case

MOST = 5
_LEAST_SCORE, _GOOD_SCORE = 55.0, 80.0
_WEIGHT_OF_WORDS = 0.7
"""Of the score: whether the words are the same; the rest is the whole text."""
_WEIGHT_OF_OWN = 0.9
"""Of the score: the names without their heads (Xã, Công an huyện); the rest: whole."""
_FEWEST_NAMES, _LEAST_SHARE, _LONGEST_HEAD = 3, 0.1, 4


class Proposal(NamedTuple):
    """One unit that a name may mean; `score` 100 is the same spelling.

    `is_alive`: on the last day of one of the file's periods. `collides_with`: other
    units whose names agree with it once accents are left out, or altogether.
    """

    unit_code: str
    name_vi: str
    parent_name: str
    score: int
    is_alive: bool
    collides_with: tuple[str, ...]


def toned(text: str) -> str:
    """The text folded for comparing, each word's tone mark after its letters."""
    words = unicodedata.normalize("NFD", fold_case(text)).split(" ")
    return " ".join(
        "".join(sign for sign in word if sign not in TONES)
        + "".join(sign for sign in word if sign in TONES)
        for word in words
    )


def bare(text: str) -> str:
    """The text folded, without any accent."""
    plain = unicodedata.normalize("NFD", fold_case(text).replace("đ", "d"))
    return "".join(sign for sign in plain if unicodedata.category(sign) != "Mn")


def propose_units(
    programme: Programme, names: Mapping[str, Collection[dt.date]]
) -> dict[str, list[Proposal]]:
    """The nearest units per name, best first; `names` gives each the file's last days.

    Of those that look much alike, units alive on one of these days come first, then the
    others: a name of old may stand in a new file. Every spelling counts that the
    programme has: names of all versions, names decided on, texts of maps.
    """
    from rapidfuzz import fuzz, process

    spelled = _spellings(programme)
    codes = np.array([code for _, code in spelled], dtype=object)
    texts = [toned(text) for text, _ in spelled]
    words = [f" {bare(text)} " for text, _ in spelled]
    wanted = [toned(name) for name in names]

    def alike(ours: list[str], theirs: list[str]) -> np.ndarray:
        same = process.cdist(ours, theirs, scorer=fuzz.ratio)
        by_words = process.cdist(ours, theirs, scorer=fuzz.token_set_ratio)
        found: np.ndarray = _WEIGHT_OF_WORDS * by_words + (1 - _WEIGHT_OF_WORDS) * same
        return found

    heads = _heads(texts) | _heads(wanted)
    own = alike([_own(t, heads) for t in wanted], [_own(t, heads) for t in texts])
    scores = _WEIGHT_OF_OWN * own + (1 - _WEIGHT_OF_OWN) * alike(wanted, texts)
    units = _Units(programme)
    return {
        name: _best(units, codes, row, _alike(name, words), days)
        for (name, days), row in zip(names.items(), scores, strict=True)
    }


def _heads(texts: Collection[str]) -> set[str]:
    """First words that many of the names share: they say what a unit is, not which."""
    counts = Counter(
        " ".join(words[:count])
        for words in (text.split() for text in set(texts))
        for count in range(1, min(_LONGEST_HEAD, len(words) - 1) + 1)
    )
    fewest = max(_FEWEST_NAMES, _LEAST_SHARE * len(set(texts)))
    return {head for head, count in counts.items() if count >= fewest}


def _own(text: str, heads: set[str]) -> str:
    """The name without its longest head; there is always something left."""
    words = text.split()
    for count in range(min(_LONGEST_HEAD, len(words) - 1), 0, -1):
        if " ".join(words[:count]) in heads:
            return " ".join(words[count:])
    return text


class _Units:
    """Versions by code, and the name to show of each."""

    def __init__(self, programme: Programme) -> None:
        self.versions: dict[str, list[UnitVersion]] = {}
        for unit in sorted(programme.units, key=lambda unit: unit.valid_from):
            self.versions.setdefault(unit.unit_code, []).append(unit)

    def shown(self, code: str) -> tuple[str, str]:
        """Its newest name, and that of the unit above it."""
        unit = self.versions[code][-1]
        above = self.versions.get(unit.parent_unit_code or "")
        return unit.name_vi, above[-1].name_vi if above else ""

    def is_alive(self, code: str, days: Collection[dt.date]) -> bool:
        """True where a version holds on one of the days, or no day is known."""
        return not days or any(
            unit.valid_from <= day < (unit.valid_to or dt.date.max)
            for unit in self.versions[code]
            for day in days
        )


def _spellings(programme: Programme) -> list[tuple[str, str]]:
    """Text and unit code of every spelling that means one unit."""
    known = {unit.unit_code for unit in programme.units}
    found = [
        (text, unit.unit_code)
        for unit in programme.units
        for text in (unit.name_vi, unit.name_en)
    ]
    found += [(name.name, name.unit_code or "") for name in programme.unit_names]
    found += [
        (text, code)
        for source in programme.sources
        for table_map in source.maps
        for text, code in table_map.units.items()
    ]
    pairs = dict.fromkeys((fold(text), code) for text, code in found)
    return [(text, code) for text, code in pairs if code in known]


def _alike(name: str, words: list[str]) -> np.ndarray:
    """True for spellings that are the name, hold it or lie in it, accents left out.

    One word alone lies in too many names to say anything.
    """
    own = f" {bare(name)} "
    return np.array([_is_alike(own, text) for text in words], dtype=bool)


def _is_alike(one: str, other: str) -> bool:
    shorter, longer = sorted((one, other), key=len)
    return shorter == longer or (" " in shorter.strip() and shorter in longer)


def _best(
    units: _Units,
    codes: np.ndarray,
    scores: np.ndarray,
    is_alike: np.ndarray,
    days: Collection[dt.date],
) -> list[Proposal]:
    alike = set(codes[is_alike])
    near = (scores >= _LEAST_SCORE) | is_alike
    best: dict[str, float] = {}
    for code, score in zip(codes[near], scores[near], strict=True):
        best[code] = max(best.get(code, 0.0), float(score))

    def order(code: str) -> tuple[bool, bool, float, str]:
        is_weak = best[code] < _GOOD_SCORE
        return is_weak, not units.is_alive(code, days), -best[code], code

    ranked = sorted(best, key=order)
    return [
        Proposal(
            code,
            *units.shown(code),
            score=int(best[code]),
            is_alive=units.is_alive(code, days),
            collides_with=tuple(sorted(alike - {code})) if code in alike else (),
        )
        for code in ranked[:MOST]
    ]
