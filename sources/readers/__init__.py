"""Readers: from bytes that anyone may have sent to submissions and observations.

Belongs here: inspecting a workbook before anything parses it (`inspection`, one file
of facts per kind); reading its cells, the short way for workbooks written as usual
(`plain_workbook`), else the long one (`grid`), in limited worker processes (`worker`);
text formats (`delimited`, `json_rows`) and bundles of pages (`bundles`); the number and
text rules and the personal-data guard; one reader per layout: our template, foreign
tables by a map (`mapped`: one figure per cell, long or wide), long CSV. Decisions that
maintainers took about a delivery or a unit's name are applied as it is read
(`assigned`, `mapped_units`); nearest units are proposed for them (`unit_proposals`).
Does not belong here: whether a value may enter (`expectations`), keeping anything
(`warehouse`), fetching files (`sources.connectors`), what the simulator writes.

Importing this package loads no data frames: worker processes import it too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sources.readers.reading import ReadJob, ReadResult, read_deliveries

__all__ = ["ReadJob", "ReadResult", "read_deliveries"]


def __getattr__(name: str) -> object:
    """The public names, loaded on first use."""
    if name in __all__:
        from sources.readers import reading

        return getattr(reading, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
