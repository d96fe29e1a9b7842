"""Keys of the star, as the tests of the dbt project state them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from orchestration import dbt
from orchestration.dbt import manifest_path, star_keys
from warehouse.postgres.keys import ForeignKey, StarKeys


@pytest.fixture(scope="module")
def keys() -> StarKeys:
    return star_keys()


def test_every_mart_has_its_grain_and_its_columns_are_the_models(
    keys: StarKeys,
) -> None:
    nodes = json.loads(manifest_path().read_text(encoding="utf-8"))["nodes"].values()
    marts = {
        node["name"]: set(node["columns"])
        for node in nodes
        if node["resource_type"] == "model" and node["fqn"][1] == "marts"
    }
    assert set(keys.primary) == set(marts)
    for table, columns in keys.primary.items():
        assert set(columns) <= marts[table], table
    for key in keys.foreign:
        assert key.column in marts[key.table], key
        assert keys.primary[key.to_table] == (key.to_column,), key


def test_known_keys(keys: StarKeys) -> None:
    assert keys.primary["dim_unit"] == ("unit_key",)
    assert keys.primary["fct_indicator_value"] == (
        *("unit_key", "period_key", "indicator_code", "boundary", "cumulation"),
    )
    for table in ("fct_observation", "fct_submission", "rpt_term_scorecard"):
        assert ForeignKey(table, "unit_key", "dim_unit", "unit_key") in keys.foreign
    ancestor = ForeignKey(
        "bridge_unit_ancestor", "ancestor_unit_key", "dim_unit", "unit_key"
    )
    assert ancestor in keys.foreign
    # a code names every version of a unit or a form, so it is no key
    assert not [key for key in keys.foreign if key.to_table == "dim_form"]
    assert not [key for key in keys.foreign if key.table == "bridge_unit_group"]


def test_what_holds_for_some_rows_or_outside_the_marts_is_no_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def model(name: str, schema: str = "marts") -> dict[str, object]:
        return {"resource_type": "model", "name": name, "schema": schema}

    def test(kind: str, own: str, **more: object) -> dict[str, object]:
        return {
            "resource_type": "test",
            "attached_node": own,
            "config": {"where": more.get("where")},
            "column_name": more.get("column"),
            "depends_on": {"nodes": list({more.get("to", own): 0, own: 0})},
            "test_metadata": {
                "name": kind,
                "kwargs": {"columns": ["id"], "field": more.get("field")},
            },
        }

    nodes = {
        "a": model("a"),
        "b": model("b"),
        "i": model("i", "intermediate"),
        "1": test("unique_grain", "a"),
        "2": test("unique_grain", "b"),
        "3": test("unique_grain", "i"),
        "4": test("relationships", "a", column="b_id", to="b", field="id"),
        "5": test("relationships", "a", column="x", to="b", field="name"),
        "6": test("relationships", "a", column="y", to="b", field="id", where="z"),
        "7": test("relationships", "b", column="up", field="id"),
        "8": test("relationships", "b", column="i_id", to="i", field="id"),
        "9": {"resource_type": "test", "attached_node": None, "config": {}},
    }
    manifest = tmp_path / "manifest.json"
    manifest.write_text(json.dumps({"nodes": nodes}), encoding="utf-8")
    monkeypatch.setattr(dbt, "manifest_path", lambda: manifest)
    assert star_keys() == StarKeys(
        {"a": ("id",), "b": ("id",)},
        (ForeignKey("a", "b_id", "b", "id"), ForeignKey("b", "up", "b", "id")),
    )
