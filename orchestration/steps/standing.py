"""Standing: doubts over everything accepted so far, after the load and before dbt."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from orchestration.progress import step
from orchestration.steps.context import RunContext
from orchestration.steps.load import fingerprint
from orchestration.steps.notes import Note
from warehouse.standing import standing_facts

STATE = Note("standing_state")
"""The state (`fingerprint`) judged last, and what came of it."""


@dataclass(frozen=True)
class StandingSummary:
    """Standing checks: findings by severity and one by one, one result row per rule.

    findings: those that stand in the ledger now, waived ones included. `is_judged` is
    False where nothing changed since they were judged last.
    """

    severities: dict[str, int]
    results: pd.DataFrame
    findings: pd.DataFrame
    is_judged: bool


def judge_standing_facts(run: RunContext) -> StandingSummary:
    """Judges schema raw as it was just loaded, and records the doubts.

    Where nothing changed since the last time (`fingerprint`) it does nothing and gives
    the last results. A killed run left no such note, so the next one judges. Schema raw
    must take the findings in before dbt builds.

    Raises:
        CheckCrashed: a check could not be evaluated; nothing is recorded.
        WarehouseError: schema raw is not there or another process has the build file.
    """
    last = STATE.read(run)
    if last and last["state"] == fingerprint(run):
        return _summary(run, pd.DataFrame(last["results"]), is_judged=False)
    # great_expectations takes seconds to import; a run with nothing new never pays
    from expectations.standing import BAND, EDGE, judge_standing

    with step("Kiểm tra toàn chuỗi · standing") as progress:
        facts = standing_facts(run.home, run.programme.code, BAND, EDGE)
        standing = judge_standing(run.programme, facts)
        run.ledger.record_standing(run.programme.code, standing.findings)
        progress.summary = f"{len(standing.findings)} phát hiện · findings"
    results = standing.results.to_dict("list")
    STATE.write(run, {"state": fingerprint(run), "results": results})
    return _summary(run, standing.results, is_judged=True)


def _summary(
    run: RunContext, results: pd.DataFrame, is_judged: bool
) -> StandingSummary:
    found = run.ledger.findings(run.programme.code)
    found = found[found["origin"].eq("standing") & found["status"].ne("resolved")]
    counts = found["severity"].value_counts()
    severities = {str(name): int(count) for name, count in counts.items()}
    return StandingSummary(severities, results, found, is_judged)
