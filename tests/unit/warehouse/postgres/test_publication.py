"""The published file arrives on a server: every value, whole or not at all."""

from __future__ import annotations

import datetime as dt
import itertools
import random
import threading
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pyarrow as pa
import pytest
from psycopg import IsolationLevel

from warehouse.errors import PostgresError, ReadError
from warehouse.home import Home
from warehouse.postgres import connection as connecting
from warehouse.postgres import star
from warehouse.postgres.keys import ForeignKey, StarKeys
from warehouse.postgres.publication import (
    ServerReport,
    publish_to_postgres,
    published_on,
    shown,
)
from warehouse.postgres.source import Column, Source, Table
from warehouse.postgres.star import further_index

pytestmark = pytest.mark.usefixtures("without_access")

FIRST = "0123456789abcdef0123456789abcdef"
SECOND = "fedcba9876543210fedcba9876543210"
PUBLISHED_AT = dt.datetime(2026, 11, 22, 15, 54, 52, 737394, tzinfo=dt.UTC)

STAR = """
create table marts.dim_unit (
    unit_key varchar, programme_code varchar, unit_code varchar, valid_from date,
    valid_to date, name_vi varchar, "Tên ""cột"" A%" varchar
);
insert into marts.dim_unit values
    ('k1', 'p', 'A', '2020-01-01', '9999-12-31', 'Đơn vị', null),
    ('k2', 'p', 'B', '2020-01-01', '9999-12-31', 'Xã', '100 %');
create table marts.bridge_unit_ancestor (
    unit_key varchar, ancestor_unit_key varchar, programme_code varchar,
    unit_code varchar, ancestor_unit_code varchar, depth integer, valid_from date,
    valid_to date
);
create table marts.bridge_unit_succession (
    programme_code varchar, from_unit_code varchar, to_unit_code varchar,
    effective_date date, relation varchar
);
insert into marts.bridge_unit_succession values
    ('p', 'A', 'B', '2025-07-01', 'merge'), ('p', 'C', null, '2025-07-01', 'end');
create table marts.fct_observation (unit_key varchar, value decimal(24, 4));
insert into marts.fct_observation values ('k1', 2), ('k2', null);
create table marts.fct_observation_history (
    recorded_from timestamp, value decimal(24, 4), recorded_to timestamp,
    unit_key varchar
);
insert into marts.fct_observation_history values
    ('2024-01-01', 1, '2024-02-01', 'k1'), ('2024-02-01', 2, '9999-12-31', 'k1');
comment on table marts.dim_unit is 'Đơn vị''s · A unit''s {version} %s';
comment on column marts.dim_unit."Tên ""cột"" A%" is 'khoá; -- drop \\';
"""

KEYS = StarKeys(
    primary={
        "dim_unit": ("unit_key",),
        "bridge_unit_succession": ("from_unit_code", "to_unit_code"),
        "fct_observation_history": ("unit_key", "recorded_from"),
        "not_published": ("unit_key",),
    },
    foreign=(
        ForeignKey("fct_observation", "unit_key", "dim_unit", "unit_key"),
        ForeignKey("fct_observation", "unit_key", "bridge_unit_ancestor", "unit_key"),
        ForeignKey("bridge_unit_succession", "to_unit_code", "dim_unit", "unit_code"),
    ),
)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    created = Home(tmp_path / "nhà 'riêng'")
    created.create()
    return created


def put(home: Home, sql: str = STAR, publication_id: str = FIRST) -> None:
    """Puts a published file in place, as publishing to disk does."""
    path = home.published / "next.duckdb"
    with duckdb.connect(str(path)) as database:
        database.execute("create schema marts")
        database.execute(sql)
        database.execute(
            "create table marts.publication (publication_id varchar not null, "
            "published_at timestamp not null, as_of_date date not null)"
        )
        at = PUBLISHED_AT.replace(tzinfo=None)
        row = [publication_id, at, dt.date(2026, 11, 22)]
        database.execute("insert into marts.publication values (?, ?, ?)", row)
    path.replace(home.published_db)


def publish(home: Home, url: str) -> ServerReport:
    return publish_to_postgres(home, url, KEYS)


def ask(url: str, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("set timezone = 'Asia/Ho_Chi_Minh'")
        cursor = connection.execute(query)
        return cursor.fetchall() if cursor.description else []


def schemas(url: str) -> list[str]:
    found = ask(url, "select nspname from pg_namespace where nspname ~ 'marts'")
    return sorted(name for (name,) in found)


def no_password(text: object) -> None:
    assert "bí-mật" not in str(text) and "b%C3%AD" not in str(text)


# every value


TEXTS = [
    *("", " ", "NULL", "null", "\\N", "\\.", "\\", '"', '""', "'", ",", "\t", "\r\n"),
    *("a\n\\.\nb", "\n\\.\n", "Đơn vị số 1 ‘Hải Dương’", "\u0110\u031b", "🏳️", "=1+1"),
    *("\\x41", "x" * 70_000, "\x01\x7f", "\ufeff"),
]
DECIMALS = [
    *((1, 0), (3, 2), (4, 4), (5, 0), (7, 3), (9, 8), (12, 4), (18, 8), (24, 4)),
    *((30, 8), (38, 0), (38, 8), (38, 38)),
]
DAYS = ["0001-01-01", "9999-12-31", "1999-12-31", "2000-01-01", "2024-02-29"]
MOMENTS = [
    *("0001-01-01", "9999-12-31 23:59:59.999999", "1999-12-31 23:59:59.999999"),
    *("1970-01-01", "2026-11-22 15:54:20.503536", "1945-08-19 00:00:00.000001"),
]


def decimals(precision: int, scale: int) -> list[Decimal]:
    """Bounds of the type, around zero, and others at random."""
    chance = random.Random(f"{precision}, {scale}")
    top = 10**precision - 1
    whole = {0, 1, top, top - 1, top // 2, min(10**4, top), min(2**63, top)}
    whole |= {chance.randrange(10 ** chance.randint(1, precision)) for _ in range(40)}
    signed = sorted(whole | {-number for number in whole})
    return [Decimal(f"{number}e-{scale}") for number in signed]


def columns_of_all_types() -> dict[str, tuple[str, list[object]]]:
    columns: dict[str, tuple[str, list[object]]] = {
        "t": ("varchar", [*TEXTS]),
        "day": ("date", [*DAYS]),
        "at": ("timestamp", [*MOMENTS]),
        "yes": ("boolean", [True, False]),
        "tiny": ("tinyint", [-128, 127]),
        "small": ("smallint", [-(2**15), 2**15 - 1]),
        "int": ("integer", [-(2**31), 2**31 - 1, 0]),
        "big": ("bigint", [-(2**63), 2**63 - 1]),
        "unsigned": ("ubigint", [0, 2**64 - 1]),
        "huge": ("hugeint", [10**37, -(10**37)]),
        "real": ("float", [0.5, -1.25]),
        "double": ("double", [0.1, -1e300, 5e-324, float("inf")]),
        "time": ("time", ["00:00:00", "23:59:59.999999"]),
        "kind": ("enum ('một', 'hai')", ["một", "hai"]),
        "bytes": ("blob", [b"", b"\x00\xff"]),
    }
    for precision, scale in DECIMALS:
        kind = f"decimal({precision}, {scale})"
        columns[f"d{precision}_{scale}"] = kind, [*decimals(precision, scale)]
    return columns


def plain(value: object) -> str:
    """The value exactly; zones and Python's kinds of whole numbers left out."""
    if isinstance(value, dt.datetime):
        value = value.replace(tzinfo=None)
    if type(value) is int:
        value = Decimal(value)
    return repr(value)


def test_every_value_comes_back_as_it_was(home: Home, postgres_url: str) -> None:
    columns = columns_of_all_types()
    named = ", ".join(f'"{name}" {kind}' for name, (kind, _) in columns.items())
    length = max(len(values) for _, values in columns.values())
    # one null in each column, never in the same row as all others
    padded = [
        [*values[: at % 7], None, *values[at % 7 :], *itertools.repeat(values[0], 200)]
        for at, (_, values) in enumerate(columns.values())
    ]
    rows = [
        [at, *row]
        for at, row in enumerate(itertools.islice(zip(*padded, strict=False), 150))
    ]
    assert length < 149
    put(home, f"create table marts.every (i integer, {named})")
    with duckdb.connect(str(home.published_db)) as database:
        marks = ", ".join("?" * (len(columns) + 1))
        database.executemany(f"insert into marts.every values ({marks})", rows)
        sent = database.execute("from marts.every order by i").fetchall()
    publish_to_postgres(home, postgres_url, StarKeys())
    with psycopg.connect(postgres_url) as connection:
        connection.execute("set timezone = 'UTC'")
        query = "select * from marts.every order by i"
        taken = connection.execute(query).fetchall()
    assert len(taken) == 150
    for got, wanted in zip(
        zip(*taken, strict=True), zip(*sent, strict=True), strict=True
    ):
        # as text: 1.50 is not 1.5 in a numeric(3, 2)
        assert [*map(plain, got)] == [*map(plain, wanted)]


def test_infinite_days_stay_infinite(home: Home, postgres_url: str) -> None:
    put(
        home,
        "create table marts.endless as select d::date as d, d::timestamp as t, "
        "1 as scale from (values ('infinity'), ('-infinity')) x(d)",
    )
    publish(home, postgres_url)
    assert ask(postgres_url, "select d::text, t::text from marts.endless") == [
        ("infinity", "infinity"),
        ("-infinity", "-infinity"),
    ]


def test_types_comments_keys_and_references(home: Home, postgres_url: str) -> None:
    put(home)
    report = publish(home, postgres_url)
    assert report.tables == {
        "bridge_unit_ancestor": 0,
        "bridge_unit_succession": 2,
        "dim_unit": 2,
        "fct_observation": 2,
        "fct_observation_history": 2,
        "publication": 1,
    }
    assert (report.publication_id, report.published_at) == (FIRST, PUBLISHED_AT)
    assert report.is_new and report.load_seconds > 0
    assert ask(
        postgres_url,
        "select attname, format_type(atttypid, atttypmod), attnotnull, collname "
        "from pg_attribute left join pg_collation c on c.oid = attcollation "
        "where attrelid = 'marts.fct_observation_history'::regclass and attnum > 0 "
        "order by attnum",
    ) == [
        ("recorded_from", "timestamp with time zone", True, None),
        ("value", "numeric(24,4)", False, None),
        ("recorded_to", "timestamp with time zone", False, None),
        ("unit_key", "text", True, "C"),
    ]
    constraints = ask(
        postgres_url,
        "select pg_get_constraintdef(oid) from pg_constraint "
        "where connamespace = 'marts'::regnamespace order by conrelid::regclass::text",
    )
    assert [definition for (definition,) in constraints] == [
        "UNIQUE NULLS NOT DISTINCT (from_unit_code, to_unit_code)",
        "PRIMARY KEY (unit_key)",
        "FOREIGN KEY (unit_key) REFERENCES marts.dim_unit(unit_key) NOT VALID",
        "PRIMARY KEY (unit_key, recorded_from)",
    ]
    assert ask(
        postgres_url,
        "select obj_description('marts.dim_unit'::regclass), "
        "col_description('marts.dim_unit'::regclass, 7)",
    ) == [("Đơn vị's · A unit's {version} %s", "khoá; -- drop \\")]
    ((comment,),) = ask(
        postgres_url, "select obj_description('marts'::regnamespace, 'pg_namespace')"
    )
    assert FIRST in comment and "2026-11-22" in comment


@pytest.mark.parametrize(
    ("rows", "grain", "referring", "wanted"),
    [
        (100_000, "u p i b", "u p i", ("i", "p")),
        (99_999, "u p i b", "u p i", ()),
        (100_000, "k", "u p", ("u", "p")),
        (100_000, "k", "", ()),
    ],
)
def test_only_a_large_table_gets_a_further_index(
    rows: int, grain: str, referring: str, wanted: tuple[str, ...]
) -> None:
    columns = tuple(
        Column(name, "text", "varchar", True, None)
        for name in ("k", "u", "p", "i", "b")
    )
    foreign = [ForeignKey("fact", name, "dim", name) for name in referring.split()]
    keys = StarKeys({"fact": tuple(grain.split())}, tuple(foreign))
    assert further_index(Table("fact", rows, None, columns), keys) == wanted


def test_the_further_index_is_made(
    home: Home, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(star, "INDEXED_FROM_ROWS", 2)
    put(home)
    publish(home, postgres_url)
    made = "select indexdef from pg_indexes where indexname = 'fct_observation_idx'"
    assert ask(postgres_url, made) == [
        (
            "CREATE INDEX fct_observation_idx ON marts.fct_observation "
            "USING btree (unit_key) WITH (fillfactor='100')",
        )
    ]


def test_as_known_on_is_half_open_and_follows_the_swap(
    home: Home, postgres_url: str
) -> None:
    put(home)
    publish(home, postgres_url)
    known = "select array(select value from marts.as_known_on('{}'))"
    for moment, values in {
        "2023-12-31 23:59:59.999999+00": [],
        "2024-01-01 07:00:00+07": [Decimal("1.0000")],
        "2024-02-01 06:59:59.999999+07": [Decimal("1.0000")],
        "2024-02-01 00:00:00+00": [Decimal("2.0000")],
    }.items():
        assert ask(postgres_url, known.format(moment)) == [(values,)]


# one publication after the other


def test_the_same_publication_is_not_loaded_again(
    home: Home, postgres_url: str
) -> None:
    assert published_on(postgres_url) is None
    put(home)
    first = publish(home, postgres_url.replace("postgresql:", "postgresql+psycopg:"))
    loaded = ask(postgres_url, "table marts.publication")
    assert loaded[0][:3] == (FIRST, PUBLISHED_AT, dt.date(2026, 11, 22))
    again = publish(home, postgres_url)
    assert (again.is_new, again.tables) == (False, first.tables)
    assert ask(postgres_url, "table marts.publication") == loaded
    assert published_on(postgres_url) == FIRST
    log = "select publication_id, loaded_at, tables, rows from nhiemky.publication_log"
    assert ask(postgres_url, log) == [(FIRST, loaded[0][3], 6, 9)]


def test_readers_keep_the_old_publication_until_the_new_one_is_whole(
    home: Home, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(home)
    publish(home, postgres_url)
    put(home, STAR + "insert into marts.dim_unit (unit_key) values ('k3')", SECOND)
    seen = set()
    read = Source.batches

    def watched(source: Source, table: Table) -> Iterator[pa.RecordBatch]:
        yield from read(source, table)
        query = "select publication_id, (select count(*) from marts.dim_unit)"
        seen.update(ask(postgres_url, f"{query} from marts.publication"))
        # the file on disk is replaced while it is being read
        if table.name == "dim_unit":
            put(home, "create table marts.other (a integer)", "third")

    monkeypatch.setattr(Source, "batches", watched)
    snapshot = psycopg.connect(postgres_url)
    snapshot.isolation_level = IsolationLevel.REPEATABLE_READ
    with snapshot:
        snapshot.execute("select 1")
        report = publish(home, postgres_url)
        # names are resolved now, rows are those of before: none, were they not frozen
        for table, rows in report.tables.items():
            query = f"select count(*) from marts.{table}"
            assert snapshot.execute(query).fetchone() == (rows,)
    assert seen == {(FIRST, 2)}
    assert report.publication_id == SECOND
    assert report.tables["dim_unit"] == 3 and "other" not in report.tables
    assert schemas(postgres_url) == ["marts", "marts_suppressed"]


# what goes wrong


def failing(
    monkeypatch: pytest.MonkeyPatch, home: Home, postgres_url: str, error: type
) -> str:
    """Publishes twice, the second time into a failure; gives what it said."""
    put(home)
    publish(home, postgres_url)
    put(home, STAR, SECOND)
    with monkeypatch.context() as patched, pytest.raises(error) as raised:
        break_loading(patched, postgres_url)
        publish(home, postgres_url)
    assert published_on(postgres_url) == FIRST
    assert publish(home, postgres_url).is_new
    assert published_on(postgres_url) == SECOND
    assert schemas(postgres_url) == ["marts", "marts_suppressed"]
    return str(raised.value)


def break_loading(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    """The server ends every session that loads, in the middle of its rows."""
    read = Source.batches

    def cut(source: Source, table: Table) -> Iterator[pa.RecordBatch]:
        yield from read(source, table)
        ask(
            url,
            "select pg_terminate_backend(pid, 5000) from pg_stat_activity "
            "where application_name = 'nhiemky load'",
        )

    monkeypatch.setattr(Source, "batches", cut)


def test_a_server_that_dies_in_the_middle(
    home: Home, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = failing(monkeypatch, home, postgres_url, PostgresError)
    assert shown(postgres_url) in said and "swept" in said
    assert postgres_url not in said


MANY = (
    "create table marts.many as select i, "
    "case when i = 299999 then repeat('1', 39)::hugeint else i end as h "
    "from range(300000) t(i)"
)


def test_an_error_of_the_file_among_its_rows(home: Home, postgres_url: str) -> None:
    put(home)
    publish(home, postgres_url)
    put(home, STAR + MANY, SECOND)
    before = threading.active_count()
    with pytest.raises(ReadError, match=r"marts\.many .*nhiemky run"):
        publish(home, postgres_url)
    assert published_on(postgres_url) == FIRST
    assert schemas(postgres_url) == ["marts", "marts_suppressed"]
    assert threading.active_count() == before


def test_a_grain_that_is_not_unique_is_refused(home: Home, postgres_url: str) -> None:
    put(home, STAR + "insert into marts.dim_unit (unit_key) values ('k1')")
    with pytest.raises(PostgresError, match="dim_unit_pkey") as raised:
        publish(home, postgres_url)
    assert "k1" in str(raised.value)
    assert published_on(postgres_url) is None


def test_text_that_postgres_cannot_hold_is_named(home: Home, postgres_url: str) -> None:
    put(home, STAR + "update marts.dim_unit set name_vi = chr(0)")
    with pytest.raises(PostgresError, match="dim_unit, line 1, column name_vi"):
        publish(home, postgres_url)


def test_a_type_without_counterpart_is_named(home: Home, postgres_url: str) -> None:
    put(home, "create table marts.lists (a integer, b integer[])")
    with pytest.raises(ReadError, match=r"marts\.lists\.b .*INTEGER\[\].*Cast it"):
        publish(home, postgres_url)


def test_a_full_disk_says_so(
    home: Home, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise psycopg.errors.DiskFull('could not extend file "base/1": No space left')

    put(home)
    monkeypatch.setattr("warehouse.postgres.load.create_index", full)
    with pytest.raises(PostgresError, match=r"hết chỗ · .*disk is full.*Free space"):
        publish(home, postgres_url)
    assert schemas(postgres_url) == []


def test_what_a_killed_load_left_is_swept(home: Home, postgres_url: str) -> None:
    half = f"marts_next_{FIRST[:12]}"
    ask(postgres_url, f"create schema {half} create table t (a int)")
    put(home)
    # its session on the server goes on, and holds what it made
    with psycopg.connect(postgres_url, application_name="nhiemky load") as orphan:
        orphan.execute(f"lock table {half}.t")
        assert publish(home, postgres_url).is_new
        with pytest.raises(psycopg.OperationalError):
            orphan.execute("select 1")
    assert schemas(postgres_url) == ["marts", "marts_suppressed"]


def test_a_second_publisher_is_told_who_is_at_work(
    home: Home, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(home)
    said = []

    def meanwhile(*_: object) -> None:
        with pytest.raises(PostgresError) as raised:
            publish(home, postgres_url)
        said.append(str(raised.value))

    monkeypatch.setattr("warehouse.postgres.publication_log.log_publication", meanwhile)
    assert publish(home, postgres_url).is_new
    assert "another publisher is at work (session " in said[0]
    assert "of tester from 127.0.0.1, since 2" in said[0]


def test_a_reader_cannot_keep_the_publisher_out(home: Home, postgres_url: str) -> None:
    """Any login may take an advisory lock, and its key shows in pg_locks."""
    put(home)
    publish(home, postgres_url)
    put(home, publication_id=SECOND)
    with psycopg.connect(postgres_url) as reader:
        reader.execute("select pg_advisory_lock(x'6e6869656d6b79'::bigint)")
        reader.execute("select pg_advisory_lock(hashtext('nhiemky_prepare'))")
        assert publish(home, postgres_url).is_new


def test_a_publisher_that_lost_its_lock_does_not_swap(
    home: Home, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(home)

    def ended(*_: object) -> None:
        ask(
            postgres_url,
            "select pg_terminate_backend(pid, 5000) from pg_locks "
            "where mode = 'ShareUpdateExclusiveLock' "
            "and relation = 'nhiemky.publication_log'::regclass",
        )

    monkeypatch.setattr("warehouse.postgres.star.add_references", ended)
    with pytest.raises(PostgresError, match="Then publish again"):
        publish(home, postgres_url)
    assert schemas(postgres_url) == []


def test_what_keeps_a_former_publication_is_told(home: Home, postgres_url: str) -> None:
    put(home)
    publish(home, postgres_url)
    ask(postgres_url, 'create view public."My view" as table marts.dim_unit')
    put(home, publication_id=SECOND)
    for _ in range(2):
        report = publish(home, postgres_url)
        assert report.kept_by == ('public."My view"',)
        assert set(report.left) == set(schemas(postgres_url)) - {
            "marts",
            "marts_suppressed",
        }
        assert len(report.left) == 2


def test_settings_of_the_login_change_nothing(home: Home, postgres_url: str) -> None:
    put(home)
    settings = (
        (
            "-crow_security=off -cstatement_timeout=500 -clock_timeout=1 "
            "-cidle_session_timeout=1000 -cdatestyle=SQL,DMY -csearch_path=nowhere "
            "-cstandard_conforming_strings=off -ctimezone=America/New_York "
            "-cdefault_transaction_isolation=serializable"
        )
        .replace(" ", "%20")
        .replace("=", "%3D")
    )
    for publication_id in (SECOND, FIRST):  # the first one has nothing to swap out
        put(home, publication_id=publication_id)
        publish(home, f"{postgres_url}?options={settings}")
    rows = ask(postgres_url, "select published_at, as_of_date from marts.publication")
    assert rows == [(PUBLISHED_AT, dt.date(2026, 11, 22))]


def test_a_table_that_somebody_locked_keeps_nobody_waiting(
    home: Home, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(home)
    publish(home, postgres_url)
    monkeypatch.setattr("warehouse.postgres.publication.ANSWER_SECONDS", 1)
    with psycopg.connect(postgres_url) as careless:
        careless.execute("lock table marts.publication")
        with pytest.raises(PostgresError, match="took too long"):
            published_on(postgres_url)


def test_a_database_that_takes_no_changes_or_no_vietnamese_is_refused(
    home: Home, postgres_url: str
) -> None:
    put(home)
    name = postgres_url.rpartition("/")[2]
    ask(postgres_url, f"alter database {name} set default_transaction_read_only = on")
    with pytest.raises(PostgresError, match=r"takes no changes: .*primary server"):
        publish(home, postgres_url)
    ask(
        f"{postgres_url}?options=-cdefault_transaction_read_only%3Doff",
        f"create database {name}_latin encoding 'LATIN1' locale 'C' template template0",
    )
    try:
        with pytest.raises(PostgresError, match="of the database is LATIN1"):
            publish(home, f"{postgres_url}_latin")
    finally:
        ask(
            f"{postgres_url}?options=-cdefault_transaction_read_only%3Doff",
            f"drop database {name}_latin",
        )


def test_a_schema_marts_of_somebody_else_is_left_alone(
    home: Home, postgres_url: str
) -> None:
    put(home)
    ask(postgres_url, "create schema marts create table publication (x integer)")
    for act in (
        lambda: publish(home, postgres_url),
        lambda: published_on(postgres_url),
    ):
        with pytest.raises(PostgresError, match="is not one of ours"):
            act()
    assert ask(postgres_url, "select count(*) from marts.publication") == [(0,)]


def test_a_publisher_without_rights_learns_which(home: Home, postgres_url: str) -> None:
    put(home)
    ask(postgres_url, "create role poor login password 'bí-mật'")
    address = postgres_url.partition("@")[2]
    try:
        with pytest.raises(PostgresError, match="grant create on database") as raised:
            publish(home, f"postgresql://poor:b%C3%AD-m%E1%BA%ADt@{address}")
        no_password(raised.value)
    finally:
        ask(postgres_url, "drop role poor")


def test_an_old_server_is_refused(
    home: Home, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(home)
    monkeypatch.setattr(connecting, "OLDEST_SERVER", 99)
    with pytest.raises(PostgresError, match=r"is too old: .* needs 99 or newer"):
        publish(home, postgres_url)


def test_nothing_published_yet(home: Home) -> None:
    with pytest.raises(ReadError, match=r"Nothing is published yet: .*nhiemky run"):
        publish(home, "postgresql://u@127.0.0.1:1/x")


# addresses


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        ("postgresql://u:bí-mật@h:5432/d", "postgresql://u@h:5432/d"),
        ("postgresql+psycopg://h/d", "postgresql+psycopg://h/d"),
        ("postgres://u:b/bí-mật@h/d?sslmode=require", "postgres://u@h/d"),
        ("postgresql://u:b@bí-mật@h/d", "postgresql://u@h/d"),
        ("postgresql://u:b?bí-mật@h/d", "postgresql://..."),
        ("postgresql://h/d?user=u&password=bí-mật", "postgresql://h/d"),
        ("postgresql://h/d?password=b@bí-mật", "postgresql://..."),
        ("u:bí-mật@h", "postgresql://..."),
        ("mysql://u:bí-mật@h/d", "postgresql://..."),
    ],
)
def test_an_address_is_shown_without_its_password(url: str, wanted: str) -> None:
    assert shown(url) == wanted
    no_password(shown(url))


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        ("mysql://u:bí-mật@h/d", "not one of Postgres"),
        ("host=h password=bí-mật", "not one of Postgres"),
        ("postgresql://u:bí-mật@127.0.0.1:cổng/d", "cannot be reached"),
        ("postgresql://u:bí-mật%zz@h/d", "cannot be read as an address"),
        ("postgresql://u:bí-mật@h/d?khoá=1", "cannot be read as an address"),
        ("postgresql://u:bí-mật@127.0.0.1:1/d", "cannot be reached"),
    ],
)
def test_a_wrong_address_is_refused_without_its_password(url: str, wanted: str) -> None:
    with pytest.raises(PostgresError, match=wanted) as raised:
        published_on(url)
    error: BaseException | None = raised.value
    while error is not None:
        no_password(error)
        error = None if error.__suppress_context__ else error.__context__


def test_a_wrong_password_is_not_repeated(postgres_url: str) -> None:
    address = postgres_url.partition("@")[2]
    with pytest.raises(PostgresError, match="password authentication failed") as raised:
        published_on(f"postgresql://tester:b%C3%AD-m%E1%BA%ADt@{address}")
    no_password(raised.value)
