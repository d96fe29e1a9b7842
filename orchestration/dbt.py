"""dbt as a process of its own: parse the project, build the star schema, tell results.

A process, because an open connection of ours would keep the build file from dbt, and a
dbt that dies must cost only itself. Artifacts go to the home, so that two homes never
share a state and nothing piles up in the project.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from orchestration.settings import DBT_PROJECT
from warehouse.postgres.keys import ForeignKey, StarKeys

WATCHED = ("*.sql", "*.yml", "*.md")
RESULT_EVENTS = ("LogModelResult", "LogTestResult")
CATALOG = "warehouse.duckdb"
"""Name of every build file: the manifest holds it as the name of the database."""
PARSED = "partial_parse.msgpack"
"""dbt's own file beside the manifest: the same manifest in the form it reads back."""
NO_UNIT_TESTS = ("--exclude-resource-type", "unit_test")
"""Unit tests judge the code, not the day's data: `make test` runs them."""
ONLY_MODELS = ("--resource-type", "model")
MARTS = "marts"
GRAIN_TEST, REFERENCE_TEST = "unique_grain", "relationships"


class BuildFailed(Exception):
    """dbt could not parse or build, or a test of the warehouse failed."""


@dataclass(frozen=True)
class NodeResult:
    """How one model or test ended."""

    unique_id: str
    is_passed: bool
    seconds: float
    failures: int


@cache
def manifest_path() -> Path:
    """The manifest of the dbt project as it stands; parses when it is older.

    Raises:
        BuildFailed: dbt could not parse the project; carries dbt's own words.
    """
    manifest = DBT_PROJECT / "target" / "manifest.json"
    newest = max(
        path.stat().st_mtime
        for pattern in WATCHED
        for path in DBT_PROJECT.rglob(pattern)
        if "target" not in path.parts
    )
    if not manifest.exists() or manifest.stat().st_mtime < newest:
        program = [str(Path(sys.executable).with_name("dbt"))]
        parse = _dbt(program, "parse", Path(CATALOG), manifest.parent, dt.date.min)
        for _ in parse:
            pass
        manifest.touch()
    return manifest


def star_keys() -> StarKeys:
    """The grain of each mart and the columns that refer to another, by dbt's tests.

    A relationship counts as a key where its column names one row: its target is the
    whole grain of the other mart, and it holds for every row.

    Raises:
        BuildFailed: dbt could not parse the project.
    """
    nodes = json.loads(manifest_path().read_text(encoding="utf-8"))["nodes"]
    marts = {
        key: node["name"]
        for key, node in nodes.items()
        if node["resource_type"] == "model" and node["schema"] == MARTS
    }
    tests = [
        node
        for node in nodes.values()
        if node["resource_type"] == "test"
        and node.get("attached_node") in marts
        and not node["config"].get("where")
    ]
    primary = {
        marts[test["attached_node"]]: tuple(test["test_metadata"]["kwargs"]["columns"])
        for test in tests
        if test["test_metadata"]["name"] == GRAIN_TEST
    }
    foreign = [
        _reference(test, marts)
        for test in tests
        if test["test_metadata"]["name"] == REFERENCE_TEST
    ]
    names_a_row = [
        key for key in foreign if primary.get(key.to_table) == (key.to_column,)
    ]
    return StarKeys(dict(sorted(primary.items())), tuple(sorted(names_a_row, key=str)))


def _reference(test: Mapping[str, Any], marts: Mapping[str, str]) -> ForeignKey:
    own = test["attached_node"]
    others = [name for name in test["depends_on"]["nodes"] if name != own]
    to_table = marts.get(others[0], "") if others else marts[own]
    field = test["test_metadata"]["kwargs"]["field"]
    return ForeignKey(marts[own], test["column_name"], to_table, field)


def build(
    build_db: Path,
    target: Path,
    as_of: dt.date,
    known_on: dt.datetime | None = None,
    select: Sequence[str] = (),
) -> Iterator[NodeResult]:
    """Builds every model and runs every data test; one result per node as it ends.

    Args:
        build_db: The file, which must be called `warehouse.duckdb` (`CATALOG`).
        target: Folder for dbt's artifacts.
        as_of: The day to judge on.
        known_on: The state as known at this instant; None: everything known by now.
        select: Only these models (dbt's node selection), and no tests.

    Raises:
        BuildFailed: a model or test failed; says which and why.
    """
    options = (*ONLY_MODELS, "--select", *select) if select else NO_UNIT_TESTS
    for event in _dbt(
        _parsed_dbt(), "build", build_db, target, as_of, *options, known_on=known_on
    ):
        if event["info"]["name"] in RESULT_EVENTS:
            data = event["data"]
            yield NodeResult(
                unique_id=data["node_info"]["unique_id"],
                is_passed=event["info"]["level"] == "info",
                seconds=float(data.get("execution_time", 0)),
                failures=int(data.get("num_failures", 0)),
            )


def write_docs(build_db: Path, target: Path, as_of: dt.date) -> Path:
    """The documentation of the project over a built file, as one HTML page.

    Models, columns with their types in the file, tests, metrics and exposures, and the
    graph of them all. The page fetches nothing.

    Raises:
        BuildFailed: dbt could not read the project or the file; says why.
    """
    arguments = ("generate", "--static")
    for _ in _dbt(_parsed_dbt(), "docs", build_db, target, as_of, *arguments):
        pass
    return target / "static_index.html"


def _parsed_dbt() -> list[str]:
    """dbt with the manifest that is parsed already."""
    parsed = manifest_path().with_name(PARSED)
    return [sys.executable, "-m", "orchestration.dbt_process", str(parsed)]


def _dbt(
    program: Sequence[str],
    command: str,
    build_db: Path,
    target: Path,
    as_of: dt.date,
    *options: str,
    known_on: dt.datetime | None = None,
) -> Iterator[dict[str, Any]]:
    """Runs one dbt command; yields its structured log line by line."""
    variables = {"as_of_date": as_of.isoformat()}
    if known_on is not None:
        variables["known_on"] = _naive_utc(known_on)
    process = subprocess.Popen(  # noqa: S603 - fixed program, no shell
        [
            *program,
            *("--log-format", "json", "--log-level-file", "none"),
            *(command, *options),
            *("--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT)),
            *("--target-path", str(target.resolve())),
            *("--vars", json.dumps(variables)),
        ],
        env={
            **os.environ,
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
            "DO_NOT_TRACK": "1",
            "NHIEMKY_BUILD_DB": str(build_db.resolve()),
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    errors: list[str] = []
    assert process.stdout is not None
    try:
        for line in process.stdout:
            event = _event(line)
            if event["info"]["level"] == "error":
                errors.append(event["info"]["msg"])
            yield event
    finally:
        if process.poll() is None and sys.exc_info()[0] is not None:
            process.kill()
        process.stdout.close()
    if process.wait():
        raise BuildFailed(f"dbt {command} failed:\n" + "\n".join(errors))


def _naive_utc(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).replace(tzinfo=None).isoformat(" ")


def _event(line: str) -> dict[str, Any]:
    try:
        event: dict[str, Any] = json.loads(line)
    except json.JSONDecodeError:
        return {"info": {"name": "text", "level": "error", "msg": line.rstrip()}}
    return event
