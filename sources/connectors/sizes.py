"""Sizes: how much one delivery may hold, so that its own reader takes it.

Counted as the readers of bundles count: filled cells and inflated bytes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from sources.connectors.errors import SourceError
from sources.readers.limits import DEFAULT_LIMITS

_KEY = re.compile(rb'"\s*:')


@dataclass(frozen=True)
class Size:
    """What a delivery asks of its reader: rows, cells, inflated bytes."""

    rows: int = 0
    cells: int = 0
    content_bytes: int = 0

    def __add__(self, other: Size) -> Size:
        return Size(
            self.rows + other.rows,
            self.cells + other.cells,
            self.content_bytes + other.content_bytes,
        )

    @property
    def share(self) -> float:
        """Of what one delivery should hold, half of what a reader takes; above 1 it is
        to be split where that can be."""
        limits = DEFAULT_LIMITS
        most = min(limits.file_bytes, limits.part_bytes, limits.total_bytes)
        return 2 * max(self.cells / limits.cells, self.content_bytes / most)

    def check(self, where: str, remedy: str) -> None:
        """Refuses what no reader would take.

        Raises:
            SourceError: says where, how much it is, and `remedy`.
        """
        limits = DEFAULT_LIMITS
        for found, most, unit in (
            (self.cells, limits.cells, "cells"),
            (self.content_bytes, limits.total_bytes, "bytes"),
        ):
            if found > most:
                raise _too_much(where, f"{found:,} {unit}", f"{most:,}", remedy)


def size_of(content: bytes, kind: str, rows: int, delimiter: str = ",") -> Size:
    """The size of one page, `kind` json or csv, with that many records."""
    filled = _KEY
    if kind == "csv":
        sign = re.escape(delimiter.encode())
        filled = re.compile(b"[^%s\r\n][%s\r\n]" % (sign, sign))
    cells = sum(1 for _ in filled.finditer(content))
    return Size(rows, cells, len(content))


def check_packed(content: bytes, where: str, remedy: str) -> None:
    """Refuses a bundle that is too long a file.

    Raises:
        SourceError: says where, how much it is, and `remedy`.
    """
    if len(content) > (most := DEFAULT_LIMITS.file_bytes):
        found = f"{len(content):,} bytes packed"
        raise _too_much(where, found, f"{most:,}", remedy)


def _too_much(where: str, found: str, most: str, remedy: str) -> SourceError:
    return SourceError(
        f"{where}: {found} for one delivery, of which a reader takes {most}. Nothing of"
        f" this pull was recorded. {remedy}"
    )
