"""Assets after the build: what readers see, and the scorecard that people see."""

import dagster as dg
from expectations.checks import GATE_2_SUITES

from orchestration.assets import OWNERS, WAREHOUSE_POOL
from orchestration.assets.intake import suite_result
from orchestration.resources import RunResource
from orchestration.steps.load import fingerprint, is_published, remember_published
from orchestration.steps.release import check_build, publish_build
from orchestration.steps.show import write_reports

MART_DEPS = [
    dg.AssetKey(["marts", "rpt_term_scorecard"]),
    dg.AssetKey(["marts", "fct_finding"]),
]


@dg.asset(
    deps=MART_DEPS,
    group_name="publication",
    owners=OWNERS,
    kinds={"duckdb", "parquet", "greatexpectations"},
    pool=WAREHOUSE_POOL,
    check_specs=[
        dg.AssetCheckSpec(
            name=suite.name, asset="publication", description=suite.description_en
        )
        for suite in GATE_2_SUITES
    ],
    output_required=False,
)
def publication(run_settings: RunResource):  # type: ignore[no-untyped-def]
    """The published warehouse: schema marts as a read-only DuckDB file and Parquet.

    Gate 2 judges the whole build first; on refusal the previous publication stays. The
    swap is atomic: a reader sees the old one or the new one, never a mixture.
    """
    with run_settings.open() as run:
        state = fingerprint(run)
        if is_published(run, state):
            return
        results = check_build(run)
        report = publish_build(run)
        remember_published(run, state)
    yield dg.MaterializeResult(
        metadata={
            "publication_id": report.publication_id,
            "as_of_date": str(run.as_of),
            "rows": dg.MetadataValue.json(report.tables),
        },
        check_results=[suite_result(suite.name, results) for suite in GATE_2_SUITES],
    )


@dg.asset(
    deps=[publication],
    group_name="publication",
    owners=OWNERS,
    kinds={"html"},
)
def scorecard(run_settings: RunResource) -> dg.MaterializeResult:
    """The term scorecard as a self-contained page, read from the publication."""
    with run_settings.open() as run:
        pages = write_reports(run)
    return dg.MaterializeResult(
        metadata={
            name: dg.MetadataValue.path(str(path)) for name, path in pages.items()
        }
    )
