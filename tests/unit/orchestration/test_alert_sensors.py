"""Sensors of alerts: failed runs, failed checks, the sender; overdue as a check."""

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

from orchestration.alert_sensors import (
    CHECK_OVERDUE,
    ROWS_SHOWN,
    alert_sender,
    alert_sensors,
    check_alert,
    check_overdue,
    overdue_schedule,
    overdue_submissions,
    run_failure_alert,
)
from orchestration.instance import open_instance
from orchestration.jobs import REFRESH
from orchestration.resources import RunResource
from orchestration.settings import SHIPPED_PROGRAMME
from orchestration.steps.alert import tell
from sources.connectors.errors import SourceError
from sources.programme.loader import load_programme
from tests.helpers.alert_sinks import HookSink
from warehouse.home import Home
from warehouse.ledger.notice import Notice
from warehouse.ledger.outbox import Outbox

MID_TERM = "2024-03-01"


@pytest.fixture
def resource(tmp_path: Path) -> RunResource:
    return RunResource(
        programme=str(SHIPPED_PROGRAMME), home=str(tmp_path), as_of="2026-11-22"
    )


@pytest.fixture
def instance(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[dg.DagsterInstance]:
    """A home's own, on disk: its event log is one file per run."""
    monkeypatch.setenv("DAGSTER_HOME", "")  # opening sets it for good
    with open_instance(Home(tmp_path / "home")) as opened:
        yield opened


def kinds(resource: RunResource) -> list[str]:
    with resource.open() as run:
        return sorted(Outbox(run.ledger).alerts(run.programme.code).kind)


@dg.asset
def pulled() -> None:
    raise SourceError("source inbox: cannot list /in: gone. Create the folder.")


@dg.asset
def loaded() -> None:
    raise ValueError("cannot read 'Trần Thị B'")


def fail(
    asset: dg.AssetsDefinition, instance: dg.DagsterInstance, resource: RunResource
) -> dg.RunStatusSensorContext:
    job = dg.Definitions(
        assets=[asset], jobs=[dg.define_asset_job(REFRESH, selection=[asset])]
    ).resolve_job_def(REFRESH)
    result = job.execute_in_process(instance=instance, raise_on_error=False)
    return dg.build_run_status_sensor_context(
        sensor_name="alert_run_failure",
        dagster_instance=instance,
        dagster_run=result.dagster_run,
        dagster_event=result.get_run_failure_event(),
        resources={"run_settings": resource},
    )


def tell_of(context: dg.RunStatusSensorContext) -> None:
    with context.for_run_failure() as opened:
        run_failure_alert()(opened)


def test_a_failed_run_is_told_once(
    resource: RunResource, instance: dg.DagsterInstance, hook: HookSink
) -> None:
    for _ in range(2):
        tell_of(fail(loaded, instance, resource))
    (post,) = hook.posts
    assert "loaded / ValueError" in post["message"]
    assert "Trần" not in post["message"]


def test_a_source_that_is_down_is_told_as_such(
    resource: RunResource, instance: dg.DagsterInstance
) -> None:
    tell_of(fail(pulled, instance, resource))
    assert kinds(resource) == ["source_down"]


def test_a_run_that_is_begun_again_is_not_told(
    resource: RunResource, instance: dg.DagsterInstance
) -> None:
    context = fail(loaded, instance, resource)
    instance.add_run_tags(context.dagster_run.run_id, {"dagster/will_retry": "true"})
    run = instance.get_run_by_id(context.dagster_run.run_id)
    assert run is not None
    again = dg.build_run_status_sensor_context(
        sensor_name="alert_run_failure",
        dagster_instance=instance,
        dagster_run=run,
        dagster_event=context.dagster_event,
        resources={"run_settings": resource},
    )
    tell_of(again)
    assert kinds(resource) == []


WATCHED = [
    dg.AssetCheckKey(dg.AssetKey("judged"), name) for name in ("values", "doubts")
]


class Watch:
    """The sensor over checks and its cursor from tick to tick."""

    def __init__(self, instance: dg.DagsterInstance, resource: RunResource) -> None:
        self.instance, self.resource = instance, resource
        self.cursor: str | None = None

    def evaluate(
        self, name: str, passed: bool, severity: dg.AssetCheckSeverity
    ) -> None:
        @dg.asset(check_specs=[dg.AssetCheckSpec(name, asset="judged")])
        def judged() -> dg.MaterializeResult:
            result = dg.AssetCheckResult(
                check_name=name, passed=passed, severity=severity
            )
            return dg.MaterializeResult(check_results=[result])

        dg.materialize([judged], instance=self.instance)

    def tick(self) -> list[str]:
        with dg.build_sensor_context(
            instance=self.instance,
            cursor=self.cursor,
            resources={"run_settings": self.resource},
        ) as context:
            check_alert(WATCHED)(context)
            self.cursor = context.cursor
        return kinds(self.resource)


def test_a_check_that_fails_is_told_and_settled_when_it_passes(
    instance: dg.DagsterInstance, resource: RunResource
) -> None:
    watch = Watch(instance, resource)
    watch.evaluate("values", False, dg.AssetCheckSeverity.ERROR)
    assert watch.tick() == [], "what failed before anybody watched is history"
    watch.evaluate("doubts", False, dg.AssetCheckSeverity.WARN)
    assert watch.tick() == []
    watch.evaluate("values", False, dg.AssetCheckSeverity.ERROR)
    assert watch.tick() == ["check"]
    assert watch.tick() == ["check"], "nothing new to see"
    watch.evaluate("values", True, dg.AssetCheckSeverity.ERROR)
    assert watch.tick() == []


def test_every_event_is_seen_once(
    instance: dg.DagsterInstance, resource: RunResource
) -> None:
    watch = Watch(instance, resource)
    watch.tick()
    for _ in range(3):
        watch.evaluate("values", False, dg.AssetCheckSeverity.ERROR)
        watch.tick()
    with resource.open() as run:
        row = Outbox(run.ledger).alerts(run.programme.code).iloc[0]
    assert (row["times"], row["rule_code"], row["place"]) == (3, "values", "judged")


def test_the_sender_sends_what_waits(resource: RunResource, hook: HookSink) -> None:
    notice = Notice("k", "held", "WARNING", "vi", "en", "làm", "do", "nhiemky status")
    with resource.open() as run:
        tell(run, [notice])
    with dg.build_sensor_context(resources={"run_settings": resource}) as context:
        answer = alert_sender()(context)
    assert isinstance(answer, dg.SkipReason)
    assert answer.skip_message == "1 sent, 0 failed, 0 wait"
    assert len(hook.posts) == 1


def overdue(
    resource: RunResource, instance: dg.DagsterInstance
) -> dg.AssetCheckEvaluation:
    definitions = dg.Definitions(
        assets=[dg.AssetSpec("submissions_judged")],
        asset_checks=[overdue_submissions],
        jobs=[check_overdue],
        resources={"run_settings": resource},
    )
    job = definitions.resolve_job_def(CHECK_OVERDUE)
    result = job.execute_in_process(instance=instance)
    (evaluation,) = result.get_asset_check_evaluations()
    return evaluation


def test_overdue_is_a_check_with_the_reports_that_are_late(
    tmp_path: Path, instance: dg.DagsterInstance
) -> None:
    resource = RunResource(
        programme=str(SHIPPED_PROGRAMME), home=str(tmp_path), as_of=MID_TERM
    )
    evaluation = overdue(resource, instance)
    assert not evaluation.passed
    assert evaluation.severity == dg.AssetCheckSeverity.WARN
    reports = evaluation.metadata["reports"]
    assert isinstance(reports, dg.TableMetadataValue)
    table = reports.records
    assert len(table) == ROWS_SHOWN < int(str(evaluation.metadata["overdue"].value))
    # the month to 14/02/2024, due three days later; 2024 is a leap year
    assert table[0].data == {
        "unit": "HD.PV01",
        "form": "ANTT-T",
        "period": "police-2024-M02",
        "due": "2024-02-17",
        "days_late": 13,
    }
    assert set(kinds(resource)) == {"overdue"}


def test_nothing_overdue_passes(
    resource: RunResource, instance: dg.DagsterInstance
) -> None:
    assert overdue(resource, instance).passed


def test_everything_runs_from_the_start_in_the_programme_s_time() -> None:
    programme = load_programme(SHIPPED_PROGRAMME)
    for sensor in alert_sensors(WATCHED):
        assert sensor.default_status == dg.DefaultSensorStatus.RUNNING
    schedule = overdue_schedule(programme)
    assert (schedule.cron_schedule, schedule.execution_timezone) == (
        "30 6 * * *",
        "Asia/Ho_Chi_Minh",
    )
    assert schedule.default_status == dg.DefaultScheduleStatus.RUNNING
