"""Who sees which rows on a real server: two branches, one who sees all, one without
small counts; by hand, over every table and view, and against a second computation."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from hypothesis import given, settings
from psycopg import sql

from sources.programme.access import Access, Reader
from tests.helpers.access_case import (
    ACCESS,
    BRANCH,
    BY_UNIT,
    END,
    KEYS,
    LOGINS,
    PASSWORDS,
    REPORTS,
    SECRET,
    TOTALS,
    as_login,
    day,
    figure,
    publish,
    star_rows,
    value_of,
)
from tests.helpers.access_world import World, territories
from tests.helpers.star_in_postgres import insert, make_star, star_columns
from warehouse.errors import PostgresError
from warehouse.postgres.access import apply_access, secure_schema
from warehouse.postgres.policies import RULES, Rule
from warehouse.postgres.reach import fill_unit_access, make_unit_access
from warehouse.postgres.suppression import WITH_COUNTS


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


def test_every_table_is_bound_its_owner_too(server: str) -> None:
    with psycopg.connect(server) as connection:
        loose = ask(
            connection,
            "select relname from pg_class where relnamespace = 'marts'::regnamespace "
            "and relkind = 'r' and not (relrowsecurity and relforcerowsecurity)",
        )
    assert loose == []


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


def test_a_transaction_older_than_the_load_finds_its_units(server: str) -> None:
    with as_login(server, "acc_a") as reader:
        reader.execute("begin isolation level repeatable read")
        reader.execute("select 1")
        publish(server, "3" * 12)
        found = ask(reader, "select unit_key from marts.unit_access")
    assert {key for (key,) in found} == BRANCH["acc_a"] | TOTALS["acc_a"]
    with psycopg.connect(server) as connection:
        for name in ("marts_suppressed", "marts"):
            connection.execute(f"drop schema {name}_old_{'3' * 12} cascade")


def test_a_moment_is_asked_about_without_small_counts_too(server: str) -> None:
    known = "select unit_key, value from marts_suppressed.as_known_on('{}')"
    span = "update marts.fct_observation_history set recorded_from = {}"
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(span.format("'2024-02-01', value = 4 where unit_key = 'A@1'"))
        admin.execute(
            "update marts.fct_observation_history set recorded_to = 'infinity'"
        )
        try:
            with as_login(server, "acc_small") as reader:
                assert ask(reader, known.format("2024-01-31")) == []
                assert ask(reader, known.format("2024-02-02")) == [("A@1", None)]
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    ask(reader, "select * from marts.as_known_on(now())")
            denied = pytest.raises(psycopg.errors.InsufficientPrivilege)
            with as_login(server, "acc_a") as reader, denied:
                ask(reader, known.format("2024-02-02"))
        finally:
            value = value_of("A@1")
            admin.execute(
                span.format(f"null, recorded_to = null, value = {value}")
                + " where unit_key = 'A@1'"
            )
            admin.execute("update marts.fct_observation_history set recorded_to = null")


def test_who_sees_all_of_one_database_sees_nothing_of_another(
    postgres_server: str, server: str
) -> None:
    """Roles belong to the whole server, and this login is no reader of the other."""
    name = sql.Identifier(f"other_{secrets.token_hex(4)}")
    other = f"{postgres_server}/" + name.as_string(None).strip('"')
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(sql.SQL("create database {}").format(name))
        try:
            publish(other)
            with as_login(other, "acc_all") as reader:
                for table in star_columns():
                    assert ask(reader, f"select from marts.{table}") == [], table
        finally:
            admin.execute(sql.SQL("drop database {} with (force)").format(name))


def test_rights_by_way_of_a_group_are_found(server: str) -> None:
    name = f"acc_group_{secrets.token_hex(4)}"
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f"create role {name}; grant {name} to acc_b1")
        try:
            admin.execute(f"grant nhiemky_reader_all to {name}")
            report = apply_access(server, ACCESS, "P1", PASSWORDS)
            assert report.unknown_members == (f"{name}: nhiemky_reader_all",)
            for right in ("bypassrls", "nobypassrls"):
                admin.execute(f"alter role {name} {right}")
                with pytest.raises(PostgresError, match="acc_b1 bypasses"):
                    apply_access(server, ACCESS, "P1", PASSWORDS)
                admin.execute(f"grant pg_read_server_files to {name}")
        finally:
            admin.execute(f"drop role {name}")


def test_all_of_one_programme_is_not_all_of_two(server: str) -> None:
    """Where another programme has readers, its rows are theirs."""
    other = Access(readers=(Reader(login="acc_all", units=("A",)),))
    apply_access(server, ACCESS, "P1", PASSWORDS)
    role = (
        "select r.rolname::text from pg_auth_members as m inner join pg_roles as r "
        "on m.roleid = r.oid where m.member = 'acc_all'::regrole"
    )
    stranger = Access(readers=(Reader(login="acc_a", sees="all"),))
    with psycopg.connect(server, autocommit=True) as admin:
        for access in (other, stranger):
            apply_access(server, access, "P2", PASSWORDS)
            assert ask(admin, role) == [("nhiemky_reader",)]
        apply_access(server, Access(), "P2", PASSWORDS)
        assert ask(admin, role) == [("nhiemky_reader_all",)]


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


@pytest.fixture(scope="module")
def territory(server: str) -> Iterator[psycopg.Connection]:
    """An empty schema of its own, in which one login reads."""
    with psycopg.connect(server, autocommit=True) as connection:
        make_star(connection, "world", {})
        make_unit_access(connection, "world")
        yield connection


@settings(max_examples=50)
@given(world=territories())
def test_reach_is_what_its_definition_says(
    territory: psycopg.Connection, world: World
) -> None:
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
            "effective_date": day(2000 + world.end_of(old)),
            "share": Decimal(int(shared)),
        }
        for old, heirs in world.heirs.items()
        for new, shared in heirs.items()
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
