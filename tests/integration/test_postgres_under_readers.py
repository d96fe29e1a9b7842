"""Readers of file and server while publications follow one another, and kills."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import IsolationLevel
from psycopg.errors import InvalidSchemaName

from tests.helpers.server_publication import (
    ONE_STATEMENT,
    publish_generation,
    torn,
)
from warehouse.home import Home
from warehouse.postgres import swap as swapping
from warehouse.postgres.swap import drop_old, swap, sweep

ROOT = Path(__file__).resolve().parents[2]
READERS = 8
PUBLICATIONS = 20
MOST_SECONDS = 0.1
KILLS = 6
OLD, NEW = "00000000000a", "00000000000b"

READ = """
import json, multiprocessing, os, sys, time
from pathlib import Path
import psycopg
from tests.helpers.server_publication import ONE_STATEMENT, torn
from warehouse.home import Home
from warehouse.read import open_published

home, url, readers = Home(Path(sys.argv[1])), sys.argv[2], int(sys.argv[3])

def read(number, stop, results):
    found = {"reads": 0, "torn": [], "errors": [], "longest": 0.0, "seen": [[], []]}
    on_server = ONE_STATEMENT.replace("marts.", "marts_suppressed.") \\
        if number % 4 == 3 else ONE_STATEMENT
    with psycopg.connect(url, autocommit=True) as connection:
        if number % 2:
            connection.prepare_threshold = None
        while not stop.wait(0.02):
            try:
                with open_published(home) as file:
                    of_file = file.execute(ONE_STATEMENT).fetchall()
                begun = time.perf_counter()
                of_server = connection.execute(ONE_STATEMENT).fetchall()
                found["longest"] = max(found["longest"], time.perf_counter() - begun)
                for place, rows in enumerate((of_file, of_server)):
                    found["reads"] += 1
                    if len(rows) != 1 or torn(rows[0]):
                        found["torn"].append(repr(rows))
                    elif rows[0][0] not in found["seen"][place]:
                        found["seen"][place].append(rows[0][0])
            except Exception as error:
                found["errors"].append(f"{type(error).__name__}: {error}")
    results.put(found)

os.nice(10)  # eight on two cores would starve the publisher, who is under test
fork = multiprocessing.get_context("fork")
stop, results = fork.Event(), fork.Queue()
for number in range(readers):
    fork.Process(target=read, args=(number, stop, results), daemon=True).start()
print("reading", flush=True)
sys.stdin.readline()
stop.set()
print(json.dumps([results.get(timeout=60) for _ in range(readers)]))
"""

KILLED = """
import json, os, signal, sys
from pathlib import Path
import psycopg
from tests.helpers.server_publication import (
    ONE_STATEMENT, publish_generation, publish_to_server, to_files, torn
)
from warehouse.home import Home

home, url, kills = Home(Path(sys.argv[1])), sys.argv[2], int(sys.argv[3])
calls = 0
execute = psycopg.Connection.execute

def dying(place):
    def counted(*arguments, **named):
        global calls
        calls += 1
        if calls == place:
            os.kill(os.getpid(), signal.SIGKILL)
        return execute(*arguments, **named)
    return counted

def in_place():
    with psycopg.connect(url, autocommit=True) as connection:
        # what the dead left running ends before the next publisher comes
        while execute(connection, "select from pg_stat_activity where pid <> "
                "pg_backend_pid() and datname = current_database()").fetchall():
            pass
        (row,) = execute(connection, ONE_STATEMENT).fetchall()
        assert not torn(row), row
        return int(row[0][1:])

publish_generation(home, url, 1)
publish_generation(home, url, 2)
to_files(home, 3)
psycopg.Connection.execute = dying(0)
publish_to_server(home, url)
psycopg.Connection.execute = execute
total, outcomes = calls, []
# the last calls are those of the swap, and of dropping what was before
places = sorted({1 + k * (total - 1) // (kills - 1) for k in range(kills)})
for generation, place in enumerate(places, 4):
    to_files(home, generation)
    calls = 0
    child = os.fork()
    if child == 0:
        psycopg.Connection.execute = dying(place)
        publish_to_server(home, url)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    outcomes.append(in_place() - generation + 1)
    publish_to_server(home, url)
    assert in_place() == generation
    with psycopg.connect(url) as connection:
        rows = connection.execute(
            "select nspname from pg_namespace where nspname ~ '^marts' order by 1"
        ).fetchall()
    assert rows == [("marts",), ("marts_suppressed",)], rows
print(json.dumps(outcomes))
"""


def asked(connection: psycopg.Connection[Any]) -> str:
    """The publication of one statement's answer, which is of one publication."""
    (row,) = connection.execute(ONE_STATEMENT).fetchall()
    assert not torn(row)
    return str(row[0])


@pytest.fixture
def home(tmp_path: Path, postgres_url: str) -> Home:
    """Two publications on from nothing; the second is in place."""
    home = Home(tmp_path)
    publish_generation(home, postgres_url, 1)
    publish_generation(home, postgres_url, 2)
    return home


@pytest.fixture
def connection(postgres_url: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(postgres_url, autocommit=True) as opened:
        yield opened


def put_in_place(connection: psycopg.Connection[Any], number: str) -> None:
    loaded_beside(connection, number)
    assert swap(connection, number).is_quiet


def count(monkeypatch: pytest.MonkeyPatch, name: str) -> list[None]:
    """A list that grows with every call of a function of the swap."""
    calls: list[None] = []
    function = getattr(swapping, name)

    def counted(*arguments: Any) -> Any:
        calls.append(None)
        return function(*arguments)

    monkeypatch.setattr(swapping, name, counted)
    return calls


def loaded_beside(connection: psycopg.Connection[Any], number: str) -> None:
    """A small next publication, of a table, another one, and a view."""
    connection.execute(
        f"create schema marts_next_{number};"
        f"create table marts_next_{number}.a as select '{number}' as number;"
        f"create table marts_next_{number}.b as select '{number}' as number;"
        f"create schema marts_suppressed_next_{number};"
        f"create view marts_suppressed_next_{number}.a as table marts_next_{number}.a"
    )


def schemas(connection: psycopg.Connection[Any]) -> list[str]:
    rows = connection.execute(
        "select nspname from pg_namespace where nspname ~ '^marts' order by 1"
    ).fetchall()
    return [name for (name,) in rows]


@pytest.mark.slow
def test_eight_readers_of_file_and_server_during_twenty_publications(
    tmp_path: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # a machine without a free core has no moment without readers: seek it briefly
    monkeypatch.setattr(swapping, "PATIENCE_SECONDS", 0.3)
    home = Home(tmp_path)
    publish_generation(home, postgres_url, 1)
    readers = subprocess.Popen(
        [sys.executable, "-c", READ, str(tmp_path), postgres_url, str(READERS)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert readers.stdout is not None
        assert readers.stdout.readline() == "reading\n"
        reports = [
            publish_generation(home, postgres_url, generation)
            for generation in range(2, PUBLICATIONS + 2)
        ]
        results = json.loads(readers.communicate("stop\n", timeout=60)[0])
    finally:
        readers.kill()
        readers.wait()
    assert len(results) == READERS
    for result in results:
        assert result["errors"] == []
        assert result["torn"] == []
        assert all(len(seen) > 1 for seen in result["seen"])
    published = {f"p{generation}" for generation in range(1, PUBLICATIONS + 2)}
    for place in (0, 1):
        seen = {p for result in results for p in result["seen"][place]}
        assert seen <= published
        assert len(seen) > PUBLICATIONS / 2
    longest = max(report.swap_seconds for report in reports)
    print(
        f"\n{sum(r['reads'] for r in results)} reads; longest hold of a swap "
        f"{longest * 1000:.0f} ms; quiet {sum(r.is_quiet for r in reports)} of "
        f"{PUBLICATIONS}; longest statement of a reader "
        f"{max(r['longest'] for r in results) * 1000:.0f} ms"
    )
    assert longest < MOST_SECONDS


@pytest.mark.slow
def test_a_publisher_killed_anywhere_leaves_the_old_or_the_new(
    tmp_path: Path, postgres_url: str
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path), postgres_url, str(KILLS)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    outcomes = json.loads(done.stdout)
    assert outcomes == sorted(outcomes)
    assert set(outcomes) == {0, 1}


def test_prepared_statements_follow_at_once(home: Home, postgres_url: str) -> None:
    with psycopg.connect(postgres_url, autocommit=True) as reader:
        reader.prepare_threshold = 0
        for _ in range(8):  # after five the server keeps one plan for all
            assert asked(reader) == "p2"
        prepared = "select generic_plans from pg_prepared_statements"
        assert reader.execute(prepared, prepare=False).fetchone() != (0,)
        publish_generation(home, postgres_url, 3)
        assert asked(reader) == "p3"


def test_a_transaction_older_than_the_load_sees_all_rows(
    home: Home, postgres_url: str
) -> None:
    with psycopg.connect(postgres_url) as reader:
        reader.isolation_level = IsolationLevel.REPEATABLE_READ
        reader.execute("select 1")
        publish_generation(home, postgres_url, 3)
        assert asked(reader) == "p3"


def test_an_open_transaction_is_waited_for_and_never_torn(
    connection: psycopg.Connection[Any],
    postgres_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    put_in_place(connection, OLD)
    loaded_beside(connection, NEW)
    attempts = count(monkeypatch, "_attempt")
    all_three = (
        "select a.number, b.number, v.number "
        "from marts.a cross join marts.b cross join marts_suppressed.a v"
    )
    with ThreadPoolExecutor(1) as pool, psycopg.connect(postgres_url) as reader:
        reader.execute("select from marts.a")
        publisher = pool.submit(swap, connection, NEW)
        while len(attempts) < 4:
            assert reader.execute(all_three).fetchall() == [(OLD,) * 3]
        reader.commit()
        report = publisher.result(timeout=30)
        assert reader.execute(all_three).fetchall() == [(NEW,) * 3]
    assert report.is_quiet
    assert report.attempts >= 4


def test_a_transaction_that_does_not_end_delays_only_the_drop(
    connection: psycopg.Connection[Any],
    postgres_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(swapping, "PATIENCE_SECONDS", 1e-9)
    monkeypatch.setattr(swapping, "_DROP_WAIT", "20ms")
    put_in_place(connection, OLD)
    loaded_beside(connection, NEW)
    with psycopg.connect(postgres_url) as reader:
        reader.execute("select from marts.a")
        report = swap(connection, NEW)
        assert (report.is_quiet, report.attempts) == (False, 1)
        left = drop_old(connection)
        assert [re.sub("[0-9a-f]{12}$", "", name) for name in left] == [
            "marts_old_",
            "marts_suppressed_old_",
        ]
    assert schemas(connection) == sorted([*left, "marts", "marts_suppressed"])
    assert drop_old(connection) == []
    assert schemas(connection) == ["marts", "marts_suppressed"]


def test_a_publisher_that_hangs_loses_its_lock_to_the_server(
    connection: psycopg.Connection[Any],
    postgres_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    put_in_place(connection, OLD)
    loaded_beside(connection, NEW)
    is_renamed, is_read = threading.Event(), threading.Event()
    watch = swapping._watch

    def hanging(*arguments: Any) -> Any:
        is_renamed.set()
        assert is_read.wait(timeout=30)
        return watch(*arguments)

    monkeypatch.setattr(swapping, "_watch", hanging)
    with ThreadPoolExecutor(1) as pool, psycopg.connect(postgres_url) as reader:
        publisher = pool.submit(swap, connection, NEW)
        assert is_renamed.wait(timeout=30)
        reader.execute("set statement_timeout = '20s'")
        assert reader.execute("table marts.a").fetchall() == [(NEW,)]
        is_read.set()
        assert not publisher.result(timeout=30).is_quiet


def test_what_others_built_on_a_publication_is_not_dropped(
    connection: psycopg.Connection[Any],
) -> None:
    put_in_place(connection, OLD)
    connection.execute("create view public.mine as table marts.a")
    put_in_place(connection, NEW)
    left = drop_old(connection)
    assert len(left) == 2
    assert connection.execute("table public.mine").fetchall() == [(OLD,)]
    connection.execute("drop view public.mine")
    assert drop_old(connection) == []


def test_sweeping_takes_only_what_a_publisher_left(
    connection: psycopg.Connection[Any],
) -> None:
    put_in_place(connection, OLD)
    loaded_beside(connection, NEW)
    connection.execute("create schema marts_next_year")
    assert sweep(connection) == []
    assert schemas(connection) == ["marts", "marts_next_year", "marts_suppressed"]


def test_without_a_next_publication_all_stays(
    connection: psycopg.Connection[Any],
) -> None:
    put_in_place(connection, OLD)
    with pytest.raises(InvalidSchemaName, match=f"marts_next_{NEW}"):
        swap(connection, NEW)
    assert schemas(connection) == ["marts", "marts_suppressed"]
    assert connection.execute("table marts.a").fetchall() == [(OLD,)]
