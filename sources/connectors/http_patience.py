"""Patience: which faults are worth another try, and how long to wait before it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import tenacity

from sources.connectors.http_answer import http_date

PASSING_STATUSES = frozenset({408, 429, 500, 502, 503, 504})
_FIRST_WAIT, _LONGEST_WAIT, _JITTER = 1.0, 60.0, 1.0


class PassingFault(Exception):
    """A fault that another try may not meet; and how long the server asks to wait."""

    def __init__(self, reason: str, wait_seconds: float = 0.0) -> None:
        super().__init__(reason)
        self.wait_seconds = wait_seconds


def wait_before_next(state: tenacity.RetryCallState) -> float:
    """Seconds: more each time and never quite the same; at least what was asked."""
    assert state.outcome is not None
    fault = state.outcome.exception()
    asked = fault.wait_seconds if isinstance(fault, PassingFault) else 0.0
    grown = tenacity.wait_exponential_jitter(_FIRST_WAIT, _LONGEST_WAIT, jitter=_JITTER)
    return max(asked, grown(state))


def retry_after(headers: Mapping[str, str]) -> float:
    """Seconds that the server asks to wait, by its own clock; 0 where it does not."""
    written = headers.get("Retry-After", "").strip()
    if written.isascii() and written.isdigit():
        return float(written)
    until = http_date(written)
    now = http_date(headers.get("Date")) or dt.datetime.now(dt.UTC)
    return max((until - now).total_seconds(), 0.0) if until else 0.0
