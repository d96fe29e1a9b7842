"""Closing: the job that freezes a period, its morning schedule, and what follows it.

The job is none of the refresh: a person, or the calendar, decides that a period is
over. A closing that succeeded asks for a refresh, which brings the edition to BI.
"""

import dagster as dg

from orchestration.jobs import EDITION, refresh_reporting
from orchestration.resources import RunResource
from orchestration.steps.edition import is_publication_current, periods_to_close
from sources.programme.model import Programme

CLOSE = "close_period"
BY = "lịch chốt tự động · closing schedule"

close_period_job = dg.define_asset_job(
    CLOSE,
    selection=dg.AssetSelection.assets(EDITION),
    executor_def=dg.in_process_executor,
    description="Freeze one period's published figures as an edition.",
)


def closing_schedule(programme: Programme) -> dg.ScheduleDefinition:
    """07:00 where the programme reports, an hour after a deadline's refresh."""

    @dg.schedule(
        name="close_each_morning",
        job=close_period_job,
        cron_schedule="0 7 * * *",
        execution_timezone=programme.timezone,
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description="Closes provisionally what is over: every deadline has passed.",
    )
    def close_each_morning(
        context: dg.ScheduleEvaluationContext, run_settings: RunResource
    ) -> list[dg.RunRequest] | dg.SkipReason:
        day = context.scheduled_execution_time.date()
        with run_settings.open() as run:
            keys = periods_to_close(run, day)
            if not keys:
                return dg.SkipReason("no period waits to be closed")
            if not is_publication_current(run):
                return dg.SkipReason(
                    f"{', '.join(keys)} would be closed, but something came after the "
                    "last publication: a refresh comes first"
                )
        config = {"ops": {EDITION.path[-1]: {"config": {"by": BY}}}}
        return [
            dg.RunRequest(run_key=f"{key} {day}", partition_key=key, run_config=config)
            for key in keys
        ]

    return close_each_morning


def publish_editions() -> dg.SensorDefinition:
    """One refresh after closings, however many periods were closed in between."""

    @dg.run_status_sensor(
        name="publish_editions",
        run_status=dg.DagsterRunStatus.SUCCESS,
        monitored_jobs=[close_period_job],
        request_job=refresh_reporting,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Brings a new edition to BI: a refresh after each closing.",
    )
    def publish_editions(
        context: dg.RunStatusSensorContext, run_settings: RunResource
    ) -> dg.RunRequest:
        with run_settings.open() as run:
            return dg.RunRequest(run_key=f"editions {run.ledger.state_token()}")

    return publish_editions
