"""Reading a national month of template workbooks against bare calamine over the same.

3,321 workbooks of 60 figures as our own template writes them: metadata, checks,
validations and styles with them, the figures and those of the period before filled in.
Ours is everything from bytes to frames: inspection, isolation, the personal-data guard,
numbers, submissions. Bare calamine only opens every sheet, in as many processes.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from sources.programme.tables import Source
from sources.readers import ReadJob, ReadResult, read_deliveries
from sources.template.writer import write_template
from tests.benchmarks.conftest import WORKERS, Tell
from tests.benchmarks.measure import assert_sane, medians, ratio_line
from tests.benchmarks.national_month import Month, national_month

REPEATS = 3
MOST = 3.0
"""Times the processor seconds of bare calamine."""
SOURCE = {"code": "inbox", "name_vi": "Hộp thư", "name_en": "Inbox", "path": "."}
READER = {"reader": "template", "number_style": "vi"}
PERIOD = "civil-2023-M05"
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
def month() -> Month:
    return national_month()


@pytest.fixture(scope="module")
def jobs(month: Month, tmp_path_factory: pytest.TempPathFactory) -> list[ReadJob]:
    """One workbook per commune, filled in, each different from all others."""
    folder = tmp_path_factory.mktemp("workbooks")
    figures = month.observations.groupby("submission_id", sort=False)
    filled = [
        dict(zip(rows.measure_code, rows.value, strict=True)) for _, rows in figures
    ]
    found = []
    for number, sent in enumerate(month.submissions.to_dict("records")):
        path = folder / str(sent["file_name"])
        place = str(sent["form_code"]), str(sent["unit_code"]), PERIOD
        before = filled[number - 1]
        write_template(
            path, month.programme, *place, values=filled[number], previous=before
        )
        sha256 = str(sent["delivery_sha256"])
        found.append(ReadJob(path, sha256, path.name, "inbox", sent["received_at"]))
    return found


def test_reading(month: Month, jobs: list[ReadJob], tell: Tell) -> None:
    source = Source.model_validate(SOURCE | READER)
    programme = month.programme.model_copy(update={"sources": (source,)})
    read_deliveries(programme, jobs[:2], workers=WORKERS)  # imports
    paths = [job.path for job in jobs]
    ours, result, bound, cells = medians(
        REPEATS,
        lambda: read_deliveries(programme, jobs, workers=WORKERS),
        lambda: bare(paths),
    )
    assert_read(month, result)
    assert cells > len(result.observations)
    what = f"read {len(jobs)} workbooks, inspected / bare calamine, {WORKERS} procs"
    tell(ratio_line(what, ours, bound))
    assert_sane(ours, bound, MOST)


def assert_read(month: Month, result: ReadResult) -> None:
    """Every figure came back, exactly, under its unit and measure, without findings."""
    assert result.findings.empty
    units = result.submissions.set_index("submission_id").unit_code
    read = result.observations
    there = zip(read.submission_id.map(units), read.measure_code, strict=True)
    sent = month.observations
    units = month.submissions.set_index("submission_id").unit_code
    here = zip(sent.submission_id.map(units), sent.measure_code, strict=True)
    assert dict(zip(there, read.value, strict=True)) == dict(
        zip(here, sent.value, strict=True)
    )


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
