"""Mapped units: what the texts of a foreign table's column of units stand for.

Only what a person wrote down: codes, the map of the source, decided names. A text that
none of them knows is reported and its rows are left out, however near a unit it looks.
"""

from __future__ import annotations

import pandas as pd

from sources.programme.model import Programme, Source, TableMap
from sources.readers.texts import fold

UNKNOWN_UNIT_NAME = "R_UNKNOWN_UNIT_NAME"
"""Rule of a text that nobody decided on; it becomes known by `units match`."""
UNKNOWN_COLUMNS = ("delivery_sha256", "name", "period_key", "row_count")


def unit_codes(
    programme: Programme, source: Source, table_map: TableMap
) -> dict[str, str | None]:
    """The unit's code per folded text; None for texts whose rows are passed over.

    A unit's own code means that unit unless the map itself says otherwise; names that
    people decided on come last, and never take a text that is a code or in the map.
    """
    decided = {
        fold(name.name): name.unit_code
        for name in programme.unit_names
        if name.source_code == source.code
    }
    own = {unit.unit_code: unit.unit_code for unit in programme.units}
    mapped = {fold(name): code for name, code in table_map.units.items()}
    passed = {fold(name): None for name in table_map.ignore_units}
    return {**decided, **own, **mapped, **passed}


def passed_over(codes: dict[str, str | None]) -> set[str]:
    """The texts whose rows are of no unit."""
    return {text for text, code in codes.items() if code is None}


def unknown_names(
    delivery_sha256: str, names: pd.Series, period_keys: pd.Series
) -> pd.DataFrame:
    """One row per name that nobody decided on and period (`UNKNOWN_COLUMNS`)."""
    rows = pd.DataFrame({"name": names, "period_key": period_keys}).astype("object")
    rows = rows[rows["name"].ne("")]
    counts = rows.groupby(["name", "period_key"], dropna=False, sort=False).size()
    found = counts.rename("row_count").reset_index().astype({"period_key": "object"})
    found = found.assign(
        delivery_sha256=delivery_sha256,
        period_key=found.period_key.where(found.period_key.notna(), None),
    )
    return found[list(UNKNOWN_COLUMNS)]
