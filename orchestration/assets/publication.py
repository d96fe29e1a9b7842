"""Assets after the build: what readers see, what goes back, who is told."""

from collections.abc import Iterable, Iterator

import dagster as dg

from expectations.checks import GATE_2_SUITES
from orchestration.assets import OWNERS, WAREHOUSE_POOL
from orchestration.assets.suites import suite_result
from orchestration.resources import RunResource
from orchestration.steps.duties import answer_senders, make_pages, tell_maintainers
from orchestration.steps.load import (
    are_decisions_loaded,
    fingerprint,
    is_published,
    remember_published,
)
from orchestration.steps.owed import owe_turns
from orchestration.steps.release import judge_build, publish_build

PUBLICATION_KEY = dg.AssetKey("publication")
GATE_2_CHECKS = [dg.AssetCheckKey(PUBLICATION_KEY, s.name) for s in GATE_2_SUITES]


def build_publication(marts: Iterable[dg.AssetKey]) -> dg.AssetsDefinition:
    """The publication of these marts."""

    @dg.asset(
        key=PUBLICATION_KEY,
        deps=sorted(marts),
        group_name="publication",
        owners=OWNERS,
        kinds={"duckdb", "parquet", "greatexpectations"},
        pool=WAREHOUSE_POOL,
        check_specs=[
            dg.AssetCheckSpec(
                name=suite.name,
                asset=PUBLICATION_KEY,
                description=suite.description_en,
            )
            for suite in GATE_2_SUITES
        ],
        output_required=False,
    )
    def publication(
        run_settings: RunResource,
    ) -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:
        """The published warehouse: schema marts as a read-only DuckDB file and Parquet.

        Gate 2 judges the whole build first; on refusal the previous publication stays.
        The swap is atomic: a reader sees the old one or the new one, never a mixture.
        """
        with run_settings.open() as run:
            state = fingerprint(run)
            is_new = not is_published(run, state)
            verdict = judge_build(run)
            if is_new:
                report = publish_build(run)
                owe_turns(run, verdict.verdict_changes)
                if are_decisions_loaded(run):
                    remember_published(run, state)
        checks = [suite_result(suite.name, verdict.results) for suite in GATE_2_SUITES]
        if not is_new:
            yield from checks
            return
        yield dg.MaterializeResult(
            metadata={
                "publication_id": report.publication_id,
                "as_of_date": str(run.as_of),
                "dagster/row_count": sum(report.tables.values()),
                "rows": dg.MetadataValue.json(report.tables),
                "verdicts_turned": len(verdict.verdict_changes),
            },
            check_results=checks,
        )

    return publication


@dg.asset(
    deps=[PUBLICATION_KEY],
    group_name="publication",
    owners=OWNERS,
    kinds={"html"},
)
def scorecard(run_settings: RunResource) -> dg.MaterializeResult:
    """The term scorecard as a self-contained page, workbook and CSV, as published.

    And that of every edition that was published since; the page of open findings.
    """
    with run_settings.open() as run:
        pages = make_pages(run)
    return dg.MaterializeResult(
        metadata={
            name: dg.MetadataValue.path(str(path)) for name, path in pages.items()
        }
    )


@dg.asset(
    deps=[PUBLICATION_KEY],
    group_name="publication",
    owners=OWNERS,
    kinds={"excel"},
)
def replies(run_settings: RunResource) -> dg.MaterializeResult:
    """Every file with open findings, back to its sender: cells marked, in Vietnamese.

    A copy of the sender's own workbook where it can be one, a report of the same shape
    where it cannot. Written again only when what it says has changed.
    """
    with run_settings.open() as run:
        summary = answer_senders(run)
    return dg.MaterializeResult(
        metadata={
            "replies_written": summary.written,
            "folder": dg.MetadataValue.path(str(summary.folder)),
        }
    )


@dg.asset(
    deps=[PUBLICATION_KEY],
    group_name="publication",
    owners=OWNERS,
    kinds={"python"},
)
def alerts(run_settings: RunResource) -> dg.MaterializeResult:
    """What maintainers should hear: put into the outbox, and sent where there is one.

    Overdue reports, what stops a submission, refusals, failures, targets that turned;
    each thing once. A channel that is down costs a later attempt, never the run.
    """
    with run_settings.open() as run:
        told, sent = tell_maintainers(run)
    return dg.MaterializeResult(
        metadata={
            "alerts_new": told.new,
            "alerts_seen_again": told.seen_again,
            "alerts_resolved": told.resolved,
            "reports_overdue": told.overdue,
            "alerts_sent": sent.sent,
            "alerts_waiting": sent.waiting,
            "alerts_failed": sent.failed,
            "channel_errors": list(sent.errors),
        }
    )
