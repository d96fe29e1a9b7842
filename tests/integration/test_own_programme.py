"""A newcomer's own programme, and the runs after the first one."""

from __future__ import annotations

import shutil
from pathlib import Path

import openpyxl
import pytest

from tests.integration.support import answer, marts, nhiemky, query

pytestmark = pytest.mark.slow

UNIT, FORM, PERIOD = "MAU.A1", "ANTT-T", "police-2026-M03"


def fill(path: Path, figure: object) -> None:
    book = openpyxl.load_workbook(path)
    for row in book.worksheets[0].iter_rows(min_row=11):
        if row[5].value:
            row[3].value = figure
    book.save(path)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("own")
    programme, home = folder / "programme", folder / "home"
    assert nhiemky("programme", "init", programme).returncode == 0
    return programme, home


def test_from_an_empty_inbox_to_a_corrected_figure_and_back(
    place: tuple[Path, Path],
) -> None:
    programme, home = place
    asked = ("--programme", programme, "--home", home)
    empty = nhiemky("run", *asked)
    assert empty.returncode == 0, empty.stderr

    inbox = home / "inbox"
    first, second = inbox / "first.xlsx", inbox / "second.xlsx"
    done = nhiemky("template", UNIT, FORM, PERIOD, "-o", first, *asked)
    assert done.returncode == 0, done.stderr
    shutil.copy(first, second)
    fill(first, 5)
    assert nhiemky("run", *asked).returncode == 0
    (cell,) = answer("trace", UNIT, "crimes", PERIOD, *asked)
    assert (cell["value"], cell["file"], cell["sheet"]) == (5, "first.xlsx", "Biểu")
    assert answer("status", *asked)["submissions"]["accepted"] == 1
    before = marts(home)

    # an earlier day, judged with nothing new to read: later figures keep their periods
    past = nhiemky("run", "--as-of", "2026-01-20", *asked)
    assert past.returncode == 0, past.stderr
    back = nhiemky("run", *asked)
    assert back.returncode == 0, back.stderr
    assert marts(home) == before


def test_a_text_where_a_number_belongs_costs_only_that_cell(
    place: tuple[Path, Path],
) -> None:
    programme, home = place
    asked = ("--programme", programme, "--home", home)
    bad = home / "inbox" / "bad.xlsx"
    assert (
        nhiemky("template", "MAU.B1", FORM, PERIOD, "-o", bad, *asked).returncode == 0
    )
    fill(bad, 3)
    book = openpyxl.load_workbook(bad)
    book.worksheets[0]["D11"] = "nhiều"
    book.save(bad)
    assert nhiemky("run", *asked).returncode == 0
    rows = query(
        home,
        "select source_cell, source_file, message_vi from marts.fct_finding"
        " where rule_code = 'NOT_A_NUMBER'",
    )
    assert [(cell, file) for cell, file, _ in rows] == [("D11", "bad.xlsx")]
    assert "nhiều" in rows[0][2]
    assert len(answer("trace", "MAU.B1", "crimes_solved", PERIOD, *asked)) == 1
