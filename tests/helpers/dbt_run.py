"""dbt in this process, for tests: no log files, no telemetry, artifacts to a folder."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest
from dbt.cli.main import dbtRunner

PROJECT = Path(__file__).parents[2] / "dbt_project"


GOOD = ("success", "pass", "no-op")
"""How a node may end; an exposure has nothing to do."""


def run_dbt(
    command: str, path: Path, as_of: dt.date, *more: str, **variables: str
) -> list[str]:
    """Runs dbt over a build file; gives the names of nodes that did not succeed.

    Artifacts go to `target_<stem of the file>` beside the file.
    """
    target = path.parent / f"target_{path.stem}"
    given = {"as_of_date": as_of.isoformat(), **variables}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NHIEMKY_BUILD_DB", str(path))
        patch.setenv("DO_NOT_TRACK", "1")
        outcome = dbtRunner().invoke(
            [
                # dbt never closes a log file in process, and warnings are errors here
                *("--quiet", "--log-level-file", "none", command, *more),
                *("--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)),
                *("--target-path", str(target), "--log-path", str(target)),
                *("--vars", json.dumps(given)),
            ]
        )
    if outcome.exception:
        raise outcome.exception
    return [
        result.node.name
        for result in getattr(outcome.result, "results", [])
        if str(result.status) not in GOOD
    ]
