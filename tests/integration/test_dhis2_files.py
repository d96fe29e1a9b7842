"""DHIS2 data value set files: the good one whole, each bad one by its fault at its row.

Known answers: `data/real/dhis2_datim/README.md` and the files themselves.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import shutil
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import duckdb
import pandas as pd
import pytest

from expectations.gate1 import judge
from orchestration.settings import Settings
from orchestration.steps.context import RunContext, open_run
from orchestration.steps.judge import judge_batch
from orchestration.steps.load import load_raw
from orchestration.steps.pull import pull
from orchestration.steps.read import read_pending
from sources.bundle import write_bundle
from sources.programme.due import due_units
from sources.programme.expansion import expand_measures
from sources.programme.loader import load_programme
from sources.programme.periods import periods_of
from sources.readers import ReadJob, ReadResult, read_deliveries
from tests.helpers.dhis2_programme import (
    GOOD,
    GOOD_JSON,
    SOURCE,
    rule_code,
    value_rows,
    write_dhis2_programme,
)
from warehouse.home import Home

pytestmark = pytest.mark.slow

WHEN = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
FIRST_YEAR_OF_BAD_FILES = 1973
SCREENED_OVER_TOTAL = rule_code("ZHANmjdL1bk")

FAULTS = {
    "bad-de-uid": [("R_UNKNOWN_MEASURE", "A7", "SiuNE0ywCW4")],
    "bad-ou-uid": [("R_UNKNOWN_UNIT_NAME", "C5", "SiuNE0ywCW4")],
    "bad-periods": [
        ("R_UNKNOWN_PERIOD", "B4", "2016Q5"),
        ("R_UNKNOWN_PERIOD", "B10", "Oct"),
    ],
    "bad-value": [
        ("LOOKS_LIKE_CODE", "F4", "0200"),
        ("NOT_A_NUMBER", "F3", "foo"),
        ("VALUE_NOT_WHOLE", "F2", "1.5"),
    ],
    "exact-dups": [("MEASURE_TWICE", "F2", "6"), ("MEASURE_TWICE", "F3", "6")],
    "missing-value": [("VALUE_EMPTY", "F3", "")],
    "validation-simple-fail": [(SCREENED_OVER_TOTAL, "F2", "6")],
    "validation-simple-pass": [],
}
"""Per bad file: rule, cell and text found, in the order of rule and row."""

FIT_TO_ENTER = {
    "bad-de-uid": 7,
    "bad-ou-uid": 8,
    "bad-periods": 8,
    "bad-value": 1,
    "exact-dups": 10,
    "missing-value": 1,
    "no-header": 0,
    "validation-simple-fail": 1,
    "validation-simple-pass": 2,
}
"""Values of each bad file that enter all the same; 0200 does, with a warning."""


class Judged(NamedTuple):
    """All bad files, read and judged as one batch."""

    read: ReadResult
    findings: pd.DataFrame
    statuses: pd.Series
    quarantined: pd.Series


@pytest.fixture(scope="module")
def data(shared_data: Path) -> Path:
    folder = shared_data / "real" / "dhis2_datim"
    if not folder.is_dir():
        pytest.skip(f"the DHIS2 files are not in place ({folder})")
    return folder


@pytest.fixture(scope="module")
def loaded(
    data: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunContext]:
    """The good file taken in from a drop folder to schema raw, as a run does."""
    folder = tmp_path_factory.mktemp("good")
    inbox = folder / "inbox"
    inbox.mkdir()
    shutil.copy(data / GOOD, inbox)
    programme = write_dhis2_programme(folder / "programme", data, inbox)
    with open_run(Settings.resolve(programme, folder / "home")) as run:
        pull(run)
        read_pending(run)
        judge_batch(run)
        load_raw(run)
        yield run


@pytest.fixture(scope="module")
def judged(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Judged:
    folder = tmp_path_factory.mktemp("bad") / "programme"
    inbox = data / "bad"
    programme = load_programme(
        write_dhis2_programme(folder, data, inbox, FIRST_YEAR_OF_BAD_FILES)
    )
    jobs = [
        ReadJob(path, sha256(path), path.name, SOURCE, WHEN)
        for path in sorted(inbox.glob("*.csv"))
    ]
    read = read_deliveries(programme, jobs)
    periods = periods_of(programme, WHEN.year)
    judgement = judge(
        programme,
        read.submissions,
        read.observations,
        read.findings,
        expected=pd.concat(
            [due_units(programme, form, periods) for form in programme.forms]
        ),
        measures=expand_measures(programme, None),
        current_counts=pd.DataFrame(
            columns=["form_code", "unit_code", "period_key", "observation_count"],
            dtype="object",
        ),
    )
    statuses = judgement.submissions.set_index("submission_id").status
    return Judged(read, judgement.findings, statuses, judgement.quarantined)


def read_json(data: Path, folder: Path, *paths: Path) -> ReadResult:
    """What is read of files that the programme of the good JSON file fits."""
    programme = load_programme(
        write_dhis2_programme(folder / "programme", data, data, good=GOOD_JSON)
    )
    jobs = [ReadJob(path, sha256(path), path.name, SOURCE, WHEN) for path in paths]
    return read_deliveries(programme, jobs, workers=1)


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def bad_file(data: Path, fault: str) -> Path:
    return data / "bad" / f"test-data-{fault}.csv"


def faults_of(judged: Judged, path: Path) -> list[tuple[str, str, str]]:
    """Rule, cell and text of what is wrong at a cell; late or skipped is no fault."""
    found = judged.findings[judged.findings.severity.ne("INFO")]
    found = found[found.delivery_sha256.eq(sha256(path)) & found.cell.notna()]
    row = found.cell.str.extract(r"(\d+)")[0].astype("int64")
    found = found.assign(row=row).sort_values(["rule_code", "row"])
    observed = found.observed.where(found.observed.notna(), "")
    return list(zip(found.rule_code, found.cell, observed, strict=True))


def raw(run: RunContext, sql: str) -> list[tuple[object, ...]]:
    home: Home = run.home
    with duckdb.connect(str(home.build_db), read_only=True) as db:
        return db.execute(sql).fetchall()


def test_the_good_file_enters_whole_with_every_value_as_written(
    loaded: RunContext, data: Path
) -> None:
    rows = raw(
        loaded,
        "select o.cell, s.unit_code, o.measure_code, s.period_key, o.value,"
        " o.observation_status from raw.observation o"
        " join raw.submission s using (submission_id) where s.status = 'accepted'",
    )
    read = {str(cell): rest for cell, *rest in rows}
    assert len(rows) == len(read) == 1_000
    for number, row in enumerate(value_rows(data / GOOD), start=2):
        year, quarter = row["pe"][:4], row["pe"][4:]
        is_october = quarter == "Oct"  # from October of that year to the next
        assert read[f"F{number}"] == [
            row["ou"],
            f"{row['de']}.{row['coc']}.{row['acoc']}",
            f"october-{int(year) + 1}-Y" if is_october else f"civil-{year}-{quarter}",
            Decimal(row["value"]),
            "nil" if row["value"] == "0" else "reported",
        ]


def test_the_good_file_has_no_fault_and_keeps_its_zeros(loaded: RunContext) -> None:
    assert raw(loaded, "select * from raw.finding where severity <> 'INFO'") == []
    assert raw(
        loaded,
        "select count(*) filter (value = 0), count(*) filter (form_code = 'QUARTER'),"
        " count(*) filter (form_code = 'OCTOBER_YEAR')"
        " from raw.observation join raw.submission using (submission_id)",
    ) == [(371, 496, 504)]


def test_an_october_year_runs_from_october_to_september(loaded: RunContext) -> None:
    assert raw(
        loaded,
        "select start_date, end_date from raw.ref_period"
        " where period_key = 'october-2018-Y'",
    ) == [(dt.date(2017, 10, 1), dt.date(2018, 10, 1))]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_bad_file_gives_the_fault_it_is_named_after_at_its_row(
    judged: Judged, data: Path, fault: str
) -> None:
    assert faults_of(judged, bad_file(data, fault)) == FAULTS[fault]


def test_a_file_without_header_is_refused_as_a_whole(
    judged: Judged, data: Path
) -> None:
    ((rule, cell, observed),) = faults_of(judged, bad_file(data, "no-header"))
    assert (rule, cell) == ("X_COLUMNS", "A1")
    assert "'cI3E5LgDZPs', '2015Oct', 'oUdX2BkI0ur'" in observed


def test_the_good_file_as_json_is_read_whole_alone_and_in_a_bundle(
    data: Path, tmp_path: Path
) -> None:
    path = data / GOOD_JSON
    bundle = tmp_path / "pulled.zip"
    bundle.write_bytes(write_bundle({}, [("page-1.json", path.read_bytes())]))
    read = read_json(data, tmp_path, path, bundle)
    records = json.loads(path.read_text(encoding="utf-8"))["dataValues"]
    assert read.findings.empty
    submissions = read.submissions.set_index("submission_id")
    for name in (path.name, bundle.name):
        ids = submissions.index[submissions.file_name.eq(name)]
        cells = read.observations[read.observations.submission_id.isin(ids)]
        assert len(cells) == len(records) == 1_000
        assert cells.observation_status.value_counts()["nil"] == 382
        found = cells.set_index(cells.cell.str[1:].astype("int64")).sort_index()
        assert found["value"].tolist() == [Decimal(r["value"]) for r in records]
        units = submissions.unit_code[found.submission_id].tolist()
        assert units == [record["orgUnit"] for record in records]


def test_a_json_file_with_other_attribute_names_is_refused_as_a_whole(
    data: Path, tmp_path: Path
) -> None:
    bad = data / "bad" / "test-json-bad-attributes.json"
    read = read_json(data, tmp_path, bad)
    (finding,) = read.findings.itertuples()
    assert (finding.rule_code, finding.cell) == ("X_COLUMNS", "A3")
    assert finding.observed == (
        "bản ghi 2: thiếu 'categoryOptionCombo', 'attributeOptionCombo';"
        " thay vào đó có 'disagg', 'mechanism'"
    )
    said = "record 2: missing 'categoryOptionCombo', 'attributeOptionCombo';"
    assert f"{said} found 'disagg', 'mechanism' instead" in finding.message_en
    assert read.observations.empty


@pytest.mark.parametrize("fault", FIT_TO_ENTER)
def test_the_rest_of_a_bad_file_enters(judged: Judged, data: Path, fault: str) -> None:
    found = judged.read.submissions
    ids = found.submission_id[found.delivery_sha256.eq(sha256(bad_file(data, fault)))]
    ids = ids[judged.statuses[ids].eq("accepted").to_numpy()]
    cells = judged.read.observations
    entering = cells.submission_id.isin(ids) & ~cells.row_id.isin(judged.quarantined)
    assert entering.sum() == FIT_TO_ENTER[fault]
