"""Who sees which rows on a real server: two branches, one who sees all, one without
small counts; by hand, over every table and view, and against a second computation.

    P ── A ── A1, A2, D1 (since 2022), M (until 2024)
      ├─ B ── B1, M (since 2024); until 2023 also X, Y
      └─ D ── D1                    until 2022, when D went into A whole
    W went into X whole (2021), X into A1 whole (2023); Y half into A1, half into B1.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import sql

from sources.programme.access import Access, Reader
from tests.helpers.star_in_postgres import insert, make_star, star_columns
from warehouse.errors import PostgresError
from warehouse.postgres.access import apply_access, secure_schema
from warehouse.postgres.policies import RULES, Rule
from warehouse.postgres.reach import fill_unit_access, make_unit_access
from warehouse.postgres.server import prepare_server
from warehouse.postgres.suppression import WITH_COUNTS

END = dt.date(9999, 12, 31)
SECRET = "FOREIGN-SECRET"


def day(year: int) -> dt.date:
    return dt.date(year, 1, 1)


# unit, version, parent, from, to
UNITS = (
    ("P", 1, None, 2020, None),
    ("A", 1, "P", 2020, None),
    ("B", 1, "P", 2020, None),
    ("D", 1, "P", 2020, 2022),
    ("A1", 1, "A", 2020, None),
    ("A2", 1, "A", 2020, None),
    ("B1", 1, "B", 2020, None),
    ("M", 1, "A", 2020, 2024),
    ("M", 2, "B", 2024, None),
    ("D1", 1, "D", 2020, 2022),
    ("D1", 2, "A", 2022, None),
    ("W", 1, "B", 2020, 2021),
    ("X", 1, "B", 2020, 2023),
    ("Y", 1, "B", 2020, 2023),
)
KEYS = [f"{code}@{version}" for code, version, *_ in UNITS]
LINKS = (
    ("D", "A", 2022, "merge", "1"),
    ("W", "X", 2021, "rename", "1"),
    ("X", "A1", 2023, "merge", "1"),
    ("X", "B1", 2023, "split", "0"),
    ("Y", "A1", 2023, "split", "0.5"),
    ("Y", "B1", 2023, "split", "0.5"),
)
BRANCH = {
    "acc_a": {"A@1", "A1@1", "A2@1", "M@1", "X@1", "W@1", "D@1", "D1@1", "D1@2"},
    "acc_b1": {"B1@1"},
    "acc_all": set(KEYS),
    "acc_small": {"A@1", "A1@1", "A2@1", "M@1", "X@1", "W@1", "D@1", "D1@1", "D1@2"},
}
TOTALS = {"acc_a": {"P@1"}, "acc_b1": set(), "acc_all": set(), "acc_small": {"P@1"}}
LOGINS = tuple(BRANCH)
PASSWORDS = {f"PW_{login.upper()}": secrets.token_hex(12) for login in LOGINS}
ACCESS = Access(
    small_count=5,
    readers=(
        Reader(login="acc_a", units=("A",), totals=("P",), password="PW_ACC_A"),
        Reader(login="acc_b1", units=("B1",), password="PW_ACC_B1"),
        Reader(login="acc_all", sees="all", password="PW_ACC_ALL"),
        Reader(
            login="acc_small",
            units=("A",),
            totals=("P",),
            suppress_small_counts=True,
            password="PW_ACC_SMALL",
        ),
    ),
)
BY_UNIT = tuple(
    table
    for table, columns in star_columns().items()
    if "unit_key" in columns and not table.startswith(("dim_", "bridge_"))
)
REPORTS = {table for table in BY_UNIT if table not in RULES}


def above(parent: str, since: dt.date, until: dt.date) -> Iterator[tuple]:
    for code, version, over, begin, end in UNITS:
        start, stop = day(begin), day(end) if end else END
        if code == parent and start < until and since < stop:
            yield f"{code}@{version}", code, max(since, start), min(until, stop)
            if over:
                yield from above(over, max(since, start), min(until, stop))


def value_of(key: str) -> int:
    """A number of its own per unit, so that a sum tells who is in it."""
    return 10 * 2 ** KEYS.index(key)


def star_rows() -> dict[str, list[dict[str, Any]]]:
    programme = {"programme_code": "P1"}
    units, ancestors = [], []
    for code, version, parent, begin, end in UNITS:
        key = f"{code}@{version}"
        start, stop = day(begin), day(end) if end else END
        units.append(
            {
                **programme,
                "unit_key": key,
                "unit_code": code,
                "parent_unit_code": parent,
                "valid_from": start,
                "valid_to": stop,
            }
        )
        chain = [(key, code, start, stop)]
        chain += above(parent, start, stop) if parent else ()
        ancestors += [
            {
                **programme,
                "unit_key": key,
                "unit_code": code,
                "ancestor_unit_key": up_key,
                "ancestor_unit_code": up_code,
                "valid_from": since,
                "valid_to": until,
            }
            for up_key, up_code, since, until in chain
        ]
    rows = {
        "dim_unit": units,
        "bridge_unit_ancestor": ancestors,
        "bridge_unit_succession": [
            {
                **programme,
                "from_unit_code": old,
                "to_unit_code": new,
                "effective_date": day(year),
                "relation": relation,
                "share": Decimal(share),
            }
            for old, new, year, relation, share in LINKS
        ],
        "bridge_unit_group": [
            {**programme, "group_code": "G", "unit_code": code} for code in ("A1", "B1")
        ],
        "publication": [{"publication_id": "a" * 32}],
        "dim_period": [{"period_key": "2024"}],
        "dim_form": [{**programme, "form_code": "F"}],
        "dim_target": [{**programme, "target_key": "T", "target_code": "T"}],
        "dim_indicator": [
            {
                **programme,
                "indicator_code": code,
                "kind": kind,
                "value_type": value_type,
            }
            for code, kind, value_type in (
                ("cases", "flow", "count"),
                ("rate", "ratio", None),
                ("done", "stock", "yes_no"),
                ("share", "unit_share", None),
            )
        ],
    }
    for table in BY_UNIT:
        rows[table] = [figure(table, key) for key in KEYS]
    for table in ("fct_finding", "fct_submission"):
        rows[table].append({**figure(table, KEYS[0]), "unit_key": None})
    return rows


def figure(table: str, key: str, value: Any = None, **more: Any) -> dict[str, Any]:
    """A row of a unit; every number in it is the value, every foreign text the same."""
    value = value_of(key) if value is None else value
    columns = star_columns()[table]
    row: dict[str, Any] = {
        name: value
        for name, kind in columns.items()
        if kind.startswith(("numeric(24", "numeric(3"))
    }
    row |= {name: f"{SECRET} {key}" for name, kind in columns.items() if kind == "text"}
    row |= {"unit_key": key, "programme_code": "P1", "indicator_code": "cases"}
    row |= {"denominator": None, "previous_denominator": None}
    row |= {"denominator_then": None, "denominator_now": None} | more
    return {name: cell for name, cell in row.items() if name in columns}


@pytest.fixture(scope="module")
def server(postgres_server: str) -> Iterator[str]:
    """URL of a database in which the star is published and access applied."""
    name = f"access_{secrets.token_hex(6)}"
    with psycopg.connect(f"{postgres_server}/postgres", autocommit=True) as admin:
        admin.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
        url = f"{postgres_server}/{name}"
        publish(url)
        apply_access(url, ACCESS, "P1", PASSWORDS)
        yield url
        admin.execute(
            sql.SQL("drop database {} with (force)").format(sql.Identifier(name))
        )
        for login in LOGINS:
            admin.execute(
                sql.SQL("drop role if exists {}").format(sql.Identifier(login))
            )


def publish(url: str, number: str = "0" * 12) -> None:
    """Loads the star beside, secures it and swaps it in, as a publication does."""
    marts, hidden = f"marts_next_{number}", f"marts_suppressed_next_{number}"
    with psycopg.connect(url) as connection:
        prepare_server(connection)
        make_star(connection, marts, star_rows())
        connection.execute(
            f"""
            create function {marts}.as_known_on(moment timestamptz)
            returns setof {marts}.fct_observation_history
            language sql stable begin atomic
                select * from {marts}.fct_observation_history
                where recorded_from is null or recorded_from <= moment;
            end
            """
        )
        secure_schema(connection, marts, hidden)
        if connection.execute("select to_regnamespace('marts')").fetchone() != (None,):
            for old in ("marts", "marts_suppressed"):
                connection.execute(f"alter schema {old} rename to {old}_old_{number}")
        connection.execute(f"alter schema {marts} rename to marts")
        connection.execute(f"alter schema {hidden} rename to marts_suppressed")


@contextmanager
def as_login(url: str, login: str) -> Iterator[psycopg.Connection]:
    password = PASSWORDS[f"PW_{login.upper()}"]
    with psycopg.connect(
        url, user=login, password=password, autocommit=True
    ) as connection:
        yield connection


def ask(connection: psycopg.Connection, query: str) -> list[tuple]:
    return connection.execute(query).fetchall()


def allowed(login: str, table: str) -> set[str]:
    return BRANCH[login] | (set() if table in REPORTS else TOTALS[login])


def schema_of(login: str) -> str:
    return "marts_suppressed" if login == "acc_small" else "marts"


def check_every_relation(url: str, login: str) -> None:
    """No relation that the login can read holds a row of a foreign unit."""
    schema = schema_of(login)
    with as_login(url, login) as reader:
        readable = {
            (space, name)
            for space, name in ask(
                reader,
                "select table_schema, table_name from information_schema.tables "
                "where table_schema not in ('pg_catalog', 'information_schema')",
            )
        }
        own = set() if schema == "marts_suppressed" else {(schema, "unit_access")}
        old = {item for item in readable if "_old_" in item[0]}
        assert readable - old == {(schema, name) for name in star_columns()} | own
        for space, name in sorted(readable):
            keys = {
                column
                for (column,) in ask(
                    reader,
                    "select attname from pg_attribute where attname like '%unit_key' "
                    f"and attrelid = '{space}.{name}'::regclass",
                )
            }
            for column in keys:
                seen = {
                    k for (k,) in ask(reader, f"select {column} from {space}.{name}")
                }
                reach = allowed(login, name)
                if login == "acc_all" and name in ("fct_finding", "fct_submission"):
                    reach = reach | {None}
                assert seen == reach, (space, name, column)


@pytest.mark.parametrize("login", LOGINS)
def test_no_table_or_view_shows_a_foreign_row(server: str, login: str) -> None:
    check_every_relation(server, login)


@pytest.mark.parametrize("login", ["acc_a", "acc_b1", "acc_all"])
def test_sums_are_those_of_the_own_units(server: str, login: str) -> None:
    with as_login(server, login) as reader:
        for table in BY_UNIT:
            columns = star_columns()[table]
            number = next(
                (n for n in ("value", "actual", "actual_then") if n in columns), None
            )
            if number:
                (total,) = ask(reader, f"select sum({number}) from marts.{table}")[0]
                expected = sum(value_of(key) for key in allowed(login, table))
                assert total == expected, table
        known = ask(reader, "select sum(value) from marts.as_known_on(now())")
        assert known == [(sum(value_of(key) for key in BRANCH[login]),)]


def test_bridges_show_rows_with_both_ends_in_reach(server: str) -> None:
    with as_login(server, "acc_a") as reader:
        reach = BRANCH["acc_a"] | {"P@1"}
        pairs = ask(
            reader, "select unit_key, ancestor_unit_key from marts.bridge_unit_ancestor"
        )
        expected = {
            (row["unit_key"], row["ancestor_unit_key"])
            for row in star_rows()["bridge_unit_ancestor"]
            if {row["unit_key"], row["ancestor_unit_key"]} <= reach
        }
        assert set(pairs) == expected
        assert ("M@1", "A@1") in expected
        links = "select from_unit_code, to_unit_code from marts.bridge_unit_succession"
        assert set(ask(reader, links)) == {("D", "A"), ("W", "X"), ("X", "A1")}
        groups = ask(reader, "select unit_code from marts.bridge_unit_group")
        assert groups == [("A1",)]
        open_tables = [name for name, rule in RULES.items() if rule is Rule.OPEN]
        for table in open_tables:
            assert ask(reader, f"select count(*) from marts.{table}") != [(0,)], table


ATTACKS = (
    "select * from marts.fct_observation where 1 / (value - 40) = 0",
    "select 1 / (value - 40) from marts.fct_observation",
    "select cast(source_file as integer) from marts.fct_observation",
    "select * from marts.fct_observation where cast(source_file as integer) = 1",
    "select sum(1 / (value - 40)) over () from marts.fct_indicator_value",
    "select * from marts.fct_observation order by 1 / (value - 40)",
    "select count(*) from marts.fct_observation group by 1 / (value - 40)",
    "copy marts.fct_observation to stdout",
    "copy (select * from marts.fct_finding) to stdout",
    "select * from marts.fct_observation tablesample system (100)",
    "select ctid, tableoid, xmin, * from marts.fct_observation",
    "select * from only marts.fct_finding",
    "table marts.fct_observation_history",
    "select * from marts.fct_observation for update",
    "select row_to_json(f) from marts.fct_finding as f",
    "explain (analyze, verbose) select * from marts.fct_finding where observed = 'x'",
    "explain (analyze, verbose) select * from marts.fct_finding",
    "select most_common_vals::text from pg_stats where schemaname = 'marts'",
    "select histogram_bounds::text from pg_stats where schemaname = 'marts'",
    "select * from pg_statistic",
    "select * from pg_stats_ext",
    "select query from pg_stat_activity",
    "set row_security = off; select * from marts.fct_finding",
    "set role nhiemky_reader; select * from marts.fct_finding",
    "set role nhiemky_reader_all; select * from marts.fct_finding",
    "set role acc_all; select * from marts.fct_finding",
    "set session authorization acc_all; select * from marts.fct_finding",
    "set local search_path = marts; select * from fct_finding",
    "select * from nhiemky.reader",
    "select * from nhiemky.reader_unit",
    "select * from marts.unit_access where login <> current_user",
    "insert into marts.unit_access values (current_user, 'B@1', 'branch')",
    "update marts.unit_access set unit_key = 'B@1'",
    "delete from marts.fct_finding",
    "alter table marts.fct_finding disable row level security",
    "drop policy reader on marts.fct_finding",
    "create policy mine on marts.fct_finding using (true)",
    "create table marts.mine as select * from marts.fct_finding",
    "create table public.mine as select * from marts.fct_finding",
    "create temporary table mine as select * from marts.fct_finding",
    "create view public.mine as select * from marts.fct_finding",
    "create table public.t (k text references marts.dim_unit (unit_key))",
    "create function public.f(text) returns text language sql as 'select $1'",
    "create function pg_temp.f(text) returns text language sql as 'select $1'",
    "create schema mine",
    "grant nhiemky_reader_all to current_user",
    "select * from marts_next_ffffffffffff.fct_finding",
    "select pg_read_file('postgresql.conf')",
    "copy marts.fct_finding to program 'cat'",
    "do $$begin raise notice '%', (select array_agg(f) from marts.fct_finding f);end$$",
)


@pytest.fixture(scope="module")
def half_loaded(server: str) -> str:
    """The same server with a schema that was loaded and never secured."""
    with psycopg.connect(server) as connection:
        make_star(connection, "marts_next_ffffffffffff", star_rows())
        connection.execute("analyze")
    return server


@pytest.mark.parametrize("login", ["acc_b1", "acc_small"])
def test_no_statement_tells_of_a_foreign_row(half_loaded: str, login: str) -> None:
    """Foreign rows carry SECRET with their key, and a value that divides by zero."""
    foreign = set(KEYS) - BRANCH[login] - TOTALS[login]
    leaks = {}
    for attack in ATTACKS:
        told = told_by(
            half_loaded, login, attack.replace("marts.", schema_of(login) + ".")
        )
        found = [key for key in foreign if f"{SECRET} {key}" in told]
        if found or "division by zero" in told:
            leaks[attack] = told
    assert not leaks


def told_by(url: str, login: str, attack: str) -> str:
    """Rows, notices and errors that a reader gets for some statements."""
    told: list[str] = []
    with as_login(url, login) as reader:
        reader.add_notice_handler(lambda note: told.append(str(note.message_primary)))
        try:
            for statement in attack.split("; "):
                cursor = reader.cursor()
                if statement.startswith("copy"):
                    with cursor.copy(statement) as copy:
                        told += [bytes(block).decode() for block in copy]
                    continue
                cursor.execute(statement)
                told += map(str, cursor.fetchall() if cursor.description else ())
        except psycopg.Error as error:
            told.append(str(error))
    return "\n".join(told)


def test_what_the_attacks_look_for_is_there_and_would_be_told(server: str) -> None:
    """The attacks can succeed: who sees all gets what they ask for."""
    assert 40 in {value_of(key) for key in KEYS if key == "B@1"}
    with as_login(server, "acc_all") as reader:
        with pytest.raises(psycopg.errors.DivisionByZero):
            reader.execute("select 1 / (value - 40) from marts.fct_observation")
        assert SECRET in str(ask(reader, "table marts.fct_observation_history"))


def test_a_cheap_function_of_the_reader_sees_no_foreign_row(server: str) -> None:
    """Even a login that somebody let create things in pg_temp again."""
    leak = """
        create function pg_temp.peek(text) returns boolean cost 0.0000001
        language plpgsql as $$ begin raise notice 'saw %', $1; return true; end $$
    """
    name = sql.Identifier(psycopg.conninfo.conninfo_to_dict(server)["dbname"])
    with psycopg.connect(server, autocommit=True) as admin:
        grant = sql.SQL("grant temporary on database {} to acc_b1, acc_small")
        admin.execute(grant.format(name))
        for login in ("acc_b1", "acc_small"):
            told: list[str] = []
            with as_login(server, login) as reader:
                reader.add_notice_handler(
                    lambda notice, told=told: told.append(str(notice.message_primary))
                )
                reader.execute(leak)
                for table in ("fct_observation", "dim_unit", "rpt_term_scorecard"):
                    reader.execute(
                        f"select * from {schema_of(login)}.{table} "
                        "where pg_temp.peek(unit_key)"
                    )
            seen = {line.removeprefix("saw ") for line in told}
            assert seen == BRANCH[login] | TOTALS[login]
        revoke = sql.SQL("revoke temporary on database {} from acc_b1, acc_small")
        admin.execute(revoke.format(name))


def test_branch_is_found_once_and_by_an_index(
    postgres_server: str, server: str
) -> None:
    with psycopg.connect(server) as connection:
        connection.execute(
            "insert into marts.fct_indicator_value (unit_key, programme_code, value) "
            "select 'foreign ' || n % 500, 'P1', n from generate_series(1, 30000) as n"
        )
        connection.execute("analyze marts.fct_indicator_value")
    try:
        for login in ("acc_b1", "acc_small"):
            with as_login(server, login) as reader:
                plan = "\n".join(
                    line
                    for (line,) in ask(
                        reader,
                        "explain select sum(value) from "
                        f"{schema_of(login)}.fct_indicator_value",
                    )
                )
            assert "InitPlan" in plan, plan
            assert "SubPlan" not in plan, plan
            assert "Index Cond: (unit_key = ANY" in plan, plan
            assert "Seq Scan on fct_indicator_value" not in plan, plan
    finally:
        with psycopg.connect(server) as connection:
            connection.execute(
                "delete from marts.fct_indicator_value where unit_key like 'foreign%'"
            )


def test_a_second_application_changes_nothing_and_stops_nobody(server: str) -> None:
    with as_login(server, "acc_a") as reader, reader.transaction():
        ask(reader, "select count(*) from marts.fct_finding")
        report = apply_access(server, ACCESS, "P1", PASSWORDS)
    assert not report.is_changed, report
    assert report.is_published
    assert report.without_password == ()
    assert report.may_create == ()


def test_after_a_second_publication_and_beside_the_old_one(server: str) -> None:
    publish(server, "1" * 12)
    for login in LOGINS:
        check_every_relation(server, login)
    assert not apply_access(server, ACCESS, "P1", PASSWORDS).is_changed
    with psycopg.connect(server) as connection:
        for name in ("marts_suppressed", "marts"):
            connection.execute(f"drop schema {name}_old_{'1' * 12} cascade")


def test_who_is_no_longer_named_loses_everything_at_once(server: str) -> None:
    without = Access(small_count=5, readers=(ACCESS.readers[0], *ACCESS.readers[2:]))
    with as_login(server, "acc_b1") as reader:
        assert ask(reader, "select count(*) from marts.fct_observation") == [(1,)]
        report = apply_access(server, without, "P1", PASSWORDS)
        assert report.taken == ("acc_b1: nhiemky_reader",)
        assert (report.rows_added, report.rows_removed) == (0, 1)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            reader.execute("select count(*) from marts.fct_observation")
    with psycopg.connect(server) as connection:
        left = "select count(*) from marts.unit_access where login = 'acc_b1'"
        assert ask(connection, left) == [(0,)]
    back = apply_access(server, ACCESS, "P1", {})
    assert back.given == ("acc_b1: nhiemky_reader",)
    assert back.rows_added == 1
    assert set(back.without_password) == set(LOGINS)
    check_every_relation(server, "acc_b1")


def test_a_reader_changes_from_all_to_a_branch_and_back(server: str) -> None:
    narrow = Reader(login="acc_all", units=("B",), password="PW_ACC_ALL")
    readers = (*ACCESS.readers[:2], narrow, ACCESS.readers[3])
    report = apply_access(server, Access(readers=readers), "P1", PASSWORDS)
    assert report.given == ("acc_all: nhiemky_reader",)
    assert report.taken == ("acc_all: nhiemky_reader_all",)
    with as_login(server, "acc_all") as reader:
        seen = {key for (key,) in ask(reader, "select unit_key from marts.fct_finding")}
    assert seen == {"B@1", "B1@1", "M@2", "X@1", "Y@1", "W@1"}
    apply_access(server, ACCESS, "P1", PASSWORDS)
    check_every_relation(server, "acc_all")


def test_who_sees_all_of_one_programme_sees_no_other(server: str) -> None:
    """Two programmes in one warehouse: each access.yaml opens its own alone."""
    with psycopg.connect(server) as connection:
        unit = {"valid_from": day(2020), "valid_to": END, "programme_code": "P2"}
        insert(
            connection,
            "marts",
            "dim_unit",
            [{**unit, "unit_key": "Q@1", "unit_code": "A"}],
        )
    both = Access(readers=(Reader(login="acc_all", units=("A",)),))
    try:
        apply_access(server, both, "P2", {})
        with as_login(server, "acc_all") as reader:
            seen = {
                key for (key,) in ask(reader, "select unit_key from marts.dim_unit")
            }
            assert seen == {*KEYS, "Q@1"}
        with as_login(server, "acc_a") as reader:
            seen = {
                key for (key,) in ask(reader, "select unit_key from marts.dim_unit")
            }
            assert seen == BRANCH["acc_a"] | {"P@1"}
            roles = ask(
                reader, "select pg_has_role('acc_all', 'nhiemky_reader_all', 'member')"
            )
            assert roles == [(False,)]
    finally:
        apply_access(server, Access(), "P2", {})
        with psycopg.connect(server) as connection:
            connection.execute("delete from marts.dim_unit where programme_code = 'P2'")
    check_every_relation(server, "acc_all")


def test_passwords_are_set_by_their_variables_and_never_sent_in_clear(
    server: str,
) -> None:
    with psycopg.connect(server) as admin:
        stored = ask(
            admin, "select rolpassword from pg_authid where rolname like 'acc\\_%'"
        )
    assert all(text.startswith("SCRAM-SHA-256$") for (text,) in stored)
    changed = PASSWORDS | {"PW_ACC_A": "mật khẩu ‘mới’"}
    assert apply_access(server, ACCESS, "P1", changed).passwords_set == ("acc_a",)
    with psycopg.connect(server, user="acc_a", password=changed["PW_ACC_A"]):
        pass
    assert apply_access(server, ACCESS, "P1", PASSWORDS).passwords_set == ("acc_a",)


def test_a_login_that_no_policy_binds_is_refused(server: str) -> None:
    admin = psycopg.conninfo.conninfo_to_dict(server)["user"]
    for login in (admin, "acc_mighty"):
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute("create role acc_mighty login bypassrls")
        try:
            access = Access(readers=(Reader(login=str(login), sees="all"),))
            with pytest.raises(PostgresError, match="would see every row"):
                apply_access(server, access, "P9", {})
        finally:
            with psycopg.connect(server, autocommit=True) as connection:
                connection.execute("drop role acc_mighty")
    with psycopg.connect(server) as connection:
        rows = ask(connection, "select from nhiemky.reader where programme_code = 'P9'")
        assert rows == []


def test_a_mart_that_nobody_classified_shows_nothing(server: str) -> None:
    with psycopg.connect(server) as connection:
        connection.execute("create table marts.rpt_new (unit_code text, value integer)")
        connection.execute("insert into marts.rpt_new values ('B1', 4)")
        connection.execute("create view marts.v as select * from marts.fct_finding")
        secure_schema(connection, "marts", "marts_suppressed")
    try:
        with as_login(server, "acc_b1") as reader:
            assert ask(reader, "select * from marts.rpt_new") == []
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                reader.execute("select * from marts.v")
        with as_login(server, "acc_all") as reader:
            assert ask(reader, "select * from marts.rpt_new") == [("B1", 4)]
        unseen = pytest.raises(psycopg.errors.UndefinedTable)
        with as_login(server, "acc_small") as reader, unseen:
            reader.execute("select * from marts_suppressed.rpt_new")
    finally:
        with psycopg.connect(server) as connection:
            connection.execute("drop view marts.v; drop table marts.rpt_new")
            secure_schema(connection, "marts", "marts_suppressed")


def small_rows(server: str, table: str, rows: list[dict[str, Any]]) -> list[dict]:
    """What the reader without small counts sees of rows put into one table."""
    with psycopg.connect(server) as connection:
        insert(connection, "marts", table, rows)
    try:
        with as_login(server, "acc_small") as reader:
            reader.row_factory = psycopg.rows.dict_row
            return reader.execute(
                f"select * from marts_suppressed.{table} where period_key like 's%' "
                "order by period_key"
            ).fetchall()
    finally:
        with psycopg.connect(server) as connection:
            connection.execute(f"delete from marts.{table} where period_key like 's%'")


@pytest.mark.parametrize("table", sorted(WITH_COUNTS - {"fct_finding"}))
def test_small_counts_are_left_out_wherever_they_stand(server: str, table: str) -> None:
    """0 and 5 stay, 1 to 4 and the half of one go, with all that follows from them."""
    values = [0, 1, 4, 5, Decimal("0.5"), -3]
    rows = small_rows(
        server,
        table,
        [
            figure(table, "A1@1", value, period_key=f"s{n}")
            for n, value in enumerate(values)
        ],
    )
    assert [row["is_suppressed"] for row in rows] == [
        False,
        True,
        True,
        False,
        True,
        True,
    ]
    for row, value in zip(rows, values, strict=True):
        shown = {name: cell for name, cell in row.items() if isinstance(cell, Decimal)}
        open_numbers = {"coverage", "reports_due", "reports_received", "target_low"} | {
            "target_high",
            "previous_coverage",
            "required_from_base_pct",
        }
        if row["is_suppressed"]:
            assert set(shown) <= open_numbers, value
            told = [
                n for n in ("raw_text", "verdict_reason_vi", "message_vi") if row.get(n)
            ]
            assert not told
        elif table != "rpt_edition_revision":
            assert shown.keys() & {"value", "actual"}, value


def test_a_ratio_is_left_out_where_either_side_is_small(server: str) -> None:
    rows = small_rows(
        server,
        "fct_indicator_value",
        [
            figure(
                "fct_indicator_value",
                "P@1",
                period_key=f"s{n}",
                indicator_code=code,
                value=value,
                numerator=top,
                denominator=bottom,
            )
            for n, (code, value, top, bottom) in enumerate(
                [
                    ("rate", 2, 20, 1000),
                    ("rate", 75, 3, 4),
                    ("rate", 50, 4, 8),
                    ("rate", 0, 0, 8),
                    ("share", 25, 3, 12),
                    ("done", 3, 3, None),
                    ("unheard", 3, 3, None),
                    (None, 3, 3, None),
                    ("cases", 7, None, None),
                ]
            )
        ],
    )
    assert [row["is_suppressed"] for row in rows] == [
        *(False, True, True, False, False, False, True, False, False)
    ]
    assert [row["value"] is None for row in rows] == [
        row["is_suppressed"] for row in rows
    ]
    # the year before of a ratio is left out: this row does not hold its counts
    assert [row["previous_value"] is None for row in rows[:6]] == [
        *(True, True, True, True, False, False)
    ]


def test_a_change_from_a_small_year_and_rates_of_other_years_are_left_out(
    server,
) -> None:
    table = "rpt_term_scorecard"
    rows = small_rows(
        server,
        table,
        [
            figure(table, "A1@1", 50, period_key="s0", previous_numerator=4),
            figure(table, "A1@1", 50, period_key="s1", previous_value=3),
            figure(table, "A1@1", 50, period_key="s2"),
            figure(table, "A1@1", 3, period_key="s3", indicator_code="share"),
        ],
    )
    assert [row["is_suppressed"] for row in rows] == [True, True, False, False]
    assert [row["gap"] for row in rows] == [None, None, 50, 3]
    assert [row["yearly_values"] is None for row in rows] == [True, True, True, False]


def test_texts_of_findings_are_never_told_without_small_counts(server: str) -> None:
    with as_login(server, "acc_small") as reader:
        rows = ask(
            reader,
            "select message_vi, message_en, observed, expected, waived_reason, "
            "rule_code from marts_suppressed.fct_finding",
        )
    assert {row[:5] for row in rows} == {(None,) * 5}
    assert all(row[5] for row in rows)


def test_views_have_the_types_and_comments_of_the_tables(server: str) -> None:
    query = """
        select a.attname, format_type(a.atttypid, a.atttypmod),
            col_description(a.attrelid, a.attnum)
        from pg_attribute as a
        where a.attrelid = '{}.fct_target_progress'::regclass and a.attnum > 0
        order by a.attnum
    """
    with psycopg.connect(server) as connection:
        connection.execute(
            "comment on column marts.fct_target_progress.actual is 'Kết quả. · Result.'"
        )
        connection.execute("comment on schema marts_suppressed is null")
        secure_schema(connection, "marts", "marts_suppressed")
        table = ask(connection, query.format("marts"))
        *view, last = ask(connection, query.format("marts_suppressed"))
    assert view == table
    assert ("actual", "numeric(30,8)", "Kết quả. · Result.") in view
    assert last[:2] == ("is_suppressed", "boolean")


WORLD = st.fixed_dictionaries(
    {
        # per unit: the parent of each of its versions, among the units before it
        "parents": st.lists(
            st.lists(st.integers(0, 6), min_size=1, max_size=2), min_size=2, max_size=9
        ),
        # per ended unit: to whom it went, and whether that part had a share
        "ends": st.dictionaries(
            st.integers(1, 8),
            st.lists(
                st.tuples(st.integers(0, 8), st.booleans()), min_size=1, max_size=3
            ),
            max_size=5,
        ),
        "mapped": st.sets(st.integers(0, 8), min_size=1, max_size=2),
        "totals": st.sets(st.integers(0, 8), max_size=2),
    }
)
"""Years 0 to 9; units with two versions change parents in year 4, ended ones end in 7;
to end is to go to nobody where the heir is the unit itself."""


class World:
    """A random territory as plain facts, and who reaches what in it by definition."""

    def __init__(self, drawn: dict[str, Any]) -> None:
        count = len(drawn["parents"])
        self.mapped = {n for n in drawn["mapped"] if n < count}
        self.totals = {n for n in drawn["totals"] if n < count} - self.mapped
        self.heirs = {
            old: {(None if new == old else new, shared) for new, shared in heirs}
            for old, heirs in drawn["ends"].items()
            if old < count and all(new < count for new, _ in heirs)
        }
        self.versions: dict[tuple[int, int], tuple[int | None, int, int]] = {}
        for unit, parents in enumerate(drawn["parents"]):
            end = 7 if unit in self.heirs else 9
            starts = [0, 4][: len(parents)] if unit else [0]
            for version, start in enumerate(starts):
                stop = starts[version + 1] if version + 1 < len(starts) else end
                parent = parents[version] % unit if unit else None
                self.versions[unit, version] = (parent, start, stop)

    def alive(self, unit: int, year: int) -> tuple[int, int] | None:
        found = [
            key
            for key, (_, start, stop) in self.versions.items()
            if key[0] == unit and start <= year < stop
        ]
        return found[0] if found else None

    def years_below(self, key: tuple[int, int]) -> dict[tuple[int, int], set[int]]:
        """Ancestor version -> years, one year after the other."""
        below: dict[tuple[int, int], set[int]] = {}
        _, start, stop = self.versions[key]
        for year in range(start, stop):
            here: tuple[int, int] | None = key
            while here is not None:
                below.setdefault(here, set()).add(year)
                parent = self.versions[here][0]
                here = None if parent is None else self.alive(parent, year)
        return below

    def branch(self) -> set[tuple[int, int]]:
        """Version by version and year by year, until nothing more comes in."""
        whole = set(self.mapped)
        while True:
            seen = {
                key
                for key in self.versions
                if whole & {unit for unit, _ in self.years_below(key)}
            }
            absorbed = {
                old
                for old, heirs in self.heirs.items()
                if (parts := {n for n, shared in heirs if shared or n is None})
                and all(n is not None and self.alive(n, 7) in seen for n in parts)
            }
            if absorbed <= whole:
                return seen
            whole |= absorbed


@pytest.fixture(scope="module")
def territory(server: str) -> Iterator[psycopg.Connection]:
    """An empty schema of its own, in which one login reads."""
    with psycopg.connect(server, autocommit=True) as connection:
        make_star(connection, "world", {})
        make_unit_access(connection, "world")
        yield connection


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=WORLD)
def test_reach_is_what_its_definition_says(
    territory: psycopg.Connection, drawn: dict[str, Any]
) -> None:
    world = World(drawn)
    name = "K{}@{}".format
    units, ancestors = [], []
    for key, (_, start, stop) in world.versions.items():
        unit = {
            "programme_code": "R",
            "unit_key": name(*key),
            "unit_code": f"K{key[0]}",
        }
        dates = {"valid_from": day(2000 + start), "valid_to": day(2000 + stop)}
        units.append(unit | dates)
        ancestors += [
            unit
            | {"ancestor_unit_key": name(*up), "ancestor_unit_code": f"K{up[0]}"}
            | {"valid_from": day(2000 + min(years)), "valid_to": day(2001 + max(years))}
            for up, years in world.years_below(key).items()
        ]
    links = [
        {
            "programme_code": "R",
            "from_unit_code": f"K{old}",
            "to_unit_code": None if new is None else f"K{new}",
            "effective_date": day(2007),
            "share": Decimal(int(shared)),
        }
        for old, heirs in world.heirs.items()
        for new, shared in heirs
    ]
    with territory.transaction(force_rollback=True):
        insert(territory, "world", "dim_unit", units)
        insert(territory, "world", "bridge_unit_ancestor", ancestors)
        insert(territory, "world", "bridge_unit_succession", links)
        for codes, extent in ((world.mapped, "branch"), (world.totals, "totals")):
            for code in codes:
                territory.execute(
                    "insert into nhiemky.reader_unit values ('acc_w', 'R', %s, %s)",
                    [f"K{code}", extent],
                )
        fill_unit_access(territory, "world")
        found = ask(
            territory,
            "select unit_key, extent from world.unit_access where login = 'acc_w'",
        )
        assert fill_unit_access(territory, "world") == (0, 0)
    branch = {name(*key) for key in world.branch()}
    totals = {name(*key) for key in world.versions if key[0] in world.totals} - branch
    assert set(found) == {(key, "branch") for key in branch} | {
        (key, "totals") for key in totals
    }


def test_a_publisher_without_great_rights_publishes_and_reads_back(server: str) -> None:
    """No superuser and no CREATEROLE: the roles are there, so readers are served."""
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute("create role acc_publisher login password 'p'")
        name = sql.Identifier(f"plain_{secrets.token_hex(4)}")
        admin.execute(sql.SQL("create database {} owner acc_publisher").format(name))
        given = psycopg.conninfo.conninfo_to_dict(server)
        url = (
            f"postgresql://acc_publisher:p@{given['host']}:{given['port']}/"
            + name.as_string(admin).strip('"')
        )
        try:
            publish(url)
            with psycopg.connect(url) as publisher:
                rows = "select count(*) from marts.fct_observation"
                assert ask(publisher, rows) == [(len(KEYS),)]
            more = Access(readers=(Reader(login="acc_new", sees="all"),))
            with pytest.raises(PostgresError, match="CREATEROLE"):
                apply_access(url, more, "P1", PASSWORDS)
            high = server.rpartition("/")[0] + "/" + name.as_string(admin).strip('"')
            report = apply_access(high, ACCESS, "P1", PASSWORDS)
            assert report.rows_added == sum(
                len(BRANCH[login] | TOTALS[login])
                for login in ("acc_a", "acc_b1", "acc_small")
            ) + len(KEYS)
            check_every_relation(url, "acc_a")
            check_every_relation(url, "acc_small")
            with psycopg.connect(url) as publisher:
                owners = ask(
                    publisher,
                    "select distinct pg_get_userbyid(relowner)::text from pg_class "
                    "where relnamespace in ('marts'::regnamespace, "
                    "'marts_suppressed'::regnamespace)",
                )
            assert owners == [("acc_publisher",)]
            publish(url, "2" * 12)
            check_every_relation(url, "acc_b1")
        finally:
            admin.execute(sql.SQL("drop database {} with (force)").format(name))
            admin.execute("drop role acc_publisher")
