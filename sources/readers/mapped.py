"""Mapped: foreign tables read by a map, one submission per unit and period found.

The map names what to look for; nothing is matched loosely. Names that the map does not
know are reported once each, with their nearest known names, and their rows dropped.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from sources.programme.model import PeriodType, Programme, Source, TableMap
from sources.readers.assembly import (
    MEMBER_COLUMNS,
    Parts,
    ReadJob,
    as_observations,
    as_submissions,
    rejection_finding,
)
from sources.readers.grid import SheetCells
from sources.readers.mapped_doubts import rows_without_member, unknown_units
from sources.readers.mapped_table import Table, find_columns, pick_sheet, sheet_table
from sources.readers.rejections import Rejected
from sources.readers.text_columns import fold_column, map_distinct
from sources.readers.texts import fold

_FULL_KEY = re.compile(r"[a-z][a-z0-9_]*-\d{4}(?:_\d{4})?-(?:M\d\d|Q\d|H\d|9M|Y|T)")
_YEAR = re.compile(r"(?P<year>\d{4})")
_YEAR_FIRST = re.compile(
    r"(?P<year>\d{4})[-/. ]?(?:[MQHT]|tháng |quý )?(?P<part>\d{1,2})"
)
_YEAR_LAST = re.compile(
    r"(?:[MQHT]|tháng |quý )?(?P<part>\d{1,2})[-/. ](?P<year>\d{4})"
)
_PARTS: Mapping[PeriodType, str] = {
    PeriodType.MONTH: "M{part:02d}",
    PeriodType.QUARTER: "Q{part}",
    PeriodType.HALF_YEAR: "H{part}",
}


def read_mapped(
    programme: Programme, source: Source, job: ReadJob, sheets: Sequence[SheetCells]
) -> Parts:
    """Submissions, observations, new members and findings of one delivery."""
    try:
        table_map, year = pick_map(source, job.file_name)
        sheet = pick_sheet(sheets, table_map)
        columns = find_columns(sheet, table_map)
    except Rejected as reason:
        return Parts(findings=[rejection_finding(programme, job, reason)])
    table = sheet_table(sheet, columns, table_map.first_row - 1)
    return _read_table(programme, source, job, table_map, table, year)


def pick_map(source: Source, file_name: str) -> tuple[TableMap, int | None]:
    """The first map that fits the file's name, and the year in that name.

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
    patterns = ", ".join(repr(table_map.file) for table_map in source.maps)
    raise Rejected(
        "X_NOMAP",
        f"the name {name!r} fits none of {patterns} and their years",
        detail_vi=f"tên {name!r} không khớp mẫu tên và năm nào: {patterns}",
    )


def _read_table(
    programme: Programme,
    source: Source,
    job: ReadJob,
    table_map: TableMap,
    table: Table,
    year: int | None,
) -> Parts:
    rows = table.rows
    rows["unit_text"] = fold_column(rows["unit"])
    rows["period_key"] = _period_keys(programme, table_map, rows, year)
    values = rows[[f"text_{no}" for no in range(len(table_map.measures))]]
    is_blank = rows.unit_text.eq("") & (values == "").all(axis=1)
    ignored = {fold(name) for name in table_map.ignore_units}
    rows = rows[~is_blank & ~rows.unit_text.isin(ignored)]
    codes = {fold(name): code for name, code in table_map.units.items()}
    known = {unit.unit_code: unit.unit_code for unit in programme.units} | codes
    rows = rows.assign(unit_code=map_distinct(rows.unit_text, known.get))
    parts = Parts()
    strange = rows[rows.unit_code.isna()]
    parts.findings += unknown_units(programme, job, table, strange, codes)
    rows = rows[rows.unit_code.notna()]
    if "member" in rows:
        rows = rows.assign(member_code=fold_column(rows["member"]))
        nameless = rows[rows.member_code.eq("")]
        parts.findings += rows_without_member(programme, job, table, nameless)
        rows = rows[rows.member_code.ne("")]
    if rows.empty:
        if not parts.findings:
            reason = Rejected(
                "X_COLUMNS", "no rows", table.sheet, detail_vi="không có dòng"
            )
            parts.findings.append(rejection_finding(programme, job, reason))
        return parts
    submissions = _submissions(programme, source, job, table_map, table, rows)
    keys = pd.MultiIndex.from_frame(rows[["unit_code", "period_key"]].astype(str))
    wanted = pd.MultiIndex.from_frame(
        submissions[["unit_code", "period_key"]].astype(str)
    )
    ids = submissions.submission_id.to_numpy()[wanted.get_indexer(keys)]
    rows = rows.assign(submission_id=ids)
    cells = _measure_cells(table_map, table, rows)
    cells["style"] = source.number_style.value
    parts.submissions.append(submissions)
    parts.observations.append(as_observations(programme, cells))
    if "member_code" in rows:
        members = _members(programme, table_map, rows)
        if table_map.absent_members_are_zero:
            absent = _absent_members(programme, table_map, table, rows)
            parts.observations.append(absent)
        parts.members.append(members)
    return parts


def _period_keys(
    programme: Programme, table_map: TableMap, rows: pd.DataFrame, year: int | None
) -> pd.Series:
    """One period key per row; a text that is no period of the type stays as found."""
    form = next(form for form in programme.forms if form.code == table_map.form)
    ending = "Y" if table_map.period_type is PeriodType.YEAR else ""
    if "period" not in rows:
        key = f"{form.calendar}-{year}-{ending}" if year and ending else None
        return pd.Series(key, index=rows.index, dtype="object")

    def key_of(text: str) -> str | None:
        folded = fold(text)
        if _FULL_KEY.fullmatch(folded):
            return folded
        if ending:
            match = _YEAR.fullmatch(folded)
            return f"{form.calendar}-{match['year']}-Y" if match else folded or None
        match = _YEAR_FIRST.fullmatch(folded) or _YEAR_LAST.fullmatch(folded)
        part = _PARTS.get(table_map.period_type)
        if match is None or part is None:
            return folded or None
        return f"{form.calendar}-{match['year']}-{part.format(part=int(match['part']))}"

    return map_distinct(rows["period"], key_of)


def _submissions(
    programme: Programme,
    source: Source,
    job: ReadJob,
    table_map: TableMap,
    table: Table,
    rows: pd.DataFrame,
) -> pd.DataFrame:
    found = rows[["unit_code", "period_key"]].drop_duplicates().reset_index(drop=True)
    return as_submissions(
        programme,
        found.assign(
            delivery_sha256=job.delivery_sha256,
            file_name=job.file_name,
            sheet=table.sheet,
            form_code=table_map.form,
            number_style=source.number_style.value,
            reader="mapped",
            received_at=job.received_at,
        ),
    )


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
    lists = {code_list.code for code_list in programme.code_lists if code_list.is_open}
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
