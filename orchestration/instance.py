"""The Dagster instance of a home: its settings file and how to open it.

Runs started by `nhiemky run` and by `nhiemky dev` share it, so the UI shows both.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from warehouse.home import Home

if TYPE_CHECKING:
    from dagster import DagsterInstance

DAGSTER_YAML = """\
telemetry: {enabled: false}
nux: {enabled: false}
concurrency:
  pools: {granularity: run, default_limit: 1}
  runs: {max_concurrent_runs: 2}
run_monitoring: {enabled: true, start_timeout_seconds: 60, max_runtime_seconds: 3600}
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
