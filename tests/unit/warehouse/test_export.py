"""Exports read back equal, whatever reads them; texts never become formulas."""

from __future__ import annotations

import csv
import datetime as dt
import io
from decimal import Decimal
from pathlib import Path

import duckdb
import openpyxl
import pytest

from orchestration.cli.options import new_file
from sources.programme.sheet_texts import ESCAPED_SIGNS, escaped
from tests.helpers.marts_build import publish_now
from warehouse import export
from warehouse.errors import ExportError, ReadError
from warehouse.export import export_table
from warehouse.home import Home

MARTS = """
create schema marts;
create table marts.t (
    code varchar, words varchar, amount decimal(30, 8), whole decimal(38, 0), n integer,
    day date, moment timestamp, is_so boolean
);
insert into marts.t values
    ('A', '=1+1', 1234567.12345678, 12, 3, date '2024-02-29',
        timestamp '2024-03-01 07:05:00', true),
    ('B', '-5; "ghi chú", tiếng Việt' || chr(10) || 'dòng 2', -0.5, 1000, -1, null,
        null, false),
    ('C', '', 0, null, null, date '2025-01-01', null, null),
    ('D', null, 100, 0, 0, null, null, null),
    ('E', '''@x', null, null, null, null, null, null);
"""


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path / "home")
    made.create()
    with duckdb.connect(str(made.build_db)) as connection:
        connection.execute(MARTS)
    publish_now(made)
    return made


def exported(home: Home, kind: export.FileKind, style: export.Style = "plain") -> bytes:
    file = io.BytesIO()
    assert export_table(home, "t", kind, file, style) == 5
    return file.getvalue()


def published(home: Home) -> list[tuple[object, ...]]:
    with duckdb.connect(str(home.published_db), read_only=True) as connection:
        return connection.execute("from marts.t").fetchall()


def test_csv_is_read_back_as_it_was_and_holds_no_formula(
    home: Home, tmp_path: Path
) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(exported(home, "csv"))
    first, second = path.read_text(encoding="utf-8").split("\n")[:2]
    assert first == "\ufeffcode,words,amount,whole,n,day,moment,is_so"
    assert second == "A,'=1+1,1234567.12345678,12,3,2024-02-29,2024-03-01 07:05:00,true"
    with duckdb.connect() as connection:
        rows = connection.execute(
            "select * replace (case when starts_with(words, '''') then words[2:] "
            "else words end as words) from read_csv(?, allow_quoted_nulls = false, "
            "columns = {code: 'varchar', words: 'varchar', amount: 'decimal(30, 8)', "
            "whole: 'decimal(38, 0)', n: 'integer', day: 'date', moment: 'timestamp', "
            "is_so: 'boolean'}, header = true)",
            [str(path)],
        ).fetchall()
    assert rows == published(home)


def test_a_vietnamese_excel_gets_its_own_signs(home: Home) -> None:
    lines = exported(home, "csv", "vi").decode("utf-8-sig").split("\r\n")
    assert lines[0] == "code;words;amount;whole;n;day;moment;is_so"
    assert lines[1] == (
        "A;'=1+1;1234567,12345678;12;3;29/02/2024;01/03/2024 07:05:00;true"
    )
    assert lines[2] == (
        'B;"\'-5; ""ghi chú"", tiếng Việt\ndòng 2";-0,5;1000;-1;;;false'
    )
    assert lines[3:] == ['C;"";0;;;01/01/2025;;', "D;;100;0;0;;;", "E;''@x;;;;;;", ""]


def test_a_workbook_holds_numbers_days_and_plain_texts(home: Home) -> None:
    content = exported(home, "xlsx")
    book = openpyxl.load_workbook(io.BytesIO(content))
    rows = list(book["t"].iter_rows(values_only=True))
    assert rows[0] == (
        "code",
        "words",
        "amount",
        "whole",
        "n",
        "day",
        "moment",
        "is_so",
    )
    assert rows[1] == (
        "A", "=1+1", 1234567.12345678, 12, 3, dt.datetime(2024, 2, 29),
        dt.datetime(2024, 3, 1, 7, 5), True,
    )  # fmt: skip
    assert book["t"]["B2"].data_type == "s"
    for row, known in zip(rows[1:], published(home), strict=True):
        numbers = [None if v is None else Decimal(repr(v)) for v in row[2:5]]
        assert numbers == list(known[2:5])
    assert exported(home, "xlsx") == content


def test_parquet_keeps_every_type(home: Home, tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    path.write_bytes(exported(home, "parquet"))
    with duckdb.connect() as connection:
        read = connection.execute("from read_parquet(?)", [str(path)])
        assert [str(c[1]) for c in read.description][2:6] == [
            "DECIMAL(30,8)", "DECIMAL(38,0)", "INTEGER", "DATE",
        ]  # fmt: skip
        assert read.fetchall() == published(home)


def test_rows_are_in_the_order_to_show_and_no_sign_gets_through(home: Home) -> None:
    signs = [*ESCAPED_SIGNS, "a="]
    with duckdb.connect(str(home.build_db)) as connection:
        connection.execute(
            "create table marts.s as select 'p' as programme_code, "
            "len($1) - n as display_order, $1[n + 1] || 'x' as words "
            "from range(len($1)) as r(n)",
            [signs],
        )
    publish_now(home)
    file = io.BytesIO()
    export_table(home, "s", "csv", file)
    rows = csv.reader(io.StringIO(file.getvalue().decode("utf-8-sig"), newline=""))
    assert list(rows)[1:] == [
        ["p", str(n), escaped(f"{sign}x")]
        for n, sign in enumerate(reversed(signs), start=1)
    ]


def test_more_than_a_sheet_holds_is_refused(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "MOST_SHEET_ROWS", 4)
    with pytest.raises(ExportError, match=r"5 rows .*holds 4.*\.csv or \.parquet"):
        exported(home, "xlsx")
    assert exported(home, "csv")


def test_an_unknown_table_names_near_ones(home: Home) -> None:
    with pytest.raises(ReadError, match=r"no table marts\.tt is published"):
        export_table(home, "tt", "csv", io.BytesIO())


def test_a_file_that_fails_is_not_left_behind(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    with pytest.raises(ReadError), new_file(path, "--to") as file:
        file.write(b"half")
        raise ReadError("gone")
    assert not path.exists()
