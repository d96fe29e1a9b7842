"""Deliveries of interfaces: answers put into one bundle, ready to be kept."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping

from sources.connectors.fetched import Fetched, bundled, ranked_after
from sources.connectors.http_address import Address
from sources.connectors.http_answer import Answer
from sources.connectors.http_cursor import (
    History,
    history_in,
    without_our_clock,
    write_cursor,
)
from sources.programme.model import Source

LESS_AT_ONCE = (
    "Ask for less in sources.yaml: a narrower key, fewer units, a shorter time; make"
    " several sources of it where all is needed."
)

_NOT_IN_NAMES = re.compile(r"[^\w.-]+")


class Deliveries:
    """The deliveries of one pull, and the cursor behind them.

    The cursor that the pull started from is part of each, and counts those made before,
    so that figures which changed and changed back are not taken for bytes already had.
    """

    def __init__(
        self,
        source: Source,
        cursor: str | None,
        keep: Callable[[Fetched], None],
        now: dt.datetime,
    ) -> None:
        """Those of a pull at `now`, which started from `cursor`."""
        self._source, self._cursor = source, cursor
        self._keep, self._now = keep, now
        self._before = self._history = history_in(cursor)

    def add(
        self,
        what: str,
        asked: Address,
        pages: Iterable[Answer],
        kind: str,
        told: dt.datetime | None,
    ) -> None:
        """Keeps the bundle of some pages, `kind` json or csv, with their question.

        The time that the place `told` counts for the very first pull alone: versions of
        a report are ranked by this time, and a deletion or a row committed late would
        rank before what it replaces. For the same reason it is later than that of every
        pull before, also where our clock went back.

        Raises:
            SourceError: it is a larger file than a reader takes.
        """
        request = {
            "connector": self._source.connector,
            "address": asked.url,
            "parameters": [[one.name, one.shown] for one in asked.parameters],
            "cursor": without_our_clock(self._cursor),
        }
        named = [
            (f"{number:05d}.{kind}", page.content)
            for number, page in enumerate(pages, start=1)
        ]
        name = f"{self._source.code}-{_NOT_IN_NAMES.sub('_', what)}"
        when = min(told or self._now, self._now) if self._cursor is None else self._now
        when = ranked_after(when, self._before.told)
        self._keep(bundled(name, asked.shown, (request, named), when, LESS_AT_ONCE))
        latest = max(when, self._history.told or when)
        self._history = History(self._history.made + 1, latest)

    def cursor(self, content: Mapping[str, object]) -> str:
        """The cursor to remember when all of them were kept."""
        return write_cursor(self._source, content, self._history)
