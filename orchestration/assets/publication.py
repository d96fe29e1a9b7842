"""Assets after the build: what readers see, and the scorecard that people see."""

from collections.abc import Iterable, Iterator

import dagster as dg

from expectations.checks import GATE_2_SUITES
from orchestration.assets import OWNERS, WAREHOUSE_POOL
from orchestration.assets.intake import suite_result
from orchestration.resources import RunResource
from orchestration.steps.load import fingerprint, is_published, remember_published
from orchestration.steps.release import check_build, publish_build
from orchestration.steps.show import write_reports

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
            results = check_build(run)
            if is_new:
                report = publish_build(run)
                remember_published(run, state)
        checks = [suite_result(suite.name, results) for suite in GATE_2_SUITES]
        if not is_new:
            yield from checks
            return
        yield dg.MaterializeResult(
            metadata={
                "publication_id": report.publication_id,
                "as_of_date": str(run.as_of),
                "dagster/row_count": sum(report.tables.values()),
                "rows": dg.MetadataValue.json(report.tables),
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
    """The term scorecard as a self-contained page, read from the publication."""
    with run_settings.open() as run:
        pages = write_reports(run)
    return dg.MaterializeResult(
        metadata={
            name: dg.MetadataValue.path(str(path)) for name, path in pages.items()
        }
    )
