"""Readers: from bytes that anyone may have sent to submissions and observations.

Belongs here: inspecting a file before anything parses it, reading its raw cells in
limited worker processes (workbooks, delimited text, JSON, bundles of pages), the number
and text rules, the personal-data guard, and one reader per layout (our template, mapped
foreign tables, long CSV).
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
