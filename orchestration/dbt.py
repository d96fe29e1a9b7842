"""The dbt project for Dagster: where it lies and its manifest, prepared once.

The manifest is parsed when the project's files changed, never at import.
"""

from __future__ import annotations

import os
import subprocess
import sys
from functools import cache
from pathlib import Path

from orchestration.settings import DBT_PROJECT

WATCHED = ("*.sql", "*.yml")


@cache
def manifest_path() -> Path:
    """The manifest of the dbt project as it stands; parses when it is older.

    Raises:
        RuntimeError: dbt could not parse the project; carries dbt's own words.
    """
    manifest = DBT_PROJECT / "target" / "manifest.json"
    newest = max(
        path.stat().st_mtime
        for pattern in WATCHED
        for path in DBT_PROJECT.rglob(pattern)
        if "target" not in path.parts
    )
    if not manifest.exists() or manifest.stat().st_mtime < newest:
        parse()
    return manifest


def parse() -> None:
    """Runs `dbt parse`.

    Raises:
        RuntimeError: the project does not parse; carries dbt's own words.
    """
    done = subprocess.run(  # noqa: S603 - fixed arguments, our own interpreter
        [
            *(sys.executable, "-m", "dbt.cli.main", "parse"),
            *("--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT)),
            *("--vars", "{as_of_date: '2000-01-01'}"),
        ],
        env={**os.environ, **environment()},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"dbt parse failed in {DBT_PROJECT}:\n{done.stdout}")
    (DBT_PROJECT / "target" / "manifest.json").touch()


def environment() -> dict[str, str]:
    """Variables every dbt process gets: telemetry off, a build file to name."""
    return {
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DO_NOT_TRACK": "1",
        "NHIEMKY_BUILD_DB": os.environ.get("NHIEMKY_BUILD_DB", "unset.duckdb"),
    }
