"""Mapped: foreign tables read by a map, one submission per unit and period found.

The map names what to look for; nothing is matched loosely. Names that the map does not
know are reported once each, with their nearest known names, and their rows dropped.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

import numpy as np
import pandas as pd

from sources.programme.batch import MEMBER_COLUMNS
from sources.programme.expansion import open_lists
from sources.programme.model import Programme, Source, TableMap
from sources.readers.assembly import (
    Parts,
    ReadJob,
    as_observations,
    rejection_finding,
)
from sources.readers.assigned import Assigned, placed
from sources.readers.grid import SheetCells
from sources.readers.mapped_codes import MeasureCodes
from sources.readers.mapped_doubts import rows_without_member, unknown_units
from sources.readers.mapped_faults import RowFaults
from sources.readers.mapped_long import are_torn, read_long
from sources.readers.mapped_periods import read_periods
from sources.readers.mapped_records import check_records
from sources.readers.mapped_submissions import no_rows, with_submissions
from sources.readers.mapped_table import Table, find_columns, pick_sheet, sheet_table
from sources.readers.mapped_units import passed_over, unit_codes, unknown_names
from sources.readers.mapped_unpack import unpack_columns
from sources.readers.mapped_wide import molten_table
from sources.readers.rejections import Rejected
from sources.readers.text_columns import fold_column, map_distinct
from sources.readers.texts import fold


def read_mapped(
    programme: Programme, source: Source, job: ReadJob, sheets: Sequence[SheetCells]
) -> Parts:
    """Submissions, observations, new members and findings of one delivery."""
    try:
        table_map, year = pick_map(source, job.file_name, job.assigned)
        sheet = unpack_columns(pick_sheet(sheets, table_map), table_map)
        table = _table(sheet, table_map)
    except Rejected as reason:
        return Parts(findings=[rejection_finding(programme, job, reason)])
    widths = sheet["widths"]
    if table_map.measure_column is not None or table_map.wide is not None:
        return read_long(programme, source, job, table_map, table, widths, year)
    return _read_table(programme, source, job, table_map, table, widths, year)


def pick_map(
    source: Source, file_name: str, assigned: Assigned | None = None
) -> tuple[TableMap, int | None]:
    """The first map that fits the file's name, and the year in that name.

    Where none fits, the only map of the form that a person assigned.

    Raises:
        Rejected: no map fits.
    """
    name = unicodedata.normalize("NFC", file_name)
    for table_map in source.maps:
        match = re.fullmatch(table_map.file, name)
        if match is None:
            continue
        found = match.groupdict().get("year")
        year = int(found) if found else None
        span = table_map.years
        if span is None or year is None or span[0] <= year <= span[1]:
            return table_map, year
    form_code = None if assigned is None else assigned.form_code
    of_form = [found for found in source.maps if found.form == form_code]
    if len(of_form) == 1:
        return of_form[0], None
    patterns = ", ".join(repr(table_map.file) for table_map in source.maps)
    raise Rejected(
        "X_NOMAP",
        f"the name {name!r} fits none of {patterns} and their years",
        detail_vi=f"tên {name!r} không khớp mẫu tên và năm nào: {patterns}",
    )


def _table(sheet: SheetCells, table_map: TableMap) -> Table:
    """The sheet's rows, one value each where its columns are periods.

    Raises:
        Rejected: the map's columns are not there.
    """
    if table_map.wide is not None:
        table = molten_table(sheet, table_map, table_map.wide)
    else:
        columns = find_columns(sheet, table_map)
        check_records(sheet, columns)
        table = sheet_table(sheet, columns, table_map.first_row - 1)
    if table_map.unit is not None:
        table.rows["unit"] = table_map.unit
    return table


def _read_table(
    programme: Programme,
    source: Source,
    job: ReadJob,
    table_map: TableMap,
    table: Table,
    widths: Sequence[int],
    year: int | None,
) -> Parts:
    rows = table.rows
    rows["unit_text"] = fold_column(rows["unit"])
    periods = read_periods(programme, table_map, rows, year)
    rows["period_key"] = _named_or_as_found(rows, periods.period_key)
    values = rows[[f"text_{no}" for no in range(len(table_map.measures))]]
    is_nameless = rows.unit_text.eq("") | (table_map.unit is not None)
    is_blank = is_nameless & (values == "").all(axis=1)
    codes = unit_codes(programme, source, table_map)
    rows = rows[~is_blank & ~rows.unit_text.isin(list(passed_over(codes)))]
    rows = rows.assign(
        form_code=table_map.form, unit_code=map_distinct(rows.unit_text, codes.get)
    )
    rows = placed(programme, job.assigned, rows, parts=("period_key",))
    parts = Parts()
    is_torn = are_torn(rows, widths, table_map.header_row)
    torn = rows[is_torn]
    torn = torn.assign(period_key=periods.period_key[torn.index])
    faults = RowFaults(programme, job, table_map, table, MeasureCodes(programme))
    faults.torn(torn, widths)
    parts.findings += faults.findings
    rows = rows[~is_torn]
    strange = rows[rows.unit_code.isna()]
    parts.findings += unknown_units(programme, job, table, strange)
    parts.unknown_units.append(
        unknown_names(job.delivery_sha256, strange.unit_text, strange.period_key)
    )
    rows = rows[rows.unit_code.notna()]
    if "member" in rows:
        rows = rows.assign(member_code=fold_column(rows["member"]))
        nameless = rows[rows.member_code.eq("")]
        parts.findings += rows_without_member(programme, job, table, nameless)
        rows = rows[rows.member_code.ne("")]
    if rows.empty:
        if not parts.findings:
            parts.findings.append(no_rows(programme, job, table.sheet))
        return parts
    submissions, rows = with_submissions(programme, source, job, table.sheet, rows)
    cells = _measure_cells(table_map, table, rows)
    cells["style"] = source.number_style.value
    parts.submissions.append(submissions)
    parts.observations.append(as_observations(programme, cells, source.marks))
    if "member_code" in rows:
        members = _members(programme, table_map, rows)
        if table_map.absent_members_are_zero:
            absent = _absent_members(programme, table_map, table, rows)
            parts.observations.append(absent)
        parts.members.append(members)
    return parts


def _named_or_as_found(rows: pd.DataFrame, keys: pd.Series) -> pd.Series:
    """The period key, or the text itself where it is none, for gate 1 to refuse."""
    if "period" not in rows:
        return keys
    found = fold_column(rows["period"])
    return keys.where(keys.notna() | found.eq(""), found)


def _measure_cells(
    table_map: TableMap, table: Table, rows: pd.DataFrame
) -> pd.DataFrame:
    """One row per row of the table and measure: code, tag, text and address."""
    row_numbers = (rows.row + 1).astype(str)
    pieces = []
    for no, measure in enumerate(table_map.measures):
        code = pd.Series(measure.measure, index=rows.index, dtype="object")
        if "member_code" in rows:
            is_member = rows.member_code.ne(fold(table_map.member_total or ""))
            code = code.where(~is_member, measure.measure + "." + rows.member_code)
        piece = {
            "submission_id": rows.submission_id,
            "measure_code": code,
            "kind": rows[f"kind_{no}"],
            "text": rows[f"text_{no}"],
            "sheet": table.sheet,
            "cell": table.letters[no] + row_numbers,
        }
        pieces.append(pd.DataFrame(piece))
    return pd.concat(pieces, ignore_index=True)


def _members(
    programme: Programme, table_map: TableMap, rows: pd.DataFrame
) -> pd.DataFrame:
    """One row per member and period of an open code list, named by its last label."""
    lists = open_lists(programme)
    if table_map.code_list not in lists:
        return pd.DataFrame({name: [] for name in MEMBER_COLUMNS}, dtype="object")
    found = rows[rows.member_code.ne(fold(table_map.member_total or ""))]
    label = fold_column(found["label"]) if "label" in found else found.member_code
    label = label.where(label.ne(""), found.member_code)
    members = found[["member_code", "period_key"]].assign(name=label)
    members = members.drop_duplicates(["member_code", "period_key"], keep="last")
    members = members.assign(
        programme_code=programme.code, code_list=table_map.code_list
    )
    return members[list(MEMBER_COLUMNS)]


def _absent_members(
    programme: Programme, table_map: TableMap, table: Table, rows: pd.DataFrame
) -> pd.DataFrame:
    """Nil zeros for members that other units' rows of the same period name."""
    total = fold(table_map.member_total or "")
    named = rows.loc[rows.member_code.ne(total), ["period_key", "member_code"]]
    closed = [
        member.code
        for code_list in programme.code_lists
        if code_list.code == table_map.code_list and not code_list.is_open
        for member in code_list.members
    ]
    if closed:
        periods = rows[["period_key"]].drop_duplicates()
        named = periods.merge(pd.DataFrame({"member_code": closed}), how="cross")
    units = rows[["submission_id", "period_key"]].drop_duplicates()
    wanted = units.merge(named.drop_duplicates(), on="period_key")
    have = rows[["submission_id", "member_code"]].drop_duplicates()
    marked = wanted.merge(have, how="left", indicator=True)
    absent = marked[marked._merge.eq("left_only")]
    pieces = [
        absent[["submission_id"]].assign(
            measure_code=m.measure + "." + absent.member_code
        )
        for m in table_map.measures
    ]
    cells = pd.concat(pieces, ignore_index=True).assign(
        kind="n", text="0", sheet=table.sheet, cell=None, style=None
    )
    observations = as_observations(programme, cells)
    return observations.assign(raw_text=np.repeat("", len(observations)).astype(object))
