"""Assets inside the build file: schema raw, then the dbt models of the star schema."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings, dbt_assets
from dagster_dbt.asset_utils import get_asset_check_key_for_test

from orchestration.assets import OWNERS, WAREHOUSE_POOL
from orchestration.assets.intake import submissions_judged
from orchestration.dbt import NodeResult, build, manifest_path
from orchestration.progress import step
from orchestration.resources import RunResource
from orchestration.steps.load import fingerprint, is_published, load_raw

RAW_KEY = dg.AssetKey(["raw", "observation"])


@dg.asset(
    key=RAW_KEY,
    deps=[submissions_judged],
    group_name="warehouse",
    owners=OWNERS,
    kinds={"python", "duckdb"},
    pool=WAREHOUSE_POOL,
)
def raw_observation(run_settings: RunResource) -> dg.MaterializeResult:
    """Schema raw: observations of accepted submissions, the ledger's lists, reference.

    Loading deletes and inserts by submission in one transaction, so a killed run leaves
    the state before it and the next one repairs it.
    """
    with run_settings.open() as run:
        report = load_raw(run)
    return dg.MaterializeResult(
        metadata={"rows_inserted": report.inserted, "rows_deleted": report.deleted}
    )


class Translator(DagsterDbtTranslator):
    """dbt layers as asset groups; every table of schema raw is one asset, its load."""

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        """Sources are the raw load; models are `<layer>/<model>`."""
        if dbt_resource_props["resource_type"] == "source":
            return RAW_KEY
        return dg.AssetKey([dbt_resource_props["fqn"][1], dbt_resource_props["name"]])

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
        """The layer: staging, intermediate or marts."""
        layer: str = dbt_resource_props["fqn"][1]
        return layer


def build_star_schema() -> dg.AssetsDefinition:
    """The dbt models as assets and their tests as checks; one dbt invocation a run."""
    translator = Translator(
        settings=DagsterDbtTranslatorSettings(enable_duplicate_source_asset_keys=True)
    )

    @dbt_assets(
        manifest=manifest_path(),
        dagster_dbt_translator=translator,
        pool=WAREHOUSE_POOL,
        name="star_schema",
    )
    def star_schema(
        context: dg.AssetExecutionContext, run_settings: RunResource
    ) -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:
        with run_settings.open() as run:
            if is_published(run, fingerprint(run)):
                context.log.info("Nothing changed since the last publication.")
                return
            home, as_of = run.home, run.as_of
        manifest = json.loads(manifest_path().read_text(encoding="utf-8"))
        with step("Dựng kho dữ liệu · dbt build") as progress:
            nodes = 0
            for result in build(home.build_db, home.work / "dbt", as_of):
                nodes += 1
                progress.advance(1)
                yield from _events(result, manifest, translator)
            progress.summary = f"{nodes} mô hình và phép thử · models and tests"

    return star_schema


def _events(
    result: NodeResult, manifest: Mapping[str, Any], translator: Translator
) -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:
    """The Dagster event of one dbt node: a model built or a test evaluated."""
    seconds = dg.MetadataValue.float(result.seconds)
    key = get_asset_check_key_for_test(manifest, translator, result.unique_id, None)
    if key is not None:
        yield dg.AssetCheckResult(
            asset_key=key.asset_key,
            check_name=key.name,
            passed=result.is_passed,
            metadata={"failing_rows": result.failures, "seconds": seconds},
        )
    elif result.unique_id.startswith("model.") and result.is_passed:
        node = manifest["nodes"][result.unique_id]
        yield dg.MaterializeResult(
            asset_key=translator.get_asset_key(node), metadata={"seconds": seconds}
        )
