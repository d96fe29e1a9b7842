"""The project's own rules, read from its manifest; nothing is built."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable
from pathlib import Path, PurePath
from typing import Any

import pytest
import yaml

from orchestration.dbt import WATCHED
from sources.programme.batch import INEXACT, QUALIFIERS
from tests.helpers.both_languages import halves_fault
from warehouse.raw_schema import LABELS, OWNED, PROGRESS, TABLES

PROJECT = Path(__file__).parents[3] / "dbt_project"
BUNDLE = PROJECT.parent / "warehouse" / "bi" / "superset" / "bundle"
LAYERS = {"staging": 0, "intermediate": 1, "marts": 2, "semantic": 3}
NOT_FOR_DBT = {"observation_load", *OWNED}
# words of SQL that other engines lack; dialect differences live in macros/dialect.sql
UNPORTABLE = re.compile(
    r"::|\bqualify\b|\brecursive\b|group by all|\bgenerate_series\b|\barg_max\b|"
    r"\bexclude\b|\bstring_agg\b|\bstrftime\b|\blist_|\bilike\b",
    re.IGNORECASE,
)


@pytest.fixture(scope="module")
def manifest(
    tmp_path_factory: pytest.TempPathFactory, dbt: Callable[..., list[str]]
) -> dict[str, Any]:
    path = tmp_path_factory.mktemp("parse") / "build.duckdb"
    assert dbt("parse", path, dt.date(2025, 1, 1)) == []
    text = (path.parent / "target_build" / "manifest.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


@pytest.fixture(scope="module")
def models(manifest: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        key: node
        for key, node in manifest["nodes"].items()
        if node["resource_type"] == "model"
    }


def layer(node: dict[str, Any]) -> str:
    return str(node["fqn"][1])


def test_layers_look_downwards_only(
    manifest: dict[str, Any], models: dict[str, dict[str, Any]]
) -> None:
    def is_wrong(node: dict[str, Any], parent: str) -> bool:
        if parent in manifest["sources"] or layer(node) == "staging":
            return (parent in manifest["sources"]) != (layer(node) == "staging")
        return LAYERS[layer(models[parent])] > LAYERS[layer(node)]

    wrong = [
        (node["name"], parent)
        for node in models.values()
        for parent in node["depends_on"]["nodes"]
        if is_wrong(node, parent)
    ]
    assert wrong == []


def test_prefixes_name_the_layer(models: dict[str, dict[str, Any]]) -> None:
    prefixes = {
        "staging": ("stg_",),
        "intermediate": ("int_",),
        "marts": ("dim_", "bridge_", "fct_", "rpt_"),
        "semantic": ("sem_",),
    }
    wrong = [n for n in models.values() if not n["name"].startswith(prefixes[layer(n)])]
    assert [node["name"] for node in wrong] == []


def test_every_model_and_column_is_described(models: dict[str, dict[str, Any]]) -> None:
    silent = [
        (node["name"], column)
        for node in models.values()
        for column, words in [("", node), *node["columns"].items()]
        if not words["description"].strip()
    ]
    assert silent == []
    assert [n["name"] for n in models.values() if not n["columns"]] == []


def described(node: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """The table, under its name, and its columns; each with description and docs."""
    columns = node["columns"].items()
    own = [(f"{node['name']}.{name}", words) for name, words in columns]
    return [(node["name"], node), *own]


def test_what_people_query_is_described_in_both_languages(
    models: dict[str, dict[str, Any]],
) -> None:
    """Analysts read them as comments, in Excel as in DBeaver: one line each."""
    faults = {
        place: fault
        for node in models.values()
        if layer(node) in ("marts", "semantic")
        for place, words in described(node)
        if (fault := halves_fault(words["description"]))
    }
    assert faults == {}


def test_every_docs_block_is_asked_for(manifest: dict[str, Any]) -> None:
    asked: set[str] = set()
    for path in (PROJECT / "models").rglob("*.yml"):
        text = path.read_text(encoding="utf-8")
        asked.update(re.findall(r"""doc\(["'](\w+)["']\)""", text))
    # names in double underscores are dbt's own: the site's front page
    written = {
        block["name"]
        for block in manifest["docs"].values()
        if block["package_name"] == "nhiemky" and not block["name"].startswith("__")
    }
    assert written == asked


def test_a_description_is_written_once(models: dict[str, dict[str, Any]]) -> None:
    """Texts that several columns share are docs blocks, for one edit to reach all."""
    sources: dict[str, list[tuple[str, ...]]] = {}
    for node in models.values():
        if layer(node) == "marts":
            for place, words in described(node):
                source = tuple(words["doc_blocks"]) or (place,)
                sources.setdefault(words["description"], []).append(source)
    assert {text: s for text, s in sources.items() if len({*s}) > 1} == {}


def test_marts_have_contracts_and_grain_tests(
    manifest: dict[str, Any], models: dict[str, dict[str, Any]]
) -> None:
    tested = {
        node["attached_node"]
        for node in manifest["nodes"].values()
        if node["resource_type"] == "test"
        and node["test_metadata"]["name"] == "unique_grain"
    }
    marts = {key: node for key, node in models.items() if layer(node) == "marts"}
    assert len(marts) == 17
    assert [n["name"] for n in marts.values() if not n["contract"]["enforced"]] == []
    assert [n["name"] for key, n in marts.items() if key not in tested] == []


def test_computing_models_have_unit_tests(
    manifest: dict[str, Any], models: dict[str, dict[str, Any]]
) -> None:
    tested = {test["model"] for test in manifest["unit_tests"].values()}
    plain = {
        *("bridge_unit_ancestor", "bridge_unit_succession", "bridge_unit_group"),
        *("dim_unit", "dim_indicator", "dim_form"),
        *("fct_observation", "fct_observation_history", "fct_edition"),
    }
    # what stands on the marts for metrics is asked through them, in test_metrics.py
    layers = ("intermediate", "marts")
    computing = {n["name"] for n in models.values() if layer(n) in layers} - plain
    assert computing - tested == set()


def test_whatever_dbt_reads_makes_it_parse_again(manifest: dict[str, Any]) -> None:
    kinds = ("nodes", "macros", "docs", "sources", "unit_tests")
    read = {
        PurePath(item["original_file_path"]).suffix
        for kind in kinds
        for item in manifest[kind].values()
        if item["package_name"] == "nhiemky"
    }
    assert read == {PurePath(pattern).suffix for pattern in WATCHED}


def test_sources_are_the_raw_tables(manifest: dict[str, Any]) -> None:
    """Two descriptions of schema raw: warehouse's DDL and this project's sources."""
    described = {
        source["name"]: list(source["columns"])
        for source in manifest["sources"].values()
    }
    written = {
        table: list(columns)
        for table, columns in TABLES.items()
        if table not in NOT_FOR_DBT
    }
    assert described == written


def test_an_edition_freezes_every_column_of_the_progress(
    models: dict[str, dict[str, Any]],
) -> None:
    """The lists of raw.edition_row and fct_edition are those of fct_target_progress."""

    def typed(name: str) -> dict[str, str]:
        columns = models[f"model.nhiemky.{name}"]["columns"].items()
        return {key: str(words["data_type"]).replace(" ", "") for key, words in columns}

    progress, edition = typed("fct_target_progress"), typed("fct_edition")
    assert {name: kind.lower() for name, kind in PROGRESS.items()} == progress
    frozen = {**progress, **{name: kind.lower() for name, kind in LABELS.items()}}
    assert {name: edition.get(name) for name in frozen} == frozen


@pytest.mark.parametrize(
    "path", sorted((PROJECT / "models").rglob("*.sql")), ids=lambda path: path.stem
)
def test_models_are_portable(path: Path) -> None:
    code = re.sub(r"--.*|\{#.*?#\}", "", path.read_text(encoding="utf-8"))
    assert UNPORTABLE.findall(code) == []
    assert "dbt." not in code


def test_what_is_inexact_is_one_list_in_python_and_sql() -> None:
    text = (PROJECT / "models/intermediate/int_cell.sql").read_text(encoding="utf-8")
    pattern = r"qualifier\s+in\s*\(([^()]*)\)\s+then 1\s+else 0\s+end as is_inexact"
    (listed,) = re.findall(pattern, text)
    assert sorted(re.findall(r"'(\w+)'", listed)) == sorted(INEXACT)
    assert {*INEXACT} < {*QUALIFIERS}


def tables_read(sql: str) -> set[str]:
    """Names after `from` and `join`, without their schema."""
    return set(re.findall(r"\b(?:from|join)\s+(?:marts\.)?(\w+)", sql))


def parents(manifest: dict[str, Any], exposure: str) -> set[str]:
    nodes = manifest["exposures"][f"exposure.nhiemky.{exposure}"]["depends_on"]["nodes"]
    return {node.split(".")[-1] for node in nodes}


def test_the_page_reads_what_its_exposure_says(
    manifest: dict[str, Any], models: dict[str, dict[str, Any]]
) -> None:
    folder = PROJECT.parent / "warehouse" / "report"
    code = "".join(path.read_text(encoding="utf-8") for path in folder.rglob("*.py"))
    marts = {node["name"] for node in models.values() if layer(node) == "marts"}
    assert parents(manifest, "scorecard_page") == tables_read(code) & marts


def test_dashboards_read_what_their_exposures_say(
    manifest: dict[str, Any], models: dict[str, dict[str, Any]]
) -> None:
    def read(folder: str) -> list[str]:
        paths = sorted((BUNDLE / folder).rglob("*.yaml"))
        return [path.read_text(encoding="utf-8") for path in paths]

    marts = {node["name"] for node in models.values() if layer(node) == "marts"}
    datasets = [yaml.safe_load(text) for text in read("datasets")]
    tables = {data["uuid"]: tables_read(data["sql"]) & marts for data in datasets}
    charts = [yaml.safe_load(text) for text in read("charts")]
    tables |= {chart["uuid"]: tables[chart["dataset_uuid"]] for chart in charts}
    used = {
        yaml.safe_load(text)["slug"]: set().union(
            *(names for uuid, names in tables.items() if uuid in text)
        )
        for text in read("dashboards")
    }
    declared = {
        exposure["config"]["meta"]["superset_dashboard"]: parents(manifest, name)
        for exposure in manifest["exposures"].values()
        if exposure["type"] == "dashboard" and (name := exposure["name"])
    }
    assert len(declared) == 4
    assert used == declared
