"""Mapped wide tables: one column per period or measure, molten to one value per row.

What comes out is a long table whose rows keep the column of their value, so that each
figure and each fault has its own cell. Nothing is guessed from a header: the map's
pattern says what it means.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from typing import NamedTuple

import numpy as np
import pandas as pd

from sources.programme.model import Programme, TableMap, WideColumns
from sources.programme.periods import periods_of
from sources.readers.grid import SheetCells
from sources.readers.mapped_table import (
    FoundColumns,
    Table,
    find_columns,
    header_texts,
    sheet_table,
)
from sources.readers.rejections import Rejected
from sources.readers.sheet_facts import address
from sources.readers.text_columns import fold_column
from sources.readers.texts import first_of

PROVISIONAL = "provisional"


class _Heads(NamedTuple):
    """Columns of values from the left: number, what the header names, qualifier."""

    columns: list[int]
    texts: dict[str, list[str]]
    qualifiers: list[str | None]


def molten_table(sheet: SheetCells, table_map: TableMap, wide: WideColumns) -> Table:
    """One row per row and column of values, row by row; rows without values left out.

    Columns: `row` and the texts of the named columns as in the sheet, `measure` and
    `period` where headers or the map give them, `kind_0`, `text_0`, `letter` (the
    column of the value) and `qualifier`.

    Raises:
        Rejected: a named column is missing or found twice, no header is one of values,
            or one is not understood in a map that is exhaustive.
    """
    headers = _joined_headers(sheet, table_map.header_row - 1, wide.header_rows)
    roles = find_columns(sheet, table_map, headers).roles
    heads = _heads(sheet["name"], table_map, wide, headers, roles)
    found = FoundColumns(roles, heads.columns)
    table = sheet_table(sheet, found, table_map.first_row - 1)
    width = len(heads.columns)
    kinds = table.rows[[f"kind_{no}" for no in range(width)]].to_numpy()
    found_texts = table.rows[[f"text_{no}" for no in range(width)]]
    texts = found_texts.apply(fold_column).to_numpy()
    is_filled = (texts != "").any(axis=1)
    own = table.rows.loc[is_filled, ["row", *roles]]
    rows = own.loc[own.index.repeat(width)].reset_index(drop=True)
    tiled = {**heads.texts, "letter": table.letters, "qualifier": heads.qualifiers}
    for name, values in tiled.items():
        rows[name] = np.tile(np.array(values, dtype=object), len(own))
    if wide.measure is not None:
        rows["measure"] = wide.measure
    rows["kind_0"] = kinds[is_filled].ravel()
    rows["text_0"] = texts[is_filled].ravel()
    return Table(table.sheet, rows, table.letters, table.role_letters)


def speaks_of_a_living_unit(
    programme: Programme, submissions: pd.DataFrame, observations: pd.DataFrame
) -> pd.Series:
    """False per submission that holds marks alone, of a unit that does not exist.

    A unit exists in a period when one of its versions holds on the period's last day.
    """
    says = observations.observation_status.ne("missing") | observations.fault.notna()
    is_said = submissions.submission_id.isin(observations.submission_id[says])
    until = int(submissions.received_at.dt.year.max()) + 1
    periods = periods_of(programme, until)
    days = (periods.end_date - dt.timedelta(days=1)).to_numpy()
    last_days = submissions.period_key.map(
        dict(zip(periods.period_key, days, strict=True))
    )
    versions = pd.DataFrame(
        [(unit.unit_code, unit.valid_from, unit.valid_to) for unit in programme.units],
        columns=["unit_code", "valid_from", "valid_to"],
    )
    pairs = pd.DataFrame(
        {"at": submissions.index, "unit_code": submissions.unit_code, "day": last_days}
    ).merge(versions, on="unit_code")
    pairs = pairs[pairs.day.notna()]
    is_open = pairs.valid_to.isna()
    holds = (pairs.valid_from <= pairs.day) & (is_open | (pairs.valid_to > pairs.day))
    is_alive = submissions.index.isin(pairs["at"][holds])
    return is_said | is_alive | last_days.isna()


def _joined_headers(sheet: SheetCells, first: int, count: int) -> dict[int, str]:
    """Folded header texts by column, those of several rows joined with a blank.

    A text of an upper row goes on to the right over empty cells, up to the next text of
    that row or of one above it, as merged cells show it.
    """
    lines = [header_texts(sheet, row) for row in range(first, first + count)]
    lines = [{at: text for at, text in line.items() if text} for line in lines]
    columns = sorted({at for line in lines for at in line})
    part = pd.Series(False, index=columns).cumsum()
    joined = pd.Series("", index=columns, dtype="object")
    for line in lines[:-1]:
        texts = pd.Series(line, dtype="object").reindex(columns)
        part = (texts.notna() | part.ne(part.shift())).cumsum()
        joined = joined + " " + texts.groupby(part).ffill().fillna("")
    lowest = pd.Series(lines[-1], dtype="object").reindex(columns)
    joined = joined + " " + lowest.fillna("")
    headers = zip(columns, joined.str.split().str.join(" "), strict=True)
    return {column: text for column, text in headers if text}


def _heads(
    sheet: str,
    table_map: TableMap,
    wide: WideColumns,
    headers: dict[int, str],
    roles: dict[str, int],
) -> _Heads:
    expression = _compiled(wide.header)
    provisional = None if wide.provisional is None else _compiled(wide.provisional)
    names = [name for name in ("period", "measure") if name in expression.groupindex]
    heads = _Heads([], {name: [] for name in names}, [])
    strange = []
    for column, text in sorted(headers.items()):
        if column in roles.values():
            continue
        match = expression.fullmatch(text)
        if match is None:
            place = address(table_map.header_row - 1, column)
            strange.append(f"{place} {text!r}")
            continue
        heads.columns.append(column)
        for name in names:
            heads.texts[name].append(match[name] or "")
        is_provisional = provisional is not None and provisional.fullmatch(text)
        heads.qualifiers.append(PROVISIONAL if is_provisional else None)
    if (strange and wide.is_exhaustive) or not heads.columns:
        raise _not_understood(sheet, table_map, wide, strange)
    return heads


def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(unicodedata.normalize("NFC", pattern), re.IGNORECASE)


def _not_understood(
    sheet: str, table_map: TableMap, wide: WideColumns, strange: list[str]
) -> Rejected:
    shown = first_of(strange) or "-"
    return Rejected(
        "X_COLUMNS",
        f"headers that {wide.header!r} does not match: {shown}",
        sheet,
        f"A{table_map.header_row}",
        detail_vi=f"tiêu đề cột không khớp mẫu {wide.header!r}: {shown}",
    )
