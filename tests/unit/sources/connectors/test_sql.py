"""Reports of real databases: whole, once, in order, and nothing is written there."""

from __future__ import annotations

import csv
import dataclasses
import datetime as dt
import io
import json
import shutil
import zipfile
from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any, cast

import pytest
import sqlalchemy as sa

from sources.connectors import sizes, sql
from sources.connectors.errors import SourceError
from sources.connectors.fetched import Fetched
from sources.connectors.sql_database import open_database
from sources.programme.model import Source
from sources.programme.tables import Pace, SqlQuery
from sources.readers.limits import DEFAULT_LIMITS

NOW = dt.datetime(2025, 6, 1, 8, tzinfo=dt.UTC)
SELECT = "select unit, period, measure, value, changed_at from figures"
SECRET = "p@ss/w:rd"
T0 = dt.datetime(2025, 5, 1, 8, 0, tzinfo=dt.UTC)


def minutes(number: float) -> dt.datetime:
    return T0 + dt.timedelta(minutes=number)


class Office:
    """A unit's database with one table of figures, and pulls from it."""

    def __init__(self, url: str, query: dict[str, Any] | None = None) -> None:
        driver = url.replace("postgresql://", "postgresql+psycopg://")
        self.engine = sa.create_engine(driver, poolclass=sa.pool.NullPool)
        self.url = url
        self.is_postgres = url.startswith("postgresql")
        self.cursor: str | None = None
        self.ask(**(query or {}))
        time = "timestamptz" if self.is_postgres else "text"
        self.do(
            "create table figures (unit text, period text, measure text,"
            f" value numeric(20, 4), changed_at {time})"
        )

    def ask(self, **changes: Any) -> None:
        query = {
            "select": SELECT,
            "keys": ("unit", "period"),
            "watermark": "changed_at",
            **changes,
        }
        self.source = Source(
            code="so_lieu",
            name_vi="x",
            name_en="x",
            connector="sql",
            url=self.url,
            pace=Pace(tries=2, timeout_seconds=20),
            sql=SqlQuery(**query),
            reader="mapped",
            number_style="plain",
        )

    def do(self, statement: str, **values: object) -> None:
        with self.engine.begin() as connection:
            connection.execute(sa.text(statement), values)

    def put(self, when: dt.datetime | None, *rows: tuple[Any, ...]) -> None:
        for unit, period, measure, value in rows:
            written = when if self.is_postgres or when is None else when.isoformat()
            self.do(
                "insert into figures values (:u, :p, :m, :v, :w)",
                u=unit,
                p=period,
                m=measure,
                v=value,
                w=written,
            )

    def pull(
        self, keep: Callable[[Fetched], None] | None = None, now: dt.datetime = NOW
    ) -> list[Fetched]:
        got: list[Fetched] = []

        def both(one: Fetched) -> None:
            if keep:
                keep(one)
            got.append(one)

        self.cursor = sql.fetch(self.source, self.cursor, both, {}, now)
        return got


def rows(one: Fetched) -> list[list[str]]:
    page = rows_text(one)
    assert page.endswith("\r\n")
    return list(csv.reader(io.StringIO(page, newline="")))


def rows_text(one: Fetched) -> str:
    with zipfile.ZipFile(io.BytesIO(one.content)) as bundle:
        assert bundle.namelist() == ["request.json", "rows.csv"]
        return bundle.read("rows.csv").decode("utf-8")


def figures(*deliveries: Fetched) -> list[tuple[str, str, Decimal]]:
    """unit, measure and value of every row."""
    return [(r[0], r[2], Decimal(r[3])) for d in deliveries for r in rows(d)[1:]]


@pytest.fixture(autouse=True)
def without_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sql, "SLEEP", lambda _: None)


@pytest.fixture(params=["sqlite", "postgresql"])
def office(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Office]:
    if request.param == "sqlite":
        yield Office(f"sqlite:///{tmp_path / 'unit.db'}")
    else:
        yield Office(cast(str, request.getfixturevalue("postgres_url")))


@pytest.fixture
def file_office(tmp_path: Path) -> Office:
    return Office(f"sqlite:///{tmp_path / 'unit.db'}")


def test_a_report_comes_whole_when_one_row_of_it_changed(office: Office) -> None:
    office.put(minutes(0), ("A", "2025-01", "m1", 1), ("A", "2025-01", "m2", 2))
    office.put(minutes(0), ("B", "2025-01", "m1", 3), (None, "2025-01", "m1", 4))
    (first,) = office.pull()
    assert len(figures(first)) == 4
    assert rows(first)[0] == ["unit", "period", "measure", "value", "changed_at"]
    assert office.pull() == []
    office.do(
        "update figures set value = 5, changed_at = :w where unit='A' and measure='m2'",
        w=minutes(60) if office.is_postgres else minutes(60).isoformat(),
    )
    (second,) = office.pull()
    assert figures(second) == [("A", "m1", 1), ("A", "m2", 5)]
    assert second.modified_at == minutes(60)
    assert (second.name, second.content) != (first.name, first.content)
    assert office.pull() == []
    # a report without unit is a report too, and not lost
    office.put(minutes(61), (None, "2025-01", "m2", 6))
    (third,) = office.pull()
    assert [m for _, m, _ in figures(third)] == ["m1", "m2"]


def test_a_row_committed_late_is_not_lost_and_its_report_wins(office: Office) -> None:
    office.put(minutes(0), ("A", "2025-01", "m1", 1))
    office.put(minutes(10), ("B", "2025-01", "m1", 2))
    (first,) = office.pull()
    # written at minute 8 and committed after that pull: behind the greatest watermark
    office.put(minutes(8), ("B", "2025-01", "m2", 3))
    (late,) = office.pull()
    assert [m for _, m, _ in figures(late)] == ["m1", "m2"]
    assert late.modified_at > first.modified_at
    office.put(minutes(9), ("B", "2025-01", "m3", 4))
    (later,) = office.pull()
    assert later.modified_at > late.modified_at
    assert office.pull() == []
    # beyond the overlap of five minutes nothing is looked for
    office.put(minutes(4), ("C", "2025-01", "m1", 4))
    assert office.pull() == []


def test_deliveries_are_cut_between_reports_and_keep_their_order(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sql, "CHUNK_ROWS", 2)
    office.ask(delivery_rows=3)
    for unit in "EDCBA":
        office.put(minutes(0), *((unit, "2025-01", f"m{n}", n) for n in (2, 1)))
    got = office.pull()
    assert [one.name for one in got] == [f"so_lieu-rows-{n:04}.zip" for n in (1, 2, 3)]
    cut = [[f"{u}{m}" for u, m, _ in figures(one)] for one in got]
    assert cut == [
        ["Am1", "Am2", "Bm1", "Bm2"],
        ["Cm1", "Cm2", "Dm1", "Dm2"],
        ["Em1", "Em2"],
    ]
    assert len({one.origin for one in got}) == 3


def test_deliveries_are_cut_by_cells_and_by_bytes(
    file_office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    for unit in "EDCBA":
        file_office.put(minutes(0), *((unit, "2025-01", f"m{n}", n) for n in (2, 1)))
    whole = 2 * 5 * 2  # two reports of two rows of five cells are half of it
    few = dataclasses.replace(DEFAULT_LIMITS, cells=2 * whole)
    monkeypatch.setattr(sizes, "DEFAULT_LIMITS", few)
    got = file_office.pull()
    assert [[u for u, _, _ in figures(one)] for one in got] == [
        list("AABB"),
        list("CCDD"),
        list("EE"),
    ]
    file_office.cursor = None
    page = len(rows_text(got[0]))
    short = dataclasses.replace(DEFAULT_LIMITS, part_bytes=2 * page)
    monkeypatch.setattr(sizes, "DEFAULT_LIMITS", short)
    again = file_office.pull()
    assert [figures(one) for one in again] == [figures(one) for one in got]


@pytest.mark.parametrize("what", ["cells", "text"])
def test_a_report_that_no_reader_takes_moves_no_cursor(
    file_office: Office, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    measure = "m" * 32_768 if what == "text" else "m"
    if what == "cells":
        few = dataclasses.replace(DEFAULT_LIMITS, cells=9)
        monkeypatch.setattr(sizes, "DEFAULT_LIMITS", few)
    rows = [("A", "2025-01", measure, 1), ("A", "2025-01", "n", 2)]
    file_office.put(minutes(0), *rows)
    said = "32,767 letters" if what == "text" else "10 cells .* takes 9"
    with pytest.raises(SourceError, match=rf"'A, 2025-01'.*{said}.*sql\.select"):
        file_office.pull()
    assert file_office.cursor is None


def test_killed_at_any_delivery_and_run_again_it_gives_the_same(
    office: Office,
) -> None:
    office.ask(delivery_rows=1)
    office.put(minutes(0), *((u, "2025-01", "m1", n) for n, u in enumerate("ABC")))
    kept: list[Fetched] = []

    def dies(last: int, one: Fetched) -> None:
        kept.append(one)
        if len(kept) == last:
            raise KeyboardInterrupt

    seen = []
    for last in (1, 2, 3):
        kept.clear()
        with pytest.raises(KeyboardInterrupt):
            office.pull(partial(dies, last))
        assert office.cursor is None
        seen.append(list(kept))
    whole = office.pull()
    assert seen == [whole[:1], whole[:2], whole]
    cursor, office.cursor = office.cursor, None
    assert office.pull() == whole
    assert office.cursor == cursor


def test_what_a_write_in_the_select_would_do_is_refused(office: Office) -> None:
    office.put(minutes(0), ("A", "2025-01", "m1", 1))
    for select in (
        "delete from figures",
        f"{SELECT}; delete from figures",
        f"{SELECT}) x; commit; delete from figures; select * from ({SELECT}",
        f"with gone as (delete from figures returning *) {SELECT}",
    ):
        office.ask(select=select)
        with pytest.raises(SourceError, match=r"sql\.select .*SELECT that reads"):
            office.pull()
    # and where the text does not show it, the database refuses
    if office.is_postgres:
        office.do(
            "create function sneak() returns text language plpgsql as"
            " $$ begin delete from figures; return 'x'; end $$"
        )
        office.ask(select=SELECT.replace("measure", "sneak() as measure"))
        with pytest.raises(SourceError, match="would write, which is refused"):
            office.pull()
    office.ask()
    assert len(figures(*office.pull())) == 1


def test_values_are_exact_plain_text(postgres_url: str) -> None:
    office = Office(postgres_url)
    select = (
        "select 'A' as unit, date '2025-01-31' as period, 12345678901234567890.1200"
        " as big, 1e-7::numeric as small, true as yes, null::text as nothing,"
        " '=1+1' as formula, E'a\"b\\nc' as odd, 1.5::float8 as real, 7::int as whole,"
        " 'at 12:30 :x' as colon, '100%' as percent,"
        " timestamp '2025-01-02 03:04:05.5' as moment"
    )
    office.ask(select="select 1 as unit, 2 as unit, 3 as period")
    with pytest.raises(SourceError, match="two columns the name 'unit'"):
        office.pull()
    office.ask(select=select, watermark=None)
    header, row = rows(*office.pull())
    assert dict(zip(header, row, strict=True)) == {
        "unit": "A",
        "period": "2025-01-31",
        "big": "12345678901234567890.1200",
        "small": "0.0000001",
        "yes": "true",
        "nothing": "",
        "formula": "=1+1",
        "odd": 'a"b\nc',
        "real": "1.5",
        "whole": "7",
        "colon": "at 12:30 :x",
        "percent": "100%",
        "moment": "2025-01-02T03:04:05.500000",
    }


def test_without_a_watermark_only_reports_that_differ_come(office: Office) -> None:
    office.ask(watermark=None)
    office.put(None, ("A", "2025-01", "m1", 1), ("B", "2025-01", "m1", 2))
    assert len(figures(*office.pull())) == 2
    assert office.pull() == []
    office.do("delete from figures where unit = 'A'")
    assert office.pull() == []
    office.put(None, ("B", "2025-01", "m2", 3))
    later = NOW + dt.timedelta(hours=1)
    (news,) = office.pull(now=later)
    assert [(u, m) for u, m, _ in figures(news)] == [("B", "m1"), ("B", "m2")]
    assert news.modified_at == later


def test_a_value_that_comes_back_is_a_delivery_of_its_own(office: Office) -> None:
    office.ask(
        select="select unit, period, measure, value from figures", watermark=None
    )
    contents = []
    office.put(None, ("A", "2025-01", "m1", 1))
    for value in (1, 2, 1):
        office.do("update figures set value = :v", v=value)
        (one,) = office.pull()
        contents.append(one)
    assert len({one.content for one in contents}) == 3
    assert contents[0].modified_at < contents[1].modified_at < contents[2].modified_at


def test_rows_without_a_watermark_are_never_missed(office: Office) -> None:
    office.put(minutes(60), ("A", "2025-01", "m1", 1))
    office.pull()
    office.put(None, ("B", "2025-01", "m1", 2))
    assert figures(*office.pull())[0][0] == "B"
    assert office.pull() == []


def test_a_watermark_of_the_far_future_hides_nothing(office: Office) -> None:
    office.put(dt.datetime(2999, 1, 1, tzinfo=dt.UTC), ("A", "2025-01", "m1", 1))
    office.put(minutes(0), ("B", "2025-01", "m1", 2))
    (first,) = office.pull()
    assert first.modified_at == NOW, "not received in the year 2999"
    office.put(minutes(60), ("C", "2025-01", "m1", 3))
    (second,) = office.pull()
    assert [u for u, _, _ in figures(second)] == ["C"]
    assert office.pull() == []


def test_a_number_may_be_the_watermark(file_office: Office) -> None:
    office = file_office
    office.ask(watermark="changed_at", overlap_seconds=2)
    office.do("drop table figures")
    office.do("create table figures (unit, period, measure, value, changed_at integer)")
    for number, unit in enumerate("ABCDE"):
        office.do("insert into figures values (:u, 1, 1, 1, :n)", u=unit, n=number)
    office.pull()
    assert json.loads(office.cursor or "")["watermark"] == "4"
    office.do("insert into figures values ('F', 1, 1, 1, 2), ('G', 1, 1, 1, 1)")
    assert [u for u, _, _ in figures(*office.pull())] == ["F"], "2 steps back from 4"


def test_another_database_starts_from_the_beginning(
    file_office: Office, tmp_path: Path
) -> None:
    file_office.put(minutes(0), ("A", "2025-01", "m1", 1))
    assert len(file_office.pull()) == 1
    moved = tmp_path / "moved.db"
    shutil.copy(tmp_path / "unit.db", moved)
    file_office.url = f"sqlite:///{moved}"
    file_office.ask()
    assert len(file_office.pull()) == 1
    file_office.url += "?password=new"
    file_office.ask()
    assert file_office.pull() == []


def test_another_question_starts_from_the_beginning(file_office: Office) -> None:
    file_office.put(minutes(0), ("A", "2025-01", "m1", 1))
    file_office.pull()
    file_office.ask(select=SELECT + " where unit > ''")
    assert len(file_office.pull()) == 1


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"keys": ("unit", "perod")}, "'perod': did you mean 'period'"),
        ({"watermark": "changed"}, "'changed': did you mean 'changed_at'"),
        ({"select": "select nothing from figures"}, "refuses the query: .*nothing"),
        ({"watermark": "measure"}, "neither a time nor a number"),
    ],
)
def test_a_wrong_column_is_named(
    file_office: Office, changes: dict[str, Any], said: str
) -> None:
    office = file_office
    office.put(minutes(0), ("A", "2025-01", "m1", 1))
    office.ask(**changes)
    with pytest.raises(SourceError, match=f"source so_lieu.*{said}"):
        office.pull()


def test_a_server_that_is_down_is_asked_again_and_then_named_without_secrets() -> None:
    environment = {"PW": SECRET, "HOST": "127.0.0.1:9"}
    source = Source(
        code="so_lieu",
        name_vi="x",
        name_en="x",
        connector="sql",
        url="postgresql://me:${PW}@${HOST}/unit?sslmode=disable",
        pace=Pace(tries=3, timeout_seconds=2),
        sql=SqlQuery(select=SELECT, keys=("unit",)),
        reader="mapped",
        number_style="plain",
    )
    with pytest.raises(SourceError, match=r"cannot be opened.*Check that") as error:
        sql.fetch(source, None, lambda _: None, environment, NOW)
    assert "127.0.0.1:9" in str(error.value)
    _holds_no_secret(error.value)


def test_a_wrong_password_is_not_tried_again_and_not_told(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = Office(postgres_url)
    rest = postgres_url.partition("@")[2]
    office.url = "postgresql://tester:${PW}@" + rest
    office.ask()
    tries: list[float] = []
    monkeypatch.setattr(sql, "SLEEP", tries.append)
    with pytest.raises(SourceError, match="authentication failed") as error:
        sql.fetch(office.source, None, lambda _: None, {"PW": SECRET}, NOW)
    assert tries == []
    _holds_no_secret(error.value)


def test_the_right_password_is_taken_letter_by_letter(postgres_url: str) -> None:
    office = Office(postgres_url)
    office.do("create role reader login password 'p@ss/w:rd'")
    office.do("grant select on figures to reader")
    office.put(minutes(0), ("A", "2025-01", "m1", 1))
    office.url = "postgresql://reader:${PW}@" + postgres_url.partition("@")[2]
    office.ask()
    got: list[Fetched] = []
    try:
        cursor = sql.fetch(office.source, None, got.append, {"PW": SECRET}, NOW)
        for text in (got[0].origin, cursor, *map(str, rows(got[0]))):
            assert SECRET not in text and "***" not in text
        with zipfile.ZipFile(io.BytesIO(got[0].content)) as bundle:
            assert "p@ss" not in bundle.read("request.json").decode()
    finally:
        office.do("drop owned by reader")
        office.do("drop role reader")


def test_of_an_address_only_passwords_and_variables_are_hidden() -> None:
    url = "postgresql://me:pw@host/db?sslmode=require&sslpassword=key&user=${NAME}"
    source = Source(
        code="so_lieu",
        name_vi="x",
        name_en="x",
        connector="sql",
        url=url + "&options=${ON}",
        sql=SqlQuery(select=SELECT, keys=("unit",)),
        reader="mapped",
        number_style="plain",
    )
    database = open_database(source, {"NAME": "someone", "ON": "1"})
    error = sa.exc.SQLAlchemyError("1: sslmode require: pw, key, someone")
    assert "refuses the query: 1: sslmode require: ***, ***, ***." in str(
        database.refusal(error)
    )


def test_a_statement_that_takes_too_long_is_ended_and_said(office: Office) -> None:
    slow = (
        "select pg_sleep(30)::text as unit, 1 as period"
        if office.is_postgres
        else "with recursive n(unit) as (select 1 union all select unit + 1 from n)"
        " select count(*) as unit, 1 as period from n"
    )
    office.ask(select=slow, watermark=None)
    pace = Pace(tries=1, timeout_seconds=0.2)
    office.source = office.source.model_copy(update={"pace": pace})
    with pytest.raises(SourceError, match=r"no answer within 0\.2 s.*timeout_seconds"):
        office.pull()


def test_a_file_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    office = Office(f"sqlite:///{tmp_path / 'unit.db'}")
    office.url = f"sqlite:///{tmp_path / 'gone.db'}"
    office.ask()
    with pytest.raises(SourceError, match=r"no database file .*gone\.db"):
        office.pull()
    office.url = "sqlite:///unit.db"
    office.ask()
    with pytest.raises(SourceError, match="four slashes"):
        office.pull()
    assert [path.name for path in tmp_path.iterdir()] == ["unit.db"]


def test_a_server_that_goes_away_before_anything_was_kept_is_asked_again(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = Office(postgres_url)
    office.put(minutes(0), ("A", "2025-01", "m1", 1))
    lost = []
    probe = sql.probe

    def cut_off(query: SqlQuery) -> sa.Select[Any]:
        if not lost:
            lost.append(True)
            office.do(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where application_name = 'nhiemky'"
            )
        return probe(query)

    monkeypatch.setattr(sql, "probe", cut_off)
    assert len(office.pull()) == 1
    assert lost


def _holds_no_secret(error: BaseException) -> None:
    told = [str(error)]
    assert error.__cause__ is None and error.__suppress_context__
    for text in told:
        for secret in (SECRET, "p%40ss"):
            assert secret not in text


BLANK, LETTER = "2025-05-01 08:00:00", "2025-05-01T08:00:00"


@pytest.mark.parametrize(
    ("first", "later"),
    [
        (BLANK, LETTER),
        (LETTER, BLANK),
        (BLANK, BLANK + "+07:00"),
        (BLANK + "+07:00", BLANK),
        (BLANK + "+07:00", BLANK + "+00:00"),
        (BLANK + "Z", BLANK + ".5Z"),
        (BLANK + ".5", BLANK + ".5Z"),
        (BLANK + ".25Z", BLANK + "Z"),
        (BLANK, BLANK[:10]),
        (BLANK[:10], BLANK),
        (BLANK[:16], BLANK),
    ],
)
@pytest.mark.parametrize("is_hidden", [True, False])
def test_times_as_texts_must_be_spelled_alike(
    file_office: Office, first: str, later: str, is_hidden: bool
) -> None:
    office = file_office
    put = "insert into figures values (:unit, '2025-05', 'crimes', 1, :at)"
    office.do(put, unit="a", at=first)
    assert len(office.pull()) == 1
    cursor = office.cursor
    # a hidden one sorts far before what the next pull asks for
    at = "1999-05-01" + later[10:] if is_hidden else later
    office.do(put, unit="b", at=at)
    for office.cursor in (cursor, None):
        with pytest.raises(SourceError, match=r"several ways.*strftime.*changed_at"):
            office.pull()
    office.ask(
        select=SELECT.replace(
            "changed_at", "strftime('%Y-%m-%d %H:%M:%f', changed_at) as changed_at"
        )
    )
    assert len(office.pull()) == 1


@pytest.mark.parametrize("zone", ["", "+07:00", "-05:00"])
def test_parts_of_a_second_are_no_other_spelling(
    file_office: Office, zone: str
) -> None:
    office = file_office
    put = "insert into figures values (:unit, '2025-05', 'crimes', 1, :at)"
    for unit, part in zip("abc", ("", ".5", ".000001"), strict=True):
        office.do(put, unit=unit, at=f"{LETTER}{part}{zone}")
        assert len(office.pull()) == 1
