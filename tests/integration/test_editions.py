"""A closed year: a correction, a killed run and a rebuild leave its figures alone.

Two communes of the sample programme report March 2026, each with public order hot
spots, of which there should be none; the police year 2026 ended on 14/12/2026.
"""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import openpyxl
import pytest

from orchestration.settings import Settings
from orchestration.steps.context import open_run
from orchestration.steps.edition import close_period
from sources.template import layout
from tests.integration.support import answer, nhiemky, query
from warehouse.edition_rows import thaw

pytestmark = pytest.mark.slow

FORM, MARCH, DECEMBER = "ANTT-T", "police-2026-M03", "police-2026-M12"
YEAR = "police-2026-Y"
DAY = "2027-01-10"
Asked = tuple[str | Path, ...]


def send(name: str, unit: str, figure: int, asked: Asked) -> None:
    (blank,) = answer("template", FORM, MARCH, "--unit", unit, *asked)
    book = openpyxl.load_workbook(blank)
    for row in book.worksheets[0].iter_rows(min_row=11):
        if row[layout.COLUMN_CODE].value:
            row[layout.COLUMN_VALUE].value = figure
    book.save(blank)
    shutil.move(blank, Path(asked[-1]) / "inbox" / name)


def stated(home: Path, code: str) -> list[tuple[object, ...]]:
    return query(
        home, "from marts.fct_edition where edition_code = ? order by all", code
    )


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Asked:
    """The options of every command: a year published and closed, nothing built since.

    The closing was killed before its refresh. Then a correction came, a unit was given
    more time, and the warehouse was made anew.
    """
    folder = tmp_path_factory.mktemp("closed")
    programme, home = folder / "programme", folder / "home"
    assert nhiemky("programme", "init", programme).returncode == 0
    options: Asked = ("--programme", programme, "--home", home)
    (home / "inbox").mkdir(parents=True)
    send("a.xlsx", "MAU.A1", 5, options)
    send("b.xlsx", "MAU.B1", 3, options)
    done = nhiemky("run", "--as-of", DAY, *options)
    assert done.returncode == 0, done.stderr
    with open_run(Settings.resolve(programme, home)) as run:
        close_period(run, YEAR, "provisional", "Lan", "sơ kết năm")
    send("a2.xlsx", "MAU.A1", 4, options)
    until = ("--until", "2027-01-31", "--reason", "mất điện", "--by", "Lan")
    answer("extend", "MAU.A2", FORM, DECEMBER, *until, *options)
    rebuilt = nhiemky("rebuild", "--as-of", DAY, *options)
    assert rebuilt.returncode == 0, rebuilt.stderr
    return options


def test_what_was_frozen_is_published_as_it_was_after_a_correction_and_a_rebuild(
    asked: Asked,
) -> None:
    programme, home = Path(asked[1]), Path(asked[-1])
    (made,) = answer("editions", *asked)
    assert (made["edition_code"], made["closed_by"]) == (f"{YEAR}.1p", "Lan")
    with open_run(Settings.resolve(programme, home)) as run:
        frozen = thaw(run.landing, made["edition_code"], made["rows_sha256"])
    names = ", ".join(frozen.column_names)
    published = query(home, f"select {names} from marts.fct_edition order by all")
    rows = zip(*(column.to_pylist() for column in frozen.columns), strict=True)
    assert sorted(map(str, published)) == sorted(map(str, rows))
    assert len(published) == made["row_count"] > 0


def test_the_correction_shows_as_a_revision_with_its_cause(asked: Asked) -> None:
    rows = query(
        Path(asked[-1]),
        "select unit_code, actual_then, actual_now, difference, is_revised, "
        "late_report_count, correction_count from marts.rpt_edition_revision "
        "where target_code = 'MT-03' and unit_code in ('MAU', 'MAU.A1', 'MAU.B1') "
        "order by unit_code",
    )
    assert rows == [
        ("MAU", 8, 7, -1, True, 0, 1),
        ("MAU.A1", 5, 4, -1, True, 0, 1),
        ("MAU.B1", 3, 3, 0, False, 0, 0),
    ]


def test_an_extended_report_is_not_due_while_the_others_are_missing(
    asked: Asked,
) -> None:
    rows = query(
        Path(asked[-1]),
        "select unit_code, status, is_extended, extension_reason, due_at, days_late "
        "from marts.fct_submission where period_key = ? and unit_code like 'MAU.A%' "
        "order by unit_code",
        DECEMBER,
    )
    end = dt.datetime(2027, 1, 31, 17)  # midnight in Hanoi
    ordinary = dt.datetime(2026, 12, 17, 17)
    assert rows == [
        ("MAU.A1", "missing", False, None, ordinary, 24),
        ("MAU.A2", "not_due", True, "mất điện", end, 0),
    ]


def test_closed_for_good_it_is_with_bi_at_once_and_the_first_stays(
    asked: Asked,
) -> None:
    home = Path(asked[-1])
    before = stated(home, f"{YEAR}.1p")
    made = answer("close", YEAR, "--final", "--by", "Minh", *asked)
    assert made["edition_code"] == f"{YEAR}.2f"
    assert made["as_of_date"] == DAY
    assert sum(row["rows"] for row in made["verdicts"]) == made["row_count"]
    assert stated(home, f"{YEAR}.1p") == before
    assert len(stated(home, f"{YEAR}.2f")) == made["row_count"]
    assert query(
        home,
        "select distinct edition_code, is_revised from marts.rpt_edition_revision",
    ) == [(f"{YEAR}.2f", False)]
    again = nhiemky("close", YEAR, "--by", "Minh", *asked)
    assert again.returncode == 1
    assert "no provisional edition" in again.stderr
