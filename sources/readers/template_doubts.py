"""Template doubts: what an officer should look at in a workbook that could be read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import pandas as pd

from sources.programme.findings import Severity, make_finding
from sources.programme.model import NumberStyle, Programme
from sources.readers.assembly import ReadJob
from sources.readers.grid import SheetCells
from sources.readers.rejections import printable
from sources.readers.sheet_facts import column_letters
from sources.readers.text_columns import fold_column
from sources.readers.texts import fold
from sources.template import layout


class TemplateFile(NamedTuple):
    """One delivery of a template source with its raw cells and the declared style."""

    job: ReadJob
    sheets: list[SheetCells]
    style: NumberStyle


def hidden_rows(
    programme: Programme,
    files: Sequence[TemplateFile],
    submissions: pd.DataFrame,
    cells: pd.DataFrame,
) -> list[dict[str, object]]:
    """A WARNING per submission that hides rows with figures; the figures count."""
    findings: list[dict[str, object]] = []
    if not any(sheet["hidden_rows"] for file in files for sheet in file.sheets):
        return findings
    filled = set(zip(cells.file, cells.row + 1, strict=True))
    for no in submissions.index.tolist():
        sheets = (s for s in files[no].sheets if fold(s["name"]) == layout.SHEET_FORM)
        rows = [row for s in sheets for row in s["hidden_rows"] if (no, row) in filled]
        if rows:
            about = submissions[submissions.index == no].iloc[0]
            shown = ", ".join(map(str, rows[:10]))
            findings.append(
                _about(
                    programme,
                    about,
                    "R_HIDDEN_ROWS",
                    f"{len(rows)} dòng có chỉ tiêu đang bị ẩn (dòng {shown}); số liệu"
                    " vẫn được tính. Bỏ ẩn, kiểm tra và gửi lại nếu sai.",
                    f"{len(rows)} rows with measures are hidden (rows {shown}); their"
                    " figures count. Unhide and check them; send again if wrong.",
                    cell=f"{rows[0]}:{rows[0]}",
                )
            )
    return findings


def rows_without_code(
    programme: Programme,
    submissions: pd.DataFrame,
    codes: pd.DataFrame,
    values: pd.DataFrame,
) -> list[dict[str, object]]:
    """A WARNING per submission with figures in rows that name no measure."""
    has_code = pd.MultiIndex.from_frame(values[["file", "row"]]).isin(
        pd.MultiIndex.from_frame(codes[["file", "row"]])
    )
    loose = values[~has_code & values.row.gt(values.header_row).to_numpy()]
    loose = loose[loose.text.str.strip().ne("")]
    loose = loose[~fold_column(loose.text).isin(layout.HEADER_EN)]
    findings = []
    for no, rows in loose.groupby("file"):
        about = submissions[submissions.index == no].iloc[0]
        letters = column_letters(int(rows.column.iloc[0]))
        cells = [f"{letters}{row + 1}" for row in rows.row]
        shown = ", ".join(cells[:10])
        findings.append(
            _about(
                programme,
                about,
                "R_ROW_WITHOUT_CODE",
                f"{len(cells)} ô số liệu nằm ở dòng không có mã chỉ tiêu ({shown}) nên"
                " không được đọc. Điền số liệu vào đúng dòng của biểu.",
                f"{len(cells)} figures stand in rows without a measure code ({shown})"
                " and were not read. Put them into the rows of the form.",
                cell=cells[0],
            )
        )
    return findings


def _about(
    programme: Programme,
    submission: pd.Series,
    rule_code: str,
    message_vi: str,
    message_en: str,
    cell: str,
) -> dict[str, object]:
    name = printable(submission.file_name)
    return make_finding(
        programme_code=programme.code,
        rule_code=rule_code,
        severity=Severity.WARNING,
        scope="submission",
        message_vi=f"{name}: {message_vi}",
        message_en=f"{name}: {message_en}",
        delivery_sha256=submission.delivery_sha256,
        submission_id=submission.submission_id,
        form_code=submission.form_code,
        unit_code=submission.unit_code,
        period_key=submission.period_key,
        sheet=submission.sheet,
        cell=cell,
    )
