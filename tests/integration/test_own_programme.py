"""A newcomer's own programme, and the runs after the first one."""

from __future__ import annotations

import shutil
from pathlib import Path

import openpyxl
import pytest

from sources.template import layout
from tests.integration.support import answer, nhiemky, query

pytestmark = pytest.mark.slow

UNIT, OTHER, FORM, PERIOD = "MAU.A1", "MAU.B1", "ANTT-T", "police-2026-M03"


def fill(path: Path, figure: object) -> None:
    book = openpyxl.load_workbook(path)
    for row in book.worksheets[0].iter_rows(min_row=11):
        if row[layout.COLUMN_CODE].value:
            row[layout.COLUMN_VALUE].value = figure
    book.save(path)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("own")
    programme, home = folder / "programme", folder / "home"
    assert nhiemky("programme", "init", programme).returncode == 0
    return programme, home


@pytest.fixture(scope="module")
def asked(place: tuple[Path, Path]) -> tuple[str | Path, ...]:
    """The options of every command; two workbooks were sent and one run was made."""
    programme, home = place
    options = ("--programme", programme, "--home", home)
    empty = nhiemky("run", *options)
    assert empty.returncode == 0, empty.stderr
    send("first.xlsx", UNIT, 5, options)
    send("bad.xlsx", OTHER, 3, options)
    write(home / "inbox" / "bad.xlsx", "D11", "nhiều")
    done = nhiemky("run", *options)
    assert done.returncode == 0, done.stderr
    return options


def send(name: str, unit: str, figure: int, asked: tuple[str | Path, ...]) -> None:
    home = Path(asked[-1])
    (blank,) = answer("template", FORM, PERIOD, "--unit", unit, *asked)
    fill(Path(blank), figure)
    shutil.move(blank, home / "inbox" / name)


def write(path: Path, cell: str, value: object) -> None:
    book = openpyxl.load_workbook(path)
    book.worksheets[0][cell] = value
    book.save(path)


def test_from_an_empty_inbox_to_a_figure(asked: tuple[str | Path, ...]) -> None:
    (cell,) = answer("trace", UNIT, "crimes", PERIOD, *asked)
    assert (cell["value"], cell["file"], cell["sheet"]) == (5, "first.xlsx", "Biểu")
    assert answer("status", *asked)["submissions"]["accepted"] == 2


def test_a_text_where_a_number_belongs_costs_only_that_cell(
    place: tuple[Path, Path], asked: tuple[str | Path, ...]
) -> None:
    _, home = place
    rows = query(
        home,
        "select source_cell, source_file, message_vi from marts.fct_finding"
        " where rule_code = 'NOT_A_NUMBER'",
    )
    assert [(cell, file) for cell, file, _ in rows] == [("D11", "bad.xlsx")]
    assert "nhiều" in rows[0][2]
    assert len(answer("trace", OTHER, "crimes_solved", PERIOD, *asked)) == 1


def test_the_workbook_comes_back_marked_and_corrected_it_is_taken(
    place: tuple[Path, Path], asked: tuple[str | Path, ...]
) -> None:
    _, home = place
    reply = home / "replies" / "inbox" / "bad.phan-hoi.xlsx"
    sheet = openpyxl.load_workbook(reply).worksheets[0]
    assert sheet["D11"].value == "nhiều"
    assert "phải là số" in sheet["D11"].comment.text
    assert sheet["D11"].fill.fgColor.rgb != sheet["D12"].fill.fgColor.rgb
    (known,) = answer("findings", "list", "--rule", "NOT_A_NUMBER", *asked)
    assert (known["life"], known["place"]) == ("new", "Biểu D11")

    # an earlier day, judged with nothing new to read: later figures keep their periods
    past = nhiemky("run", "--as-of", "2026-01-20", *asked)
    assert past.returncode == 0, past.stderr

    # the officer corrects the very workbook that came back and sends it again
    shutil.copy(reply, home / "inbox" / "bad.xlsx")
    write(home / "inbox" / "bad.xlsx", "D11", 4)
    done = nhiemky("run", *asked)
    assert done.returncode == 0, done.stderr
    assert answer("findings", "list", "--rule", "NOT_A_NUMBER", *asked) == []
    (cell,) = answer("trace", OTHER, "crimes", PERIOD, *asked)
    assert cell["value"] == 4
    (other,) = answer("trace", UNIT, "crimes", PERIOD, *asked)
    assert other["value"] == 5
