"""Fetched: what every connector that asks for news hands over, and how it is called."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from sources.bundle import write_bundle
from sources.connectors.sizes import check_packed
from sources.programme.model import Source

_TICK = dt.timedelta(microseconds=1)


@dataclass(frozen=True)
class Fetched:
    """One delivery: bytes, a name that maps can match, origin without secrets, and the
    time (UTC) by which its reports are ranked among their versions.

    That is when the place says that it was last changed, but only for the first pull of
    a source; later ones have the time of asking, so that they rank after it, or a
    moment more than the last one where our clock went back meanwhile.
    """

    name: str
    origin: str
    content: bytes
    modified_at: dt.datetime


def ranked_after(when: dt.datetime, told: dt.datetime | None) -> dt.datetime:
    """`when`, or the first moment after `told`, the latest time given by earlier pulls.

    Our clock may have gone back since; what was asked later must rank later all the
    same.
    """
    return when if told is None else max(when, told + _TICK)


def bundled(
    name: str,
    origin: str,
    asked: tuple[Mapping[str, object], Iterable[tuple[str, bytes]]],
    modified_at: dt.datetime,
    remedy: str,
) -> Fetched:
    """One bundle as a delivery; `asked` is the request and its pages, by name.

    Raises:
        SourceError: it is a larger file than a reader takes; says where and `remedy`.
    """
    content = write_bundle(*asked)
    check_packed(content, f"delivery {name}, {origin}", remedy)
    return Fetched(f"{name}.zip", origin, content, modified_at)


class Fetch(Protocol):
    """A connector: gives every new delivery to `keep`, then the cursor to remember.

    Called again with the same cursor and an unchanged place it gives the same bytes, so
    that a pull that was killed costs nothing but its repetition. A delivery holds whole
    reports: every value of each unit and period in it.

    Raises:
        SourceError: the place cannot be reached, refuses, or answers nonsense, after
            all retries; what was kept so far is not yet recorded, the cursor stays.
    """

    def __call__(
        self,
        source: Source,
        cursor: str | None,
        keep: Callable[[Fetched], None],
        environment: Mapping[str, str],
        now: dt.datetime,
    ) -> str | None:
        """See the class."""
