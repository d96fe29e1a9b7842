"""Mapped long tables: one value per row, its measure, unit and period named in the row,
and wide ones once molten.

A row with a fault costs a finding at its cell and is not read; the others are. Whether
a form has the measure, and what a value may be, is gate 1's to judge.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from sources.programme.batch import MEMBER_COLUMNS
from sources.programme.model import Programme, Source, TableMap
from sources.readers.assembly import (
    Parts,
    ReadJob,
    as_observations,
)
from sources.readers.assigned import placed
from sources.readers.mapped_codes import MeasureCodes, key_texts, name_measures
from sources.readers.mapped_faults import RowFaults
from sources.readers.mapped_periods import read_periods
from sources.readers.mapped_statuses import with_statuses
from sources.readers.mapped_submissions import no_rows, with_submissions
from sources.readers.mapped_table import Table
from sources.readers.mapped_units import passed_over, unit_codes, unknown_names
from sources.readers.mapped_wide import speaks_of_a_living_unit
from sources.readers.text_columns import fold_column, map_distinct

_VALUE = "text_0"


def read_long(
    programme: Programme,
    source: Source,
    job: ReadJob,
    table_map: TableMap,
    table: Table,
    widths: Sequence[int],
    year: int | None,
) -> Parts:
    """Submissions, observations, new members and row findings of one long table."""
    units = unit_codes(programme, source, table_map)
    rows = _filled_rows(table, passed_over(units))
    parts = Parts()
    if rows.empty:
        parts.findings.append(no_rows(programme, job, table.sheet))
        return parts
    codes = MeasureCodes(programme)
    rows = _named(programme, table_map, codes, units, rows, year)
    rows = placed(
        programme, job.assigned, rows, ("period_key",), {"period_key": "period"}
    )
    faults = RowFaults(programme, job, table_map, table, codes)
    is_torn = are_torn(rows, widths, table_map.header_row)
    faults.torn(rows[is_torn], widths)
    rows = rows[~is_torn]
    rows = with_statuses(rows)
    is_faulty = {
        "unit": rows.unit_code.isna(),
        "period": rows.period_key.isna(),
        "measure": rows.unknown.eq("measure"),
        "member": rows.unknown.eq("member"),
        "status": rows.is_strange,
        "value": rows[_VALUE].eq("") & rows.said.isna() & (table_map.wide is None),
    }
    faults.units(rows[is_faulty["unit"]])
    strange = rows[is_faulty["unit"]]
    parts.unknown_units.append(
        unknown_names(job.delivery_sha256, strange["unit"], strange.period_key)
    )
    faults.periods(rows[is_faulty["period"]])
    faults.measures(rows[is_faulty["measure"]])
    faults.members(rows[is_faulty["member"]])
    faults.statuses(rows[is_faulty["status"]])
    faults.values(rows[is_faulty["value"]])
    rows = rows[~np.logical_or.reduce(list(is_faulty.values()))]
    parts.findings += faults.findings
    if rows.empty:
        return parts
    submissions, rows = with_submissions(programme, source, job, table.sheet, rows)
    observations = as_observations(programme, _cells(source, table, rows), source.marks)
    if table_map.wide is not None:
        is_kept = speaks_of_a_living_unit(programme, submissions, observations)
        submissions = submissions[is_kept].reset_index(drop=True)
        is_kept = observations.submission_id.isin(submissions.submission_id)
        observations = observations[is_kept].reset_index(drop=True)
    parts.submissions.append(submissions)
    parts.observations.append(observations)
    parts.members.append(_new_members(programme, codes, rows))
    return parts


def _filled_rows(table: Table, ignored: set[str]) -> pd.DataFrame:
    """The rows that hold something in a named column, without the units passed over."""
    rows = table.rows
    names = [*table.role_letters]
    rows[names] = rows[names].apply(fold_column)
    values = fold_column(rows[_VALUE])
    rows[_VALUE] = rows[_VALUE].where(values.ne(""), "")
    is_blank = (rows[[*names, _VALUE]] == "").all(axis=1)
    return rows[~is_blank & ~rows["unit"].isin(list(ignored))]


def _named(
    programme: Programme,
    table_map: TableMap,
    codes: MeasureCodes,
    units: dict[str, str | None],
    rows: pd.DataFrame,
    year: int | None,
) -> pd.DataFrame:
    """The rows with unit_code, form_code, period_key, member, unknown, measure_code."""
    rows = rows.assign(
        unit_code=map_distinct(rows["unit"], units.get),
        keys=key_texts(table_map, rows),
    )
    rows = rows.join(read_periods(programme, table_map, rows, year))
    named = name_measures(codes, table_map, rows)
    joined = named.measure + "." + named.member
    return rows.assign(
        measure_text=rows["measure"],
        measure=named.measure,
        member=named.member,
        unknown=named.unknown,
        measure_code=named.measure.where(named.member.eq(""), joined),
    )


def are_torn(rows: pd.DataFrame, widths: Sequence[int], header_row: int) -> pd.Series:
    """True for records of a text file with more or fewer fields than its header."""
    if not widths:
        return pd.Series(False, index=rows.index)
    found = np.asarray(widths, dtype="int64")
    return pd.Series(found[rows.row] != found[header_row - 1], index=rows.index)


def _cells(source: Source, table: Table, rows: pd.DataFrame) -> pd.DataFrame:
    """One row per value with its code, tag, text, style, address and qualifier."""
    return pd.DataFrame(
        {
            "submission_id": rows.submission_id,
            "measure_code": rows.measure_code,
            "kind": rows["kind_0"],
            "text": rows[_VALUE],
            "style": source.number_style.value,
            "sheet": table.sheet,
            "cell": table.value_cells(rows),
            "qualifier": rows.get("qualifier"),
            "said": rows["said"],
        }
    )


def _new_members(
    programme: Programme, codes: MeasureCodes, rows: pd.DataFrame
) -> pd.DataFrame:
    """One row per member and period of the open code lists, named by its code."""
    members = rows.assign(
        programme_code=programme.code,
        code_list=map_distinct(rows.measure, codes.open_list),
        member_code=rows.member,
        name=rows.member,
    )
    members = members[members.code_list.notna() & members.member_code.ne("")]
    return members[list(MEMBER_COLUMNS)].drop_duplicates().reset_index(drop=True)
