"""Alerts through real receivers: grouped, once, at the right hour, never lost."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from orchestration.alerts.failure import Failure
from orchestration.alerts.settings import AlertSettings
from orchestration.settings import Settings
from orchestration.steps.alert import (
    preview,
    raise_alerts,
    send_digest,
    send_due,
    tell,
)
from orchestration.steps.context import RunContext, open_run
from tests.helpers.alert_sinks import HookSink, MailSink, running
from warehouse.home import Home
from warehouse.ledger.notice import Notice
from warehouse.ledger.outbox import Outbox

LONG_AFTER = dt.date(2026, 11, 22)
"""The shipped programme's term is history: nothing is overdue."""
NOTICE = Notice(
    key="finding|1",
    kind="finding",
    severity="BLOCKER",
    message_vi="Báo cáo không được nhận",
    message_en="Not accepted",
    remedy_vi="Gửi lại",
    remedy_en="Send again",
    command="nhiemky findings show 1",
    unit_code="HD.A",
    form_code="HS-Q",
    period_key="police-2025-Q1",
    rule_code="UNIT_UNKNOWN",
    place="a.xlsx Biểu B2",
)
DOUBT = replace(NOTICE, key="held|1", kind="held", severity="WARNING")


def at(hour: int, minute: int = 0, day: int = 20) -> dt.datetime:
    """A moment by the clock of Hà Nội."""
    zone = dt.timezone(dt.timedelta(hours=7))
    return dt.datetime(2026, 11, day, hour, minute, tzinfo=zone)


@pytest.fixture
def run(tmp_path: Path) -> Iterator[RunContext]:
    with open_run(Settings(home=Home(tmp_path), as_of=LONG_AFTER)) as opened:
        yield opened


@pytest.fixture
def mail(monkeypatch: pytest.MonkeyPatch) -> Iterator[MailSink]:
    sink = MailSink()
    monkeypatch.setenv("NHIEMKY_ALERT_URLS", sink.url)
    with running(sink):
        yield sink


def states(run: RunContext) -> dict[str, str]:
    frame = Outbox(run.ledger).alerts(run.programme.code, ["open", "sent", "resolved"])
    return dict(zip(frame.alert_key, frame.state, strict=True))


def test_one_mail_for_the_run_with_everything_that_is_to_be_told(
    run: RunContext, mail: MailSink
) -> None:
    tell(run, [NOTICE, DOUBT], now=at(9))
    summary = send_due(run, at(9))
    assert (summary.sent, summary.failed, summary.errors) == (2, 0, ())
    (sent,) = mail.mails
    assert sent["To"] == "truc@x.vn"
    assert "1 BLOCKER, 1 WARNING" in sent["Subject"]
    html, text = sent.get_body(("html",)), sent.get_body(("plain",))
    assert html is not None and text is not None
    for told in ("HD.A", "HS-Q", "police-2025-Q1", "UNIT_UNKNOWN", "a.xlsx Biểu B2"):
        assert told in html.get_content()
        assert told in text.get_content()
    assert "Gửi lại" in html.get_content()
    assert "nhiemky findings show 1" in html.get_content()
    assert send_due(run, at(9, 1)).sent == 0
    assert len(mail.mails) == 1


def test_500_equal_problems_are_one_post(run: RunContext, hook: HookSink) -> None:
    tell(run, [replace(NOTICE, key=f"finding|{n}") for n in range(500)], now=at(9))
    assert send_due(run, at(9)).sent == 500
    (post,) = hook.posts
    assert post["message"].count("[BLOCKER]") == 1
    assert "× 500" in post["message"]


def test_a_hostile_name_stays_in_the_body_of_one_mail(
    run: RunContext, mail: MailSink
) -> None:
    evil = "x\r\nBcc: spy@x.vn\r\n\r\n<script>alert(1)</script>"
    tell(run, [replace(NOTICE, message_vi=evil, kind=evil[:9])], now=at(9))
    send_due(run, at(9))
    (sent,) = mail.mails
    assert sent["Bcc"] is None
    assert "\n" not in sent["Subject"]
    html = sent.get_body(("html",))
    assert html is not None
    assert "<script" not in html.get_content()


def test_an_outage_loses_nothing_and_recovery_sends_once(
    run: RunContext, mail: MailSink
) -> None:
    mail.stop()
    tell(run, [NOTICE], now=at(9))
    down = send_due(run, at(9))
    assert (down.sent, down.failed, len(down.errors)) == (0, 1, 1)
    assert states(run) == {NOTICE.key: "open"}
    mail.start()
    assert send_due(run, at(9)).sent == 0, "it waits 30 seconds"
    assert send_due(run, at(9, 1)).sent == 1
    assert send_due(run, at(9, 2)).sent == 0
    assert len(mail.mails) == 1
    assert states(run) == {NOTICE.key: "sent"}


def test_a_channel_that_failed_gets_it_later_and_the_other_not_again(
    run: RunContext, mail: MailSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    hook = HookSink()
    hook.status = 503
    monkeypatch.setenv("NHIEMKY_ALERT_URLS", f"{mail.url},{hook.url}")
    with running(hook):
        tell(run, [NOTICE], now=at(9))
        assert send_due(run, at(9)).failed == 1
        hook.status = 200
        assert send_due(run, at(9, 1)).sent == 1
    assert (len(mail.mails), len(hook.posts)) == (1, 1)


def test_secrets_are_neither_kept_nor_said(
    run: RunContext,
    hook: HookSink,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    hook.status = 500
    tell(run, [NOTICE], now=at(9))
    summary = send_due(run, at(9))
    kept = Outbox(run.ledger).alerts(run.programme.code).to_csv()
    said = "".join(capfd.readouterr())
    for text in (kept, str(summary), caplog.text, said):
        assert "s3cret-t0ken" not in text
    assert "#1 JSON" in summary.errors[0]


def test_without_a_channel_everything_is_kept(run: RunContext) -> None:
    tell(run, [NOTICE], now=at(9))
    assert send_due(run, at(9)).waiting == 1
    assert states(run) == {NOTICE.key: "open"}


def test_a_wrong_address_keeps_nothing_from_the_others(
    run: RunContext, hook: HookSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NHIEMKY_ALERT_URLS", f"nonsense://x,{hook.url}")
    tell(run, [NOTICE], now=at(9))
    summary = send_due(run, at(9))
    assert (summary.sent, len(summary.errors), len(hook.posts)) == (1, 1, 1)


def test_quiet_hours_let_through_only_what_cannot_wait(
    run: RunContext, hook: HookSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NHIEMKY_ALERT_QUIET", "22:00-06:00")
    late = replace(DOUBT, key="overdue|1", kind="overdue", severity="ERROR")
    failed = replace(DOUBT, key="run_failed|1", kind="run_failed", severity="ERROR")
    tell(run, [NOTICE, DOUBT, late, failed], now=at(23))
    assert send_due(run, at(23)).sent == 2
    assert send_due(run, at(5, 59, day=21)).sent == 0
    assert send_due(run, at(6, 0, day=21)).sent == 2


def test_lesser_ones_wait_for_the_digest(
    run: RunContext, hook: HookSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NHIEMKY_ALERT_DIGEST", "07:00")
    send_due(run, at(7))  # this day's digest
    tell(run, [NOTICE, DOUBT], now=at(9))
    assert send_due(run, at(9)).sent == 1
    assert send_due(run, at(6, 59, day=21)).sent == 0
    assert send_due(run, at(7, 0, day=21)).sent == 2  # the doubt and the digest
    assert "Còn tồn đọng: Lỗi chặn báo cáo: 1" in hook.posts[-1]["message"]
    assert "Bản mới chờ người quyết định" in hook.posts[-1]["message"]
    assert send_due(run, at(8, 0, day=21)).sent == 0
    assert len(hook.posts) == 3


def test_a_digest_says_that_all_is_well(
    run: RunContext, hook: HookSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert send_digest(run, at(7)).sent == 1
    assert "All is well" in hook.posts[0]["message"]
    assert send_digest(run, at(8)).sent == 0, "once a day"
    assert send_digest(run, at(7, day=21)).sent == 1


def test_a_digest_missed_in_an_outage_is_sent_after_it(
    run: RunContext, mail: MailSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NHIEMKY_ALERT_DIGEST", "07:00")
    mail.stop()
    tell(run, [DOUBT], now=at(5))
    assert send_due(run, at(7)).failed == 2
    mail.start()
    assert send_due(run, at(7, 1)).sent == 2


def test_a_digest_missed_while_the_machine_was_off_waits_out_the_quiet_hours(
    run: RunContext, hook: HookSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NHIEMKY_ALERT_DIGEST", "07:00")
    monkeypatch.setenv("NHIEMKY_ALERT_QUIET", "22:00-06:00")
    assert send_due(run, at(23)).sent == 0
    assert send_due(run, at(12, day=21)).sent == 1


def test_a_dry_run_shows_the_message_and_changes_nothing(
    run: RunContext, hook: HookSink
) -> None:
    assert preview(run, now=at(9)) is None
    tell(run, [NOTICE], now=at(9))
    message = preview(run, now=at(9))
    assert message is not None and "UNIT_UNKNOWN" in message.text
    digest = preview(run, with_digest=True, now=at(9))
    assert digest is not None and "Bản tin hằng ngày" in digest.text
    assert hook.posts == []
    assert states(run) == {NOTICE.key: "open"}


def test_a_failed_run_is_told_and_a_good_one_settles_it(run: RunContext) -> None:
    failure = Failure("star_schema", "BuildFailed", "dbt build failed:")
    assert raise_alerts(run, failure=failure, now=at(9)).new == 1
    assert raise_alerts(run, failure=failure, now=at(10)).new == 0
    assert raise_alerts(run, now=at(11)).resolved == 1
    assert set(states(run).values()) == {"resolved"}


def test_a_refusal_is_told_until_a_run_passes(run: RunContext) -> None:
    run.ledger.record_refusal(run.programme.code, "lệch\ndiffers", at(9))
    failure = Failure("publication", "GateRefused", "lệch")
    assert raise_alerts(run, failure=failure, now=at(9)).new == 1
    (key,) = states(run)
    assert key.startswith("gate_refused|")
    assert raise_alerts(run, now=at(10)).resolved == 1


def test_verdicts_that_turned_are_told_once(run: RunContext) -> None:
    turned = pd.DataFrame(
        [("HD20-04", "HD", "police-2024-Y", "met", "not_met")],
        columns=[
            *("target_code", "unit_code", "period_key"),
            *("verdict_before", "verdict_now"),
        ],
    )
    assert raise_alerts(run, verdict_changes=turned, now=at(9)).new == 1
    assert raise_alerts(run, verdict_changes=turned, now=at(9)).new == 0
    assert raise_alerts(run, now=at(10)).resolved == 0, "an event is not undone"


def test_overdue_reports_of_a_running_term_are_told(
    run: RunContext, hook: HookSink
) -> None:
    midterm = replace(run, as_of=dt.date(2021, 1, 18))
    summary = raise_alerts(midterm, now=at(9))
    # the month to 14/01/2021 of two departments, due on 17/01
    monthly = preview(midterm, now=at(9))
    assert monthly is not None and "HD.PC01, HD.PV01" in monthly.text
    assert summary.overdue >= 2
    assert raise_alerts(run, now=at(10)).resolved == summary.new


def test_settings_without_variables_are_usable() -> None:
    assert AlertSettings.resolve({}) == AlertSettings()
