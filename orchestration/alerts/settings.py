"""Settings of alerts, from the environment when asked for; addresses stay there."""

from __future__ import annotations

import datetime as dt
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from orchestration.settings import SettingsError

URLS = "NHIEMKY_ALERT_URLS"
QUIET = "NHIEMKY_ALERT_QUIET"
DIGEST = "NHIEMKY_ALERT_DIGEST"
REPEAT = "NHIEMKY_ALERT_REPEAT_HOURS"
ESCALATE = "NHIEMKY_ALERT_ESCALATE_DAYS"
HISTORY = "NHIEMKY_ALERT_HISTORY_DAYS"

_WHOLE = re.compile(r"[0-9]{1,5}")
_NOT_WHOLE = "phải là số nguyên từ 0 đến 99999 · must be whole, 0 to 99999"
_BETWEEN_URLS = re.compile(r"[\s,]+(?=[A-Za-z][A-Za-z0-9+.\-]*://)")


@dataclass(frozen=True)
class AlertSettings:
    """When alerts are told and to whom; `urls` are secrets and shown nowhere.

    quiet: from and to, local time; only what cannot wait passes. digest: the time of
    the daily message; without one everything is told at once. escalate_days: days past
    due at which an overdue report goes one level up. history_days: so long after its
    last deadline a unit is still reminded of a form it owes no more.
    """

    urls: tuple[str, ...] = field(default=(), repr=False)
    quiet: tuple[dt.time, dt.time] | None = None
    digest: dt.time | None = None
    repeat_after: dt.timedelta = dt.timedelta(hours=24)
    escalate_days: tuple[int, ...] = (3, 10, 30)
    history_days: int = 60

    @classmethod
    def resolve(cls, environment: Mapping[str, str] | None = None) -> AlertSettings:
        """Settings as the environment has them now.

        Raises:
            SettingsError: a variable cannot be read.
        """
        given = os.environ if environment is None else environment
        quiet, digest = given.get(QUIET), given.get(DIGEST)
        hours = _whole(given, REPEAT, "24")
        return cls(
            urls=split_urls(given.get(URLS, "")),
            quiet=_span(quiet) if quiet else None,
            digest=_time(DIGEST, digest, "07:00") if digest else None,
            repeat_after=dt.timedelta(hours=hours),
            escalate_days=_days(given.get(ESCALATE) or "3,10,30"),
            history_days=_whole(given, HISTORY, "60"),
        )

    def is_quiet(self, moment: dt.time) -> bool:
        """True when `moment` (local time) lies in the quiet hours."""
        if self.quiet is None:
            return False
        start, end = self.quiet
        if start <= end:
            return start <= moment < end
        return moment >= start or moment < end  # over midnight


def split_urls(text: str) -> tuple[str, ...]:
    """Addresses separated by commas, spaces or lines; commas inside one stay."""
    return tuple(url for url in _BETWEEN_URLS.split(text.strip(" \t\r\n,")) if url)


def _span(text: str) -> tuple[dt.time, dt.time]:
    parts = text.split("-")
    if len(parts) != 2:
        why = "không phải từ giờ đến giờ · not from one time to another"
        raise SettingsError.of(QUIET, text, why, "22:00-06:00")
    start, end = (_time(QUIET, part, "22:00-06:00") for part in parts)
    return start, end


def _time(name: str, text: str, example: str) -> dt.time:
    why = "không phải giờ địa phương · no local time"
    try:
        time = dt.time.fromisoformat(text.strip())
    except ValueError as error:
        raise SettingsError.of(name, text, why, example) from error
    if time.tzinfo is not None:
        raise SettingsError.of(name, text, why, example)
    return time


def _whole(given: Mapping[str, str], name: str, default: str) -> int:
    text = given.get(name) or default
    if not _WHOLE.fullmatch(text.strip()):
        raise SettingsError.of(name, text, _NOT_WHOLE, default)
    return int(text)


def _days(text: str) -> tuple[int, ...]:
    parts = [part.strip() for part in text.split(",")]
    if not all(map(_WHOLE.fullmatch, parts)):
        raise SettingsError.of(ESCALATE, text, _NOT_WHOLE, "3,10,30")
    return tuple(sorted(int(part) for part in parts))
