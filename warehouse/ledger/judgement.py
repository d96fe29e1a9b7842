"""Recording gate 1's word on a batch of deliveries."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import pandas as pd
from sqlalchemy import and_

from sources.programme.batch import SUBMISSION_COLUMNS
from sources.programme.findings import FINDING_COLUMNS
from warehouse.errors import LedgerError
from warehouse.ledger.findings import PLACE
from warehouse.ledger.models import (
    Delivery,
    Finding,
    ObservationCount,
    QuarantinedValue,
    Submission,
)
from warehouse.ledger.rows import (
    Row,
    apply_difference,
    digest,
    fetch,
    subject_key,
    to_rows,
    update_rows,
)
from warehouse.ledger.versions import RANKED
from warehouse.ledger.write import Write

GIVEN_COLUMNS = tuple(name for name in SUBMISSION_COLUMNS if name != "received_at")
"""What is kept of a submission as given; when it came is the delivery's to say."""
KEPT_COLUMNS = tuple(name for name in FINDING_COLUMNS if name != "row_id")
"""What is kept of a finding; `row_id` counts within one batch."""
COUNT_COLUMNS = (
    "submission_id",
    "observation_status",
    "observation_count",
    "quarantined_count",
)
STANDING = "standing"
_STANDING_PLACE = ("subject_key", "delivery_sha256", "submission_id", "sheet", "cell")


def record_judgement(
    write: Write,
    programme_code: str,
    submissions: pd.DataFrame,
    findings: pd.DataFrame,
    observations: pd.DataFrame,
    quarantined: pd.Series,
    delivery_statuses: Mapping[str, str],
) -> None:
    """Replaces what the ledger says of the batch's deliveries; see `Ledger`."""
    hashes = {
        *submissions.delivery_sha256,
        *findings.delivery_sha256,
        *delivery_statuses,
    }
    deliveries = _deliveries(write, programme_code, hashes)
    old = fetch(
        write.connection,
        Submission,
        "delivery_sha256",
        hashes,
        Submission.programme_code == programme_code,
    )
    new = _submissions(write, programme_code, submissions, deliveries)
    _record_submissions(write, deliveries, old, new)
    _record_values(
        write, {row["submission_id"] for row in new}, observations, quarantined
    )
    _record_findings(write, programme_code, hashes, findings)
    _record_statuses(write, deliveries, new, delivery_statuses)
    write.rank(row["version_key"] for row in (*old, *new))


def record_standing(write: Write, programme_code: str, findings: pd.DataFrame) -> None:
    """Makes the programme's standing findings those given; see `Ledger`."""
    rows = finding_rows(write, findings, STANDING)
    strangers = {row["programme_code"] for row in rows} - {programme_code}
    if strangers:
        raise LedgerError(
            f"Standing findings of {', '.join(map(str, sorted(strangers)))} were "
            f"handed over for programme {programme_code}; nothing was kept. This is a "
            "fault of the check that made them."
        )
    for row in rows:
        # their own ids say nothing of unit, form and period
        row["finding_id"] = digest(STANDING, *(row[name] for name in _STANDING_PLACE))
    found = {row["finding_id"] for row in rows}
    if len(found) < len(rows):
        raise LedgerError(
            f"{len(rows) - len(found)} standing findings say the same rule of the same "
            "form, unit, period, measure and place as another; nothing was kept. Make "
            "the check give one row per place, with what it saw in `observed`."
        )
    old = fetch(
        write.connection,
        Finding,
        "origin",
        [STANDING],
        Finding.programme_code == programme_code,
    )
    gone = [
        {**row, "resolved_at": row["resolved_at"] or write.now}
        for row in old
        if row["finding_id"] not in found
    ]
    write.changes += apply_difference(
        write.connection, Finding, old, [*rows, *gone], keep=("recorded_at",)
    )


def _deliveries(
    write: Write, programme_code: str, hashes: Collection[str]
) -> dict[str, Row]:
    rows = fetch(
        write.connection,
        Delivery,
        "delivery_sha256",
        hashes,
        Delivery.programme_code == programme_code,
    )
    known = {row["delivery_sha256"]: row for row in rows}
    strangers = sorted(set(hashes) - known.keys())
    if strangers:
        raise LedgerError(
            f"Deliveries {', '.join(strangers[:5])} were judged for programme "
            f"{programme_code} but never recorded as received, so nothing of the batch "
            "was kept. Record deliveries before judging them."
        )
    return known


def _submissions(
    write: Write,
    programme_code: str,
    frame: pd.DataFrame,
    deliveries: Mapping[str, Row],
) -> list[Row]:
    rows = to_rows(frame, Submission, [*GIVEN_COLUMNS, "status"], "Submissions")
    if frame.submission_id.duplicated().any() or any(
        row["programme_code"] != programme_code for row in rows
    ):
        raise LedgerError(
            "Submissions: every row must have its own submission_id and the programme "
            f"{programme_code}; nothing of the batch was kept. This is a fault of the "
            "reader that made the batch."
        )
    for row in rows:
        place = (row["form_code"], row["unit_code"], row["period_key"])
        row["version_key"] = (
            digest(row["submission_id"])
            if None in place
            else digest(programme_code, *place)
        )
        row["judged_status"] = row["status"]
        row["received_at"] = deliveries[row["delivery_sha256"]]["received_at"]
        row["recorded_at"] = write.now
        row.update(version=0, accepted_from=None, accepted_to=None)
        row.update(change_reason="", is_outdated=False)
    return rows


def _record_submissions(
    write: Write, deliveries: Mapping[str, Row], old: list[Row], new: list[Row]
) -> None:
    """Writes what differs; what was to be judged again was recorded only now."""
    for is_again in (False, True):
        kept = RANKED if is_again else ["recorded_at", *RANKED]

        def chosen(rows: list[Row], is_again: bool = is_again) -> list[Row]:
            return [
                row
                for row in rows
                if (deliveries[row["delivery_sha256"]]["status"] == "received")
                is is_again
            ]

        write.changes += apply_difference(
            write.connection, Submission, chosen(old), chosen(new), keep=kept
        )


def _record_values(
    write: Write,
    submission_ids: set[str],
    observations: pd.DataFrame,
    quarantined: pd.Series,
) -> None:
    observations = observations[observations.submission_id.isin(submission_ids)]
    is_quarantined = observations.row_id.isin(quarantined)
    counts = (
        observations.assign(is_quarantined=is_quarantined)
        .groupby(["submission_id", "observation_status"])
        .is_quarantined.agg(observation_count="size", quarantined_count="sum")
        .reset_index()
    )
    connection = write.connection
    write.changes += apply_difference(
        connection,
        ObservationCount,
        fetch(connection, ObservationCount, "submission_id", submission_ids),
        to_rows(counts, ObservationCount, COUNT_COLUMNS, "Observation counts"),
    )
    kept_out = observations[is_quarantined]
    is_readable = kept_out.observation_status.ne("missing") & ~kept_out.duplicated(
        list(PLACE), keep=False
    )
    rows = to_rows(
        kept_out.assign(is_readable=is_readable),
        QuarantinedValue,
        [*PLACE, "is_readable"],
        "Quarantined values",
    )
    for row in rows:
        row["quarantined_id"] = digest(*(row[name] for name in PLACE))
    write.changes += apply_difference(
        connection,
        QuarantinedValue,
        fetch(connection, QuarantinedValue, "submission_id", submission_ids),
        rows,
    )


def _record_findings(
    write: Write, programme_code: str, hashes: Collection[str], frame: pd.DataFrame
) -> None:
    rows = finding_rows(write, frame, "gate_1")
    old = fetch(
        write.connection,
        Finding,
        "delivery_sha256",
        hashes,
        and_(Finding.programme_code == programme_code, Finding.origin == "gate_1"),
    )
    write.changes += apply_difference(
        write.connection, Finding, old, rows, keep=("recorded_at",)
    )


def finding_rows(write: Write, frame: pd.DataFrame, origin: str) -> list[Row]:
    """One ledger row per row of a findings frame.

    Raises:
        LedgerError: a column is absent, or a value has the wrong type.
    """
    rows = to_rows(frame, Finding, KEPT_COLUMNS, "Findings")
    for row in rows:
        row["submission_id"] = row["submission_id"] or None
        row["subject_key"] = subject_key(row)
        row["origin"] = origin
        row["recorded_at"] = write.now
        row["resolved_at"] = None
    return rows


def _record_statuses(
    write: Write,
    deliveries: Mapping[str, Row],
    submissions: list[Row],
    given: Mapping[str, str],
) -> None:
    read = {row["delivery_sha256"] for row in submissions}
    simulated = {r["delivery_sha256"] for r in submissions if r["is_simulated"]}
    changed = []
    for sha256, row in deliveries.items():
        status = given.get(sha256, "read" if sha256 in read else "rejected")
        is_simulated = sha256 in simulated
        if (status, is_simulated) != (row["status"], row["is_simulated"]):
            changed.append({**row, "status": status, "is_simulated": is_simulated})
    update_rows(write.connection, Delivery, changed)
    write.changes += len(changed)
