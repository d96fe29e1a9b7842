"""What the outbox takes and gives: a thing to tell, and what became of it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

SEVERITIES = ("BLOCKER", "ERROR", "WARNING", "INFO")
"""Heaviest first."""
FIRST_WAIT = dt.timedelta(seconds=30)
LONGEST_WAIT = dt.timedelta(hours=1)
_WEIGHT = {name: -place for place, name in enumerate(SEVERITIES)}


@dataclass(frozen=True)
class Notice:
    """One thing to tell: what, where, why, what to do, in both languages.

    `key` names the thing within its programme; `level` is its escalation. `repeats`:
    told again each time its quiet time is over. `is_news` False keeps what is open
    alive, and opens nothing.
    """

    key: str
    kind: str
    severity: str
    message_vi: str
    message_en: str
    remedy_vi: str
    remedy_en: str
    command: str
    unit_code: str | None = None
    form_code: str | None = None
    period_key: str | None = None
    rule_code: str | None = None
    place: str | None = None
    run_id: str | None = None
    level: int = 0
    repeats: bool = False
    is_news: bool = True


@dataclass(frozen=True)
class Waiting:
    """One alert that waits to be sent; `missed` are the channels that still lack it,
    none meaning all of them."""

    alert_id: str
    notice: Notice
    times: int
    first_seen_at: dt.datetime
    tries: int
    missed: frozenset[str]


@dataclass(frozen=True)
class Raised:
    """How many alerts became news, were seen again without news, and were resolved."""

    new: int = 0
    seen_again: int = 0
    resolved: int = 0

    def __add__(self, other: Raised) -> Raised:
        """The sum of both."""
        return Raised(
            self.new + other.new,
            self.seen_again + other.seen_again,
            self.resolved + other.resolved,
        )


def weight(severity: str) -> int:
    """A number that rises with the severity."""
    return _WEIGHT[severity]


def waiting_time(tries: int) -> dt.timedelta:
    """How long to wait after so many failures."""
    return min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(tries - 1, 10))
