"""What a sender is told of a report that a person put away: never that it was taken."""

from __future__ import annotations

from pathlib import Path

import openpyxl

from orchestration.steps.assign import dismiss, pass_on
from orchestration.steps.context import RunContext
from orchestration.steps.reply import write_replies
from sources.replies.wording import SHEET
from tests.helpers.foreign_sources import (
    FIGURES,
    HEAD,
    make_programme,
    opened,
    receive,
    send,
    send_long,
    sha_of,
)
from warehouse.ledger.replies import Replies


def told(run: RunContext, path: str) -> str:
    book = openpyxl.load_workbook(run.home.path / "replies" / path)
    return " ".join(str(c.value) for row in book[SHEET] for c in row if c.value)


def test_what_was_dismissed_is_not_called_settled(tmp_path: Path) -> None:
    with opened(tmp_path) as run:
        send_long(run, "x.csv", "MAU.Z9")
        receive(run)
        write_replies(run)
        dismiss(run, sha_of(run, "x.csv"), "Lan", "gửi nhầm chỗ")
        assert write_replies(run).written == 1
        said = told(run, "long/x.phan-hoi.xlsx")
        assert "KHÔNG NHẬN, lý do: gửi nhầm chỗ" in said
        assert "ĐÃ SỬA XONG" not in said and "Không phải làm gì nữa" not in said
        assert write_replies(run).written == 0
        send_long(run, "x.csv", "MAU.A1")  # in its place, and right
        receive(run)
        assert write_replies(run).written == 1
        assert "ĐÃ SỬA XONG" in told(run, "long/x.phan-hoi.xlsx")


def test_what_was_passed_on_names_the_other_programme(tmp_path: Path) -> None:
    other = tmp_path / "other"
    make_programme(other)
    head = other / "programme.yaml"
    text = head.read_text(encoding="utf-8")
    head.write_text(text.replace("code: mau_2026_2030", "code: khac"), encoding="utf-8")
    with opened(tmp_path) as run:
        send(run, "tables/bang.csv", HEAD, f"MAU.B1,2025-01,{FIGURES}")
        receive(run)
        write_replies(run)
        pass_on(run, sha_of(run, "bang.csv"), str(other), {}, "Lan", "của nơi khác")
        assert write_replies(run).written == 1
        said = told(run, "tables/bang.phan-hoi.xlsx")
        assert "ĐÃ CHUYỂN SANG CHƯƠNG TRÌNH khac" in said
        assert "ĐÃ SỬA XONG" not in said


def test_what_a_person_closed_untaken_gets_no_note(tmp_path: Path) -> None:
    with opened(tmp_path) as run:
        send_long(run, "x.csv", "MAU.Z9")
        receive(run)
        write_replies(run)
        found = run.ledger.findings(run.programme.code)
        is_open = found.status.eq("open")
        closed = found.assign(
            status=found.status.mask(is_open, "resolved"), is_closed=is_open
        )
        assert Replies(run.ledger).due(run.programme.code, closed).empty


def test_what_only_the_maintainer_can_settle_asks_nothing_of_the_sender(
    tmp_path: Path,
) -> None:
    with opened(tmp_path) as run:
        send(run, "tables/bang.csv", HEAD, f"MAU.B1,2025-01,{FIGURES}")
        send(run, "tables/crimes.csv", HEAD, f"Xã Lạ,2025-01,{FIGURES}")
        send_long(run, "x.csv", "MAU.Z9")
        receive(run)
        write_replies(run)
        for name in ("bang", "crimes"):
            said = told(run, f"tables/{name}.phan-hoi.xlsx")
            assert "đơn vị không phải làm gì" in said
            assert "CHỜ NGƯỜI PHỤ TRÁCH" in said
            assert "CHƯA NHẬN" not in said
            assert "gửi lại cả biểu" not in said
            assert "nhiemky " not in said
            assert "sources.yaml" not in said
        assert "Xã Lạ" in told(run, "tables/crimes.phan-hoi.xlsx")
        assert "CHƯA NHẬN, phải sửa" in told(run, "long/x.phan-hoi.xlsx")
