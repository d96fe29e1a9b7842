"""What people decided of findings on the reports that cells come from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import duckdb

from warehouse.trace.figures import Cell, dicts

_WAIVED = """
select submission_id, indicator_code, source_cell, finding_id, rule_code, waived_by,
    waived_reason, waived_until
from marts.fct_finding
where waived_by is not null and submission_id in (select unnest($ids::varchar[]))
order by finding_id
"""


def add_waivers(
    connection: duckdb.DuckDBPyConnection, cells: Iterable[list[Cell]]
) -> None:
    """Puts into each cell, as `waived`, the waivers of findings on it or its report."""
    listed = [cell for some in cells for cell in some]
    ids = {cell["submission"] for cell in listed} - {None}
    waivers: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in dicts(connection.execute(_WAIVED, {"ids": list(ids)})):
        waivers[row.pop("submission_id")].append(row)
    for cell in listed:
        cell["waived"] = [
            {name: value for name, value in waiver.items() if name not in _ABOUT}
            for waiver in waivers.get(cell["submission"], ())
            if all(waiver[name] in (None, cell[own]) for name, own in _ABOUT.items())
        ]


_ABOUT = {"indicator_code": "measure_code", "source_cell": "cell"}
"""What a finding is about, and the key of the cell it must equal, where it says so."""
