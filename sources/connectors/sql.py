"""SQL: the reports of a unit's database that changed, as bundles of one CSV page.

Shape: one SELECT in one read-only transaction, streamed; whole reports (all rows with
the same keys), cut into deliveries at their borders. What is remembered between pulls,
and why a row that was committed late is not lost, says `sql_cursor`.

A row that is deleted shows where something else in its report reaches the watermark,
or where there is no watermark and what is left of its report is compared with last
time. A report all of whose rows are gone, or whose keys changed, shows in neither case:
nothing is left that would name it, and it stays as it was.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.engine import Connection, Result
from sqlalchemy.exc import SQLAlchemyError

from sources.connectors.errors import SourceError
from sources.connectors.fetched import Fetched, bundled, ranked_after
from sources.connectors.patience import patient
from sources.connectors.sizes import Size
from sources.connectors.sql_cursor import Position, Watermark, watermarks
from sources.connectors.sql_database import Away, Database, open_database
from sources.connectors.sql_query import (
    changed_reports,
    digest_of,
    other_spelling,
    probe,
)
from sources.connectors.sql_reports import Report, Texts, as_csv, reports, size_of_rows
from sources.programme.model import Source
from sources.programme.one_select import select_fault
from sources.programme.problems import nearest
from sources.programme.tables import SqlQuery
from sources.readers.limits import DEFAULT_LIMITS

CHUNK_ROWS = 5_000
"""Rows that are taken from the server at a time."""
PAGE = "rows.csv"
SLEEP = time.sleep
"""What waits between two tries."""
_REMEDY = (
    "Name more columns in sql.keys, so that a report is one unit and period, or leave "
    "columns out of sql.select that nobody maps."
)


def fetch(
    source: Source,
    cursor: str | None,
    keep: Callable[[Fetched], None],
    environment: Mapping[str, str],
    now: dt.datetime,
) -> str:
    """Keeps the reports that changed since `cursor`; gives the cursor to remember.

    A try that fails before anything was kept is made again, as often as the source's
    pace allows; after that the next pull starts from the same cursor.

    Raises:
        SourceError: the database is away, refuses, or its answer is not what the
            programme says; names source, reason and remedy and holds no secret.
    """
    if source.sql is None or (fault := select_fault(source.sql.select)):
        said = "no block `sql`" if source.sql is None else f"sql.select {fault}"
        raise SourceError(f"source {source.code}: {said}. Write one SELECT that reads.")
    database = open_database(source, environment)
    pull = _Pull(source, source.sql, database, keep, now)
    tries = patient(
        source.pace.tries, lambda e: isinstance(e, Away) and not pull.kept, SLEEP
    )
    try:
        return tries(pull.run, cursor)
    finally:
        database.close()


@dataclass
class _Pull:
    """One pull; `kept` counts its deliveries."""

    source: Source
    query: SqlQuery
    database: Database
    keep: Callable[[Fetched], None]
    now: dt.datetime
    kept: int = 0

    def run(self, cursor: str | None) -> str:
        """Reads what changed since `cursor`; gives the new one."""
        with self.database.reading() as connection:
            try:
                return self._read(connection, cursor)
            except SQLAlchemyError as error:
                raise self.database.refusal(error) from None

    def _read(self, connection: Connection, cursor: str | None) -> str:
        start = Position.read(digest_of(self.query, self.database.address), cursor)
        header = self._header(connection)
        self._check_spelling(connection, header, start.watermark)
        clock = connection.scalar(select(func.current_timestamp()))
        asked = changed_reports(self.query, header, start.watermark)
        streamed = connection.execution_options(
            stream_results=True, yield_per=CHUNK_ROWS
        )
        news = _News(self, header, start, cursor or "")
        with closing(streamed.execute(asked)) as result:
            greatest, held = self._sift(result, header, clock, news)
        news.deliver()
        return Position(start.query, greatest, news.told, held).text

    def _sift(
        self, result: Result[Any], header: list[str], clock: Any, news: _News
    ) -> tuple[Watermark | None, frozenset[str]]:
        """Gives what is new to `news`; the greatest watermark, and the digests of the
        reports that come again the next time."""
        keys = [header.index(key) for key in self.query.keys]
        mark = header.index(self.query.watermark) if self.query.watermark else None
        seen: list[tuple[str, Any]] = []
        greatest = news.start.watermark
        for report in reports(self._chunks(result), keys, mark):
            marks = self._watermarks(report.marks, greatest)
            past = [m for m in marks if not m.is_ahead(clock)]
            greatest = max([*past, *filter(None, [greatest])], default=None, key=_value)
            digest = report.digest(header)
            # with a row that has no watermark it comes every time
            is_dated = mark is not None and None not in report.marks
            newest = max(map(_value, marks)) if is_dated else None
            if self._is_near(newest, greatest):
                seen.append((digest, newest))
            if digest not in news.start.held:
                news.add(report, marks)
        near = (digest for digest, n in seen if self._is_near(n, greatest))
        return greatest, frozenset(near)

    def _is_near(self, newest: Any, greatest: Watermark | None) -> bool:
        """True when the next pull reads such a report again."""
        if newest is None or greatest is None:
            return True
        return bool(newest >= greatest.before(self.query.overlap_seconds))

    def _chunks(self, result: Result[Any]) -> Iterator[Sequence[Any]]:
        """The rows as they come; the database has its whole time for each chunk."""
        parts = result.partitions()
        while True:
            self.database.breathe()
            chunk = next(parts, None)
            if chunk is None:
                return
            yield chunk

    def _header(self, connection: Connection) -> list[str]:
        """The names of the columns, which hold keys and watermark."""
        header = list(connection.execute(probe(self.query)).keys())
        who = f"source {self.source.code}, sql"
        if double := {name for name in header if header.count(name) > 1}:
            raise SourceError(
                f"{who}: sql.select gives two columns the name {sorted(double)[0]!r}. "
                "Name each with AS."
            )
        for name in (*self.query.keys, self.query.watermark):
            if name is not None and name not in header:
                raise SourceError(
                    f"{who}: sql.select gives no column {name!r}: "
                    f"{nearest(name, header)}. Correct keys and watermark in "
                    "sources.yaml, or name the column with AS."
                )
        return header

    def _check_spelling(
        self, connection: Connection, header: list[str], known: Watermark | None
    ) -> None:
        """Texts must be spelled alike, also those that the database passes over."""
        if known is not None and known.kind == "text":
            odd = connection.scalar(other_spelling(self.query, header, known))
            self._watermarks([odd], known)

    def _watermarks(
        self, found: Iterable[Any], known: Watermark | None
    ) -> list[Watermark]:
        name = self.query.watermark or ""
        return watermarks(f"source {self.source.code}, sql", name, found, known)


def _value(mark: Watermark) -> Any:
    return mark.value


@dataclass
class _News:
    """Reports that differ from what was delivered, gathered into deliveries.

    `told` is the latest time given to a delivery. Each pull's deliveries are later than
    those of the pulls before, also when a row was committed late: the newest version of
    a report is the one that counts.
    """

    pull: _Pull
    header: list[str]
    start: Position
    cursor: str
    rows: list[Texts] = field(default_factory=list)
    size: Size = field(default_factory=Size)
    changed: dt.datetime | None = None
    told: dt.datetime | None = None

    def __post_init__(self) -> None:
        self.told = self.start.told

    def add(self, report: Report, marks: Sequence[Watermark]) -> None:
        """Takes one report; delivers when there is enough for a delivery.

        Raises:
            SourceError: the report alone is more than a reader takes.
        """
        size = size_of_rows(report.rows)
        size.check(self._where(report), _REMEDY)
        self._check_texts(report)
        if (self.size + size).share > 1:
            self.deliver()
        self.rows += report.rows
        self.size += size
        instants = [mark.instant for mark in marks]
        self.changed = max(filter(None, [self.changed, *instants]), default=None)
        if len(self.rows) >= self.pull.query.delivery_rows:
            self.deliver()

    def deliver(self) -> None:
        """Hands over what was gathered, as one bundle."""
        if not self.rows:
            return
        pull, since = self.pull, self.start.watermark
        pull.kept += 1
        after = "" if since is None else since.text
        request = {
            "connector": "sql",
            "address": pull.database.address,
            "select": pull.query.select,
            "keys": pull.query.keys,
            "watermark": pull.query.watermark,
            "since": after,
            "cursor": hashlib.sha256(self.cursor.encode()).hexdigest(),
            "part": pull.kept,
        }
        changed = min(self.changed or pull.now, pull.now)
        when = ranked_after(changed, self.start.told)
        name = f"{pull.source.code}-rows-{pull.kept:04}"
        origin = f"{pull.database.address}#{after}/{pull.kept:04}"
        pages = [(PAGE, as_csv(self.header, self.rows))]
        pull.keep(bundled(name, origin, (request, pages), when, _REMEDY))
        self.told = when if self.told is None else max(self.told, when)
        self.rows, self.size, self.changed = [], Size(), None

    def _check_texts(self, report: Report) -> None:
        most = DEFAULT_LIMITS.text_length
        for column, texts in zip(
            self.header, zip(*report.rows, strict=True), strict=True
        ):
            if max(map(len, texts)) > most:
                raise SourceError(
                    f"{self._where(report)}: a text of more than {most:,} letters in "
                    f"the column {column!r}, which no reader takes. Nothing of this "
                    "pull was recorded. Shorten it in sql.select, or leave it out."
                )

    def _where(self, report: Report) -> str:
        keys = self.pull.query.keys
        named = [report.rows[0][self.header.index(key)] for key in keys]
        return f"source {self.pull.source.code}, sql: the report {', '.join(named)!r}"
