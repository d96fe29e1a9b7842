"""The Dagster instance of a home: its settings file and how to open it.

Runs started by `nhiemky run` and by `nhiemky dev` share it, so the UI shows both.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from warehouse.errors import RunLocked
from warehouse.home import Home

if TYPE_CHECKING:
    from dagster import DagsterInstance

DAGSTER_YAML = """\
telemetry: {enabled: false}
nux: {enabled: false}
concurrency:
  pools: {granularity: run, default_limit: 1}
  runs: {max_concurrent_runs: 2}
run_monitoring: {enabled: true, start_timeout_seconds: 180, max_runtime_seconds: 7200}
run_retries: {enabled: true, max_retries: 1, retry_on_asset_or_op_failure: false}
python_logs: {python_log_level: INFO}
retention:
  schedule: {purge_after_days: {skipped: 7, success: 30}}
  sensor: {purge_after_days: {skipped: 7, success: 30}}
"""


def prepare(home: Home) -> Path:
    """Writes dagster.yaml where it is missing; returns the folder for DAGSTER_HOME."""
    folder = home.path / "dagster"
    folder.mkdir(parents=True, exist_ok=True)
    settings = folder / "dagster.yaml"
    if not settings.exists():
        settings.write_text(DAGSTER_YAML)
    return folder


def open_instance(home: Home) -> DagsterInstance:
    """The instance of this home, telemetry off."""
    folder = prepare(home)
    os.environ["DAGSTER_HOME"] = str(folder)
    from dagster import DagsterInstance

    return DagsterInstance.from_config(str(folder))


def fail_dead_runs(home: Home) -> int:
    """Marks runs as failed that no process works on any more; returns how many.

    A run killed with its machine stays "started" for ever and would keep the pool. The
    home's lock dies with its holder: who gets it knows that nobody is at work.
    """
    from dagster import DagsterRunStatus, RunsFilter

    unfinished = [DagsterRunStatus.STARTED, DagsterRunStatus.CANCELING]
    try:
        with home.run_lock(wait_seconds=0), open_instance(home) as instance:
            dead = instance.get_runs(RunsFilter(statuses=unfinished))
            for run in dead:
                instance.report_run_failed(run, "Its process ended without a word.")
            return len(dead)
    except RunLocked:
        return 0
