"""Assets inside the build file: schema raw, then the dbt models of the star schema."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings, dbt_assets
from dagster_dbt.asset_utils import get_asset_check_key_for_test

from expectations.checks import STANDING_SUITES
from orchestration.assets import OWNERS, WAREHOUSE_POOL
from orchestration.assets.intake import submissions_judged
from orchestration.assets.publication import GATE_2_CHECKS
from orchestration.assets.repeat import last_results, log_last
from orchestration.assets.suites import SEVERITIES, suite_result
from orchestration.dbt import BuildFailed, NodeResult, build, manifest_path
from orchestration.progress import step
from orchestration.resources import RunResource
from orchestration.steps.load import fingerprint, is_published, load_raw
from orchestration.steps.standing import judge_standing_facts
from warehouse.build_file import open_build
from warehouse.home import Home
from warehouse.load import sync_findings

RAW_KEY = dg.AssetKey(["raw", "observation"])
FINDING_KEY = dg.AssetKey(["raw", "finding"])


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
        metadata={
            "rows_inserted": report.inserted,
            "rows_deleted": report.deleted,
            "tables_changed": dg.MetadataValue.json(
                {name: list(counts) for name, counts in report.tables.items()}
            ),
        }
    )


@dg.asset(
    key=FINDING_KEY,
    deps=[raw_observation],
    group_name="warehouse",
    owners=OWNERS,
    kinds={"python", "greatexpectations"},
    pool=WAREHOUSE_POOL,
    check_specs=[
        dg.AssetCheckSpec(
            name=suite.name, asset=FINDING_KEY, description=suite.description_en
        )
        for suite in STANDING_SUITES
    ],
)
def raw_finding(
    context: dg.AssetExecutionContext, run_settings: RunResource
) -> dg.MaterializeResult:
    """Findings over everything accepted so far, beside those of single submissions.

    A total against the units below it, corrections that all go one way, figures that
    lie just past a target: no submission shows these, only the whole does. They stand
    until the figures change.
    """
    with run_settings.open() as run:
        summary = judge_standing_facts(run)
        report = sync_findings(run.home, run.programme.code, run.ledger)
    findings = {**dict.fromkeys(SEVERITIES, 0), **summary.severities}
    return dg.MaterializeResult(
        metadata={
            **{f"findings_{k.lower()}": v for k, v in findings.items()},
            "is_judged_anew": summary.is_judged,
            "rows_changed": sum(map(sum, report.tables.values())),
        },
        check_results=[
            suite_result(suite.name, summary.results, summary.findings)
            for suite in STANDING_SUITES
        ],
    )


class Translator(DagsterDbtTranslator):
    """dbt layers as asset groups; schema raw is two assets: its load, its findings."""

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        """Sources are what writes them; models are `<layer>/<model>`."""
        if dbt_resource_props["resource_type"] == "source":
            is_finding = dbt_resource_props["name"] == FINDING_KEY.path[-1]
            return FINDING_KEY if is_finding else RAW_KEY
        return dg.AssetKey([dbt_resource_props["fqn"][1], dbt_resource_props["name"]])

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
        """The layer: staging, intermediate, marts or semantic."""
        layer: str = dbt_resource_props["fqn"][1]
        return layer

    def get_owners(self, dbt_resource_props: Mapping[str, Any]) -> Sequence[str]:
        """Those who own everything else here, unless the model names others."""
        return super().get_owners(dbt_resource_props) or OWNERS


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
                yield from last_results(context, context.selected_asset_check_keys)
                log_last(context, GATE_2_CHECKS)
                return
            home, as_of = run.home, run.as_of
        manifest = json.loads(manifest_path().read_text(encoding="utf-8"))
        nodes: list[NodeResult] = []
        failure = None
        with step("Dựng kho dữ liệu · dbt build") as progress:
            try:
                for node in build(home.build_db, home.work / "dbt", as_of):
                    nodes.append(node)
                    progress.advance(1)
            except BuildFailed as error:
                failure = error
            progress.summary = f"{len(nodes)} mô hình và phép thử · models and tests"
        # told after the build, when its file is free again and the rows can be counted
        rows = row_counts(home) if nodes else {}
        for event in (e for node in nodes for e in _events(node, manifest, translator)):
            if _is_selected(context, event):
                yield _with_rows(event, rows)
        if failure:
            raise failure

    return star_schema


def row_counts(home: Home) -> dict[dg.AssetKey, int]:
    """Rows of every table that dbt built, by asset; views are not counted."""
    with open_build(home, is_read_only=True) as connection:
        tables = connection.sql(
            "select schema_name, table_name from duckdb_tables() where not internal"
        ).fetchall()
        return {
            dg.AssetKey([schema, name]): len(connection.table(f"{schema}.{name}"))
            for schema, name in tables
        }


def _is_selected(
    context: dg.AssetExecutionContext, event: dg.MaterializeResult | dg.AssetCheckResult
) -> bool:
    """False for what a person did not ask for; dbt builds the whole star anyway."""
    if isinstance(event, dg.MaterializeResult):
        return event.asset_key in context.selected_asset_keys
    assert event.asset_key and event.check_name
    key = dg.AssetCheckKey(event.asset_key, event.check_name)
    return key in context.selected_asset_check_keys


def _with_rows(
    event: dg.MaterializeResult | dg.AssetCheckResult, rows: Mapping[dg.AssetKey, int]
) -> dg.MaterializeResult | dg.AssetCheckResult:
    """The event, with the row count of its table where it is one."""
    if not isinstance(event, dg.MaterializeResult) or not event.asset_key:
        return event
    if (count := rows.get(event.asset_key)) is None:
        return event
    metadata = {**(event.metadata or {}), "dagster/row_count": count}
    return event._replace(metadata=metadata)


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
