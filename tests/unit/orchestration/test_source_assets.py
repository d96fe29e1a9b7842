"""Sources in Dagster: an asset and a check each, one step, one run at a time."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

with warnings.catch_warnings():
    # dagster-dbt imports sqlglot, whose compiled helper announces its successor
    warnings.filterwarnings("ignore", "sqlglotrs is deprecated", DeprecationWarning)
    import dagster_dbt  # noqa: F401

import dagster as dg

from orchestration.assets.sources import DELIVERIES, build_deliveries, source_key
from orchestration.jobs import REFRESH
from orchestration.resources import RunResource
from orchestration.sensors import due_sources_sensor
from orchestration.steps import pull as pull_step
from sources.programme.loader import load_programme
from sources.programme.scaffold import init_programme
from tests.unit.orchestration.test_pull import MAPS, Fake

OFFICE = f"""
  - code: office.1
    name_vi: Cơ sở dữ liệu
    name_en: Database
    connector: sql
    url: sqlite:////nowhere/unit.db
    sql: {{select: select 1 as unit, keys: [unit]}}{MAPS}
"""


class World:
    """A programme with a drop folder and a database, and what Dagster makes of it."""

    def __init__(self, folder: Path, instance: dg.DagsterInstance) -> None:
        self.folder, self.instance = folder, instance
        init_programme(folder / "programme")
        (folder / "inbox").mkdir()
        path = folder / "programme" / "sources.yaml"
        text = path.read_text(encoding="utf-8")
        before, _, _ = text.partition("\n# Nguồn khác")
        path.write_text(before + OFFICE, encoding="utf-8")
        self.resource = RunResource(
            programme=str(folder / "programme"), home=str(folder / "home")
        )
        self.assets = build_deliveries(load_programme(folder / "programme"))
        self.database = Fake()

    def run(self, *selected: dg.AssetKey) -> dg.ExecuteInProcessResult:
        return dg.materialize(
            [self.assets],
            instance=self.instance,
            resources={"run_settings": self.resource},
            selection=dg.AssetSelection.assets(*selected) if selected else None,
        )

    def tick(self) -> dg.RunRequest | dg.SkipReason:
        with dg.build_sensor_context(
            instance=self.instance, resources={"run_settings": self.resource}
        ) as context:
            answer = due_sources_sensor()(context)
        assert isinstance(answer, dg.RunRequest | dg.SkipReason)
        return answer


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setenv("NHIEMKY_INBOX", str(tmp_path / "inbox"))
    with dg.DagsterInstance.ephemeral() as instance:
        made = World(tmp_path, instance)
        monkeypatch.setattr(pull_step, "fetch_of", lambda _: made.database)
        yield made


def checks(result: dg.ExecuteInProcessResult) -> dict[str, bool]:
    return {
        e.asset_key.path[-1]: e.passed for e in result.get_asset_check_evaluations()
    }


def made(result: dg.ExecuteInProcessResult) -> set[str]:
    events = result.get_asset_materialization_events()
    return {event.asset_key.path[-1] for event in events if event.asset_key}


def test_a_source_that_is_down_warns_and_the_deliveries_are_made(world: World) -> None:
    world.database.error = "source office.1: gone. Start it."
    (world.folder / "inbox" / "a.xlsx").write_bytes(b"a")
    result = world.run()
    assert checks(result) == {"inbox": True, "office.1": False}
    assert made(result) == {"inbox", "deliveries"}
    (bad,) = [e for e in result.get_asset_check_evaluations() if not e.passed]
    assert bad.severity == dg.AssetCheckSeverity.WARN
    assert bad.metadata["reason"].value == world.database.error
    (event,) = [
        e
        for e in result.get_asset_materialization_events()
        if e.asset_key == DELIVERIES
    ]
    assert event.materialization.metadata["sources_not_reached"].value == ["office.1"]
    # not asked again so soon, and not called well either
    assert checks(world.run()) == {"inbox": True, "office.1": False}
    assert len(world.database.cursors) == 1


def test_a_source_that_is_not_due_keeps_its_last_word_unless_it_is_picked(
    world: World,
) -> None:
    world.run()
    again = world.run()
    assert len(world.database.cursors) == 1
    assert checks(again) == {"inbox": True, "office.1": True}
    assert made(again) == {"inbox", "deliveries"}
    picked = world.run(source_key("office.1"))
    assert len(world.database.cursors) == 2
    assert made(picked) == {"office.1"}


def test_a_due_source_starts_one_run_and_none_beside_another(world: World) -> None:
    first = world.tick()
    assert isinstance(first, dg.RunRequest)
    assert first.run_key and first.run_key.startswith("office.1 first")
    world.run()
    waiting = world.tick()
    assert isinstance(waiting, dg.SkipReason)
    assert waiting.skip_message and "office.1 at" in waiting.skip_message

    @dg.job(name=REFRESH)
    def refresh() -> None: ...

    world.instance.create_run_for_job(refresh, status=dg.DagsterRunStatus.STARTED)
    beside = world.tick()
    assert isinstance(beside, dg.SkipReason)
    assert beside.skip_message and "on its way" in beside.skip_message
