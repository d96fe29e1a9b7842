"""What is told: findings, refusals, failed runs, turned verdicts; in which words."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from orchestration.alerts.failure import Failure, failure_notice
from orchestration.alerts.message import compose, digest_summary
from orchestration.alerts.notices import (
    finding_notices,
    refusal_notices,
    verdict_notices,
)
from orchestration.alerts.settings import AlertSettings, split_urls
from orchestration.alerts.words import one_line
from orchestration.settings import SHIPPED_PROGRAMME
from sources.programme.loader import load_programme
from sources.programme.model import Programme
from tests.helpers.warehouse_frames import (
    findings,
    observations,
    origins,
    submission,
)
from warehouse.ledger import Ledger
from warehouse.ledger.notice import Notice, Waiting

NOON = dt.datetime(2025, 1, 20, 5, tzinfo=dt.UTC)  # 12:00 in Hà Nội
FINDING = {
    "finding_id": "f1",
    "subject_key": "s1",
    "delivery_sha256": "ab" * 32,
    "unit_code": "HD.A",
    "form_code": "HS-Q",
    "period_key": "police-2025-Q1",
    "rule_code": "UNIT_UNKNOWN",
    "severity": "BLOCKER",
    "status": "open",
    "life": "new",
    "is_repeat": False,
    "is_hold": False,
    "message_vi": "không có đơn vị mang mã “bí mật 123”",
    "sheet": "Biểu",
    "cell": "B2",
    "observed": "bí mật 123",
}
DELIVERIES = pd.DataFrame(
    {
        "delivery_sha256": ["ab" * 32],
        "source_code": ["inbox"],
        "file_name": ["Nguyễn Văn A.xlsx"],
    }
)


@pytest.fixture(scope="module")
def programme() -> Programme:
    return load_programme(SHIPPED_PROGRAMME)


def told(*changes: dict[str, object]) -> list[Notice]:
    frame = pd.DataFrame([{**FINDING, **change} for change in changes])
    return finding_notices(frame, DELIVERIES)


def waiting(*notices: Notice) -> list[Waiting]:
    return [
        Waiting(str(n), notice, 1, NOON, 0, frozenset())
        for n, notice in enumerate(notices)
    ]


def test_only_open_blockers_are_told() -> None:
    changes: tuple[dict[str, object], ...] = (
        {},
        {"subject_key": "s2", "severity": "ERROR"},
        {"subject_key": "s3", "status": "waived"},
        {"subject_key": "s4", "status": "resolved"},
    )
    assert [notice.key for notice in told(*changes)] == ["finding|s1"]


def test_the_ledger_gives_what_is_needed(tmp_path: Path) -> None:
    ledger = Ledger.open(f"sqlite:///{tmp_path / 'ledger.sqlite'}")
    batch = pd.DataFrame([submission("one", unit="A", status="rejected")])
    ledger.record_deliveries(origins(("one", 0)), {}, "demo")
    values = observations(batch)
    blocked = findings(batch).assign(severity="BLOCKER", is_blocking=True)
    nothing = pd.Series([], dtype="int64")
    ledger.record_judgement("demo", batch, blocked, values, nothing)
    (notice,) = finding_notices(ledger.findings("demo"), ledger.deliveries("demo"))
    ledger.close()
    assert (notice.unit_code, notice.rule_code) == ("A", "whole")
    assert (notice.place, notice.is_news) == ("inbox: one.xlsx Biểu B2", True)


def test_a_finding_names_its_place_and_quotes_no_value() -> None:
    (notice,) = told({})
    assert (notice.unit_code, notice.form_code) == ("HD.A", "HS-Q")
    assert (notice.period_key, notice.rule_code) == ("police-2025-Q1", "UNIT_UNKNOWN")
    assert notice.place == "inbox: Nguyễn Văn A.xlsx Biểu B2"
    assert notice.command == "nhiemky findings show f1"
    assert notice.remedy_vi
    assert "bí mật" not in str(notice)


def test_what_nobody_could_place_is_told_once_a_delivery() -> None:
    unnamed = {"rule_code": "R_UNKNOWN_UNIT_NAME", "severity": "ERROR"}
    first, second, gone = (
        {**unnamed, "subject_key": key, "finding_id": key} for key in ("s2", "s3", "s4")
    )
    notices = told(
        {"rule_code": "X_NOMAP"},
        first,
        second,
        {**gone, "status": "waived"},
        {**first, "rule_code": "R_UNKNOWN_PERIOD"},
    )
    assert [(n.kind, n.severity) for n in notices] == [
        ("unmatched", "BLOCKER"),
        ("unmatched", "ERROR"),
        ("unmatched", "ERROR"),
    ]
    assert {notice.command for notice in notices} == {
        f"nhiemky deliveries show {'ab' * 6}"
    }
    assert len({notice.key for notice in notices}) == 3
    assert not told({**gone, "status": "waived"})


def test_what_was_seen_before_is_no_news_and_what_was_reopened_is() -> None:
    seen = told({"life": "seen", "is_repeat": True})
    reopened = told({"life": "reopened", "is_repeat": True})
    assert [notice.is_news for notice in seen + reopened] == [False, True]


def test_a_new_one_counts_more_than_the_same_seen_before() -> None:
    both = told({}, {"finding_id": "f2", "life": "seen", "is_repeat": True})
    by_key = {notice.key: notice for notice in both}
    assert by_key["finding|s1"].is_news


def test_every_held_version_is_a_question_of_its_own() -> None:
    change = {"is_hold": True, "rule_code": "HELD_SHRUNK", "life": "seen"}
    (notice,) = told({**change, "is_repeat": True})
    assert (notice.kind, notice.key, notice.is_news) == ("held", "held|f1", True)


def test_personal_data_is_told_without_the_name_of_the_file() -> None:
    (notice,) = told({"rule_code": "PERSONAL_DATA", "unit_code": None})
    assert notice.kind == "personal_data"
    assert notice.place == "inbox: abababababab"
    assert "Nguyễn" not in str(notice)
    assert notice.unit_code is None


def test_the_same_refusal_with_other_figures_is_the_same() -> None:
    (first,) = refusal_notices("Tổng lệch 5 dòng\nTotals differ by 5 rows")
    (again,) = refusal_notices("Tổng lệch 7 dòng\nTotals differ by 7 rows")
    (other,) = refusal_notices("Khóa trùng\nDuplicate keys")
    assert first.key == again.key != other.key
    assert first.message_vi == "Không công bố: Tổng lệch 5 dòng"
    assert first.message_en == "Not published: Totals differ by 5 rows"
    assert (first.severity, first.repeats) == ("BLOCKER", True)
    assert refusal_notices(None) == []


def test_a_turn_to_the_worse_weighs_more() -> None:
    columns = [
        "target_code",
        "unit_code",
        "period_key",
        "verdict_before",
        "verdict_now",
    ]
    rows = [("T1", "HD", "p", "met", "not_met"), ("T2", "HD", "p", "off_track", "met")]
    worse, better = verdict_notices(pd.DataFrame(rows, columns=columns))
    assert (worse.severity, better.severity) == ("WARNING", "INFO")
    assert "T1: met → not_met" in worse.message_vi
    assert (worse.unit_code, worse.rule_code) == ("HD", "T1")


def serialised(cls: str, message: str, cause: object = None) -> SimpleNamespace:
    return SimpleNamespace(cls_name=cls, message=message, cause=cause)


def test_a_failed_run_names_step_and_error_and_quotes_nothing() -> None:
    error = serialised(
        "DagsterExecutionStepExecutionError",
        "wrapped",
        serialised("ValueError", "ValueError: cannot read 'Trần Thị B'\nsecond\n"),
    )
    notice = failure_notice(Failure.of("raw_observation", error, "run-1"))
    assert notice is not None
    assert (notice.kind, notice.severity, notice.run_id) == (
        "run_failed",
        "ERROR",
        "run-1",
    )
    assert notice.place == "raw_observation / ValueError"
    assert notice.message_vi.endswith("ValueError: cannot read “…”")
    assert "Trần" not in str(notice)
    assert "second" not in str(notice)


def test_a_source_that_is_down_is_a_kind_of_its_own_without_its_password() -> None:
    text = "source inbox: cannot list sftp://me:pass-word@host/x: timed out."
    notice = failure_notice(Failure("deliveries", "SourceError", text))
    assert notice is not None
    assert (notice.kind, notice.key) == ("source_down", "source_down|source inbox")
    assert "pass-word" not in str(notice)
    assert "timed out" in notice.message_en


def test_a_refusal_is_told_by_the_ledger_and_not_as_a_failed_run() -> None:
    assert failure_notice(Failure("publication", "GateRefused", "reasons")) is None


def test_500_equal_problems_are_one_entry_with_a_count(programme: Programme) -> None:
    many = told(
        *({"subject_key": f"s{n}", "unit_code": f"U{n:03}"} for n in range(500))
    )
    message = compose(waiting(*many), programme)
    assert message.text.count("[BLOCKER]") == 1
    assert "× 500" in message.text
    assert "U000, U001" in message.text
    assert "+480" in message.text
    assert "500 BLOCKER" in message.subject


def test_another_period_is_another_entry(programme: Programme) -> None:
    two = told({}, {"subject_key": "s2", "period_key": "police-2025-Q2"})
    assert compose(waiting(*two), programme).text.count("[BLOCKER]") == 2


def test_foreign_text_is_one_line_and_escaped(programme: Programme) -> None:
    evil = "a.xlsx\r\nBcc: x@y.vn\u202e<script>alert(1)</script>"
    frame = pd.DataFrame([FINDING])
    names = DELIVERIES.assign(file_name=evil)
    (notice,) = finding_notices(frame, names)
    message = compose(waiting(notice), programme)
    for text in (message.text, message.html):
        assert "<script" not in text
        assert "\r" not in text
        assert "\u202e" not in text
    assert "\nBcc" not in message.text
    assert "\n" not in message.subject


def test_markup_in_what_we_write_is_escaped_in_html_alone(programme: Programme) -> None:
    (notice,) = refusal_notices("a & b\na & b")
    message = compose(waiting(notice), programme)
    assert "a &amp; b" in message.html
    assert "a & b" in message.text


def test_a_body_never_outgrows_its_channel(programme: Programme) -> None:
    many = told(
        *({"subject_key": f"s{n}", "period_key": f"p{n:03}"} for n in range(200))
    )
    message = compose(waiting(*many), programme, longest=4096)
    assert len(message.text) <= 4096
    assert len(message.html) <= 4096
    shown = message.text.count("[BLOCKER]")
    assert f"… và {200 - shown} mục nữa" in message.text
    assert "nhiemky alerts list" in message.text


def test_the_clock_is_that_of_the_people(programme: Programme) -> None:
    text = compose(waiting(*told({})), programme).text
    assert "20/01/2025 12:00" in text


def test_silence_is_said_to_be_good_news() -> None:
    assert digest_summary([])[1] == "All is well: nothing is open."
    assert digest_summary(["verdict", "digest"])[1] == "All is well: nothing is open."
    assert digest_summary(["overdue", "overdue", "held"])[0] == (
        "Còn tồn đọng: Bản mới chờ người quyết định: 1; Báo cáo quá hạn: 2."
    )


def test_one_line_folds_cuts_and_disarms() -> None:
    assert one_line("a\tb\u2028c\x00 \u200bd") == "a b c d"
    assert one_line("x" * 200) == "x" * 159 + "…"
    assert one_line("@all <!channel>") == "＠all ‹!channel›"


def test_addresses_are_split_between_but_not_inside() -> None:
    text = " mailto://h?to=a@x.vn,b@x.vn,json://h/x\nslack://t/o/k , "
    assert split_urls(text) == (
        "mailto://h?to=a@x.vn,b@x.vn",
        "json://h/x",
        "slack://t/o/k",
    )
    assert split_urls("") == ()


def test_settings_come_from_the_environment_and_never_show_addresses() -> None:
    settings = AlertSettings.resolve(
        {
            "NHIEMKY_ALERT_URLS": "json://secret.host/t0ken",
            "NHIEMKY_ALERT_QUIET": "22:00-06:00",
            "NHIEMKY_ALERT_DIGEST": "07:00",
            "NHIEMKY_ALERT_REPEAT_HOURS": "6",
            "NHIEMKY_ALERT_ESCALATE_DAYS": "20, 5",
        }
    )
    assert "secret" not in repr(settings)
    assert settings.escalate_days == (5, 20)
    assert settings.repeat_after == dt.timedelta(hours=6)
    assert settings.digest == dt.time(7)
    asked = [(21, 59), (22, 0), (3, 0), (5, 59), (6, 0)]
    quiet = [settings.is_quiet(dt.time(hour, minute)) for hour, minute in asked]
    assert quiet == [False, True, True, True, False]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("NHIEMKY_ALERT_QUIET", "22-25:00"),
        ("NHIEMKY_ALERT_QUIET", "22:00"),
        ("NHIEMKY_ALERT_DIGEST", "seven"),
        ("NHIEMKY_ALERT_REPEAT_HOURS", "-1"),
        ("NHIEMKY_ALERT_ESCALATE_DAYS", "3;10"),
    ],
)
def test_a_setting_that_cannot_be_read_is_named(name: str, value: str) -> None:
    with pytest.raises(ValueError, match=name):
        AlertSettings.resolve({name: value})
