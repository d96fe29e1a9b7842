"""Readers during publications, and kills: the old state or the new, never a mixture."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.helpers.marts_build import build_generation, publish_now
from tests.helpers.warehouse_frames import observations, record, reference, submission
from warehouse.home import Home
from warehouse.ledger import Ledger
from warehouse.load import sync
from warehouse.raw_schema import TABLES
from warehouse.read import open_published

ROOT = Path(__file__).resolve().parents[2]
KILLS = 8
PUBLICATIONS = 8

READER = """
import json, select, sys
from pathlib import Path
import duckdb
from tests.integration.test_publish_under_readers import generation_of, parquet_of
from warehouse.home import Home

home = Home(Path(sys.argv[1]))
result = {"reads": 0, "mixed": 0, "errors": [], "generations": []}
seen = set()
print("reading", flush=True)
while not select.select([sys.stdin], [], [], 0)[0]:
    try:
        for found in (generation_of(home), parquet_of(home)):
            result["reads"] += 1
            result["mixed"] += len(found) != 1
            seen |= found
    except Exception as error:
        result["errors"].append(f"{type(error).__name__}: {error}")
result["generations"] = sorted(seen)
print(json.dumps(result))
"""

PUBLISH = """
import sys
from pathlib import Path
from tests.helpers.marts_build import publish_now
from tests.helpers.sudden_death import Death
from warehouse.home import Home

with Death(int(sys.argv[3])) as death:
    publish_now(Home(Path(sys.argv[1])), sys.argv[2])
print(death.seen)
"""

LOAD = """
import sys
from pathlib import Path
from tests.helpers.sudden_death import Death
from tests.helpers.warehouse_frames import observations, reference
from warehouse.home import Home
from warehouse.ledger import Ledger
from warehouse.load import sync

home = Home(Path(sys.argv[1]))
ledger = Ledger.open(home.ledger_url)
with Death(int(sys.argv[2])) as death:
    sync(home, "demo", reference(), ledger, observations)
print(death.seen)
"""

TABLES_READ = ("dim", "fact", "publication")
WHOLE = (
    "select distinct generation from {dim} union "
    "select distinct generation from {fact} union "
    "select cast(substr(publication_id, 2) as integer) from {publication} union "
    "select -1 where (select count(*) from {fact}) <> 20000"
)


def generation_of(home: Home) -> set[int]:
    """Generations in the published file; one, if it is whole."""
    with open_published(home) as connection:
        tables = {name: f"marts.{name}" for name in TABLES_READ}
        rows = connection.execute(WHOLE.format(**tables))
        return {row[0] for row in rows.fetchall()}


def parquet_of(home: Home) -> set[int]:
    """Generations in the published Parquet folder, its symlink followed once."""
    folder = home.published_parquet.resolve()
    parts = {name: f"read_parquet('{folder}/{name}.parquet')" for name in TABLES_READ}
    with duckdb.connect() as connection:
        return {row[0] for row in connection.execute(WHOLE.format(**parts)).fetchall()}


def python(script: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", script, *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def points(script: str, *arguments: object) -> list[int]:
    """Numbers of calls to die at, spread over a whole run of the script."""
    done = python(script, *arguments, 0)
    assert done.returncode == 0, done.stderr
    total = int(done.stdout)
    assert total > KILLS
    return sorted({1 + step * (total - 1) // (KILLS - 1) for step in range(KILLS)})


def raw(home: Home) -> dict[str, list[Any]]:
    with duckdb.connect(str(home.build_db), read_only=True) as connection:
        return {
            table: connection.execute(f"from raw.{table} order by all").fetchall()
            for table in TABLES
        }


@pytest.mark.slow
def test_readers_never_fail_and_never_see_a_mixture(tmp_path: Path) -> None:
    home = Home(tmp_path)
    build_generation(home, 1)
    publish_now(home, "p1")
    readers = [
        subprocess.Popen(
            [sys.executable, "-c", READER, str(tmp_path)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    try:
        for reader in readers:
            assert reader.stdout is not None
            assert reader.stdout.readline() == "reading\n"
        for generation in range(2, PUBLICATIONS + 1):
            build_generation(home, generation)
            publish_now(home, f"p{generation}")
        results = [json.loads(r.communicate("stop\n", timeout=60)[0]) for r in readers]
    finally:
        for reader in readers:
            reader.kill()
            reader.wait()
    for result in results:
        assert result["errors"] == []
        assert result["mixed"] == 0
        assert result["reads"] > PUBLICATIONS
        assert len(result["generations"]) > 1


@pytest.mark.slow
def test_a_publication_killed_anywhere_leaves_the_old_or_the_new(
    tmp_path: Path,
) -> None:
    home = Home(tmp_path)
    for generation in range(1, 5):  # from the fourth on, old folders are dropped
        build_generation(home, generation)
        publish_now(home, f"p{generation}")
    build_generation(home, 5)
    outcomes = []
    for place in points(PUBLISH, home.path, "p5"):
        (before,) = generation_of(home)
        build_generation(home, before + 1)
        killed = python(PUBLISH, home.path, f"p{before + 1}", place)
        assert killed.returncode == -signal.SIGKILL, killed.stderr
        (after,) = generation_of(home)
        (parquet,) = parquet_of(home)
        assert before <= after <= parquet <= before + 1
        outcomes.append(after - before)
        build_generation(home, before + 2)
        publish_now(home, f"p{before + 2}")
        assert generation_of(home) == parquet_of(home) == {before + 2}
        assert not (home.published / ".next").exists()
        assert len(list((home.published / ".parquet").iterdir())) == 3
    assert outcomes == sorted(outcomes)
    assert set(outcomes) == {0, 1}


@pytest.mark.slow
def test_a_load_killed_anywhere_leaves_the_old_or_the_new(tmp_path: Path) -> None:
    first = Home(tmp_path / "first")
    first.create()
    ledger = Ledger.open(first.ledger_url)
    record(ledger, [(submission("one"), 0), (submission("two", "B"), 1)])
    sync(first, "demo", reference(), ledger, observations)
    old = raw(first)
    record(ledger, [(submission("three"), 2)], quarantined=(1,))
    record(ledger, [(submission("two", "B", "rejected"), 1)])
    ledger.close()
    done = Home(tmp_path / "done")
    shutil.copytree(first.path, done.path)
    places = points(LOAD, done.path)
    new = raw(done)
    assert new != old
    outcomes = set()
    for place in places:
        home = Home(tmp_path / f"killed-{place}")
        shutil.copytree(first.path, home.path)
        killed = python(LOAD, home.path, place)
        assert killed.returncode == -signal.SIGKILL, killed.stderr
        assert raw(home) in (old, new)
        outcomes.add(raw(home) == old)
        ledger = Ledger.open(home.ledger_url)
        sync(home, "demo", reference(), ledger, observations)
        ledger.close()
        assert raw(home) == new
    assert True in outcomes
