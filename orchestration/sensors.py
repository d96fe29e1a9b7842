"""Sensors: a refresh when files have come to rest in a drop folder."""

import hashlib
import json

import dagster as dg

from orchestration.jobs import REFRESH
from orchestration.resources import RunResource
from orchestration.steps.pull import new_files
from sources.connectors.drop_folder import SourceError


def drop_folder_sensor() -> dg.SensorDefinition:
    """One run for all files of a tick; a file still being written waits a tick."""

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
        with run_settings.open() as run:
            try:
                fresh = [
                    (file.uri, file.size, file.modified_at)
                    for _, file in new_files(run)
                ]
            except SourceError as error:
                return dg.SkipReason(str(error))
        if not fresh:
            context.update_cursor("")
            return dg.SkipReason("no new files")
        state = json.dumps(sorted(map(str, fresh)))
        key = hashlib.sha256(state.encode()).hexdigest()
        if context.cursor != key:
            context.update_cursor(key)
            return dg.SkipReason(
                f"{len(fresh)} new files; waiting until they lie still"
            )
        return dg.RunRequest(run_key=key)

    return drop_folder
