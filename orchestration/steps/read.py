"""Read: every delivery that is landed and not judged becomes cells and observations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from orchestration.progress import step
from orchestration.steps import handover
from orchestration.steps.context import RunContext
from sources.readers import ReadJob, ReadResult, read_deliveries


@dataclass(frozen=True)
class ReadSummary:
    """Counts of one reading: deliveries, submissions, observations, faults found."""

    deliveries: int
    submissions: int
    observations: int
    findings: int


def read_pending(run: RunContext) -> ReadSummary:
    """Reads the pending deliveries into the hand-over files of the work folder."""
    pending = run.ledger.pending_deliveries(run.programme.code)
    if pending.empty:
        handover.clear(run.home.work)
        return ReadSummary(0, 0, 0, 0)
    with step("Đọc biểu · read", len(pending)) as progress:
        batch = read_deliveries(
            run.programme,
            jobs_of(run, pending),
            run.members,
            workers=run.settings.workers,
            progress=progress.advance,
        )
        handover.write(run.home.work, batch)
        progress.summary = (
            f"{len(batch.submissions)} báo cáo, {len(batch.observations)} số liệu"
            " · submissions, observations"
        )
    return ReadSummary(
        len(pending),
        len(batch.submissions),
        len(batch.observations),
        len(batch.findings),
    )


def read_again(run: RunContext, submissions: pd.DataFrame) -> pd.DataFrame:
    """The observations of known submissions, from landing, quarantined ones included.

    Used when the warehouse file lacks what the ledger accepted: after a kill, and for
    `nhiemky rebuild`.
    """
    deliveries = submissions.drop_duplicates("delivery_sha256")
    with step("Đọc lại từ landing · read again", len(deliveries)) as progress:
        batch = read_deliveries(
            run.programme,
            jobs_of(run, _with_source(run, deliveries)),
            run.members,
            workers=run.settings.workers,
            progress=progress.advance,
        )
    return observations_of(batch, submissions.submission_id)


def observations_of(batch: ReadResult, submission_ids: pd.Series) -> pd.DataFrame:
    """The observations of these submissions; the load leaves quarantined ones out."""
    return batch.observations[batch.observations.submission_id.isin(submission_ids)]


def jobs_of(run: RunContext, deliveries: pd.DataFrame) -> Sequence[ReadJob]:
    """One job per row (delivery_sha256, file_name, source_code, received_at)."""
    return [
        ReadJob(
            path=run.landing.path(row["delivery_sha256"]),
            delivery_sha256=row["delivery_sha256"],
            file_name=row["file_name"],
            source_code=row["source_code"],
            received_at=row["received_at"],
        )
        for row in deliveries.to_dict("records")
    ]


def _with_source(run: RunContext, submissions: pd.DataFrame) -> pd.DataFrame:
    deliveries = run.ledger.deliveries(run.programme.code)
    return deliveries[deliveries.delivery_sha256.isin(submissions.delivery_sha256)]
