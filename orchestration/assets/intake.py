"""Assets from what arrived to the ledger: cells read, gate 1."""

import dagster as dg

from expectations.checks import GATE_1_SUITES
from orchestration.assets import OWNERS, WAREHOUSE_POOL
from orchestration.assets.repeat import as_result, last_evaluation
from orchestration.assets.sources import DELIVERIES
from orchestration.assets.suites import SEVERITIES, suite_result
from orchestration.resources import RunResource
from orchestration.steps.judge import JudgeSummary, judge_batch
from orchestration.steps.read import read_pending


@dg.asset(
    deps=[DELIVERIES],
    group_name="intake",
    owners=OWNERS,
    kinds={"python", "excel"},
    pool=WAREHOUSE_POOL,
)
def submissions_read(run_settings: RunResource) -> dg.MaterializeResult:
    """Observations cell by cell, of every delivery not judged yet: raw text, sheet,
    cell.

    Workbooks are inspected first and read in worker processes with limits: a file that
    kills its reader costs only itself.
    """
    with run_settings.open() as run:
        summary = read_pending(run)
    return dg.MaterializeResult(metadata=dict(vars(summary)))


@dg.asset(
    deps=[submissions_read],
    group_name="intake",
    owners=OWNERS,
    kinds={"python", "greatexpectations"},
    pool=WAREHOUSE_POOL,
    check_specs=[
        dg.AssetCheckSpec(
            name=suite.name,
            asset="submissions_judged",
            description=suite.description_en,
        )
        for suite in GATE_1_SUITES
    ],
)
def submissions_judged(
    context: dg.AssetExecutionContext, run_settings: RunResource
) -> dg.MaterializeResult:
    """Gate 1: each submission accepted, rejected or held; each bad value quarantined.

    One bad unit never stops the others: a failed check here is a finding that goes back
    to the unit, not a failed run.
    """
    with run_settings.open() as run:
        summary = judge_batch(run)
        report = run.home.reports / "findings.html"
    findings = {**dict.fromkeys(SEVERITIES, 0), **summary.severities}
    return dg.MaterializeResult(
        metadata={
            "submissions": sum(summary.statuses.values()),
            **{f"submissions_{k}": v for k, v in summary.statuses.items()},
            **{f"findings_{k.lower()}": v for k, v in findings.items()},
            "findings_report": dg.MetadataValue.path(str(report)),
        },
        check_results=[
            _gate_1_result(context, suite.name, summary) for suite in GATE_1_SUITES
        ],
    )


def _gate_1_result(
    context: dg.AssetExecutionContext, name: str, summary: JudgeSummary
) -> dg.AssetCheckResult:
    """The result over this batch; over an empty batch, the one that stands."""
    key = dg.AssetCheckKey(context.asset_key, name)
    if summary.results.empty and (last := last_evaluation(context, key)):
        return as_result(last)
    return suite_result(name, summary.results, summary.findings)
