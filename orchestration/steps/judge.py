"""Judge: gate 1 over the batch just read; the ledger takes its decision in one go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from expectations.checks import RESULT_COLUMNS
from orchestration.progress import step
from orchestration.steps import handover
from orchestration.steps.context import RunContext, today
from sources.programme.due import due_units, with_extensions
from sources.programme.findings import empty_findings
from sources.readers import ReadResult
from warehouse.history import earlier_figures, earlier_versions

if TYPE_CHECKING:
    from expectations.gate1 import Judgement

PERSONAL_DATA = "PERSONAL_DATA"
REFUSED = "refused"
REJECTED = "rejected"


@dataclass(frozen=True)
class JudgeSummary:
    """Gate 1: submissions by status, findings by severity and one by one, one result
    row per rule."""

    statuses: dict[str, int]
    severities: dict[str, int]
    results: pd.DataFrame
    findings: pd.DataFrame


def judge_batch(run: RunContext) -> JudgeSummary:
    """Judges the batch in the work folder and records submissions and findings.

    Raises:
        CheckCrashed: a check could not be evaluated; nothing of the batch is recorded.
    """
    if not handover.exists(run.home.work):
        nothing = pd.DataFrame(columns=list(RESULT_COLUMNS))
        return JudgeSummary({}, {}, nothing, empty_findings())
    batch = handover.read(run.home.work)
    run.ledger.record_members(batch.members)
    with step("Kiểm tra · gate 1") as progress:
        judgement = judgement_of(run, batch, run.measures)
        statuses = delivery_statuses(run, batch)
        run.ledger.record_judgement(
            run.programme.code,
            judgement.submissions,
            judgement.findings,
            batch.observations,
            judgement.quarantined,
            statuses,
        )
        for sha256, status in statuses.items():
            if status == REFUSED:
                run.landing.quarantine(sha256)
        progress.summary = f"{len(judgement.findings)} phát hiện · findings"
    return JudgeSummary(
        _counts(judgement.submissions.status),
        _counts(judgement.findings.severity),
        judgement.results,
        judgement.findings,
    )


def judgement_of(
    run: RunContext, batch: ReadResult, measures: pd.DataFrame
) -> Judgement:
    """Gate 1's word on a batch against all that is accepted now; records nothing.

    Raises:
        CheckCrashed: a check could not be evaluated.
    """
    # great_expectations takes seconds to import; a run with nothing new never pays
    from expectations.declared import history_keys
    from expectations.gate1 import judge

    return judge(
        run.programme,
        batch.submissions,
        batch.observations,
        batch.findings,
        expected=expected_reports(run),
        measures=measures,
        current_counts=run.ledger.current_counts(run.programme.code),
        earlier=earlier_figures(
            run.home,
            run.programme.code,
            history_keys(run.programme, batch.submissions),
        ),
        as_of=max(run.as_of, today(run.programme)),
        before=earlier_versions(run.home, run.programme.code, batch.submissions),
    )


def expected_reports(run: RunContext) -> pd.DataFrame:
    """One row per form, unit and period due (columns of `due_units`), as extended."""
    periods = run.reference["ref_period"]
    ordinary = pd.concat(
        [due_units(run.programme, form, periods) for form in run.programme.forms],
        ignore_index=True,
    )
    return with_extensions(ordinary, run.extensions)


def delivery_statuses(run: RunContext, batch: ReadResult) -> dict[str, str]:
    """Pending deliveries that did not simply yield submissions, by SHA-256.

    Refused: records about persons; the bytes leave landing for the locked quarantine.
    Rejected: nothing readable in it.
    """
    pending = run.ledger.pending_deliveries(run.programme.code).delivery_sha256
    read = set(batch.submissions.delivery_sha256)
    persons = batch.findings.rule_code.eq(PERSONAL_DATA)
    refused = set(batch.findings.delivery_sha256[persons])
    return {
        sha256: REFUSED if sha256 in refused else REJECTED
        for sha256 in pending
        if sha256 in refused or sha256 not in read
    }


def _counts(column: pd.Series) -> dict[str, int]:
    return {str(name): int(count) for name, count in column.value_counts().items()}
