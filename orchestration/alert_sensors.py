"""Sensors and schedule of alerts: failed runs, failed checks, what is due, overdue.

All run from the start: they read the ledger and the event log and write the outbox;
without an address in the environment nothing leaves the machine. The day's digest
needs no schedule of its own: the sender makes it when its time has come, once a day,
also when the machine was off at that minute.
"""

from collections.abc import Sequence

import dagster as dg

from orchestration.alerts.failure import Failure
from orchestration.alerts.words import one_line
from orchestration.assets import WAREHOUSE_POOL
from orchestration.jobs import refresh_reporting
from orchestration.resources import RunResource
from orchestration.steps.alert import raise_alerts, raise_overdue, send_due, tell
from sources.programme.model import Programme
from warehouse.ledger.notice import Notice
from warehouse.ledger.outbox import Outbox

WILL_RETRY = "dagster/will_retry"
EVENTS_A_TICK = 200
ROWS_SHOWN = 100
CHECK_OVERDUE = "check_overdue"
FINDINGS_TOLD = (dg.AssetKey("submissions_judged"), dg.AssetKey(["raw", "finding"]))
"""What fails here is a finding: it goes to its unit, and the heavy ones are told by
themselves."""


def alert_sensors() -> list[dg.SensorDefinition]:
    """Every sensor that raises or sends alerts."""
    return [run_failure_alert(), check_alert(), alert_sender()]


def run_failure_alert() -> dg.SensorDefinition:
    """A failed refresh is told once; not one that Dagster begins again by itself."""

    @dg.run_failure_sensor(
        name="alert_run_failure",
        monitored_jobs=[refresh_reporting],
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Tells maintainers that a refresh failed, and why.",
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
    for event in context.get_step_failure_events():
        if error := event.step_failure_data.error:
            return Failure.of(event.step_key or "?", error, run_id)
    return Failure(
        step=context.dagster_run.job_name,
        error_class="RunFailure",
        first_line=context.failure_event.message or "",
        run_id=run_id,
    )


def check_alert() -> dg.SensorDefinition:
    """Checks that failed with severity ERROR; one that passes again is resolved.

    The cursor is the storage id of the last event seen. The first tick only sets it:
    what failed before anybody watched is history.
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
        is_first = context.cursor is None
        records = context.instance.event_log_storage.get_event_records(
            dg.EventRecordsFilter(
                event_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION,
                after_cursor=None if is_first else int(context.cursor or 0),
            ),
            limit=1 if is_first else EVENTS_A_TICK,
            ascending=not is_first,
        )
        if is_first:
            context.update_cursor(str(records[0].storage_id if records else 0))
            return dg.SkipReason("watching from here on")
        if not records:
            return dg.SkipReason("no check was evaluated")
        with run_settings.open() as run:
            failed, passed = check_notices(records)
            tell(run, failed)
            Outbox(run.ledger).resolve(run.programme.code, passed)
            context.update_cursor(str(records[-1].storage_id))
            summary = send_due(run)
        return dg.SkipReason(f"{len(records)} evaluations, {summary.sent} alerts sent")

    return alert_failed_checks


def check_notices(
    records: Sequence[dg.EventLogRecord],
) -> tuple[list[Notice], list[str]]:
    """One notice per check whose newest evaluation failed with severity ERROR, and the
    keys of those that are well again."""
    newest: dict[dg.AssetCheckKey, tuple[dg.AssetCheckEvaluation, str]] = {}
    for record in records:
        event = record.event_log_entry.dagster_event
        assert event is not None
        evaluation = event.asset_check_evaluation_data
        if evaluation.asset_key in FINDINGS_TOLD:
            continue
        newest[evaluation.asset_check_key] = (evaluation, record.run_id)
    failed, passed = [], []
    for evaluation, run_id in newest.values():
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
    asset=dg.AssetKey(["submissions_judged"]),
    name="overdue_submissions",
    description="Every report that was due has come; asked each morning.",
    pool=WAREHOUSE_POOL,
)
def overdue_submissions(run_settings: RunResource) -> dg.AssetCheckResult:
    """Overdue reports of every open past period; tells maintainers of them too."""
    with run_settings.open() as run:
        missing, _ = raise_overdue(run)
        send_due(run)
    table = dg.MetadataValue.table(
        records=[
            dg.TableRecord(
                {
                    "unit": str(row["unit_code"]),
                    "form": str(row["form_code"]),
                    "period": str(row["period_key"]),
                    "due": f"{row['due_date']:%Y-%m-%d}",
                    "days_late": int(row["days_late"]),
                }
            )
            for row in missing.head(ROWS_SHOWN).to_dict("records")
        ],
        schema=dg.TableSchema(
            columns=[
                *(dg.TableColumn(name) for name in ("unit", "form", "period", "due")),
                dg.TableColumn("days_late", type="int"),
            ]
        ),
    )
    return dg.AssetCheckResult(
        passed=missing.empty,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={
            "overdue": len(missing),
            "units": int(missing["unit_code"].nunique()),
            "reports": table,
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
