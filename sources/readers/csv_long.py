"""CSV long: one observation per row, one submission per form, unit and period."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sources.programme.model import Programme, Source
from sources.readers.assembly import (
    Parts,
    ReadJob,
    as_observations,
    as_submissions,
    rejection_finding,
)
from sources.readers.assigned import placed
from sources.readers.grid import SheetCells
from sources.readers.rejections import Rejected
from sources.readers.text_columns import fold_column
from sources.readers.texts import first_of, fold_case

KEYS = ("form_code", "unit_code", "period_key")
REQUIRED = (*KEYS, "measure_code", "value")
OPTIONAL = ("note",)


def read_csv_long(
    programme: Programme, source: Source, job: ReadJob, sheets: list[SheetCells]
) -> Parts:
    """Submissions and observations of one delivery; a broken one is refused whole."""
    sheet = sheets[0]
    try:
        columns = _columns(sheet)
        _check_widths(sheet)
    except Rejected as reason:
        return Parts(findings=[rejection_finding(programme, job, reason)])
    rows = _rows(sheet, columns)
    if rows.empty:
        empty = Rejected("X_CSV", "no rows", detail_vi="không có dòng nào")
        return Parts(findings=[rejection_finding(programme, job, empty)])
    for name in (*KEYS, "measure_code"):
        rows[name] = fold_column(rows[name])
    rows = placed(programme, job.assigned, rows)
    found = rows[list(KEYS)].drop_duplicates().reset_index(drop=True)
    submissions = as_submissions(
        programme,
        found.replace("", None).assign(
            delivery_sha256=job.delivery_sha256,
            file_name=job.file_name,
            sheet=sheet["name"],
            number_style=source.number_style.value,
            reader="csv",
            received_at=job.received_at,
        ),
    )
    found["submission_id"] = submissions.submission_id
    cells = rows.merge(found, on=list(KEYS), how="left").assign(
        style=source.number_style.value,
        sheet=sheet["name"],
        cell="row " + (rows.row + 1).astype(str),
    )
    return Parts([submissions], [as_observations(programme, cells, source.marks)])


def _columns(sheet: SheetCells) -> dict[str, int]:
    """Column numbers by name; every difference from the expected header at once."""
    cells = zip(sheet["rows"], sheet["columns"], sheet["texts"], strict=True)
    header = [(column, fold_case(text)) for row, column, text in cells if row == 0]
    names = [name for _, name in header]
    missing = [name for name in REQUIRED if name not in names]
    extra = [name for name in names if name not in REQUIRED + OPTIONAL]
    twice = sorted({name for name in names if names.count(name) > 1})
    if missing or extra or twice:
        detail = f"missing {missing}, unknown {extra}, twice {twice}"
        detail_vi = f"thiếu {missing}, lạ {extra}, lặp {twice}"
        raise Rejected("X_COLUMNS", detail, sheet["name"], "row 1", detail_vi)
    return {name: column for column, name in header}


def _check_widths(sheet: SheetCells) -> None:
    """Refuses short, long and cut rows; blank lines are no rows."""
    widths = sheet["widths"]
    wrong = [no for no, width in enumerate(widths, 1) if width not in (0, widths[0])]
    if wrong:
        shown = first_of(list(map(str, wrong)))
        raise Rejected(
            "X_CSV",
            f"{len(wrong)} rows do not have {widths[0]} fields (rows {shown})",
            sheet["name"],
            f"row {wrong[0]}",
            f"{len(wrong)} dòng không đủ {widths[0]} cột (dòng {shown})",
        )


def _rows(sheet: SheetCells, columns: dict[str, int]) -> pd.DataFrame:
    """One row per filled record under the header, with the named columns as text."""
    rows = np.array(sheet["rows"], dtype="int64")
    places = np.array(sheet["columns"], dtype="int64")
    numbers = np.unique(rows[rows > 0])
    frame: dict[str, np.ndarray] = {"row": numbers}
    sources = {"kind": np.array(list(sheet["kinds"]), dtype=object)}
    texts = np.array(sheet["texts"], dtype=object)
    for name in REQUIRED:
        here = (places == columns[name]) & (rows > 0)
        where = np.searchsorted(numbers, rows[here])
        frame[name] = np.full(len(numbers), "", dtype=object)
        frame[name][where] = texts[here]
        if name == "value":
            frame["kind"] = np.full(len(numbers), "s", dtype=object)
            frame["kind"][where] = sources["kind"][here]
    return pd.DataFrame(frame).rename(columns={"value": "text"})
