"""Settings of alerts, from the environment when asked for; addresses stay there."""

from __future__ import annotations

import datetime as dt
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

URLS = "NHIEMKY_ALERT_URLS"
QUIET = "NHIEMKY_ALERT_QUIET"
DIGEST = "NHIEMKY_ALERT_DIGEST"
REPEAT = "NHIEMKY_ALERT_REPEAT_HOURS"
ESCALATE = "NHIEMKY_ALERT_ESCALATE_DAYS"
HISTORY = "NHIEMKY_ALERT_HISTORY_DAYS"

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
            ValueError: a variable cannot be read; names it and shows how to write it.
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
        raise ValueError(_unreadable(QUIET, text, "22:00-06:00"))
    start, end = (_time(QUIET, part, "22:00-06:00") for part in parts)
    return start, end


def _time(name: str, text: str, example: str) -> dt.time:
    try:
        return dt.time.fromisoformat(text.strip())
    except ValueError as error:
        raise ValueError(_unreadable(name, text, example)) from error


def _whole(given: Mapping[str, str], name: str, default: str) -> int:
    text = given.get(name) or default
    if not text.strip().isdecimal():
        raise ValueError(_unreadable(name, text, default))
    return int(text)


def _days(text: str) -> tuple[int, ...]:
    parts = [part.strip() for part in text.split(",")]
    if not all(part.isdecimal() for part in parts):
        raise ValueError(_unreadable(ESCALATE, text, "3,10,30"))
    return tuple(sorted(int(part) for part in parts))


def _unreadable(name: str, text: str, example: str) -> str:
    return (
        f"{name} không đọc được · cannot be read: {text!r}. "
        f"Viết như · write it like {example}"
    )
