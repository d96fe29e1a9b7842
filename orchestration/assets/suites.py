"""Suites as Dagster shows them: one check each, with the rows that failed."""

import dagster as dg
import pandas as pd

from orchestration.assets.tables import table_of

SEVERITIES = {
    "BLOCKER": dg.AssetCheckSeverity.ERROR,
    "ERROR": dg.AssetCheckSeverity.ERROR,
    "WARNING": dg.AssetCheckSeverity.WARN,
    "INFO": dg.AssetCheckSeverity.WARN,
}
ROWS_SHOWN = 50
ROW_COLUMNS = (
    "rule_code",
    "severity",
    "unit_code",
    "form_code",
    "period_key",
    "indicator_code",
    "sheet",
    "cell",
    "finding_id",
)
"""Where a row failed and how to look it up. Never its figures: the event log is read by
more people than the warehouse."""


def suite_result(
    name: str, results: pd.DataFrame, findings: pd.DataFrame | None = None
) -> dg.AssetCheckResult:
    """The Dagster result of one suite: rules with counts, then the rows that failed.

    Args:
        name: The suite.
        results: One row per rule (`checks.RESULT_COLUMNS`), of any suites.
        findings: One row per finding, of any rules; the first rows of this suite's
            rules are shown, heaviest first.
    """
    rows = results[results.suite.eq(name)]
    failed = rows[rows.status.eq("fail")]
    worst = [SEVERITIES[severity] for severity in failed.severity]
    is_error = dg.AssetCheckSeverity.ERROR in worst
    metadata: dict[str, dg.MetadataValue | int] = {
        "rules_checked": int(rows.status.ne("skipped").sum()),
        "rules_skipped": int(rows.status.eq("skipped").sum()),
        "rules_failed": dg.MetadataValue.json(
            failed[["rule_code", "severity", "checked", "failed"]].to_dict("records")
        ),
    }
    if findings is not None and len(failed):
        metadata["rows"] = _rows(findings[findings.rule_code.isin(failed.rule_code)])
    return dg.AssetCheckResult(
        check_name=name,
        passed=failed.empty,
        severity=dg.AssetCheckSeverity.ERROR
        if is_error
        else dg.AssetCheckSeverity.WARN,
        metadata=metadata,
    )


def _rows(findings: pd.DataFrame) -> dg.MetadataValue:
    weight = {severity: place for place, severity in enumerate(SEVERITIES)}
    heaviest = findings.sort_values("severity", key=lambda s: s.map(weight))
    return table_of(heaviest[list(ROW_COLUMNS)], ROWS_SHOWN)
