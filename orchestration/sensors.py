"""Sensors: a refresh when files have come to rest in a drop folder."""

import datetime as dt
import hashlib
import json

import dagster as dg

from orchestration.alerts.failure import source_notice
from orchestration.jobs import REFRESH
from orchestration.resources import RunResource
from orchestration.steps.alert import tell
from orchestration.steps.pull import new_files
from sources.connectors.errors import SourceError

UNFINISHED = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]


def drop_folder_sensor() -> dg.SensorDefinition:
    """One run for all files of a tick; a file still being written waits a tick.

    Files that a failed run left behind get another run, once an hour.
    """

    @dg.sensor(
        name="drop_folder",
        job_name=REFRESH,
        minimum_interval_seconds=30,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Starts a refresh when new files lie still for two ticks.",
    )
    def drop_folder(
        context: dg.SensorEvaluationContext, run_settings: RunResource
    ) -> dg.RunRequest | dg.SkipReason:
        if context.instance.get_runs(dg.RunsFilter(statuses=UNFINISHED), limit=1):
            return dg.SkipReason("a run is on its way; looking again after it")
        with run_settings.open() as run:
            try:
                fresh = [
                    f"{file.uri} {file.size} {file.modified_at}"
                    for _, file in new_files(run)
                ]
            except SourceError as error:
                tell(run, [source_notice(str(error))])
                return dg.SkipReason(str(error))
            pending = run.ledger.pending_deliveries(run.programme.code)
        if not fresh and pending.empty:
            context.update_cursor("")
            return dg.SkipReason("no new files")
        state = json.dumps([sorted(fresh), sorted(pending.delivery_sha256)])
        key = hashlib.sha256(state.encode()).hexdigest()
        if context.cursor != key:
            context.update_cursor(key)
            return dg.SkipReason(
                f"{len(fresh)} new files, {len(pending)} landed and not judged;"
                " waiting until they lie still"
            )
        hour = dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H")
        return dg.RunRequest(run_key=f"{key} {hour}")

    return drop_folder
