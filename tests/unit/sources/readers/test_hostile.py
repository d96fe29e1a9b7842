"""Every hostile file, landed and read in one pass beside an honest one."""

from __future__ import annotations

import datetime as dt
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd
import pytest

from sources.connectors.drop_folder import open_folder
from sources.programme.model import Source
from sources.readers import ReadJob, ReadResult, read_deliveries
from sources.readers.limits import Limits
from sources.template.writer import write_template
from tests.helpers.hostile import Base, Case, cases
from tests.helpers.hostile.base import FIGURES, VALUES
from warehouse.home import Home
from warehouse.landing import Landing

WHEN = dt.datetime(2024, 2, 1, 8, tzinfo=dt.UTC)
ALLOWED = Limits(memory_bytes=500 << 20, cpu_seconds=5, wall_seconds=60.0)
"""What one file may cost; a worker that wants more is killed, which is X_LIMIT."""
CASES = cases()
NAMES = (
    "xuống\ndòng.xlsx",
    "ngược \u202excod.xlsx",
    "x%2F..%2F..%2Fetc.xlsx",
    "x\\..\\..\\etc.xlsx",
    "=cmd|'calc'!A1.xlsx",
    "<script>.xlsx",
    "NFD tiếng Việt.xlsx",
)


@dataclass(frozen=True)
class Pass:
    """One run over everything: the delivery of each file name, and what was read."""

    deliveries: dict[str, str]
    result: ReadResult
    seconds: float

    def findings(self, name: str) -> pd.DataFrame:
        found = self.result.findings
        return found[found.delivery_sha256 == self.deliveries[name]]

    def observations(self, name: str) -> pd.DataFrame:
        found = self.result.submissions
        ids = found[found.delivery_sha256 == self.deliveries[name]].submission_id
        observations = self.result.observations
        return observations[observations.submission_id.isin(ids)]


def name_of(case: Case) -> str:
    return case.file_name or case.name + case.suffix


@pytest.fixture(scope="module")
def one_pass(programme, tmp_path_factory) -> Iterator[Pass]:
    root = tmp_path_factory.mktemp("hostile")
    write_template(
        root / "base.xlsx", programme, "M", "U1", "civil-2024-M01", values=FIGURES
    )
    base = Base((root / "base.xlsx").read_bytes())
    for case in CASES:
        folder = root / case.source
        folder.mkdir(exist_ok=True)
        (folder / name_of(case)).write_bytes(case.make(Base(base.template)))
    for number, name in enumerate(NAMES):
        data = base.with_text("G11", f"tệp {number}")
        (root / "inbox" / name).write_bytes(data)
    (root / "outside.xlsx").write_bytes(base.template)
    (root / "inbox" / "link.xlsx").symlink_to(root / "outside.xlsx")
    os.mkfifo(root / "inbox" / "pipe.xlsx")
    landing = Landing(Home.resolve(root / "home"))
    jobs = [
        job
        for source in programme.sources
        for job in landed(
            source.model_copy(update={"path": source.code}), root, landing
        )
    ]
    started = time.monotonic()
    result = read_deliveries(programme, jobs, None, workers=2, limits=ALLOWED)
    seconds = time.monotonic() - started
    yield Pass({job.file_name: job.delivery_sha256 for job in jobs}, result, seconds)


def landed(source: Source, root, landing: Landing) -> Iterator[ReadJob]:
    """Every file of the source as the pull takes it: listed, kept, named."""
    with open_folder(source, root) as folder:
        for file in folder.list_files():
            sha256, _ = landing.put(folder.read_bytes(file) or b"")
            yield ReadJob(landing.path(sha256), sha256, file.name, source.code, WHEN)


def test_there_are_enough_of_them():
    assert len(CASES) >= 60
    assert len({case.name for case in CASES}) == len(CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_each_is_told_or_read_as_stated(one_pass, case):
    name = name_of(case)
    found = one_pass.findings(name)
    assert set(found.rule_code) == case.rules, found.message_en.tolist()
    if case.place:
        assert case.place in found["cell"].tolist()
    read = one_pass.observations(name)
    figures = read["value"].where(read.fault.isna(), read.fault)
    said = dict(zip(read.measure_code, figures, strict=True))
    assert said == case.values


def test_findings_say_what_to_do_and_never_whom_they_found(one_pass):
    found = one_pass.result.findings
    assert found.message_vi.ne(found.message_en).all()
    told = "\n".join([*found.message_vi, *found.message_en, *found.observed.dropna()])
    assert "079204001234" not in told
    assert "0912" not in told


def test_names_of_files_are_only_told_never_used(one_pass):
    for name in NAMES:
        read = one_pass.observations(name)
        said = dict(zip(read.measure_code, read["value"], strict=True))
        assert said == VALUES
    assert {"link.xlsx", "pipe.xlsx"}.isdisjoint(one_pass.deliveries)
