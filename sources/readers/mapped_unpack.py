"""Mapped unpack: a column whose texts pack several keys, as columns of their own.

The parts that the map names stand to the right of the table, so that all other cells
keep their places; the packed column itself goes.
"""

from __future__ import annotations

import numpy as np

from sources.programme.model import TableMap
from sources.readers.grid import SheetCells
from sources.readers.mapped_table import find_column, is_named
from sources.readers.rejections import Rejected
from sources.readers.sheet_facts import address
from sources.readers.texts import fold

_AXIS = "\\"
"""Between the last key of the rows and what the columns are: `geo\\TIME_PERIOD`."""


def unpack_columns(sheet: SheetCells, table_map: TableMap) -> SheetCells:
    """The sheet with one column per part of the packed one; as it is without `unpack`.

    A record that is torn elsewhere too has the whole text as every part, so that it is
    not empty and the reader sees it.

    Raises:
        Rejected: no such column, or a text with more or fewer parts than its header.
    """
    unpack = table_map.unpack
    if unpack is None:
        return sheet
    header_row = table_map.header_row - 1
    packed = find_column(sheet, table_map, unpack.column)
    rows, columns = np.array(sheet["rows"]), np.array(sheet["columns"])
    is_key = (columns == packed) & (rows >= table_map.first_row - 1)
    is_head = (columns == packed) & (rows == header_row)
    texts = np.array(sheet["texts"], dtype=object)
    separator = unpack.separator
    heads = [
        fold(head).partition(_AXIS)[0] for head in texts[is_head][0].split(separator)
    ]
    key_rows = rows[is_key].tolist()
    keys = [text.split(separator) for text in texts[is_key]]
    wrong = [
        row
        for row, parts in zip(key_rows, keys, strict=True)
        if len(parts) != len(heads)
    ]
    widths = sheet["widths"]
    whole = [row for row in wrong if not widths or widths[row] == widths[header_row]]
    if whole:
        raise _wrong_parts(sheet, whole, packed, heads)
    keys = [
        parts if len(parts) == len(heads) else [separator.join(parts)] * len(heads)
        for parts in keys
    ]
    named = [place for place, head in enumerate(heads) if is_named(head, table_map)]
    fresh = [
        (row, column, fold(parts[place]))
        for row, parts in [(header_row, heads), *zip(key_rows, keys, strict=True)]
        for column, place in enumerate(named, start=int(columns.max()) + 1)
    ]
    kept = np.flatnonzero(~(is_key | is_head))
    unpacked = sheet.copy()
    unpacked["rows"] = rows[kept].tolist() + [row for row, _, _ in fresh]
    unpacked["columns"] = columns[kept].tolist() + [column for _, column, _ in fresh]
    kinds = np.array(list(sheet["kinds"]), dtype=object)[kept]
    unpacked["kinds"] = "".join(kinds) + "s" * len(fresh)
    unpacked["texts"] = texts[kept].tolist() + [text for _, _, text in fresh]
    return unpacked


def _wrong_parts(
    sheet: SheetCells, rows: list[int], packed: int, heads: list[str]
) -> Rejected:
    names = ", ".join(map(repr, heads))
    shown = ", ".join(address(row, packed) for row in rows[:10])
    return Rejected(
        "X_COLUMNS",
        f"{len(rows)} keys do not have the parts {names} ({shown})",
        sheet["name"],
        address(rows[0], packed),
        detail_vi=f"{len(rows)} khóa không đủ các phần {names} ({shown})",
    )
