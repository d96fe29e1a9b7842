from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest

from sources.readers.limits import DEFAULT_LIMITS
from sources.replies.wording import SHEET
from sources.replies.worker import Outcome
from sources.replies.workers import ReplyError, ReplyJob, ReplyWorkers
from tests.unit.sources.replies.conftest import FACTS, remark


def texts(data: bytes) -> list[str]:
    book = openpyxl.load_workbook(io.BytesIO(data))
    assert book.sheetnames == [SHEET]
    return [str(cell.value) for row in book[SHEET] for cell in row if cell.value]


def test_one_process_marks_and_reports(
    tmp_path: Path, workbook: Callable[..., bytes]
) -> None:
    good, broken, text = tmp_path / "good", tmp_path / "broken", tmp_path / "text"
    good.write_bytes(workbook())
    broken.write_bytes(workbook()[:3000])
    text.write_text("unit,measure\nX,1\n")
    with ReplyWorkers() as workers:
        answers = [
            workers.answer(ReplyJob(path, FACTS, [remark()]))
            for path in (good, broken, text, tmp_path / "absent", None)
        ]
        assert len(workers._all) == 1
    assert [answer.outcome for answer in answers] == [
        Outcome.MARKED,
        *[Outcome.REPORT] * 4,
    ]
    assert openpyxl.load_workbook(io.BytesIO(answers[0].data)).sheetnames == [
        "Biểu",
        "Thông tin",
        SHEET,
    ]
    for answer in answers[1:]:
        assert any("Sửa tệp gốc" in text for text in texts(answer.data))


def test_a_report_about_persons_says_refused() -> None:
    facts = replace(FACTS, status="refused", submissions=())
    with ReplyWorkers() as workers:
        answer = workers.answer(ReplyJob(None, facts, [remark("", "BLOCKER")]))
    assert any("TỪ CHỐI vì có dữ liệu cá nhân" in text for text in texts(answer.data))


def test_a_file_that_kills_the_process_gets_a_report(
    tmp_path: Path, workbook: Callable[..., bytes]
) -> None:
    path = tmp_path / "good"
    path.write_bytes(workbook())
    many = [remark(f"D{row}") for row in range(11, 15)]
    limits = replace(DEFAULT_LIMITS, answer_bytes=len(workbook()) - 200)
    with ReplyWorkers(limits) as workers:
        answer = workers.answer(ReplyJob(path, FACTS, many))
        assert answer.outcome is Outcome.REPORT
        assert len(workers._all) == 2


def test_when_not_even_a_report_comes_the_error_says_so() -> None:
    with (
        ReplyWorkers(replace(DEFAULT_LIMITS, answer_bytes=10)) as workers,
        pytest.raises(ReplyError, match=r"bao_cao\.xlsx.*findings list"),
    ):
        workers.answer(ReplyJob(None, FACTS, [remark()]))
