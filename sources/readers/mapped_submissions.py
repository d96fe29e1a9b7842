"""Mapped submissions: one per form, unit and period that the rows of a table name."""

from __future__ import annotations

import pandas as pd

from sources.programme.model import Programme, Source
from sources.readers.assembly import ReadJob, as_submissions, rejection_finding
from sources.readers.rejections import Rejected

KEYS = ["form_code", "unit_code", "period_key"]


def with_submissions(
    programme: Programme, source: Source, job: ReadJob, sheet: str, rows: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """One row per submission in the agreed columns; the rows with `submission_id`.

    `rows` have form_code, unit_code and period_key.
    """
    found = rows[KEYS].drop_duplicates().reset_index(drop=True)
    submissions = as_submissions(
        programme,
        found.assign(
            delivery_sha256=job.delivery_sha256,
            file_name=job.file_name,
            sheet=sheet,
            number_style=source.number_style.value,
            reader="mapped",
            received_at=job.received_at,
        ),
    )
    asked = pd.MultiIndex.from_frame(rows[KEYS].astype(str))
    known = pd.MultiIndex.from_frame(submissions[KEYS].astype(str))
    ids = submissions.submission_id.to_numpy()[known.get_indexer(asked)]
    return submissions, rows.assign(submission_id=ids)


def no_rows(programme: Programme, job: ReadJob, sheet: str) -> dict[str, object]:
    """The finding about a table without a row that is to be read."""
    reason = Rejected("X_COLUMNS", "no rows", sheet, detail_vi="không có dòng")
    return rejection_finding(programme, job, reason)
