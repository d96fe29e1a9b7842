"""SDMX: observations of a dataflow from a REST service, as SDMX-CSV of whole periods.

Assumed of the service (SDMX-REST 1.5 for version 2.1, 2.0 for 3.0, addresses made by
pysdmx): it answers data queries as SDMX-CSV, and `updatedAfter` with what was added,
changed or deleted since; 404 there means that nothing was. A service that ignores
`updatedAfter` gives everything each time, which is kept when it differs from the last.

The first pull takes everything of the query. Later ones ask what changed, then for the
periods from the first to the last of the changes whole, which is what a delivery holds.
What is too much for one delivery is asked for again by fewer periods at a time.

The cursor is the service's own clock (header Date) at the first answer of the pull,
some minutes back for rows that were committed late, with a hash of what was kept last,
so that the same content is not taken twice. Without a Date it stays where it was.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Collection, Iterator, Mapping

import pandas as pd

from sources.connectors.errors import SourceError
from sources.connectors.fetched import Fetched
from sources.connectors.http_address import Address, address_of
from sources.connectors.http_answer import DEFAULT_SETUP, Answer, Setup
from sources.connectors.http_client import HttpClient
from sources.connectors.http_cursor import OVERLAPS, read_cursor
from sources.connectors.http_delivery import LESS_AT_ONCE, Deliveries
from sources.connectors.http_shapes import column, csv_table
from sources.connectors.sizes import Size, size_of
from sources.programme.model import Source

_CSV_VERSIONS = {"2.1": "1.0.0", "3.0": "2.0.0"}
_NO_RESULTS = 404
_YEAR = r"^(\d{4})"

Span = tuple[str, str]
"""First and last period; empty where there is no bound."""


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
    assert source.sdmx is not None
    deliveries = Deliveries(source, cursor, keep, now)
    before = read_cursor(source, cursor) or {"since": "", "content": ""}
    span, since = (source.sdmx.start_period, source.sdmx.end_period), before["since"]
    with HttpClient(source, environment, setup) as client:
        service = _Service(source, environment, client)
        accepted = {_NO_RESULTS} if since else set()
        if since:
            _, changes, rows = service.ask(span, since, accepted)
            if changes.status == _NO_RESULTS:
                return cursor
            span, since = _periods(rows, span), _later(since, changes)
            if rows.empty:
                return deliveries.cursor({**before, "since": since})
        asked, answer, rows = service.ask(span, "", accepted)
        if answer.status == _NO_RESULTS:
            return cursor
        content = hashlib.sha256(answer.content).hexdigest()
        if len(rows) and content != before["content"]:
            what = source.sdmx.dataflow
            for place, page in service.split(span, asked, answer, rows):
                deliveries.add(what, place, [page], "csv", page.last_modified)
    since = since or _later("", answer)
    return deliveries.cursor({"since": since, "content": content})


class _Service:
    """The REST service of one source, asked for one dataflow."""

    def __init__(
        self, source: Source, environment: Mapping[str, str], client: HttpClient
    ) -> None:
        assert source.sdmx is not None
        self._source, self._query, self._client = source, source.sdmx, client
        self._base = address_of(source, environment)
        version = _CSV_VERSIONS[source.sdmx.version]
        self._accept = f"application/vnd.sdmx.data+csv;version={version}"

    def ask(
        self, span: Span, since: str, also: Collection[int]
    ) -> tuple[Address, Answer, pd.DataFrame]:
        """The observations of these periods (changed since then), and the question.

        Raises:
            SourceError: no such answer, or no SDMX-CSV.
        """
        asked = self._address(span, since)
        answer = self._client.get(asked, accept=self._accept, also=also)
        if answer.status in also:
            return asked, answer, pd.DataFrame()
        rows = csv_table(
            answer, "utf-8-sig", self._source.delimiter, self._client.error
        )
        for name in ("TIME_PERIOD", "OBS_VALUE"):
            if rows.columns.size and column(rows, [name.lower()]) is None:
                reason = f"there is no column {name}, so it is no SDMX-CSV"
                remedy = "Check `url`, and that the service can answer in SDMX-CSV."
                raise self._client.error(answer.shown, reason, remedy)
        return asked, answer, rows

    def split(
        self, span: Span, asked: Address, answer: Answer, rows: pd.DataFrame
    ) -> Iterator[tuple[Address, Answer]]:
        """The answer, or where it is too much for one delivery, those to questions for
        fewer periods each.

        Raises:
            SourceError: one period alone is more than a reader takes.
        """
        size = size_of(answer.content, "csv", len(rows), self._source.delimiter)
        spans = _spans(rows, size) if size.share > 1 else [span]
        if len(spans) < 2:
            size.check(f"source {self._source.code}: {asked.shown}", LESS_AT_ONCE)
            yield asked, answer
            return
        for part in spans:
            place, page, found = self.ask(part, "", {_NO_RESULTS})
            if len(found):
                size = size_of(page.content, "csv", len(found), self._source.delimiter)
                size.check(f"source {self._source.code}: {place.shown}", LESS_AT_ONCE)
                yield place, page

    def _address(self, span: Span, since: str) -> Address:
        # these take 0.3 s to import
        from pysdmx.api.dc.query import MultiFilter, Operator, TextFilter
        from pysdmx.api.qb import ApiVersion, DataContext, DataQuery
        from pysdmx.errors import Invalid

        first, last = span
        is_new = self._query.version == "3.0"
        bounds = [
            TextFilter(field="TIME_PERIOD", operator=operator, value=bound)
            for operator, bound in (
                (Operator.GREATER_THAN_OR_EQUAL, first),
                (Operator.LESS_THAN_OR_EQUAL, last),
            )
            if bound and is_new
        ]
        latest = self._query.dataflow_version in ("", "latest")
        query = DataQuery(
            context=DataContext.DATAFLOW,
            agency_id=self._query.agency,
            resource_id=self._query.dataflow,
            version="~" if latest else self._query.dataflow_version,
            key="*" if self._query.key == "all" else self._query.key,
            components=MultiFilter(bounds) if bounds else None,
            updated_after=dt.datetime.fromisoformat(since) if since else None,
        )
        version = ApiVersion.V2_0_0 if is_new else ApiVersion.V1_5_0
        try:
            path, _, written = query.get_url(version, omit_defaults=True).partition("?")
        except Invalid as error:
            raise SourceError(
                f"source {self._source.code}: the block sdmx is no query of SDMX"
                f" {self._query.version}: {error}. Correct it in sources.yaml."
            ) from error
        pairs = [tuple(pair.split("=", 1)) for pair in written.split("&") if pair]
        if not is_new:
            # pysdmx knows no periods in queries of version 1
            spans = zip(("startPeriod", "endPeriod"), span, strict=True)
            pairs += [(name, bound) for name, bound in spans if bound]
        return self._base.ask([(name, value) for name, value in pairs], path)


def _periods(changes: pd.DataFrame, asked: Span) -> Span:
    """From the first to the last period of the changes; whole years where they are of
    several kinds, and all that was asked where one says none."""
    found = column(changes, ["time_period"])
    if found is None or found.empty:
        return asked
    found = _alike(found)
    if found is None:
        return asked
    return str(found.min()), str(found.max())


def _spans(rows: pd.DataFrame, size: Size) -> list[Span]:
    """First and last period of parts that a delivery holds each, as far as whole
    periods allow; none where a row says no period."""
    found = column(rows, ["time_period"])
    found = None if found is None else _alike(found)
    if found is None:
        return []
    counts = found.value_counts().sort_index()
    shares = counts * (size.share / len(found))
    spans: list[Span] = []
    held = 0.0
    for period, share in shares.items():
        if spans and held + share <= 1:
            spans[-1] = (spans[-1][0], str(period))
            held += share
        else:
            spans.append((str(period), str(period)))
            held = share
    return spans


def _alike(periods: pd.Series) -> pd.Series | None:
    """The periods, or their years where they are of several kinds, since those do not
    sort; None where one says none."""
    if periods.str.replace(r"\d", "0", regex=True).nunique() > 1:
        periods = periods.str.extract(_YEAR)[0]
    return None if periods.isna().any() or periods.eq("").any() else periods


def _later(since: str, answer: Answer) -> str:
    """The time to ask from next: the service's own, some way back, never earlier."""
    if answer.server_time is None:
        return since
    return max(since, (answer.server_time - OVERLAPS["sdmx"]).isoformat())
