"""What one pull over HTTP may take, and the answers it gets.

Shape: limits and timing of a pull; one `Answer` per request.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

MEBIBYTE = 1 << 20


@dataclass(frozen=True)
class HttpLimits:
    """How much one pull may take: bytes really inflated, seconds, pages, redirects.

    A delivery is split after `delivery_rows` where that can be, or where it would be
    more than `sizes` lets a delivery hold, and has fewer pages than a reader takes
    parts of one container. A request may take `timeouts` times the source's time-out in
    all, however steadily it drips. A server that asks to wait longer than
    `retry_after_seconds` is left alone until the next pull.
    """

    page_bytes: int = 128 * MEBIBYTE
    pull_bytes: int = 2_048 * MEBIBYTE
    delivery_rows: int = 50_000
    timeouts: int = 20
    pages: int = 1_900
    redirects: int = 5
    retry_after_seconds: float = 300.0


@dataclass(frozen=True)
class Timing:
    """What a pull waits with: a clock that only goes forward, and sleep."""

    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


@dataclass(frozen=True)
class Setup:
    """What tests set otherwise: limits and timing of a pull."""

    limits: HttpLimits = HttpLimits()
    timing: Timing = Timing()


DEFAULT_SETUP = Setup()


@dataclass(frozen=True)
class Answer:
    """One whole answer. `is_whole` is False where only the end of the connection says
    that it ended; `address` is where it came from, after redirects."""

    address: str
    shown: str
    status: int
    headers: Mapping[str, str]
    content: bytes
    is_whole: bool

    @property
    def content_type(self) -> str:
        """The media type alone, in small letters."""
        written = str(self.headers.get("Content-Type", ""))
        return written.partition(";")[0].strip().lower()

    @property
    def server_time(self) -> dt.datetime | None:
        """The server's own clock at this answer (UTC); None where it does not say."""
        return http_date(self.headers.get("Date"))

    @property
    def last_modified(self) -> dt.datetime | None:
        """When the server says that the content was last changed (UTC)."""
        return http_date(self.headers.get("Last-Modified"))


def http_date(written: str | None) -> dt.datetime | None:
    """A date of HTTP as UTC; None for none, or for what is no date."""
    try:
        found = parsedate_to_datetime(written or "")
        return found.replace(tzinfo=found.tzinfo or dt.UTC).astimezone(dt.UTC)
    except (ValueError, TypeError, OverflowError):
        return None
