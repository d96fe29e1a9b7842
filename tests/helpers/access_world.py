"""Random territories, and who reaches what in them by definition, year by year."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

Version = tuple[int, int]
"""A unit and the number of its version."""

YEARS = 9
_ENDS = {2: 8, 3: 5, 4: 5, 5: 7, 6: 7}
"""Units that may end, and the year in which they do."""
_HEIRS = {2: [1], 3: [5, 6, 7, 8], 4: [5, 7, 8, 9], 5: [7, 8, 9], 6: [7, 8, 9]}


@st.composite
def territories(draw: Callable[[Any], Any]) -> World:
    """Root 0, districts 1 and 2, communes 3 to 9: some move in year 4 or 6, some end
    and go whole or in parts to others or to nobody."""
    parents: dict[int, list[int]] = {0: [], 1: [0], 2: [0]}
    district = st.sampled_from([1, 2, 1, 2, 0])
    for unit in range(3, 10):
        parents[unit] = draw(st.lists(district, min_size=1, max_size=2))
    heirs: dict[int, dict[int | None, bool]] = {}
    for unit, choices in _HEIRS.items():
        parts = st.dictionaries(
            st.sampled_from([*choices, *choices, None]), st.booleans(), max_size=2
        )
        if found := draw(parts):
            heirs[unit] = found
    mapped = draw(st.sets(st.sampled_from([1, 2, 5, 7, 8]), min_size=1, max_size=2))
    totals = draw(st.sets(st.integers(0, 9), max_size=2)) - mapped
    return World(parents, heirs, mapped, totals)


class World:
    """A territory as plain facts; `heirs` says whether each part had a share."""

    def __init__(
        self,
        parents: dict[int, list[int]],
        heirs: dict[int, dict[int | None, bool]],
        mapped: set[int],
        totals: set[int],
    ) -> None:
        self.heirs, self.mapped, self.totals = heirs, mapped, totals
        self.versions: dict[Version, tuple[int | None, int, int]] = {}
        for unit, over in parents.items():
            end = self.end_of(unit)
            starts = [0, 6 if unit == 8 else 4][: max(1, len(over))]
            for version, start in enumerate(starts):
                stop = starts[version + 1] if version + 1 < len(starts) else end
                parent = over[version] if over else None
                self.versions[unit, version] = (parent, start, stop)

    def __repr__(self) -> str:
        return f"World({self.versions}, {self.heirs}, {self.mapped}, {self.totals})"

    def end_of(self, unit: int) -> int:
        """The year in which it is no longer there."""
        return _ENDS[unit] if unit in self.heirs else YEARS

    def alive(self, unit: int, year: int) -> Version | None:
        """The version of that year."""
        for key, (_, start, stop) in self.versions.items():
            if key[0] == unit and start <= year < stop:
                return key
        return None

    def years_below(self, key: Version) -> dict[Version, set[int]]:
        """Ancestor version, itself included, to the years in which it was above."""
        below: dict[Version, set[int]] = {}
        _, start, stop = self.versions[key]
        for year in range(start, stop):
            here: Version | None = key
            while here is not None:
                below.setdefault(here, set()).add(year)
                parent = self.versions[here][0]
                here = None if parent is None else self.alive(parent, year)
        return below

    def branch(self) -> set[Version]:
        """The versions in reach: units taken in one by one until none is left."""
        whole = set(self.mapped)
        while True:
            seen = {
                key
                for key in self.versions
                if whole & {unit for unit, _ in self.years_below(key)}
            }
            taken = {old for old in self.heirs if self.is_absorbed(old, seen)} - whole
            if not taken:
                return seen
            whole.add(min(taken))

    def is_absorbed(self, old: int, seen: set[Version]) -> bool:
        """True where every part of it that counts went to a unit in reach."""
        parts = [
            new for new, shared in self.heirs[old].items() if shared or new is None
        ]
        day = self.end_of(old)
        return bool(parts) and all(
            new is not None and self.alive(new, day) in seen for new in parts
        )
