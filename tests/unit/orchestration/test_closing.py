"""Closing in Dagster: partitions, the morning tick, and the refresh that follows."""

from __future__ import annotations

import datetime as dt
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

with warnings.catch_warnings():
    # dagster-dbt imports sqlglot, whose compiled helper announces its successor
    warnings.filterwarnings("ignore", "sqlglotrs is deprecated", DeprecationWarning)
    import dagster_dbt  # noqa: F401

import dagster as dg

from orchestration.assets.edition import build_edition
from orchestration.build import build_defs
from orchestration.closing import CLOSE, closing_schedule, publish_editions
from orchestration.jobs import EDITION, REFRESH
from orchestration.resources import RunResource
from orchestration.steps.context import RunContext
from orchestration.steps.edition import closable_periods, close_period
from tests.unit.orchestration.edition_case import DAY, OPEN_YEAR, YEAR, opened
from warehouse.ledger.editions import PROVISIONAL, Editions

MORNING = dt.datetime(2026, 12, 18, 0, tzinfo=dt.UTC)
"""07:00 in Hanoi on the day after the year's last deadline."""


@pytest.fixture
def run(tmp_path: Path) -> Iterator[RunContext]:
    with opened(tmp_path) as context:
        yield context


def resource(run: RunContext) -> RunResource:
    return RunResource(
        programme=str(run.programme.folder),
        home=str(run.home.path),
        as_of=DAY.isoformat(),
    )


def tick(run: RunContext, at: dt.datetime) -> object:
    schedule = closing_schedule(run.programme)
    with dg.build_schedule_context(
        scheduled_execution_time=at, resources={"run_settings": resource(run)}
    ) as context:
        return schedule(context)


def test_the_tick_asks_for_one_edition_of_each_period_that_is_over(
    run: RunContext,
) -> None:
    (asked,) = tick(run, MORNING)  # type: ignore[misc]
    assert asked.partition_key == YEAR
    assert "schedule" in asked.run_config["ops"]["edition"]["config"]["by"]
    (later,) = tick(run, MORNING + dt.timedelta(days=1))  # type: ignore[misc]
    assert asked.run_key != later.run_key


def test_the_tick_says_why_it_asks_for_nothing(run: RunContext) -> None:
    early = tick(run, MORNING - dt.timedelta(days=1))
    assert isinstance(early, dg.SkipReason)
    assert early.skip_message == "no period waits to be closed"
    (run.home.path / "inbox" / "late.xlsx").write_bytes(b"came since")
    behind = tick(run, MORNING)
    assert isinstance(behind, dg.SkipReason)
    assert behind.skip_message
    assert behind.skip_message.startswith(f"{YEAR} would be closed")


def test_a_partition_is_closed_as_asked_and_one_that_runs_still_is_refused(
    run: RunContext,
) -> None:
    asset = build_edition(run.programme)
    ops = {"edition": {"config": {"final": True, "by": "Lan", "reason": "tổng kết"}}}
    with dg.DagsterInstance.ephemeral() as instance:

        def materialize(key: str) -> dg.ExecuteInProcessResult:
            return dg.materialize(
                [asset],
                partition_key=key,
                instance=instance,
                resources={"run_settings": resource(run)},
                run_config={"ops": ops},
                selection=[EDITION],
                raise_on_error=False,
            )

        done = materialize(YEAR)
        assert done.success
        (event,) = done.asset_materializations_for_node("edition")
        assert event.metadata["edition_code"].value == f"{YEAR}.1f"
        assert event.metadata["rows_met"].value == 2
        assert not materialize(OPEN_YEAR).success
    (made,) = Editions(run.ledger).list().to_dict("records")
    assert (made["kind"], made["closed_by"], made["reason"]) == (
        "final",
        "Lan",
        "tổng kết",
    )


def test_the_job_has_a_partition_per_period_and_a_refresh_follows_it() -> None:
    definitions = build_defs()
    job = definitions.resolve_job_def(CLOSE)
    assert set(job.asset_layer.executable_asset_keys) == {EDITION}
    assert job.partitions_def
    keys = job.partitions_def.get_partition_keys()
    resource_of = definitions.resources["run_settings"]  # type: ignore[index]
    assert isinstance(resource_of, RunResource)
    with resource_of.open() as run:
        assert list(keys) == closable_periods(run.programme)
    follower = definitions.resolve_sensor_def("publish_editions")
    assert follower.job_name == REFRESH
    assert follower.default_status == dg.DefaultSensorStatus.RUNNING


def test_closings_of_one_morning_ask_for_one_refresh(run: RunContext) -> None:
    @dg.job
    def any_job() -> None: ...

    def key() -> str | None:
        with dg.DagsterInstance.ephemeral() as instance:
            done = any_job.execute_in_process(instance=instance)
            with dg.build_run_status_sensor_context(
                "publish_editions",
                next(
                    event
                    for event in done.all_events
                    if event.event_type == dg.DagsterEventType.RUN_SUCCESS
                ),
                instance,
                done.dagster_run,
                resources={"run_settings": resource(run)},
            ) as context:
                asked = publish_editions()(context)
        assert isinstance(asked, dg.RunRequest)
        return asked.run_key

    first = key()
    assert key() == first
    close_period(run, YEAR, PROVISIONAL, "Lan")
    assert key() != first
