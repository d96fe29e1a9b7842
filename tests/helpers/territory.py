"""Who stands for whom on a day, walked one unit at a time: the rules read aloud.

Slow, exact (fractions) and apart from `sources.programme.restatement`, which it checks.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from fractions import Fraction

from sources.programme.model import OPEN_END, Programme, Succession, UnitVersion

ONE_DAY = dt.timedelta(days=1)
Shares = dict[str, Fraction]


class Territory:
    """The units of a programme as people would look them up."""

    def __init__(self, programme: Programme) -> None:
        self.versions: dict[str, list[UnitVersion]] = defaultdict(list)
        for unit in sorted(programme.units, key=lambda u: u.valid_from):
            self.versions[unit.unit_code].append(unit)
        self.out: dict[str, list[Succession]] = defaultdict(list)
        self.into: dict[str, list[Succession]] = defaultdict(list)
        for link in programme.successions:
            if link.to_unit_code is not None:
                self.out[link.from_unit_code].append(link)
                self.into[link.to_unit_code].append(link)
        self.first_day = min(unit.valid_from for unit in programme.units)

    def born(self, code: str) -> dt.date:
        return self.versions[code][0].valid_from

    def ended(self, code: str) -> dt.date:
        return self.versions[code][-1].valid_to or OPEN_END

    def is_alive(self, code: str, day: dt.date) -> bool:
        return self.born(code) <= day < self.ended(code)

    def above(self, code: str, day: dt.date) -> list[str]:
        """The unit itself and all above it on a day on which it lives."""
        chain: list[str] = []
        step: str | None = code
        while step is not None:
            chain.append(step)
            version = next(v for v in self.versions[step] if v.holds_on(day))
            step = version.parent_unit_code
        return chain

    def stands_for(self, code: str, reported: dt.date, boundary: dt.date) -> Shares:
        """Where a figure that the unit reported on a day goes on another day."""
        if boundary < reported:
            return self._back(code, reported, boundary)
        if self.is_alive(code, boundary):
            return {code: Fraction(1)}
        end = self.ended(code)
        parts = [
            (str(link.to_unit_code), Fraction(link.share), end)
            for link in self.out[code]
        ]
        if not parts:
            parent = self.versions[code][-1].parent_unit_code
            assert parent is not None
            parts = [(parent, Fraction(1), end - ONE_DAY)]
        return self._added(parts, boundary)

    def _back(self, code: str, reported: dt.date, boundary: dt.date) -> Shares:
        turns = {
            link.effective_date
            for link in self._gains(code)
            if boundary < link.effective_date <= reported
        }
        if boundary < self.born(code):
            turns.add(self.born(code))
        if not turns:
            return {code: Fraction(1)}
        day = max(turns)
        before = day - ONE_DAY
        gains = [link for link in self._gains(code) if link.effective_date == day]
        if not gains:
            parent = self.versions[code][0].parent_unit_code
            assert parent is not None
            since = before if self.born(parent) < day else day
            return self._added([(parent, Fraction(1), since)], boundary)
        weights = self._weights(gains, self.born(code) < day)
        names = [link.from_unit_code for link in gains] + [code]
        whole = sum(weights)
        return self._added(
            [
                (name, weight / whole, before)
                for name, weight in zip(names, weights, strict=False)
            ],
            boundary,
        )

    def _gains(self, code: str) -> list[Succession]:
        """Links that brought territory: not from units that stood below already."""
        return [
            link
            for link in self.into[code]
            if code
            not in self.above(link.from_unit_code, link.effective_date - ONE_DAY)
        ]

    @staticmethod
    def _weights(gains: list[Succession], lived_before: bool) -> list[Fraction]:
        shares = [Fraction(link.share) for link in gains]
        if lived_before:
            return [*shares, Fraction(1)]
        for column in ("population", "area_km2"):
            figures = [getattr(link, column) for link in gains]
            if None not in figures and any(figures):
                return [Fraction(figure) for figure in figures]
        return shares if any(shares) else [Fraction(1)] * len(gains)

    def _added(
        self, parts: list[tuple[str, Fraction, dt.date]], boundary: dt.date
    ) -> Shares:
        found: Shares = defaultdict(Fraction)
        for code, share, day in parts:
            if share:
                for to, part in self.stands_for(code, day, boundary).items():
                    found[to] += share * part
        return dict(found)
