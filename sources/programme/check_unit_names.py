"""Checks of unit_names.csv: what people decided the names in a source's files mean.

Shape: adds to the list of problems it is given.
"""

from __future__ import annotations

from sources.programme.folding import fold
from sources.programme.model import Programme
from sources.programme.problems import ProblemList

Where = tuple[str | int, ...]


def check_unit_names(programme: Programme, found: ProblemList) -> None:
    """Sources and units exist; no name is decided twice, nor against a unit's code."""
    sources = {source.code: source for source in programme.sources}
    units = list(dict.fromkeys(unit.unit_code for unit in programme.units))
    seen: set[tuple[str, str]] = set()
    for index, entry in enumerate(programme.unit_names):
        where: Where = ("unit_names", index)
        owner = f"unit name '{entry.name}'"
        source = sources.get(entry.source_code)
        if source is None:
            found.add_unknown(
                where, f"{owner}, source", entry.source_code, list(sources)
            )
        elif source.reader != "mapped":
            message = f"{owner}: source {source.code} has no tables that name units"
            remedy = "name a source with the reader 'mapped', or remove the line"
            found.add(where, message, remedy)
        if entry.unit_code is not None and entry.unit_code not in units:
            found.add_unknown(where, f"{owner}, unit", entry.unit_code, units)
        name = fold(entry.name)
        if (entry.source_code, name) in seen:
            message = f"{owner} stands twice for source {entry.source_code}"
            found.add(where, message, "keep one of the lines")
        seen.add((entry.source_code, name))
        if name in units and name != entry.unit_code:
            message = f"{owner} is the code of a unit, and codes mean that unit"
            remedy = "remove the line; `units` of the map may say otherwise"
            found.add(where, message, remedy)
