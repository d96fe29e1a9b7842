"""Release: gate 2 over the finished build, then publication; or a refusal on record."""

from __future__ import annotations

import datetime as dt
import uuid

import pandas as pd

from orchestration.progress import step
from orchestration.steps.context import RunContext
from warehouse.publish import PublishReport, publish
from warehouse.read import gate2_facts, publication


class GateRefused(Exception):
    """Gate 2 refused the build; the previous publication stays."""


def check_build(run: RunContext) -> pd.DataFrame:
    """Gate 2 over the build file: one row per rule.

    Raises:
        GateRefused: with the reasons in both languages.
        CheckCrashed: a check could not be evaluated.
    """
    from expectations.gate2 import judge

    with step("Kiểm tra trước công bố · gate 2") as progress:
        facts = gate2_facts(run.home)
        if _looks_back(run):
            # an earlier day has fewer periods to show: that is no loss
            facts["row_counts"] = facts["row_counts"].assign(rows_published=None)
        verdict = judge(facts)
        if not verdict.is_passed:
            reasons = [*verdict.reasons_vi, *verdict.reasons_en]
            run.ledger.record_refusal(
                programme_code=run.programme.code,
                reasons="\n".join(reasons),
                at=dt.datetime.now(dt.UTC),
            )
            raise GateRefused("\n".join(reasons))
        progress.summary = f"{len(verdict.results)} phép kiểm đạt · checks passed"
    return verdict.results


def _looks_back(run: RunContext) -> bool:
    """True when the publication in place judges a later day than this build."""
    if not run.home.published_db.exists():
        return False
    published_day: dt.date = publication(run.home)["as_of_date"]
    return published_day > run.as_of


def publish_build(run: RunContext) -> PublishReport:
    """Swaps the build into place for readers and notes it in the ledger."""
    with step("Công bố · publish") as progress:
        published_at = dt.datetime.now(dt.UTC)
        report = publish(
            run.home,
            publication_id=uuid.uuid4().hex,
            published_at=published_at,
            as_of_date=run.as_of,
        )
        run.ledger.record_publication(
            publication_id=report.publication_id,
            programme_code=run.programme.code,
            published_at=published_at,
            as_of_date=run.as_of,
        )
        progress.summary = f"{len(report.tables)} bảng · tables"
    return report
