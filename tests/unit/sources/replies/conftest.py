"""Workbooks of the shipped programme, and remarks to mark them with."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from sources.programme.loader import load_programme
from sources.programme.model import Programme
from sources.readers import ReadJob, ReadResult, read_deliveries
from sources.replies.model import Remark, ReplyFacts, SubmissionFacts
from sources.template.writer import write_template

FOLDER = Path("sources/programmes/hai_duong_2020_2025")
FORM, UNIT, PERIOD = "TS-N", "HD.X11167", "police-2022-Y"
FACTS = ReplyFacts(
    programme="Chương trình",
    file_name="bao_cao.xlsx",
    received="16/12/2022 09:08",
    status="read",
    submissions=(SubmissionFacts("accepted", "Biểu năm", "Xã Một", "Năm 2022"),),
)


def remark(cell: str = "D13", severity: str = "ERROR", **more: str) -> Remark:
    texts = {
        "sheet": "Biểu",
        "measure": "Số công an chính quy (regular_police)",
        "message_vi": "phải là số, nhưng ô chứa “abc”. Nhập số rồi gửi lại.",
        "message_en": "must be a number, but the cell holds “abc”.",
        "observed": "abc",
        "expected": "từ 3 đến 9",
    }
    return Remark(severity=severity, cell=cell, **{**texts, **more})


@pytest.fixture(scope="session")
def programme() -> Programme:
    return load_programme(FOLDER.resolve())


@pytest.fixture
def workbook(tmp_path: Path, programme: Programme) -> Callable[..., bytes]:
    """Bytes of one filled template; values by measure code."""

    def write(**values: object) -> bytes:
        path = tmp_path / "sent.xlsx"
        filled = {"commune_hq_done": True, "movement_models": 2, **values}
        write_template(path, programme, FORM, UNIT, PERIOD, values=filled)  # type: ignore[arg-type]
        return path.read_bytes()

    return write


@pytest.fixture
def read_back(tmp_path: Path, programme: Programme) -> Callable[[bytes], ReadResult]:
    """What our own readers make of one delivery."""

    def read(data: bytes, name: str = "back.xlsx") -> ReadResult:
        path = tmp_path / "back.xlsx"
        path.write_bytes(data)
        when = dt.datetime(2023, 1, 2, tzinfo=dt.UTC)
        sha256 = hashlib.sha256(data).hexdigest()
        job = ReadJob(path, sha256, name, "inbox", when)
        return read_deliveries(programme, [job], workers=1)

    return read
