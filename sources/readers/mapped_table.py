"""Mapped table: one foreign sheet as columns that its map names, before any meaning."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from sources.programme.model import ColumnMap, TableMap
from sources.readers.grid import SheetCells
from sources.readers.rejections import Rejected
from sources.readers.sheet_facts import address, column_letters
from sources.readers.texts import fold


class Table(NamedTuple):
    """Rows of one sheet: `row` from 0, texts of the named columns, and per column of
    values `kind_<n>` and `text_<n>`; `letters` are the latter's columns, `role_letters`
    the others'. Of a molten table `letter` is the column of each row's only value."""

    sheet: str
    rows: pd.DataFrame
    letters: list[str]
    role_letters: dict[str, str]

    def value_cells(self, rows: pd.DataFrame) -> pd.Series:
        """Address of the (first) value of each of the table's rows given."""
        letters = rows["letter"] if "letter" in rows else self.letters[0]
        return letters + (rows["row"] + 1).astype(str)


class FoundColumns(NamedTuple):
    """Column numbers from 0: by role, and those that hold values in the map's order."""

    roles: dict[str, int]
    values: list[int]


def pick_sheet(sheets: Sequence[SheetCells], table_map: TableMap) -> SheetCells:
    """The named sheet, or the first visible one; a hidden sheet is never read.

    Raises:
        Rejected: there is no such sheet, or it is hidden.
    """
    visible = [sheet for sheet in sheets if sheet["state"] == "visible"]
    if table_map.sheet is None:
        if not visible:
            raise Rejected("X_HIDDEN", "*")
        return visible[0]
    wanted = fold(table_map.sheet)
    found = next((sheet for sheet in sheets if fold(sheet["name"]) == wanted), None)
    if found is None:
        names = ", ".join(repr(sheet["name"]) for sheet in sheets)
        raise Rejected(
            "X_NOSHEET",
            f"{table_map.sheet!r}; the file has {names}",
            detail_vi=f"{table_map.sheet!r}; tệp có {names}",
        )
    if found["state"] != "visible":
        raise Rejected("X_HIDDEN", found["name"], found["name"])
    return found


def header_texts(sheet: SheetCells, row: int) -> dict[int, str]:
    """The folded texts of one row (from 0) by column."""
    cells = zip(sheet["rows"], sheet["columns"], sheet["texts"], strict=True)
    return {column: fold(text) for r, column, text in cells if r == row}


def find_columns(
    sheet: SheetCells, table_map: TableMap, headers: dict[int, str] | None = None
) -> FoundColumns:
    """The columns that the map's header patterns find in the header row.

    Args:
        sheet: The sheet.
        table_map: The map.
        headers: Texts by column where they stand in several rows.

    Raises:
        Rejected: columns are missing or found twice; all of them are listed at once.
    """
    row = table_map.header_row - 1
    headers = header_texts(sheet, row) if headers is None else headers
    roles: dict[str, ColumnMap | None] = {
        "unit": table_map.unit_column,
        "period": table_map.period_column,
        "member": table_map.member_column,
        "label": table_map.member_label_column,
        "measure": table_map.measure_column,
        "status": table_map.status_column,
    }
    keys = enumerate(table_map.key_columns)
    roles |= {f"key_{no}": column for no, column in keys}
    missing, twice, found = [], [], {}
    wanted = {role: column for role, column in roles.items() if column is not None}
    wanted |= {f"value {no}": column for no, column in enumerate(_values(table_map))}
    for role, column_map in wanted.items():
        places = _matches(headers, column_map)
        if not places:
            missing.append(" | ".join(column_map.header))
        elif len(places) > 1:
            cells_twice = ", ".join(address(row, place) for place in places)
            twice.append(f"{' | '.join(column_map.header)} ({cells_twice})")
        else:
            found[role] = places[0]
    if missing or twice:
        raise _wrong_columns(sheet["name"], table_map, headers, missing, twice)
    values = [found.pop(f"value {no}") for no in range(len(_values(table_map)))]
    return FoundColumns(found, values)


def is_named(header: str, table_map: TableMap) -> bool:
    """True when the map has a column of this header."""
    named = (
        table_map.unit_column,
        table_map.period_column,
        table_map.member_column,
        table_map.member_label_column,
        table_map.measure_column,
        table_map.value_column,
        table_map.status_column,
        *table_map.key_columns,
        *table_map.measures,
    )
    return any(_matches({0: header}, column) for column in named if column is not None)


def find_column(sheet: SheetCells, table_map: TableMap, wanted: ColumnMap) -> int:
    """The one column, from 0, that a header pattern finds in the header row.

    Raises:
        Rejected: there is none, or more than one.
    """
    headers = header_texts(sheet, table_map.header_row - 1)
    places = _matches(headers, wanted)
    if len(places) != 1:
        title = [" | ".join(wanted.header)]
        missing, twice = ([], title) if places else (title, [])
        raise _wrong_columns(sheet["name"], table_map, headers, missing, twice)
    return places[0]


def _values(table_map: TableMap) -> Sequence[ColumnMap]:
    """The columns of values: one per measure, or the only one of a long table."""
    return (
        table_map.measures
        if table_map.value_column is None
        else (table_map.value_column,)
    )


def _matches(headers: dict[int, str], column_map: ColumnMap) -> list[int]:
    """Columns that the first fitting pattern finds; later patterns are alternatives."""
    for pattern in column_map.header:
        expression = re.compile(unicodedata.normalize("NFC", pattern), re.IGNORECASE)
        places = [
            c for c, text in sorted(headers.items()) if expression.fullmatch(text)
        ]
        if places:
            return places
    return []


def _wrong_columns(
    sheet: str,
    table_map: TableMap,
    headers: dict[int, str],
    missing: list[str],
    twice: list[str],
) -> Rejected:
    seen = ", ".join(repr(text) for _, text in sorted(headers.items())) or "-"
    row = table_map.header_row
    english = [f"missing {'; '.join(missing)}"] if missing else []
    english += [f"found twice {'; '.join(twice)}"] if twice else []
    vietnamese = [f"thiếu {'; '.join(missing)}"] if missing else []
    vietnamese += [f"bị lặp {'; '.join(twice)}"] if twice else []
    return Rejected(
        "X_COLUMNS",
        f"{'; '.join(english)}; row {row} holds {seen}",
        sheet,
        f"A{row}",
        detail_vi=f"{'; '.join(vietnamese)}; dòng {row} có {seen}",
    )


def sheet_table(sheet: SheetCells, columns: FoundColumns, first_row: int) -> Table:
    """The sheet's rows from `first_row` (from 0) on, as one frame."""
    rows = np.array(sheet["rows"], dtype="int64")
    places = np.array(sheet["columns"], dtype="int64")
    kinds = np.array(list(sheet["kinds"]), dtype=object)
    texts = np.array(sheet["texts"], dtype=object)
    count = max(int(rows.max(initial=-1)) + 1 - first_row, 0)

    def column(place: int, source: np.ndarray, empty: str) -> np.ndarray:
        values = np.full(count, empty, dtype=object)
        here = (places == place) & (rows >= first_row)
        values[rows[here] - first_row] = source[here]
        return values

    frame = {"row": np.arange(first_row, first_row + count)}
    frame |= {role: column(place, texts, "") for role, place in columns.roles.items()}
    for no, place in enumerate(columns.values):
        frame[f"kind_{no}"] = column(place, kinds, "s")
        frame[f"text_{no}"] = column(place, texts, "")
    letters = [column_letters(place) for place in columns.values]
    others = {role: column_letters(place) for role, place in columns.roles.items()}
    return Table(sheet["name"], pd.DataFrame(frame), letters, others)
