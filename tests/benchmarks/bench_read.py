"""Reading template workbooks against bare calamine over the same files."""

from __future__ import annotations

import datetime as dt
import itertools
import subprocess
import sys
from pathlib import Path

import pytest

from orchestration.settings import SHIPPED_PROGRAMME
from sources.programme.due import due_units
from sources.programme.loader import load_programme
from sources.programme.model import Programme
from sources.programme.periods import periods_of
from sources.readers import ReadJob, read_deliveries
from sources.template.writer import workbook_content, write_template
from tests.benchmarks.conftest import WORKERS, Tell
from tests.benchmarks.measure import assert_sane, best, ratio_line

FILES = 500
REPEATS = 3
BARE = """
import sys
from python_calamine import CalamineWorkbook
cells = 0
for path in sys.stdin.read().split("\\n"):
    book = CalamineWorkbook.from_path(path)
    for name in book.sheet_names:
        rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
        cells += sum(cell != "" for row in rows for cell in row)
print(cells)
"""


@pytest.fixture(scope="module")
def programme() -> Programme:
    return load_programme(SHIPPED_PROGRAMME)


@pytest.fixture(scope="module")
def workbooks(programme: Programme, tmp_path_factory: pytest.TempPathFactory):
    """Filled-in workbooks, the forms of the programme in turn."""
    folder = tmp_path_factory.mktemp("workbooks")
    periods = periods_of(programme, programme.term.last_year)
    dues = [
        due_units(programme, f, periods).to_dict("records") for f in programme.forms
    ]
    in_turn = (row for rows in itertools.zip_longest(*dues) for row in rows if row)
    paths = []
    for number, row in enumerate(itertools.islice(in_turn, FILES)):
        place = row["form_code"], row["unit_code"], row["period_key"]
        sheet = workbook_content(programme, *place).sheet
        values = {line.code: 1 for line in sheet.rows if line is not None}
        paths.append(folder / f"{number}.xlsx")
        write_template(paths[-1], programme, *place, values=values)
    assert len(paths) == FILES
    return paths


def test_reading(programme: Programme, workbooks: list[Path], tell: Tell) -> None:
    source = next(s for s in programme.sources if s.reader == "template")
    now = dt.datetime.now(dt.UTC)
    jobs = [ReadJob(p, p.stem, p.name, source.code, now) for p in workbooks]
    read_deliveries(programme, jobs[:2], workers=WORKERS)  # imports
    ours, result = best(
        REPEATS, lambda: read_deliveries(programme, jobs, workers=WORKERS)
    )
    bound, cells = best(REPEATS, lambda: bare(workbooks))
    assert len(result.submissions) == FILES
    assert set(result.observations.observation_status) == {"reported"}
    assert cells > len(result.observations)
    what = f"read {FILES} workbooks, inspected / bare calamine, {WORKERS} procs"
    tell(ratio_line(what, ours, bound))
    assert_sane(ours, bound)


def bare(paths: list[Path]) -> int:
    """Number of filled cells, by as many processes as ours, start-up included."""
    processes = [
        subprocess.Popen(
            [sys.executable, "-I", "-c", BARE],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(WORKERS)
    ]
    for number, process in enumerate(processes):
        assert process.stdin is not None
        process.stdin.write("\n".join(map(str, paths[number::WORKERS])))
        process.stdin.close()
        process.stdin = None
    return sum(int(process.communicate()[0]) for process in processes)
