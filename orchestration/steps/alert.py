"""Alert: what this run and the ledger give to tell goes to the outbox, then out.

Raising never sends and sending never raises, so that a channel that is down costs a
run nothing but a later attempt.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass

import pandas as pd

from orchestration.alerts.failure import Failure, failure_notice
from orchestration.alerts.message import Message, compose
from orchestration.alerts.notices import (
    finding_notices,
    refusal_notices,
    verdict_notices,
)
from orchestration.alerts.overdue import overdue_notices, overdue_reports
from orchestration.alerts.sending import (
    SendSummary,
    deliver,
    digest_notice,
    is_digest_due,
    sendable,
)
from orchestration.alerts.settings import AlertSettings
from orchestration.progress import step
from orchestration.steps.context import RunContext
from warehouse.ledger.notice import Notice, Raised, Waiting
from warehouse.ledger.outbox import Outbox

OF_FINDINGS = ("finding", "unmatched", "held", "personal_data")
OF_RUNS = ("run_failed",)


@dataclass(frozen=True)
class AlertSummary:
    """What came of raising: news, seen again, resolved; reports overdue."""

    new: int
    seen_again: int
    resolved: int
    overdue: int


def raise_alerts(
    run: RunContext,
    verdict_changes: pd.DataFrame | None = None,
    failure: Failure | None = None,
    now: dt.datetime | None = None,
) -> AlertSummary:
    """Records everything that maintainers should hear after a run; sends nothing.

    Args:
        run: The run; overdue is judged on its day.
        verdict_changes: target_code, unit_code, period_key, verdict_before and
            verdict_now of targets that turned, as gate 2 gives them.
        failure: Why the run failed; None after a good one, which resolves what was
            said of failed runs and refusals; sources are the pull's.
        now: The moment it is seen, for tests.
    """
    outbox = Outbox(run.ledger)
    with step("Cảnh báo · alerts") as progress:
        found = run.ledger.findings(run.programme.code)
        notices = finding_notices(found, run.ledger.deliveries(run.programme.code))
        settles = [*OF_FINDINGS, "gate_refused"]
        if failure is None:
            settles += OF_RUNS
        else:
            notices += [told for told in (failure_notice(failure),) if told]
            reasons = outbox.standing_refusal(run.programme.code)
            notices += refusal_notices(reasons)
        if verdict_changes is not None:
            notices += verdict_notices(verdict_changes)
        missing, raised = raise_overdue(run, now)
        raised += tell(run, notices, settles, now)
        progress.summary = f"{raised.new} mới · new, {raised.resolved} xong · resolved"
    return AlertSummary(raised.new, raised.seen_again, raised.resolved, len(missing))


def raise_overdue(
    run: RunContext, now: dt.datetime | None = None
) -> tuple[pd.DataFrame, Raised]:
    """Records overdue submissions; gives them too, one row per unit, form, period."""
    settings = AlertSettings.resolve()
    missing = overdue_reports(run, settings)
    notices = overdue_notices(missing, run.programme, settings, run.as_of)
    return missing, tell(run, notices, ("overdue",), now)


def tell(
    run: RunContext,
    notices: Iterable[Notice],
    settles: Collection[str] = (),
    now: dt.datetime | None = None,
) -> Raised:
    """Puts notices into the outbox; of the kinds in `settles` the rest is resolved."""
    return Outbox(run.ledger).raise_alerts(
        run.programme.code,
        notices,
        now or dt.datetime.now(dt.UTC),
        settles,
        AlertSettings.resolve().repeat_after,
    )


def send_due(run: RunContext, now: dt.datetime | None = None) -> SendSummary:
    """Sends what may go at this hour, with the day's digest when its time has come.

    Without a channel everything stays in the outbox. Safe to call as often as wished,
    also by two processes at once.
    """
    now = now or dt.datetime.now(dt.UTC)
    settings, outbox = AlertSettings.resolve(), Outbox(run.ledger)
    if settings.urls and is_digest_due(outbox, run.programme, settings, now):
        _raise_digest(run, now)
    due = outbox.due(run.programme.code, now)
    chosen = sendable(due, run.programme, settings, now)
    if not chosen or not settings.urls:
        return SendSummary(waiting=len(due))
    return _deliver(run, settings, chosen, now)


def send_digest(run: RunContext, now: dt.datetime | None = None) -> SendSummary:
    """Sends the day's digest now and all that waited for it; once a day."""
    now = now or dt.datetime.now(dt.UTC)
    settings, outbox = AlertSettings.resolve(), Outbox(run.ledger)
    if not settings.urls:
        return SendSummary(waiting=len(outbox.due(run.programme.code, now)))
    _raise_digest(run, now)
    return _deliver(run, settings, outbox.due(run.programme.code, now), now)


def preview(
    run: RunContext, with_digest: bool = False, now: dt.datetime | None = None
) -> Message | None:
    """The message that would go out now, None for none; changes and sends nothing."""
    now = now or dt.datetime.now(dt.UTC)
    settings, outbox = AlertSettings.resolve(), Outbox(run.ledger)
    due = outbox.due(run.programme.code, now)
    if with_digest or is_digest_due(outbox, run.programme, settings, now):
        digest = digest_notice(outbox, run.programme, now)
        chosen = [*due, Waiting("", digest, 1, now, 0, frozenset())]
    else:
        chosen = sendable(due, run.programme, settings, now)
    return compose(chosen, run.programme) if chosen else None


def _raise_digest(run: RunContext, now: dt.datetime) -> None:
    outbox = Outbox(run.ledger)
    notice = digest_notice(outbox, run.programme, now)
    if not outbox.holds(run.programme.code, notice.key):
        tell(run, [notice], ("digest",), now)


def _deliver(
    run: RunContext, settings: AlertSettings, chosen: list[Waiting], now: dt.datetime
) -> SendSummary:
    # loads apprise: only when there is something to send
    from orchestration.alerts.channels import open_channels

    with step("Gửi cảnh báo · send") as progress:
        channels = open_channels(settings)
        summary = deliver(Outbox(run.ledger), run.programme, channels, chosen, now)
        said = [f"{summary.sent} đã gửi · sent, {summary.failed} chưa · failed"]
        progress.summary = "; ".join([*said, *summary.errors])
    return summary
