"""The Superset bundle holds together: against the contracts of the marts, without
Superset, and with each dataset's SQL run on DuckDB and on Postgres."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pytest
import yaml

from warehouse.report.words import COMMITMENT, VERDICTS

ROOT = Path(__file__).resolve().parents[4]
SUPERSET = ROOT / "warehouse" / "bi" / "superset"
BUNDLE = SUPERSET / "bundle"
MARTS = ROOT / "dbt_project" / "models" / "marts"
PUBLICATION = {
    "publication_id": "varchar",
    "published_at": "timestamp",
    "as_of_date": "date",
}
"""Made by the publisher, so no dbt model says it."""
VIETNAMESE = re.compile(
    "[ăâđêôơưáàảãạắằẳẵặấầẩẫậéèẻẽẹếềểễệíìỉĩịóòỏõọốồổỗộớờởỡợúùủũụứừửữựýỳỷỹỵ]", re.I
)


def load(kind: str) -> dict[str, dict[str, Any]]:
    return {
        path.stem: yaml.safe_load(path.read_text(encoding="utf-8"))
        for path in sorted((BUNDLE / kind).rglob("*.yaml"))
    }


DATABASE = load("databases")["nhiemky"]
DATASETS = load("datasets")
CHARTS = load("charts")
DASHBOARDS = load("dashboards")
BY_UUID = {dataset["uuid"]: dataset for dataset in DATASETS.values()}
CHART_BY_UUID = {chart["uuid"]: chart for chart in CHARTS.values()}


def columns(dataset: dict[str, Any]) -> set[str]:
    return {column["column_name"] for column in dataset["columns"]}


def metrics(dataset: dict[str, Any]) -> set[str]:
    return {metric["metric_name"] for metric in dataset["metrics"]}


def marts() -> Iterator[tuple[str, dict[str, str]]]:
    """Columns and types of every mart, from its dbt contract."""
    for path in sorted(MARTS.rglob("*.yml")):
        told = yaml.safe_load(path.read_text(encoding="utf-8"))
        for model in told.get("models") or []:
            yield (
                model["name"],
                {c["name"]: c["data_type"] for c in model["columns"]},
            )
    yield "publication", PUBLICATION


def definitions(types: dict[str, str]) -> Iterator[str]:
    for table, told in marts():
        listed = ", ".join(
            f'"{name}" {types.get(kind, kind)}' for name, kind in told.items()
        )
        yield f"create table marts.{table} ({listed})"


@pytest.fixture(scope="module")
def empty_duckdb() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("create schema marts")
        for statement in definitions({}):
            connection.execute(statement)
        connection.execute("set schema = 'marts'")
        yield connection


@pytest.mark.parametrize("name", DATASETS)
def test_dataset_says_the_columns_that_its_sql_gives(
    name: str, empty_duckdb: duckdb.DuckDBPyConnection
) -> None:
    dataset = DATASETS[name]
    given = empty_duckdb.execute(dataset["sql"]).description
    assert [c[0] for c in given] == [c["column_name"] for c in dataset["columns"]]
    assert [str(c[1]) for c in given] == [c["type"] for c in dataset["columns"]]
    for metric in dataset["metrics"]:
        empty_duckdb.execute(
            f"select {metric['expression']} from ({dataset['sql']}) as asked"
        )


def test_every_dataset_and_metric_runs_on_postgres(postgres_url: str) -> None:
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("create schema marts")
        for statement in definitions({"timestamp": "timestamptz"}):
            connection.execute(statement)
        connection.execute("set search_path = marts")
        for dataset in DATASETS.values():
            asked = ", ".join(metric["expression"] for metric in dataset["metrics"])
            given = connection.execute(dataset["sql"]).description
            assert given is not None
            assert {c.name for c in given} == columns(dataset)
            connection.execute(f"select {asked} from ({dataset['sql']}) as asked")


def test_no_schema_and_no_secret_in_the_bundle() -> None:
    assert DATABASE["sqlalchemy_uri"] == "duckdb:////published/warehouse.duckdb"
    assert DATABASE["extra"]["engine_params"]["connect_args"]["read_only"] is True
    for dataset in DATASETS.values():
        assert dataset["schema"] is None
        assert not re.search(r"\bmarts\w*\.", dataset["sql"])
    for path in BUNDLE.rglob("*.yaml"):
        assert not re.search(r"postgres|password", path.read_text(encoding="utf-8"))


def test_identities_are_unique_and_resolve() -> None:
    kinds = [DATASETS, CHARTS, DASHBOARDS]
    uuids = [DATABASE["uuid"], *(f["uuid"] for kind in kinds for f in kind.values())]
    assert not [uuid for uuid, count in Counter(uuids).items() if count > 1]
    assert {d["database_uuid"] for d in DATASETS.values()} == {DATABASE["uuid"]}
    assert {c["dataset_uuid"] for c in CHARTS.values()} <= set(BY_UUID)


@pytest.mark.parametrize("name", CHARTS)
def test_chart_uses_what_its_dataset_has(name: str) -> None:
    chart = CHARTS[name]
    params, dataset = chart["params"], BY_UUID[chart["dataset_uuid"]]
    assert params["viz_type"] == chart["viz_type"]
    groupby = params.get("groupby") or []
    used = [groupby] if isinstance(groupby, str) else list(groupby)
    used += params.get("all_columns") or []
    used += [params["x_axis"]] if "x_axis" in params else []
    used += [only["subject"] for only in params["adhoc_filters"]]
    assert set(used) <= columns(dataset)
    asked = list(params.get("metrics") or [])
    asked += [params[k] for k in ("metric", "timeseries_limit_metric") if k in params]
    assert set(asked) <= metrics(dataset)
    assert asked or params.get("all_columns"), "a chart that asks for nothing"
    known = columns(dataset) | metrics(dataset)
    assert {
        rule["column"] for rule in params.get("conditional_formatting", [])
    } <= known
    assert set(params.get("column_config") or {}) <= known


@pytest.mark.parametrize("name", DASHBOARDS)
def test_dashboard_shows_charts_and_filters_that_exist(name: str) -> None:
    dashboard = DASHBOARDS[name]
    parts = [p for p in dashboard["position"].values() if isinstance(p, dict)]
    charts = {
        p["meta"]["chartId"]: CHART_BY_UUID[p["meta"]["uuid"]]
        for p in parts
        if p["type"] == "CHART"
    }
    for row in (p for p in parts if p["type"] == "ROW"):
        widths = [dashboard["position"][c]["meta"]["width"] for c in row["children"]]
        assert sum(widths) <= 12
    filters = dashboard["metadata"]["native_filter_configuration"]
    for native in filters:
        (target,) = native["targets"]
        dataset = BY_UUID[target["datasetUuid"]]
        assert target["column"]["name"] in columns(dataset)
        assert native.get("sortMetric", next(iter(metrics(dataset)))) in metrics(
            dataset
        )
        assert set(native["scope"]["excluded"]) <= set(charts)
        first = native["controlValues"]["defaultToFirstItem"]
        # without it the choice shows and is not applied when the page opens
        assert native.get("requiredFirst", False) is first
        assert native["description"], "the English of a filter is its tooltip"


def test_every_chart_is_on_a_dashboard() -> None:
    shown = {
        part["meta"]["uuid"]
        for dashboard in DASHBOARDS.values()
        for part in dashboard["position"].values()
        if isinstance(part, dict) and part["type"] == "CHART"
    }
    assert shown == set(CHART_BY_UUID)


DOUBLED = {
    "figures": {"programme_vi", "indicator_vi", "period_vi", "boundary_vi"}
    | {"cumulation_vi"},
    "verdicts": {"programme_vi", "edition_vi", "scope_vi"},
    "reports": {"programme_vi", "year_vi"},
}
"""What must have one value when a page opens, else figures count several times."""
DASHBOARD_OF = {"figures": "target", "verdicts": "overview", "reports": "discipline"}


@pytest.mark.parametrize("dataset", DOUBLED)
def test_page_opens_with_nothing_counted_twice(dataset: str) -> None:
    dashboard = DASHBOARDS[DASHBOARD_OF[dataset]]
    single = {
        native["targets"][0]["column"]["name"]
        for native in dashboard["metadata"]["native_filter_configuration"]
        if not native["controlValues"]["multiSelect"]
        and native["controlValues"]["enableEmptyFilter"]
        and (native.get("requiredFirst") or native["defaultDataMask"]["filterState"])
    }
    assert DOUBLED[dataset] <= single


def test_figures_are_never_added_over_rows() -> None:
    for name in ("figures", "progress"):
        for metric in DATASETS[name]["metrics"]:
            if metric["metric_name"].endswith("_one"):
                assert metric["expression"].startswith(
                    "case when count(*) = 1 then max("
                )


def test_titles_and_labels_are_vietnamese_with_english_beside() -> None:
    for dashboard in DASHBOARDS.values():
        assert VIETNAMESE.search(dashboard["dashboard_title"])
        assert dashboard["description"].isascii()
        names = [
            f["name"] for f in dashboard["metadata"]["native_filter_configuration"]
        ]
        assert all(VIETNAMESE.search(name) for name in names), names
    for chart in CHARTS.values():
        assert VIETNAMESE.search(chart["slice_name"]), chart["slice_name"]
        assert chart["description"].isascii()
    for dataset in DATASETS.values():
        for told in (*dataset["columns"], *dataset["metrics"]):
            assert told["description"].startswith(told["verbose_name"] + " · ")


def test_verdicts_wear_the_words_and_colours_of_the_scorecard() -> None:
    rules = CHARTS["verdict_table"]["params"]["conditional_formatting"]
    shown = {(r["targetValue"], r["objectFormatting"]): r["colorScheme"] for r in rules}
    for verdict in (*VERDICTS.values(), COMMITMENT):
        label = f"{verdict.symbol} {verdict.vi}"
        assert shown[label, "BACKGROUND_COLOR"] == verdict.tint
        assert shown[label, "TEXT_COLOR"] == verdict.ink


def test_every_list_leads_to_the_cells() -> None:
    lists = [
        chart
        for name, chart in CHARTS.items()
        if chart["params"].get("query_mode") == "raw" and name != "publication"
    ]
    assert len(lists) >= 4
    for chart in lists:
        assert "trace_command" in chart["params"]["all_columns"]


def test_lock_has_no_address() -> None:
    locked = (SUPERSET / "requirements.lock").read_text(encoding="utf-8")
    assert "://" not in locked
    assert "apache-superset==6.1.0" in locked.splitlines()
