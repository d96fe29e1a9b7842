"""Patience over HTTP: which faults may pass, and how long the server asks to wait."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from sources.connectors.http_answer import http_date

PASSING_STATUSES = frozenset({408, 429, 500, 502, 503, 504})


class PassingFault(Exception):
    """A fault that another try may not meet; and how long the server asks to wait."""

    def __init__(self, reason: str, wait_seconds: float = 0.0) -> None:
        super().__init__(reason)
        self.wait_seconds = wait_seconds


def retry_after(headers: Mapping[str, str]) -> float:
    """Seconds that the server asks to wait, by its own clock; 0 where it does not."""
    written = headers.get("Retry-After", "").strip()
    if written.isascii() and written.isdigit():
        return float(written)
    until = http_date(written)
    now = http_date(headers.get("Date")) or dt.datetime.now(dt.UTC)
    return max((until - now).total_seconds(), 0.0) if until else 0.0
