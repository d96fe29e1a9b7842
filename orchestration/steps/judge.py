"""Judge: gate 1 over the batch just read; the ledger takes its decision in one go."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
from sources.programme.reference import due_units

from orchestration.progress import step
from orchestration.steps import handover
from orchestration.steps.context import RunContext

RESULT_COLUMNS = ("suite", "rule_code", "severity", "checked", "failed", "status")


@dataclass(frozen=True)
class JudgeSummary:
    """Gate 1: submissions by status, findings by severity, one row per rule."""

    statuses: dict[str, int]
    severities: dict[str, int]
    results: pd.DataFrame


def judge_batch(run: RunContext) -> JudgeSummary:
    """Judges the batch in the work folder and records submissions and findings.

    Raises:
        CheckCrashed: a check could not be evaluated; nothing of the batch is recorded.
    """
    if not handover.exists(run.home.work):
        return JudgeSummary({}, {}, pd.DataFrame(columns=list(RESULT_COLUMNS)))
    # great_expectations takes seconds to import; a run with nothing new never pays
    from expectations.gate1 import judge

    batch = handover.read(run.home.work)
    run.ledger.record_members(batch.members)
    with step("Kiểm tra · gate 1") as progress:
        judgement = judge(
            run.programme,
            batch.submissions,
            batch.observations,
            batch.findings,
            expected=due_units(run.programme, run.reference["ref_period"]),
            measures=run.measures,
            current_counts=run.ledger.current_counts(run.programme.code),
        )
        run.ledger.record_judgement(
            run.programme.code,
            judgement.submissions,
            judgement.findings,
            batch.observations,
            judgement.quarantined,
        )
        progress.summary = f"{len(judgement.findings)} phát hiện · findings"
    return JudgeSummary(
        judgement.submissions.status.value_counts().to_dict(),
        judgement.findings.severity.value_counts().to_dict(),
        judgement.results,
    )
