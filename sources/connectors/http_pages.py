"""HTTP pages: any other interface that gives records as pages of JSON or CSV.

The pages of one pull are one delivery, and it is refused where that is more than a
reader takes: which of the records make one report is not known here. A report that is
no longer given at all stays as it was.

Paging and its end are as `HttpQuery` says; an interface that gives smaller pages than
`page_size` says is found out by asking for one page more after a first short one. A row
that goes or comes while counted pages (`page`, `offset`) are read moves others over the
edge of a page. So where there is more than one, all are read again until two passes
agree: at least twice the requests. Pages behind an address of the next (`next`, `link`)
are read once, as most interfaces that give one remember where they were.

With `since_parameter` the cursor is the server's own clock (header Date) at the first
answer of the pull, some minutes back for rows that were committed late (what changed
in those may come once more); without it, everything is asked for each time. Either way
it holds the SHA-256 of the content kept last: equal content is no news.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import httpx

from sources.connectors.fetched import Fetched
from sources.connectors.http_address import Address, address_of, follow
from sources.connectors.http_answer import DEFAULT_SETUP, Answer, Setup
from sources.connectors.http_client import HttpClient
from sources.connectors.http_cursor import OVERLAPS, read_cursor
from sources.connectors.http_delivery import LESS_AT_ONCE, Deliveries
from sources.connectors.http_shapes import (
    ACCEPT,
    csv_table,
    json_document,
    json_records,
    more_at,
)
from sources.connectors.sizes import Size, size_of
from sources.programme.model import Source

_PAST_THE_END = frozenset({400, 404, 416})
_DELIMITERS = ",;\t|"
_ROUNDS = 3


class _Page(NamedTuple):
    """One page: its answer, the names in its first line (CSV), a digest and the number
    of its records, where it says that the next one is, its size, and by what it says
    that there is more."""

    answer: Answer
    header: tuple[str, ...]
    digest: bytes
    records: int
    following: str
    size: Size
    more: str


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
    assert source.http is not None
    query = source.http
    deliveries = Deliveries(source, cursor, keep, now)
    before = read_cursor(source, cursor) or {"since": "", "content": ""}
    asked = address_of(source, environment, query.parameters)
    if query.since_parameter and before["since"]:
        asked = asked.ask([(query.since_parameter, before["since"])])
    with HttpClient(source, environment, setup) as client:
        pages = _Book(source, client, setup).settled(asked)
    first = pages[0].answer
    kept = [page.answer for page in pages if page.records]
    hashes = [hashlib.sha256(answer.content).hexdigest() for answer in kept]
    content = hashlib.sha256("".join(hashes).encode()).hexdigest() if kept else ""
    if kept and content != before["content"]:
        deliveries.add("pages", asked, kept, query.format, first.last_modified)
    since = before["since"]
    if query.since_parameter and first.server_time is not None:
        since = max(since, f"{first.server_time - OVERLAPS['http']:%Y-%m-%dT%H:%M:%SZ}")
    return deliveries.cursor({"since": since, "content": content or before["content"]})


class _Book:
    """The pages of one question, each checked before the next is asked for."""

    def __init__(self, source: Source, client: HttpClient, setup: Setup) -> None:
        assert source.http is not None
        self._source, self._query, self._client = source, source.http, client
        self._at_most = setup.limits.pages

    def settled(self, asked: Address) -> list[_Page]:
        """All pages in order, of one state of the interface as far as can be seen.

        Pages that are counted are read until two passes agree.

        Raises:
            SourceError: a page is not what was asked for, or there is no end of them,
                or no two passes agree.
        """
        is_counted = self._query.paging in ("page", "offset")
        before: list[bytes] = []
        for _ in range(_ROUNDS):
            pages = list(self._pages(asked))
            is_one = len(pages) == 1 and pages[0].records < self._query.page_size
            if is_one or not is_counted:
                return pages
            digests = [page.digest for page in pages]
            if digests == before:
                return pages
            before = digests
            del pages  # never two passes in memory
        raise self._client.error(
            asked.shown,
            f"it changes while being read: no two of {_ROUNDS} passes over its pages"
            " agree",
            "Have the interface sort its records by a key that does not change and"
            " leave out what differs with every answer; or ask when nobody writes.",
        )

    def _pages(self, asked: Address) -> Iterator[_Page]:
        walks = {"none": self._alone, "page": self._counted, "offset": self._counted}
        header: tuple[str, ...] | None = None
        size, where = Size(), f"source {self._source.code}: {asked.shown}"
        walk = walks.get(self._query.paging, self._linked)(asked)
        for number, page in enumerate(walk, start=1):
            size += page.size
            size.check(where, LESS_AT_ONCE)
            if header is not None and page.header != header:
                raise self._client.error(
                    page.answer.shown,
                    "the columns of this page are not those of the first",
                    "The interface must give the same columns on each page.",
                )
            header = page.header
            if number > self._at_most:
                raise self._client.error(
                    asked.shown, "too many pages", "Raise page_size in sources.yaml."
                )
            yield page

    def _alone(self, asked: Address) -> Iterator[_Page]:
        page = self._ask(asked)
        if page.more and page.records:
            raise self._client.error(
                page.answer.shown,
                f"it says by {page.more} that there is more than this page, and"
                " `paging` is none",
                "Set `paging` in sources.yaml (next with next_path, link, page or"
                " offset), or ask for everything at once by a parameter.",
            )
        yield page

    def _counted(self, asked: Address) -> Iterator[_Page]:
        """Pages by number or by rows already had."""
        last = page = self._ask(self._place(asked, 0))
        number = 1
        yield page
        while page.records >= self._query.page_size:
            page = self._ask(self._place(asked, number))
            if page.records and page.digest == last.digest:
                raise self._client.error(
                    page.answer.shown,
                    "the same page came twice, so it does not know this parameter",
                    "Correct paging and page_parameter in sources.yaml.",
                )
            last, number = page, number + 1
            if page.records:
                yield page
        if number == 1 and page.records:
            self._check_end(asked, page)

    def _check_end(self, asked: Address, only: _Page) -> None:
        """A first page that is short must also be the last."""
        address = self._place(asked, 1, only.records)
        answer = self._client.get(
            address, accept=ACCEPT[self._query.format], also=_PAST_THE_END
        )
        if answer.status in _PAST_THE_END:
            return
        page = self._read(answer)
        if page.records and page.digest != only.digest:
            raise self._client.error(
                answer.shown,
                f"its pages hold {only.records} records, not {self._query.page_size}",
                f"Set page_size to {only.records} in sources.yaml.",
            )

    def _place(self, asked: Address, number: int, size: int = 0) -> Address:
        query = self._query
        size = size or query.page_size
        is_page = query.paging == "page"
        place = query.first_page + number if is_page else number * size
        pairs = [(query.page_parameter, str(place))]
        if query.size_parameter:
            pairs.append((query.size_parameter, str(query.page_size)))
        return asked.ask(pairs)

    def _linked(self, asked: Address) -> Iterator[_Page]:
        """Pages by the address of the next, in the page or in its header Link."""
        size = [(self._query.size_parameter, str(self._query.page_size))]
        address = asked.ask(size) if self._query.size_parameter else asked
        been: set[str] = set()
        while True:
            page = self._ask(address)
            yield page
            been.add(address.sent)
            target = self._next(page)
            if not target:
                return
            url = follow(page.answer.address, target)
            address = asked.at(url or "")
            if url is None or address.sent in been:
                reason = "one we had" if url else "on another host or less safe"
                raise self._client.error(
                    page.answer.shown,
                    f"its next page is {reason}",
                    "Ask the interface's operator to correct its links.",
                )

    def _next(self, page: _Page) -> str:
        if self._query.paging == "link":
            return _linked_next(page.answer)
        return page.following

    def _ask(self, address: Address) -> _Page:
        answer = self._client.get(address, accept=ACCEPT[self._query.format])
        return self._read(answer)

    def _read(self, answer: Answer) -> _Page:
        complain = self._client.error
        linked = "its header Link" if _linked_next(answer) else ""
        if self._query.format == "json":
            document = json_document(answer, complain)
            records = json_records(answer, document, self._query.records, complain)
            digest = hashlib.sha256(json.dumps(records).encode()).digest()
            following = self._following(document)
            size = size_of(answer.content, "json", len(records))
            more = linked or more_at(document)
            return _Page(answer, (), digest, len(records), following, size, more)
        encoding, delimiter = self._dialect(answer)
        table = csv_table(answer, encoding, delimiter, complain)
        header = tuple(map(str, table.columns))
        digest = hashlib.sha256(answer.content).digest()
        size = size_of(answer.content, "csv", len(table), delimiter)
        return _Page(answer, header, digest, len(table), "", size, linked)

    def _following(self, document: Any) -> str:
        found = document
        for name in self._query.next_path.split("."):
            found = found.get(name) if isinstance(found, dict) else None
        return found if isinstance(found, str) else ""

    def _dialect(self, answer: Answer) -> tuple[str, str]:
        """Encoding and delimiter; where to be detected, as well as counting needs."""
        encoding, delimiter = self._source.encoding, self._source.delimiter
        if encoding == "auto":
            encoding = "latin-1"
        if delimiter == "auto":
            first = answer.content.partition(b"\n")[0].decode("latin-1")
            delimiter = max(_DELIMITERS, key=first.count)
        return encoding, delimiter


def _linked_next(answer: Answer) -> str:
    links = httpx.Response(200, headers=answer.headers).links
    return links.get("next", {}).get("url", "")
