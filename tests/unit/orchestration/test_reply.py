"""The step that answers senders: what is written, where, once, and again on change."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import fsspec
import openpyxl
import pandas as pd
import pytest

from orchestration.cli.console import ConsoleReporter
from orchestration.progress import reporting_to
from orchestration.settings import SHIPPED_PROGRAMME, Settings
from orchestration.steps.context import RunContext, open_run
from orchestration.steps.folders import never_read
from orchestration.steps.pull import pull
from orchestration.steps.read import read_pending
from orchestration.steps.reply import reply_folders, write_replies
from sources.connectors.errors import SourceError
from sources.programme.findings import Severity, as_findings, make_finding
from sources.readers import ReadResult
from sources.replies.wording import SHEET
from sources.template.writer import write_template
from tests.helpers.hostile.base import Base
from warehouse.home import Home

GOOD, BROKEN, PERSONS = "2022/xa mot.xlsx", "hong.xlsx", "2022/ho so.xlsx"


@pytest.fixture
def run(tmp_path: Path) -> Iterator[RunContext]:
    settings = Settings(programme=SHIPPED_PROGRAMME, home=Home(tmp_path), workers=1)
    with open_run(settings) as opened:
        yield opened


def send(
    run: RunContext, name: str, police: object = "abc", unit: str = "HD.X11167"
) -> Path:
    path = run.home.path / "inbox" / name
    values = {"commune_hq_done": True, "regular_police": police}
    period = "police-2022-Y"
    write_template(path, run.programme, "TS-N", unit, period, values=values)  # type: ignore[arg-type]
    return path


def receive(
    run: RunContext, message: str = "phải là số", is_quarantining: bool = False
) -> None:
    """Pull, read, and a judgement by hand: one ERROR at D13 of each submission."""
    from orchestration.steps import handover

    pull(run)
    read_pending(run)
    batch: ReadResult = handover.read(run.home.work)
    found = [
        make_finding(
            programme_code=run.programme.code,
            rule_code="NOT_A_NUMBER",
            severity=Severity.ERROR,
            scope="observation",
            message_vi=message,
            message_en="must be a number",
            delivery_sha256=row.delivery_sha256,
            submission_id=row.submission_id,
            sheet="Biểu",
            cell="D13",
            indicator_code="regular_police",
            is_quarantining=is_quarantining,
        )
        for row in batch.submissions.itertuples()
    ]
    frames = [batch.findings, as_findings(found)]
    findings = pd.concat([f for f in frames if len(f)], ignore_index=True)
    persons = batch.findings.rule_code.eq("PERSONAL_DATA")
    refused = batch.findings.delivery_sha256[persons]
    run.ledger.record_judgement(
        run.programme.code,
        batch.submissions.assign(status="accepted"),
        findings,
        batch.observations,
        pd.Series([], dtype="int64"),
        dict.fromkeys(refused, "refused"),
    )
    for sha256 in refused:
        run.landing.quarantine(sha256)


def written(run: RunContext) -> dict[str, Path]:
    folder = run.home.path / "replies" / "inbox"
    return {
        path.relative_to(folder).as_posix(): path
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_each_sender_gets_what_may_go_back(run: RunContext) -> None:
    send(run, GOOD)
    (run.home.path / "inbox" / BROKEN).write_bytes(b"PK\x03\x04 broken")
    persons = openpyxl.load_workbook(send(run, PERSONS))
    persons["Biểu"]["E13"].value = "Nguyễn Văn A 001099012345"
    persons.save(run.home.path / "inbox" / PERSONS)
    receive(run)
    summary = write_replies(run)
    assert (summary.written, summary.marked, summary.unmarked) == (3, 1, 0)
    assert summary.folder == str(run.home.path / "replies" / "inbox")
    files = written(run)
    assert sorted(files) == [
        "2022/ho so.phan-hoi.xlsx",
        "2022/xa mot.phan-hoi.xlsx",
        "hong.phan-hoi.xlsx",
    ]
    marked = openpyxl.load_workbook(files["2022/xa mot.phan-hoi.xlsx"])
    assert "phải là số" in marked["Biểu"]["D13"].comment.text
    head = [str(c.value) for row in marked[SHEET] for c in row if c.value]
    assert any("Công an xã Đức Phúc (HD.X11167)" in text for text in head)
    assert any("Số công an chính quy" in text for text in head)
    for name in ("2022/ho so.phan-hoi.xlsx", "hong.phan-hoi.xlsx"):
        assert openpyxl.load_workbook(files[name]).sheetnames == [SHEET]
    refused = files["2022/ho so.phan-hoi.xlsx"].read_bytes()
    sheet = openpyxl.load_workbook(io.BytesIO(refused))[SHEET]
    texts = " ".join(str(cell.value) for row in sheet for cell in row)
    assert "TỪ CHỐI" in texts
    assert "001099012345" not in texts
    assert "Nguyễn" not in texts


def test_who_saves_in_another_format_is_heard_and_answered(run: RunContext) -> None:
    inbox = run.home.path / "inbox"
    units = ("HD.X11167", "HD.X11173")
    paths = [send(run, f"{unit}.xlsx", unit=unit) for unit in units]
    first, second = (Base(path.read_bytes()) for path in paths)
    for path in paths:
        path.unlink()
    (inbox / "b.xls").write_bytes(first.as_xls())
    (inbox / "c.phan-hoi.ODS").write_bytes(second.as_ods())
    (inbox / "c.pdf").write_bytes(b"%PDF-1.7")
    receive(run)
    submissions = run.ledger.submissions(run.programme.code)
    assert sorted(submissions.unit_code) == list(units)
    summary = write_replies(run)
    assert (summary.written, summary.marked, summary.unmarked) == (2, 0, 0)
    files = written(run)
    assert sorted(files) == ["b.phan-hoi.xlsx", "c.phan-hoi.xlsx"]
    for path in files.values():
        book = openpyxl.load_workbook(path)
        assert book.sheetnames == [SHEET]
        said = " ".join(str(c.value) for row in book[SHEET] for c in row if c.value)
        assert "phải là số" in said
        assert "D13" in said
        assert "Sửa tệp gốc" in said


def test_a_second_run_writes_nothing_and_a_new_finding_writes_again(
    run: RunContext,
) -> None:
    send(run, GOOD)
    receive(run)
    assert write_replies(run).written == 1
    path = written(run)["2022/xa mot.phan-hoi.xlsx"]
    before = path.stat().st_ino
    assert write_replies(run).written == 0
    assert path.stat().st_ino == before
    send(run, GOOD, police="xyz")
    receive(run, "vẫn phải là số")
    assert write_replies(run).written == 1
    assert list(written(run)) == ["2022/xa mot.phan-hoi.xlsx"]
    cell = openpyxl.load_workbook(path)["Biểu"]["D13"]
    assert (cell.value, "vẫn phải là số" in cell.comment.text) == ("xyz", True)


def test_a_note_takes_the_place_of_a_reply_when_all_is_corrected(
    run: RunContext,
) -> None:
    from orchestration.steps import handover

    send(run, GOOD)
    receive(run)
    write_replies(run)
    (path,) = written(run).values()
    send(run, GOOD, police=7)  # in the place of the wrong one
    pull(run)
    read_pending(run)
    batch = handover.read(run.home.work)
    run.ledger.record_judgement(
        run.programme.code,
        batch.submissions.assign(status="accepted"),
        batch.findings,
        batch.observations,
        pd.Series([], dtype="int64"),
    )
    assert write_replies(run).written == 1
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == [SHEET]
    texts = " ".join(str(cell.value) for row in book[SHEET] for cell in row)
    assert "ĐÃ SỬA XONG" in texts and "CHƯA NHẬN" not in texts
    assert write_replies(run).written == 0
    send(run, GOOD, police="xyz")
    receive(run)
    assert write_replies(run).written == 1
    assert "Biểu" in openpyxl.load_workbook(path).sheetnames


def test_a_report_of_which_values_are_kept_out_is_taken_in_part(
    run: RunContext,
) -> None:
    send(run, GOOD)
    receive(run, is_quarantining=True)
    write_replies(run)
    (path,) = written(run).values()
    head = [str(c.value) for row in openpyxl.load_workbook(path)[SHEET] for c in row]
    assert any(text.startswith("ĐÃ NHẬN MỘT PHẦN") for text in head)


def test_files_whose_replies_would_share_a_name_stay_apart(run: RunContext) -> None:
    for name in ("a.xlsx", "a.phan-hoi.xlsx"):
        (run.home.path / "inbox" / name).write_bytes(b"PK broken " + name.encode())
    receive(run)
    assert write_replies(run).written == 2
    first, second = sorted(written(run))
    assert second == "a.phan-hoi.xlsx"
    assert re.fullmatch(r"a\.[0-9a-f]{8}\.phan-hoi\.xlsx", first)
    (run.home.path / "inbox" / "A.XLSX").write_bytes(b"PK broken a third time")
    receive(run)
    assert write_replies(run).written == 1
    assert len({name.casefold() for name in written(run)}) == 3


def test_replies_that_cannot_be_written_are_written_by_the_next_run(
    run: RunContext,
) -> None:
    send(run, GOOD)
    (run.home.path / "inbox" / BROKEN).write_bytes(b"PK\x03\x04 broken")
    receive(run)
    blocked = run.home.path / "replies" / "inbox" / "2022"
    blocked.parent.mkdir(parents=True)
    blocked.write_text("a file where a folder must be")
    with pytest.raises(SourceError, match=r"1 replies could not be written.*2022"):
        write_replies(run)
    assert "hong.phan-hoi.xlsx" in written(run)
    with pytest.raises(SourceError, match=r"1 replies could not be written.*2022"):
        write_replies(run)  # also where it is the only one
    blocked.unlink()
    assert write_replies(run).written == 1


def test_replies_go_to_a_store_that_is_no_folder(run: RunContext) -> None:
    (inbox,) = run.programme.sources
    given = inbox.model_copy(update={"replies": "memory://replies-store/out"})
    programme = run.programme.model_copy(update={"sources": (given,)})
    run = replace(run, programme=programme)
    (run.home.path / "inbox" / BROKEN).write_bytes(b"PK\x03\x04 broken")
    receive(run)
    assert write_replies(run).folder == "memory://replies-store/out"
    store = fsspec.filesystem("memory")
    try:
        assert store.find("/replies-store") == ["/replies-store/out/hong.phan-hoi.xlsx"]
        assert store.cat_file("/replies-store/out/hong.phan-hoi.xlsx")[:2] == b"PK"
    finally:
        store.rm("/replies-store", recursive=True)
    assert write_replies(run).written == 0


def test_hidden_files_and_links_in_the_inbox_are_told(
    run: RunContext, capsys: pytest.CaptureFixture[str]
) -> None:
    path = send(run, GOOD)
    inbox = run.home.path / "inbox"
    for name in (".ẩn.xlsx", ".~lock.a.xlsx#", ".DS_Store", "~$a.xlsx", "b.part"):
        (inbox / name).write_bytes(b"x")
    (inbox / "liên kết.xlsx").symlink_to(path)
    (inbox / "thư mục").symlink_to(inbox / "2022")
    assert never_read(run) == [".ẩn.xlsx", "liên kết.xlsx", "thư mục/"]
    with reporting_to(ConsoleReporter()):
        assert pull(run).hidden == 3
    said = " ".join(capsys.readouterr().err.split())
    assert "passed over, hidden or links: .ẩn.xlsx, liên kết.xlsx, thư mục/" in said


def test_folders_are_named_per_source(run: RunContext) -> None:
    folders = {code: str(folder) for code, folder in reply_folders(run).items()}
    assert folders == {"inbox": str(run.home.path / "replies" / "inbox")}
