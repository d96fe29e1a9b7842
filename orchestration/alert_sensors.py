"""Sensors and schedule of alerts: failed runs, failed checks, what is due, overdue.

All run from the start: they read the ledger and the event log and write the outbox;
without an address in the environment nothing leaves the machine. The day's digest
needs no schedule of its own: the sender makes it when its time has come, once a day,
also when the machine was off at that minute.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace

import dagster as dg
import pandas as pd

from orchestration.alerts.failure import Failure
from orchestration.alerts.words import one_line
from orchestration.assets import WAREHOUSE_POOL
from orchestration.assets.publication import PUBLICATION_KEY
from orchestration.assets.tables import table_of
from orchestration.closing import close_period_job
from orchestration.jobs import OVERDUE, refresh_reporting
from orchestration.resources import RunResource
from orchestration.steps.alert import raise_alerts, raise_overdue, send_due, tell
from sources.programme.model import Programme
from warehouse.ledger.notice import Notice
from warehouse.ledger.outbox import Outbox

WILL_RETRY = "dagster/will_retry"
ROWS_SHOWN = 100
SHOWN = {
    "unit_code": "unit",
    "form_code": "form",
    "period_key": "period",
    "due_date": "due",
    "days_late": "days_late",
}
"""Columns of overdue reports that the check shows, and what it calls them."""
CHECK_OVERDUE = "check_overdue"


def alert_sensors(
    watched: Collection[dg.AssetCheckKey],
) -> list[dg.SensorDefinition]:
    """Every sensor that raises or sends alerts; `watched` as in `check_alert`."""
    return [run_failure_alert(), check_alert(watched), alert_sender()]


def run_failure_alert() -> dg.SensorDefinition:
    """A failed run is told once; not one that Dagster begins again by itself."""

    @dg.run_failure_sensor(
        name="alert_run_failure",
        monitored_jobs=[refresh_reporting, close_period_job],
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Tells maintainers that a refresh or a closing failed, and why.",
    )
    def alert_run_failure(
        context: dg.RunFailureSensorContext, run_settings: RunResource
    ) -> dg.SkipReason | None:
        if context.dagster_run.tags.get(WILL_RETRY) == "true":
            return dg.SkipReason("the run is begun again; nothing to tell yet")
        with run_settings.open() as run:
            raise_alerts(run, failure=failure_of(context))
            send_due(run)
        return None

    return alert_run_failure


def failure_of(context: dg.RunFailureSensorContext) -> Failure:
    """Step and error of the first step that failed, or the run's own end."""
    run_id = context.dagster_run.run_id
    done = context.instance.all_logs(run_id, dg.DagsterEventType.STEP_SUCCESS)
    is_published = any(
        entry.step_key == PUBLICATION_KEY.to_python_identifier() for entry in done
    )
    for event in context.get_step_failure_events():
        if error := event.step_failure_data.error:
            failure = Failure.of(event.step_key or "?", error, run_id)
            return replace(failure, is_published=is_published)
    return Failure(
        step=context.dagster_run.job_name,
        error_class="RunFailure",
        first_line=context.failure_event.message or "",
        run_id=run_id,
    )


def check_alert(watched: Collection[dg.AssetCheckKey]) -> dg.SensorDefinition:
    """Checks that failed with severity ERROR; one that passes again is resolved.

    Watched are the checks whose failure is the maintainers' business: what gate 1 and
    the standing checks find goes to the units, and the heavy ones are told by
    themselves. The cursor is the id of the last evaluation seen. The first tick only
    sets it: what failed before anybody watched is history. Asked per check, because the
    event log of a laptop is one file per run and cannot be read along one cursor.
    """

    @dg.sensor(
        name="alert_failed_checks",
        minimum_interval_seconds=60,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Tells maintainers which asset checks failed with severity ERROR.",
    )
    def alert_failed_checks(
        context: dg.SensorEvaluationContext, run_settings: RunResource
    ) -> dg.SkipReason:
        storage = context.instance.event_log_storage
        latest = storage.get_latest_asset_check_execution_by_key(list(watched))
        newest = max((record.id for record in latest.values()), default=0)
        if context.cursor is None:
            context.update_cursor(str(newest))
            return dg.SkipReason("watching from here on")
        seen = int(context.cursor)
        fresh = [
            (record.evaluation, record.run_id)
            for record in latest.values()
            if record.id > seen
            and isinstance(record.evaluation, dg.AssetCheckEvaluation)
        ]
        if not fresh:
            return dg.SkipReason("no check was evaluated")
        with run_settings.open() as run:
            failed, passed = check_notices(fresh)
            tell(run, failed)
            Outbox(run.ledger).resolve(run.programme.code, passed)
            context.update_cursor(str(newest))
            summary = send_due(run)
        return dg.SkipReason(f"{len(fresh)} evaluations, {summary.sent} alerts sent")

    return alert_failed_checks


def check_notices(
    evaluations: Sequence[tuple[dg.AssetCheckEvaluation, str]],
) -> tuple[list[Notice], list[str]]:
    """One notice per check that failed with severity ERROR, and the keys of those that
    are well; takes evaluations with the runs that made them."""
    failed, passed = [], []
    for evaluation, run_id in evaluations:
        is_error = evaluation.severity == dg.AssetCheckSeverity.ERROR
        if not evaluation.passed and is_error:
            failed.append(_check_notice(evaluation, run_id))
        else:
            passed.append(_check_key(evaluation))
    return failed, passed


def _check_key(evaluation: dg.AssetCheckEvaluation) -> str:
    return f"check|{evaluation.asset_key.to_user_string()}|{evaluation.check_name}"


def _check_notice(evaluation: dg.AssetCheckEvaluation, run_id: str) -> Notice:
    asset = evaluation.asset_key.to_user_string()
    return Notice(
        key=_check_key(evaluation),
        kind="check",
        severity="ERROR",
        rule_code=evaluation.check_name,
        place=one_line(asset),
        message_vi=f"Phép kiểm {evaluation.check_name} của {asset} không đạt.",
        message_en=f"The check {evaluation.check_name} of {asset} failed.",
        remedy_vi="Xem từng quy tắc và số lượng trong Dagster hoặc trang phát hiện.",
        remedy_en="Look at the rules and counts in Dagster or on the findings page.",
        command="nhiemky findings list",
        run_id=run_id,
    )


def alert_sender() -> dg.SensorDefinition:
    """Every minute: sends what is due, what waited for the hour, and the digest."""

    @dg.sensor(
        name="send_alerts",
        minimum_interval_seconds=60,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Sends alerts that wait: after an outage, quiet hours, the digest.",
    )
    def send_alerts(run_settings: RunResource) -> dg.SkipReason:
        with run_settings.open() as run:
            summary = send_due(run)
        told = f"{summary.sent} sent, {summary.failed} failed, {summary.waiting} wait"
        return dg.SkipReason("; ".join([told, *summary.errors]))

    return send_alerts


@dg.asset_check(
    asset=OVERDUE.asset_key,
    name=OVERDUE.name,
    description="Every report that was due has come; asked each morning.",
    pool=WAREHOUSE_POOL,
)
def overdue_submissions(run_settings: RunResource) -> dg.AssetCheckResult:
    """Overdue reports of every open past period; tells maintainers of them too."""
    with run_settings.open() as run:
        missing, _ = raise_overdue(run)
        send_due(run)
    named = missing.rename(columns=SHOWN)
    due = pd.to_datetime(named["due"]).dt.strftime("%Y-%m-%d")
    shown = named[list(SHOWN.values())].assign(due=due)
    return dg.AssetCheckResult(
        passed=missing.empty,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={
            "overdue": len(missing),
            "units": int(missing["unit_code"].nunique()),
            "reports": table_of(shown, ROWS_SHOWN),
        },
    )


check_overdue = dg.define_asset_job(
    CHECK_OVERDUE,
    selection=dg.AssetSelection.checks(overdue_submissions),
    executor_def=dg.in_process_executor,
    description="Which reports are overdue, asked each morning.",
)


def overdue_schedule(programme: Programme) -> dg.ScheduleDefinition:
    """06:30 where the programme reports, half an hour after a deadline's refresh."""
    return dg.ScheduleDefinition(
        name="overdue_each_morning",
        job=check_overdue,
        cron_schedule="30 6 * * *",
        execution_timezone=programme.timezone,
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description="Overdue submissions, every morning.",
    )
