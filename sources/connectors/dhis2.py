"""DHIS2: data values of a server's `dataValueSets`, as bundles of whole reports.

Assumed of the server (Web API of 2.3x to 2.4x, without a version in the path):
`GET {url}/api/dataValueSets.json|.csv` takes dataSet, orgUnit, children, startDate with
endDate, or period, lastUpdated (at or after), lastUpdatedDuration, includeDeleted,
limit and, in newer versions, offset. period together with startDate is not sent, since
versions differ in which of them they heed. Every value says its lastUpdated; deleted
ones stay on the server and say so. In CSV the columns are dataelement, period, orgunit,
catoptcombo, attroptcombo, value, lastupdated and deleted.

The first pull takes all values, one delivery for each org unit of the query. Later ones
ask what changed since the cursor, then for each changed period all values of the units
concerned, a delivery a period; so does the first where an org unit has more values than
a delivery may hold. A report all of whose values were deleted cannot be delivered,
since nothing is left that would name it; it stays as it was.

The cursor is the server's own word: the newest lastUpdated seen (or its clock, where a
value claims to come from the future), an hour back, for rows that were committed late.
With it goes a hash of every report changed in that hour, so that nothing comes twice.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

import pandas as pd

from sources.connectors.dhis2_values import (
    KEYS,
    UNIT_AND_PERIOD,
    hashes_of_reports,
    read_values,
    times_of,
)
from sources.connectors.fetched import Fetched
from sources.connectors.http_address import Address, address_of
from sources.connectors.http_answer import DEFAULT_SETUP, Answer, Setup
from sources.connectors.http_client import HttpClient
from sources.connectors.http_cursor import OVERLAPS, read_cursor
from sources.connectors.http_delivery import LESS_AT_ONCE, Deliveries
from sources.connectors.http_shapes import ACCEPT
from sources.connectors.sizes import Size, size_of
from sources.programme.model import Source

UNITS_AT_ONCE = 50
"""Units in one question, so that its address stays short enough for any server."""

_NO_END = dt.date(2999, 12, 31)
_SLACK_SECONDS = 60


class Cursor(NamedTuple):
    """Since when to ask, as the server writes times; hashes of reports seen since."""

    since: str
    seen: frozenset[str]


def fetch(
    source: Source,
    cursor: str | None,
    keep: Callable[[Fetched], None],
    environment: Mapping[str, str],
    now: dt.datetime,
    *,
    setup: Setup = DEFAULT_SETUP,
) -> str | None:
    """See `fetched.Fetch` and this module.

    Raises:
        SourceError: as `fetched.Fetch` says.
    """
    with HttpClient(source, environment, setup) as client:
        pull = _Pull(source, cursor, keep, environment, now, setup, client)
        before = read_cursor(source, cursor)
        if before is None:
            return pull.first()
        return pull.later(Cursor(before["since"], frozenset(before["seen"])))


class _Pull:
    """One pull: the questions it asks and the deliveries it makes."""

    def __init__(
        self,
        source: Source,
        cursor: str | None,
        keep: Callable[[Fetched], None],
        environment: Mapping[str, str],
        now: dt.datetime,
        setup: Setup,
        client: HttpClient,
    ) -> None:
        assert source.dhis2 is not None
        self._source, self._query = source, source.dhis2
        self._cursor = cursor
        self._deliveries = Deliveries(source, cursor, keep, now)
        self._client, self._limits = client, setup.limits
        self._clock = setup.timing.clock
        self._server_time: dt.datetime | None = None
        sets = [("dataSet", code) for code in self._query.data_sets]
        path = f"/api/dataValueSets.{self._query.format}"
        self._address = address_of(source, environment).ask(sets, path)

    def first(self) -> str | None:
        """Everything of the query; without any value there is no cursor yet."""
        recent = []
        for unit in self._query.org_units:
            address = self._address.ask(self._scope((unit,)))
            pages, values = self._whole(address, may_shrink=True)
            if self._fits(self._size(pages, len(values))):
                self._deliver(unit, address, pages, values)
            else:
                self._deliver_reports(values)
            if len(values):
                recent.append(values[times_of(values) >= self._since(values)])
        return self._next_cursor(pd.concat(recent)) if recent else self._cursor

    def later(self, before: Cursor) -> str | None:
        """Whole reports in which something changed since the cursor."""
        changes = [("lastUpdated", before.since), ("includeDeleted", "true")]
        address = self._address.ask([*self._scope(self._query.org_units), *changes])
        _, values = self._whole(address, may_shrink=False)
        if values.empty:
            return self._cursor
        hashes = hashes_of_reports(values)
        self._deliver_reports(hashes[~hashes.isin(before.seen)].index.to_frame())
        return self._next_cursor(values, pd.to_datetime(before.since, utc=True))

    def _deliver_reports(self, found: pd.DataFrame) -> None:
        """The reports (period, orgUnit) of these rows whole, asked for by period."""
        reports = found[UNIT_AND_PERIOD].drop_duplicates().reset_index(drop=True)
        for period, units in reports.sort_values(UNIT_AND_PERIOD).groupby("period"):
            self._deliver_period(str(period), list(units["orgUnit"]))

    def _deliver_period(self, period: str, units: list[str]) -> None:
        asked = self._address.ask([("period", period)])
        names: list[tuple[str, str]] = []
        pages: list[Answer] = []
        found: list[pd.DataFrame] = []
        held = Size()
        for part, answer, values in self._parts(asked, units):
            more = self._size([answer], len(values))
            if found and not self._fits(held + more):
                self._deliver(period, asked.ask(names), pages, pd.concat(found))
                names, pages, found, held = [], [], [], Size()
            names += part
            if len(values):
                pages.append(answer)
                found.append(values)
                held += more
        if found:
            self._deliver(period, asked.ask(names), pages, pd.concat(found))

    def _parts(
        self, asked: Address, units: list[str]
    ) -> Iterator[tuple[list[tuple[str, str]], Answer, pd.DataFrame]]:
        """Answers of some units each, of so few that a delivery holds them."""
        starts = range(0, len(units), UNITS_AT_ONCE)
        waiting = [units[start : start + UNITS_AT_ONCE] for start in reversed(starts)]
        while waiting:
            few = waiting.pop()
            part = [("orgUnit", unit) for unit in few]
            answer, values = self._ask(asked.ask(part))
            half = len(few) // 2
            if half and not self._fits(self._size([answer], len(values))):
                waiting += [few[half:], few[:half]]
            else:
                yield part, answer, values

    def _size(self, pages: list[Answer], rows: int) -> Size:
        kind = self._query.format
        sizes = (size_of(page.content, kind, 0) for page in pages)
        return sum(sizes, Size(rows))

    def _fits(self, size: Size) -> bool:
        return size.rows <= self._limits.delivery_rows and size.share <= 1

    def _scope(self, units: tuple[str, ...]) -> list[tuple[str, str]]:
        return [
            *(("orgUnit", unit) for unit in units),
            ("children", str(self._query.include_children).lower()),
            ("startDate", self._query.start_date.isoformat()),
            ("endDate", (self._query.end_date or _NO_END).isoformat()),
        ]

    def _ask(self, address: Address) -> tuple[Answer, pd.DataFrame]:
        answer = self._client.get(address, accept=ACCEPT[self._query.format])
        self._server_time = self._server_time or answer.server_time
        return answer, read_values(answer, self._query.format, self._client.error)

    def _whole(
        self, address: Address, *, may_shrink: bool
    ) -> tuple[list[Answer], pd.DataFrame]:
        """All pages of one question; one long answer where paging is not to be trusted.

        It is not where a page repeats a value (older servers do not know offset; rows
        moved), nor where values were deleted meanwhile, which pulls others forward over
        the edge of a page.
        """
        began = self._clock()
        pages = list(self._pages(address))
        values = pd.concat([values for _, values in pages])
        is_moving = bool(values.duplicated(KEYS).any())
        if may_shrink and len(pages) > 1 and not is_moving:
            seconds = int(self._clock() - began) + _SLACK_SECONDS
            lately = [
                ("lastUpdatedDuration", f"{seconds}s"),
                ("includeDeleted", "true"),
            ]
            is_moving = bool(self._ask(address.ask(lately))[1]["deleted"].any())
        if is_moving:
            pages = [self._ask(address)]
            values = pages[0][1]
        return [answer for answer, page in pages if len(page)], values

    def _pages(self, address: Address) -> Iterator[tuple[Answer, pd.DataFrame]]:
        """Pages to the first empty one, each from where the last one ended: a server
        may give fewer values at a time than it is asked for. The page behind a short
        one is mostly empty, and then none.
        """
        size, had, is_short, last = self._query.page_size, 0, False, None
        for _ in range(self._limits.pages):
            paging = [("limit", str(size)), ("offset", str(had))]
            answer, values = self._ask(address.ask(paging))
            if values.empty and is_short:
                return
            yield answer, values
            if values.empty or answer.content == last:
                return
            is_short, had, last = len(values) < size, had + len(values), answer.content
        raise self._client.error(
            address.shown, "too many pages", "Raise page_size in sources.yaml."
        )

    def _deliver(
        self, what: str, asked: Address, pages: list[Answer], values: pd.DataFrame
    ) -> None:
        if pages:
            where = f"source {self._source.code}: {asked.shown}"
            self._size(pages, len(values)).check(where, LESS_AT_ONCE)
            kind, told = self._query.format, times_of(values).max().to_pydatetime()
            self._deliveries.add(what, asked, pages, kind, told)

    def _since(self, values: pd.DataFrame) -> pd.Timestamp:
        """The newest time seen, or the server's clock where it is earlier, and back."""
        newest = times_of(values).max()
        if self._server_time is not None:
            newest = min(newest, pd.Timestamp(self._server_time))
        return (newest - OVERLAPS["dhis2"]).floor("ms")

    def _next_cursor(
        self, values: pd.DataFrame, at_least: pd.Timestamp | None = None
    ) -> str:
        since = self._since(values)
        if at_least is not None:
            since = max(since, at_least)
        recent = hashes_of_reports(values[times_of(values) >= since])
        says_offset = dt.datetime.fromisoformat(values["lastUpdated"].iloc[0]).tzinfo
        written = since.tz_localize(None).isoformat(timespec="milliseconds")
        written += "+0000" if says_offset else ""
        return self._deliveries.cursor({"since": written, "seen": sorted(set(recent))})
