"""Accepted reports as rows of schema raw, from a frame of values."""

from __future__ import annotations

import datetime as dt

import pandas as pd

SENT_AT = dt.datetime(2020, 1, 1)
_REPORT = ["programme_code", "form_code", "unit_code", "period_key"]


def accepted_reports(values: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Frames raw.submission (one row per report) and raw.observation (one per value).

    Args:
        values: One row per value: programme_code, form_code, unit_code, period_key,
            measure_code, value (Decimal, or None), observation_status.
    """
    names = values[_REPORT].astype(str).agg("/".join, axis=1)
    values = values.assign(submission_id=names)
    reports = values.drop_duplicates("submission_id")
    submissions = reports[["submission_id", *_REPORT]].assign(
        delivery_sha256=reports["submission_id"],
        file_name=reports["submission_id"] + ".xlsx",
        version=1,
        status="accepted",
        received_at=SENT_AT,
        recorded_at=SENT_AT,
        accepted_from=SENT_AT,
        is_simulated=False,
        is_control_total=False,
    )
    observations = values[
        [
            "submission_id",
            "programme_code",
            "measure_code",
            "value",
            "observation_status",
        ]
    ]
    return {"submission": submissions, "observation": observations.astype(object)}
