"""Helpers of the end-to-end tests: run the program, look at what it published."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb

from tests.helpers.warm_program import run_warm

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(sys.executable).with_name("nhiemky")
TIMEOUT_S = 400


def nhiemky(
    *arguments: str | Path,
    environment: dict[str, str] | None = None,
    is_cold: bool = False,
) -> subprocess.CompletedProcess[str]:
    """Runs the program as a person would, bounded in time.

    `is_cold` starts it anew; otherwise it is a fork of one that imported everything.
    """
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("NHIEMKY_")}
    words, env = list(map(str, arguments)), {**inherited, **(environment or {})}
    if not is_cold:
        return run_warm(words, env, TIMEOUT_S)
    return subprocess.run(
        [str(PROGRAM), *words],
        env={**env, "COLUMNS": "200"},
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
        cwd=ROOT,
    )


def answer(*arguments: str | Path, environment: dict[str, str] | None = None) -> Any:
    """The JSON a command prints; fails with its words when it does not."""
    done = nhiemky(*arguments, "--json", environment=environment)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def query(home: Path, sql: str, *parameters: object) -> list[tuple[Any, ...]]:
    """Rows of the published warehouse."""
    with duckdb.connect(home / "published" / "warehouse.duckdb", read_only=True) as db:
        return db.execute(sql, parameters).fetchall()


def marts(home: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every mart, sorted; the publication's own id and time left out."""
    names = query(
        home,
        "select table_name from information_schema.tables"
        " where table_schema = 'marts' and table_name <> 'publication'",
    )
    return {
        name: query(home, f"select * from marts.{name} order by all")
        for (name,) in sorted(names)
    }
