"""Checks of a run with nothing new: the last result stands and is said again.

Without this a run that had nothing to do would leave every check "skipped", and the
evidence for what is published would be gone from the page of the asset.
"""

from collections.abc import Iterable

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
    judged = next((record for record in history if record.evaluation), None)
    if judged is None or judged.evaluation is None:
        return None
    last = judged.evaluation
    return dg.AssetCheckEvaluation(
        asset_key=last.asset_key,
        check_name=last.check_name,
        passed=last.passed,
        severity=last.severity,
        description=last.description,
        target_materialization_data=last.target_materialization_data,
        metadata={
            "judged_in_run": dg.MetadataValue.dagster_run(judged.run_id),
            **last.metadata,
        },
    )


def repeat(context: dg.AssetExecutionContext, keys: Iterable[dg.AssetCheckKey]) -> None:
    """Logs the last result of each check as the result of this run."""
    for key in keys:
        if evaluation := last_evaluation(context, key):
            context.log_event(evaluation)


def as_result(evaluation: dg.AssetCheckEvaluation) -> dg.AssetCheckResult:
    """The same for a step that must return its results."""
    return dg.AssetCheckResult(
        check_name=evaluation.check_name,
        passed=evaluation.passed,
        severity=evaluation.severity,
        description=evaluation.description,
        metadata=evaluation.metadata,
    )
