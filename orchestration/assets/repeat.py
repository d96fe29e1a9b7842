"""Checks of a run with nothing new: the last result stands and is said again.

Without this a run that had nothing to do would leave every check "skipped", and the
evidence for what is published would be gone from the page of the asset.
"""

from collections.abc import Iterable, Iterator

import dagster as dg

LOOK_BACK = 20
"""Executions looked through for one that was judged; a killed run leaves one empty."""


def last_evaluation(
    context: dg.AssetExecutionContext, key: dg.AssetCheckKey
) -> dg.AssetCheckEvaluation | None:
    """The last result of a check and the run that judged it; None before the first."""
    history = context.instance.event_log_storage.get_asset_check_execution_history(
        key, limit=LOOK_BACK
    )
    for record in history:
        # what was only planned, by this run or by one that was killed, is passed over
        if isinstance(record.evaluation, dg.AssetCheckEvaluation):
            return _again(record.evaluation, record.run_id)
    return None


def _again(last: dg.AssetCheckEvaluation, run_id: str) -> dg.AssetCheckEvaluation:
    return dg.AssetCheckEvaluation(
        asset_key=last.asset_key,
        check_name=last.check_name,
        passed=last.passed,
        severity=last.severity,
        description=last.description,
        target_materialization_data=last.target_materialization_data,
        metadata={
            "judged_in_run": dg.MetadataValue.dagster_run(run_id),
            **last.metadata,
        },
    )


def last_results(
    context: dg.AssetExecutionContext, keys: Iterable[dg.AssetCheckKey]
) -> Iterator[dg.AssetCheckResult]:
    """The last results again, for a step to yield as its own."""
    for key in keys:
        if evaluation := last_evaluation(context, key):
            yield as_result(evaluation)


def log_last(
    context: dg.AssetExecutionContext, keys: Iterable[dg.AssetCheckKey]
) -> None:
    """The last results again, for checks of a later step that will be skipped."""
    for key in keys:
        if evaluation := last_evaluation(context, key):
            context.log_event(evaluation)


def as_result(evaluation: dg.AssetCheckEvaluation) -> dg.AssetCheckResult:
    """The evaluation as what a step yields."""
    return dg.AssetCheckResult(
        asset_key=evaluation.asset_key,
        check_name=evaluation.check_name,
        passed=evaluation.passed,
        severity=evaluation.severity,
        description=evaluation.description,
        metadata=evaluation.metadata,
    )
