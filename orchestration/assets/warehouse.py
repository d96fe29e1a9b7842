"""Assets inside the build file: schema raw, then the dbt models of the star schema."""

import json
import os
from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg
from dagster_dbt import (
    DagsterDbtTranslator,
    DagsterDbtTranslatorSettings,
    DbtCliResource,
    dbt_assets,
)

from orchestration.assets import OWNERS, WAREHOUSE_POOL
from orchestration.assets.intake import submissions_judged
from orchestration.dbt import manifest_path
from orchestration.progress import step
from orchestration.resources import RunResource
from orchestration.steps.load import fingerprint, is_published, load_raw

NO_UNIT_TESTS = ("--exclude-resource-type", "unit_test")
"""Unit tests judge the code, not the day's data: `make test` runs them."""

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
        return dbt_resource_props["fqn"][1]


def build_star_schema() -> dg.AssetsDefinition:
    """The dbt models as assets and their tests as checks; one dbt invocation a run."""

    @dbt_assets(
        manifest=manifest_path(),
        dagster_dbt_translator=Translator(
            settings=DagsterDbtTranslatorSettings(
                enable_duplicate_source_asset_keys=True
            )
        ),
        pool=WAREHOUSE_POOL,
        name="star_schema",
    )
    def star_schema(
        context: dg.AssetExecutionContext,
        dbt: DbtCliResource,
        run_settings: RunResource,
    ) -> Iterator[Any]:
        with run_settings.open() as run:
            if is_published(run, fingerprint(run)):
                context.log.info("Nothing changed since the last publication.")
                return
            build_db, as_of = run.home.build_db, run.as_of
        os.environ["NHIEMKY_BUILD_DB"] = str(build_db)
        variables = json.dumps({"as_of_date": as_of.isoformat()})
        with step("Dựng kho dữ liệu · dbt build") as progress:
            nodes = 0
            arguments = ["build", "--vars", variables, *NO_UNIT_TESTS]
            invocation = dbt.cli(arguments, context=context)
            for event in invocation.stream():
                nodes += 1
                progress.advance(1)
                yield event
            progress.summary = f"{nodes} mô hình và phép thử · models and tests"

    return star_schema
