"""Sensors: a refresh when files have come to rest, or a source is due to be asked; the
server's publication when it is owed."""

import datetime as dt
import hashlib
import json

import dagster as dg

from orchestration.jobs import REFRESH, SERVER
from orchestration.resources import RunResource
from orchestration.settings import publish_url
from orchestration.steps.folders import new_files
from orchestration.steps.reach import source_states
from orchestration.steps.server import is_server_owed
from warehouse.read import publication

UNFINISHED = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]
_WAIT = dg.SkipReason("a run is on its way; looking again after it")


def _is_running(instance: dg.DagsterInstance) -> bool:
    """True while any run is queued or under way."""
    return bool(instance.get_runs(dg.RunsFilter(statuses=UNFINISHED), limit=1))


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
        if _is_running(context.instance):
            return _WAIT
        with run_settings.open() as run:
            fresh = [
                f"{file.uri} {file.size} {file.modified_at}"
                for _, file in new_files(run)
            ]
            down = [f"{s.code}: {s.down.reason}" for s in source_states(run) if s.down]
            pending = run.ledger.pending_deliveries(run.programme.code)
        if not fresh and pending.empty:
            context.update_cursor("")
            return dg.SkipReason("\n".join(["no new files", *down]))
        state = json.dumps([sorted(fresh), sorted(pending.delivery_sha256)])
        key = hashlib.sha256(state.encode()).hexdigest()
        if context.cursor != key:
            context.update_cursor(key)
            return dg.SkipReason(
                f"{len(fresh)} new files, {len(pending)} landed and not judged;"
                " waiting until they lie still"
            )
        return dg.RunRequest(run_key=f"{key} {_hour()}")

    return drop_folder


def due_sources_sensor() -> dg.SensorDefinition:
    """One run for all interfaces and databases whose `every_minutes` are over.

    Never beside another run; one that is down is asked again in the same rhythm, and a
    run that died before it asked gets another, once an hour.
    """

    @dg.sensor(
        name="due_sources",
        job_name=REFRESH,
        minimum_interval_seconds=60,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Starts a refresh when an interface or a database is due.",
    )
    def due_sources(
        context: dg.SensorEvaluationContext, run_settings: RunResource
    ) -> dg.RunRequest | dg.SkipReason:
        if _is_running(context.instance):
            return _WAIT
        with run_settings.open() as run:
            states = source_states(run)
        due = [state for state in states if state.is_due]
        if due:
            asked = [f"{s.code} {s.due_at or 'first'}" for s in due]
            return dg.RunRequest(run_key=f"{', '.join(asked)} {_hour()}")
        waiting = [f"{s.code} at {s.due_at:%H:%M %Z}" for s in states if s.due_at]
        said = ", ".join(waiting) or "no interface and no database in this programme"
        return dg.SkipReason(f"nothing is due: {said}")

    return due_sources


def server_sensors() -> list[dg.SensorDefinition]:
    """Where a server is set: gives it the publication that an earlier run could not.

    Nothing but that: nobody waits for new figures. Tried once an hour, for that
    publication; a server that was set just now gets the one in place.
    """

    @dg.sensor(
        name="server_behind",
        job_name=REFRESH,
        minimum_interval_seconds=60,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Publishes on the server what a run published on disk alone.",
    )
    def server_behind(
        context: dg.SensorEvaluationContext, run_settings: RunResource
    ) -> dg.RunRequest | dg.SkipReason:
        if _is_running(context.instance):
            return _WAIT
        with run_settings.open() as run:
            if not is_server_owed(run):
                return dg.SkipReason("the server was given what is published")
            on_disk = publication(run.home)["publication_id"]
        return dg.RunRequest(run_key=f"{on_disk} {_hour()}", asset_selection=[SERVER])

    return [server_behind] if publish_url() else []


def _hour() -> str:
    return dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H")
