"""Sending: which waiting alerts go now, in one message per channel; and the digest.

Quiet hours let through only what cannot wait. Where a digest is set, WARNING and INFO
wait for it; it goes out once a day, also when nothing is open, so that silence is not
taken for good news. A channel that fails gets the message again later, without telling
the others twice.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from orchestration.alerts.channels import NOT_AN_ADDRESS, SEND_SECONDS, Channel
from orchestration.alerts.message import LIST_COMMAND, compose, digest_summary, local
from orchestration.alerts.settings import AlertSettings
from sources.programme.model import Programme
from warehouse.ledger.notice import Notice, Waiting
from warehouse.ledger.outbox import Outbox

_HEAVY = ("BLOCKER", "ERROR")
_SLACK = dt.timedelta(seconds=60)


@dataclass(frozen=True)
class SendSummary:
    """Alerts told to every channel, put off, and still waiting; errors name channels
    without their addresses."""

    sent: int = 0
    failed: int = 0
    waiting: int = 0
    errors: tuple[str, ...] = ()


def sendable(
    due: Sequence[Waiting],
    programme: Programme,
    settings: AlertSettings,
    now: dt.datetime,
) -> list[Waiting]:
    """Those of the due alerts that the hour lets through.

    With the day's digest among them, nothing waits any longer.
    """
    if any(one.notice.kind == "digest" for one in due):
        return list(due)
    if settings.is_quiet(local(now, programme).time()):
        return [one for one in due if _cannot_wait(one.notice)]
    if settings.digest is None:
        return list(due)
    return [one for one in due if one.notice.severity in _HEAVY or one.tries]


def _cannot_wait(notice: Notice) -> bool:
    return notice.severity == "BLOCKER" or notice.kind == "run_failed"


def is_digest_due(
    outbox: Outbox, programme: Programme, settings: AlertSettings, now: dt.datetime
) -> bool:
    """True once a day, from the digest's time on; in quiet hours only if set there."""
    if settings.digest is None:
        return False
    here = local(now, programme)
    if here.time() < settings.digest:
        return False
    if settings.is_quiet(here.time()) and not settings.is_quiet(settings.digest):
        return False
    return not outbox.holds(programme.code, _digest_key(here))


def digest_notice(outbox: Outbox, programme: Programme, now: dt.datetime) -> Notice:
    """The day's digest: what is still open, or that all is well."""
    message_vi, message_en = digest_summary(list(outbox.alerts(programme.code).kind))
    return Notice(
        key=_digest_key(local(now, programme)),
        kind="digest",
        severity="INFO",
        message_vi=message_vi,
        message_en=message_en,
        remedy_vi="Xem danh sách.",
        remedy_en="Look at the list.",
        command=LIST_COMMAND,
    )


def _digest_key(here: dt.datetime) -> str:
    return f"digest|{here:%Y-%m-%d}"


def deliver(
    outbox: Outbox,
    programme: Programme,
    channels: Sequence[Channel],
    chosen: Sequence[Waiting],
    now: dt.datetime,
) -> SendSummary:
    """Sends the chosen alerts, as far as no other sender took them meanwhile."""
    able = [channel for channel in channels if channel.service is not None]
    errors = [f"{one.name}: {NOT_AN_ADDRESS}" for one in channels if not one.service]
    if not able:
        return SendSummary(waiting=len(chosen), errors=tuple(errors))
    lease = _SLACK + dt.timedelta(seconds=SEND_SECONDS) * len(able)
    taken = outbox.take([one.alert_id for one in chosen], now, lease)
    failed_on: dict[str, set[str]] = defaultdict(set)
    for channel in able:
        mine = [w for w in taken if not w.missed or channel.fingerprint in w.missed]
        if not mine:
            continue
        if error := channel.send(compose(mine, programme, channel.longest)):
            errors.append(error)
            for one in mine:
                failed_on[one.alert_id].add(channel.fingerprint)
    outbox.mark_sent([one for one in taken if one.alert_id not in failed_on], now)
    everywhere = {channel.fingerprint for channel in able}
    by_missed: dict[frozenset[str], list[str]] = defaultdict(list)
    for alert_id, missed in failed_on.items():
        lacking = frozenset() if missed == everywhere else frozenset(missed)
        by_missed[lacking].append(alert_id)
    for lacking, ids in by_missed.items():
        outbox.mark_failed(ids, "; ".join(errors), now, lacking)
    sent = len(taken) - len(failed_on)
    return SendSummary(sent, len(failed_on), len(chosen) - sent, tuple(errors))
