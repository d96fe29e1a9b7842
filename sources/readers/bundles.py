"""Bundles: the pages of one pull, read as one sheet; see `sources.bundle`.

All pages are JSON documents, or all are CSV with the same header. What was asked
(`request.json`) is provenance and no data: it is not read.
"""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import Final

from sources.bundle import REQUEST
from sources.readers.container import Container
from sources.readers.delimited import Dialect, delimited_sheet
from sources.readers.grid import SheetCells, guard
from sources.readers.json_rows import json_sheet
from sources.readers.limits import Limits
from sources.readers.personal import find_in_text
from sources.readers.rejections import Rejected

_ZIP_MAGIC: Final = b"PK\x03\x04"
_NAME_AT = 30


def is_bundle(head: bytes) -> bool:
    """True when a file with these first bytes is a zip that begins with the request."""
    length = int.from_bytes(head[26:28], "little")
    is_named = head[_NAME_AT : _NAME_AT + length] == REQUEST.encode()
    return head.startswith(_ZIP_MAGIC) and is_named


def read_bundle(
    path: Path, records: str, dialect: Dialect, limits: Limits
) -> list[SheetCells]:
    """One entry: the records of all pages as one sheet without a name.

    Raises:
        Rejected: the zip or a page is refused, or holds personal data.
    """
    with (
        path.open("rb") as stream,
        Container(stream, limits, needed=(REQUEST,)) as container,
    ):
        names = [name for name in container.names.values() if name != REQUEST]
        for number, name in enumerate(names, 1):
            if what := find_in_text(name):
                raise Rejected(
                    "PERSONAL_DATA", f"tên trang/page name #{number} ({what})"
                )
        kinds = sorted({PurePosixPath(name).suffix.lower() for name in names})
        if kinds == [".json"]:
            pages = ((name, b"".join(container.chunks(name))) for name in names)
            sheet = json_sheet(pages, records, limits)
        elif kinds == [".csv"]:
            sheet = delimited_sheet(
                ((name, b"".join(container.chunks(name))) for name in names),
                dialect,
                limits,
            )
        else:
            found = ", ".join(kinds) or "-"
            raise Rejected(
                "X_BUNDLE",
                f"pages of {found}",
                detail_vi=f"các trang có dạng {found}",
            )
    guard([sheet], figures_are_text=kinds == [".csv"])
    return [sheet]
