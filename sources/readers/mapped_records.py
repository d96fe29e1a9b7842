"""Mapped records: whether records that name their own fields all name the same ones."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from sources.readers.grid import SheetCells
from sources.readers.mapped_table import FoundColumns
from sources.readers.rejections import Rejected


def check_records(sheet: SheetCells, columns: FoundColumns) -> None:
    """Refuses records that call a field of the map by another name.

    Such a record lacks the field and has one that no whole record has. A record that
    only lacks a field is a row with an empty cell, for the reader to judge.

    Raises:
        Rejected: the first such record, what it should have and what it has.
    """
    if not sheet.get("is_records"):
        return
    rows, places = np.array(sheet["rows"]), np.array(sheet["columns"])
    wanted = np.array(sorted(columns.roles.values()))
    is_wanted = np.isin(places, wanted)
    is_whole = np.bincount(rows[is_wanted], minlength=rows.max() + 1) == len(wanted)
    is_whole[0] = False
    usual = np.union1d(places[is_whole[rows]], wanted)
    strange = (rows > 0) & ~is_whole[rows] & ~np.isin(places, usual)
    if not strange.any():
        return
    row = int(rows[strange].min())
    lacking = np.setdiff1d(wanted, places[rows == row])
    expected = _named(sheet, lacking)
    holds = _named(sheet, places[strange & (rows == row)])
    raise Rejected(
        "X_COLUMNS",
        f"record {row}: missing {expected}; found {holds} instead",
        sheet["name"],
        f"A{row + 1}",
        detail_vi=f"bản ghi {row}: thiếu {expected}; thay vào đó có {holds}",
    )


def _named(sheet: SheetCells, columns: Iterable[int]) -> str:
    return ", ".join(repr(sheet["texts"][column]) for column in columns)
