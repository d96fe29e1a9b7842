"""Publishing copies schema marts, whole and with its meaning, and swaps it in."""

from __future__ import annotations

import datetime as dt
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from tests.helpers.both_languages import halves_fault
from tests.helpers.marts_build import (
    AS_OF,
    PUBLISHED_AT,
    build_generation,
    publish_now,
)
from warehouse import publish as publishing
from warehouse.errors import PublishError, ReadError
from warehouse.home import Home
from warehouse.publish import publish
from warehouse.read import open_published, publication

MODEL = """
create schema marts;
create schema raw;
create table raw.secret as select 1 as x;
create table marts.dim (k varchar primary key, n varchar not null);
create table marts.fact (
    k varchar references marts.dim (k), "Tên ""cột"" A" decimal(24, 4) check (k <> '')
);
create view marts.wide as select * from warehouse.marts.fact join marts.dim using (k);
comment on table marts.dim is 'Đơn vị''s';
comment on column marts.fact.k is 'khoá; -- drop';
comment on view marts.wide is 'rộng';
insert into marts.dim values ('a', 'A');
insert into marts.fact values ('a', 5961662.1234), (null, null);
"""


@pytest.fixture
def home(tmp_path: Path) -> Home:
    created = Home(tmp_path / "nhà 'riêng'")
    created.create()
    return created


def build(home: Home, sql: str) -> None:
    with duckdb.connect(str(home.build_db)) as connection:
        connection.execute(sql)


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


def test_rows_types_constraints_and_comments_are_carried(home: Home) -> None:
    build(home, MODEL)
    report = publish_now(home)
    assert report.tables == {"dim": 1, "fact": 2, "wide": 1}
    assert report.size_bytes == home.published_db.stat().st_size
    with open_published(home) as connection:

        def query(sql: str) -> list[tuple[object, ...]]:
            return connection.execute(sql).fetchall()

        assert query('select n, typeof("Tên ""cột"" A") from marts.wide') == [
            ("A", "DECIMAL(24,4)")
        ]
        assert query(
            "select table_name, comment from duckdb_tables() "
            "where comment is not null and table_name <> 'publication' order by 1"
        ) == [("dim", "Đơn vị's"), ("wide", "rộng")]
        assert query(
            "select column_name, comment from duckdb_columns() "
            "where comment is not null and table_name <> 'publication'"
        ) == [("k", "khoá; -- drop")]
        kinds = query(
            "select constraint_type from duckdb_constraints() "
            "where table_name in ('dim', 'fact') order by 1"
        )
        assert {kind for (kind,) in kinds} == {
            "CHECK",
            "FOREIGN KEY",
            "NOT NULL",
            "PRIMARY KEY",
        }


MACROS = """
create schema marts;
create table marts.history (k varchar, recorded_from timestamp, recorded_to timestamp);
insert into marts.history values
    ('một', '2024-01-01', '2024-02-01'), ('hai', '2024-02-01', '9999-12-31');
create macro marts.as_known_on("Lúc ""A"" nào") as table
    select k from marts.history
    where recorded_from <= cast("Lúc ""A"" nào" as timestamp)
        and recorded_to > cast("Lúc ""A"" nào" as timestamp);
create macro marts.plus (a) as a + 1, (a, b) as a + b;
create macro main.secret() as table select 1;
"""


def test_macros_are_carried_and_bind_for_whoever_opens_the_file(home: Home) -> None:
    build(home, MACROS)
    publish_now(home)
    # a reader without this program: another process, read-only, the file renamed
    copy = home.path / "bản sao.duckdb"
    shutil.copy(home.published_db, copy)
    reader = """
import duckdb, sys
with duckdb.connect(sys.argv[1], read_only=True) as db:
    ask = "select (from marts.as_known_on('2024-01-31 23:59:59')), "
    ask += "(from marts.as_known_on(timestamp '2024-02-01')), "
    print(*db.execute(ask + "marts.plus(1), marts.plus(1, 5)").fetchone())
    print(db.execute("select distinct function_name from duckdb_functions() "
        "where not internal order by 1").fetchall())
"""
    for path in (home.published_db, copy):
        done = subprocess.run(
            [sys.executable, "-X", "utf8", "-c", reader, str(path)],
            capture_output=True,
            encoding="utf-8",
            check=True,
        )
        assert done.stdout.splitlines() == [
            "một hai 2 6",
            "[('as_known_on',), ('plus',)]",
        ]


def test_only_schema_marts_leaves_the_build(home: Home) -> None:
    build(home, MODEL)
    publish_now(home)
    with open_published(home) as connection:
        schemas = connection.execute(
            "select distinct schema_name from duckdb_tables()"
        ).fetchall()
    assert schemas == [("marts",)]


def test_the_file_says_which_publication_it_is(home: Home) -> None:
    build_generation(home, 1)
    hanoi = PUBLISHED_AT.astimezone(dt.timezone(dt.timedelta(hours=7)))
    publish(home, "p1", hanoi, AS_OF)
    assert publication(home) == {
        "publication_id": "p1",
        "published_at": PUBLISHED_AT,
        "as_of_date": AS_OF,
    }


def test_the_table_that_says_so_is_described_in_both_languages(home: Home) -> None:
    build_generation(home, 1)
    publish_now(home)
    with open_published(home) as connection:
        texts = connection.execute(
            "select comment from duckdb_tables() where table_name = 'publication' "
            "union all select comment from duckdb_columns() "
            "where table_name = 'publication'"
        ).fetchall()
    assert len(texts) == 4
    assert not [text for (text,) in texts if halves_fault(text)]


def test_parquet_holds_the_same_rows(home: Home) -> None:
    build(home, MODEL)
    publish_now(home)
    assert home.published_parquet.is_symlink()
    assert files(home.published_parquet) == {
        "dim.parquet",
        "fact.parquet",
        "wide.parquet",
        "publication.parquet",
    }
    fact = str(home.published_parquet / "fact.parquet")
    rows = duckdb.execute("select * from read_parquet(?) order by all", [fact])
    with open_published(home) as connection:
        expected = connection.execute("from marts.fact order by all").fetchall()
    assert rows.fetchall() == expected


def test_two_old_parquet_folders_stay_and_nothing_else(home: Home) -> None:
    for number in range(1, 6):
        build_generation(home, number, rows=10)
        publish_now(home, f"p{number}")
    assert {p.name for p in (home.published / ".parquet").iterdir()} == {
        "p3",
        "p4",
        "p5",
    }
    assert home.published_parquet.resolve().name == "p5"
    assert {p.name for p in home.published.iterdir()} == {
        ".parquet",
        ".publish.lock",
        "parquet",
        "warehouse.duckdb",
    }


def test_publishing_the_same_id_again_replaces_it(home: Home) -> None:
    build_generation(home, 1, rows=10)
    publish_now(home)
    build_generation(home, 2, rows=20)
    publish_now(home)
    with open_published(home) as connection:
        assert connection.execute("from marts.fact").fetchall()[0][0] == 2


def test_leftovers_of_a_killed_run_are_swept(home: Home) -> None:
    build_generation(home, 1, rows=10)
    staging = home.published / ".next" / "parquet"
    staging.mkdir(parents=True)
    (staging / "half.parquet").write_bytes(b"torn")
    (home.published / ".next" / "warehouse.duckdb").write_bytes(b"torn")
    publish_now(home)
    assert not (home.published / ".next").exists()


def test_the_old_publication_stays_when_a_file_cannot_be_written(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    build_generation(home, 1, rows=10)
    publish_now(home)
    build_generation(home, 2, rows=10)

    def full(_: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(publishing, "fsync_path", full)
    with pytest.raises(PublishError, match=r"No space left.*previous publication"):
        publish_now(home, "p2")
    assert publication(home)["publication_id"] == "p1"
    assert home.published_parquet.resolve().name == "p1"
    assert not (home.published / ".next").exists()


def test_a_build_without_marts_is_not_published(home: Home) -> None:
    with pytest.raises(PublishError, match=r"does not exist.*nhiemky run"):
        publish_now(home)
    build(home, "create schema raw")
    with pytest.raises(PublishError, match="no tables in schema marts"):
        publish_now(home)
    assert not home.published_db.exists()


@pytest.mark.parametrize("name", ["../x", "", ".hidden", "a/b", "x" * 65])
def test_only_a_plain_name_names_a_publication(home: Home, name: str) -> None:
    build_generation(home, 1, rows=10)
    with pytest.raises(PublishError, match="cannot name a publication"):
        publish_now(home, name)


@pytest.mark.parametrize(
    "statement",
    [
        "select * from read_csv('/etc/passwd')",
        "select * from read_text('/etc/passwd')",
        "copy marts.dim to '/tmp/stolen.csv'",
        "attach '/tmp/other.duckdb'",
        "install httpfs",
        "load icu_other",
        "set enable_external_access = true",
        "set memory_limit = '100GB'",
        "create table marts.mine (x int)",
        "delete from marts.dim",
    ],
)
def test_a_reader_can_do_nothing_but_read(home: Home, statement: str) -> None:
    build_generation(home, 1, rows=10)
    publish_now(home)
    with open_published(home) as connection, pytest.raises(duckdb.Error):
        connection.execute(statement)


def test_reading_before_the_first_publication_says_what_to_do(home: Home) -> None:
    with pytest.raises(ReadError, match="Nothing is published yet"):
        publication(home)
