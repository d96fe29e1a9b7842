"""Read: every delivery that is landed and not judged becomes cells and observations."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from orchestration.progress import step
from orchestration.steps import handover
from orchestration.steps.context import RunContext
from sources.readers import ReadJob, ReadResult, read_deliveries
from sources.readers.assigned import Assigned
from warehouse.ledger.assignments import GIVES, Assignments


@dataclass(frozen=True)
class ReadSummary:
    """Counts of one reading: deliveries, submissions, observations, faults found.

    `unknown_unit_names`: names in foreign files that nobody decided on.
    """

    deliveries: int
    submissions: int
    observations: int
    findings: int
    unknown_unit_names: int = 0


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
            limits=run.settings.limits,
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
        batch.unknown_units["name"].nunique(),
    )


def read_as(
    run: RunContext, delivery: Mapping[str, Any], given: Mapping[str, str | None]
) -> ReadResult:
    """What one delivery gives when it is read as `given` (`GIVES`), decided or not."""
    zone = ZoneInfo(run.programme.timezone)
    (job,) = jobs_of(run, pd.DataFrame([delivery], dtype=object))
    day = dt.datetime.now(zone).date()
    told = {name: given.get(name) for name in GIVES}
    job = replace(job, assigned=Assigned(decided_on=day, **told))
    return read_deliveries(
        run.programme, [job], run.members, workers=1, limits=run.settings.limits
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
            limits=run.settings.limits,
        )
    return observations_of(batch, submissions.submission_id)


def observations_of(batch: ReadResult, submission_ids: pd.Series) -> pd.DataFrame:
    """The observations of these submissions; the load leaves quarantined ones out."""
    return batch.observations[batch.observations.submission_id.isin(submission_ids)]


def jobs_of(run: RunContext, deliveries: pd.DataFrame) -> Sequence[ReadJob]:
    """One job per row (delivery_sha256, file_name, source_code, received_at).

    Each goes with what a person said that it is, now and at every later reading.
    """
    assigned = assignments_of(run)
    return [
        ReadJob(
            path=run.landing.path(row["delivery_sha256"]),
            delivery_sha256=row["delivery_sha256"],
            file_name=row["file_name"],
            source_code=row["source_code"],
            received_at=row["received_at"],
            assigned=assigned.get(row["delivery_sha256"]),
        )
        for row in deliveries.to_dict("records")
    ]


def assignments_of(run: RunContext) -> dict[str, Assigned]:
    """What people said of the programme's deliveries, by SHA-256; the newest holds."""
    current = Assignments(run.ledger).current(run.programme.code)
    is_ours = current.kind.eq("assign") & current.to_programme_code.isna()
    rows = current[is_ours].astype(object)
    zone = ZoneInfo(run.programme.timezone)
    return {
        row["delivery_sha256"]: Assigned(
            decided_on=row["decided_at"].astimezone(zone).date(),
            **{name: row[name] for name in GIVES},
        )
        for row in rows.where(rows.notna(), None).to_dict("records")
    }


def _with_source(run: RunContext, submissions: pd.DataFrame) -> pd.DataFrame:
    deliveries = run.ledger.deliveries(run.programme.code)
    return deliveries[deliveries.delivery_sha256.isin(submissions.delivery_sha256)]
