"""Standing: doubts over everything accepted so far, after the load and before dbt."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from orchestration.progress import step
from orchestration.steps.context import RunContext
from orchestration.steps.load import fingerprint
from warehouse.standing import standing_facts


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
    last = _notes(run).get(run.programme.code)
    if last and last["state"] == fingerprint(run):
        return _summary(run, pd.DataFrame(last["results"]), is_judged=False)
    # great_expectations takes seconds to import; a run with nothing new never pays
    from expectations.standing import BAND, EDGE, judge_standing

    with step("Kiểm tra toàn chuỗi · standing") as progress:
        facts = standing_facts(run.home, run.programme.code, BAND, EDGE)
        standing = judge_standing(run.programme, facts)
        run.ledger.record_standing(run.programme.code, standing.findings)
        progress.summary = f"{len(standing.findings)} phát hiện · findings"
    _remember(run, fingerprint(run), standing.results)
    return _summary(run, standing.results, is_judged=True)


def _summary(
    run: RunContext, results: pd.DataFrame, is_judged: bool
) -> StandingSummary:
    found = run.ledger.findings(run.programme.code)
    found = found[found["origin"].eq("standing") & found["status"].ne("resolved")]
    counts = found["severity"].value_counts()
    severities = {str(name): int(count) for name, count in counts.items()}
    return StandingSummary(severities, results, found, is_judged)


def _notes(run: RunContext) -> dict[str, dict[str, Any]]:
    """By programme: the state last judged, and what came of it."""
    note = _note(run)
    found: dict[str, dict[str, Any]] = (
        json.loads(note.read_text()) if note.exists() else {}
    )
    return found


def _remember(run: RunContext, state: str, results: pd.DataFrame) -> None:
    note = {"state": state, "results": results.to_dict("list")}
    _note(run).write_text(json.dumps({**_notes(run), run.programme.code: note}))


def _note(run: RunContext) -> Path:
    return run.home.work / "standing_state.json"
