"""`Ledger`: the only way into the ledger's tables.

Every write is one transaction that holds the ledger's state row, so that writers queue;
what is recorded a second time changes nothing.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Self

import pandas as pd
from sqlalchemy import Engine, Select, insert, select, update
from sqlalchemy.engine import Connection

from sources.programme.batch import MEMBER_COLUMNS
from warehouse.ledger import queries
from warehouse.ledger.engine import open_engine
from warehouse.ledger.engine import reading as for_reading
from warehouse.ledger.engine import writing as for_writing
from warehouse.ledger.findings import read_findings
from warehouse.ledger.judgement import record_judgement, record_standing
from warehouse.ledger.models import CodeMember, LedgerState, Publication
from warehouse.ledger.receipt import record_cursors, record_deliveries
from warehouse.ledger.recorded import Recorded, read_recorded
from warehouse.ledger.remembered import current_findings
from warehouse.ledger.rows import apply_difference, digest, fetch, to_frame, to_rows
from warehouse.ledger.write import Write


def _utc_now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


class Ledger:
    """What was received, how it was judged, what was published."""

    def __init__(self, engine: Engine, clock: Callable[[], dt.datetime]) -> None:
        """Takes an engine on a migrated ledger; use `open`."""
        self._engine = engine
        self._clock = clock

    @classmethod
    def open(cls, url: str, clock: Callable[[], dt.datetime] = _utc_now) -> Self:
        """The ledger at `url`, made or migrated to the newest version.

        Raises:
            LedgerError: no such database, no access, or a ledger of a newer program.
        """
        return cls(open_engine(url), clock)

    def close(self) -> None:
        """Gives every connection back."""
        self._engine.dispose()

    def record_deliveries(
        self,
        deliveries: pd.DataFrame,
        cursors: Mapping[str, str | None],
        programme_code: str,
    ) -> int:
        """Notes where and when bytes were seen; gives the number of new deliveries.

        Args:
            deliveries: One row per file seen: programme_code, source_code, origin,
                file_name, size_bytes, modified_at, delivery_sha256.
            cursors: Per source that was pulled, how far; noted in the same
                transaction, with the time, also where nothing new came.
            programme_code: Whose sources they are.

        Raises:
            LedgerError: a column is absent.
        """
        with self.writing() as write:
            new = 0 if deliveries.empty else record_deliveries(write, deliveries)
            if cursors:
                record_cursors(write, programme_code, cursors)
            return new

    def cursor(self, programme_code: str, source_code: str) -> str | None:
        """How far a source was pulled; None where it gives no cursor, or never was."""
        pulled = self.pulled(programme_code)
        found = pulled.cursor[pulled.source_code.eq(source_code)]
        return None if found.empty else str(found.iloc[0]) or None

    def pulled(self, programme_code: str) -> pd.DataFrame:
        """One row per source that was ever pulled: source_code, cursor, pulled_at."""
        return self._read(queries.pulled(programme_code))

    def record_judgement(
        self,
        programme_code: str,
        submissions: pd.DataFrame,
        findings: pd.DataFrame,
        observations: pd.DataFrame,
        quarantined: pd.Series,
        delivery_statuses: Mapping[str, str] | None = None,
    ) -> None:
        """Records gate 1's word on a batch, all of it or nothing.

        The batch replaces everything recorded before of its deliveries, which are those
        named by submissions, findings and `delivery_statuses`.

        Args:
            programme_code: The programme of the whole batch.
            submissions: The submissions frame and `status` accepted, rejected or held.
            findings: The findings frame, those of reading and those of gate 1.
            observations: Every observation read, quarantined ones included.
            quarantined: The `row_id`s of observations that must not enter schema raw.
            delivery_statuses: `read`, `rejected` or `refused` by SHA-256, where it is
                not simply read (a submission came out of it) or rejected (none did).
                Deliveries in which nothing was found at all must be named here.

        Raises:
            LedgerError: a delivery was never recorded, or a column is absent.
        """
        with self.writing() as write:
            record_judgement(
                write,
                programme_code,
                submissions,
                findings,
                observations,
                quarantined,
                delivery_statuses or {},
            )

    def record_standing(self, programme_code: str, findings: pd.DataFrame) -> None:
        """Makes the programme's findings of origin `standing` those of the frame.

        One that is no longer found stays on record as resolved, and is open again when
        it comes back; one that is found again keeps its id and when it was first seen.

        Raises:
            LedgerError: a column is absent, a row is of another programme, or two rows
                are about the same thing; nothing was changed.
        """
        with self.writing() as write:
            record_standing(write, programme_code, findings)

    def record_members(self, members: pd.DataFrame) -> None:
        """Adds members of open code lists, one row per member and period showing it.

        Of several names in one period the first in the alphabet stays, so that the
        order of files does not matter.
        """
        rows = to_rows(members, CodeMember, MEMBER_COLUMNS, "Members of code lists")
        for row in rows:
            identity = (row[name] for name in MEMBER_COLUMNS if name != "name")
            row["member_id"] = digest(*identity)
        with self.writing() as write:
            ids = (row["member_id"] for row in rows)
            known = fetch(write.connection, CodeMember, "member_id", ids)
            wanted = sorted([*known, *rows], key=lambda row: row["name"])
            write.changes += apply_difference(
                write.connection, CodeMember, known, wanted
            )

    def record_publication(
        self,
        publication_id: str,
        programme_code: str,
        published_at: dt.datetime,
        as_of_date: dt.date,
    ) -> None:
        """Notes a publication; leaves the state token as it is."""
        self._note_publication(
            publication_id, programme_code, published_at, as_of_date, ""
        )

    def record_refusal(
        self, programme_code: str, reasons: str, at: dt.datetime
    ) -> None:
        """Notes that gate 2 refused a build; leaves the state token as it is."""
        self._note_publication(uuid.uuid4().hex, programme_code, at, None, reasons)

    def last_publication(
        self, programme_code: str | None = None
    ) -> dict[str, Any] | None:
        """The newest publication noted, or None before the first."""
        with self.reading() as connection:
            query = queries.last_publication(programme_code)
            row = connection.execute(query).mappings().first()
            return None if row is None else dict(row)

    def programme_codes(self) -> list[str]:
        """The programmes that anything was received for."""
        return list(self._read(queries.programme_codes()).programme_code)

    def known_origins(self, programme_code: str) -> pd.DataFrame:
        """One row per place, size and time at which bytes were seen."""
        return self._read(queries.known_origins(programme_code))

    def deliveries(self, programme_code: str | None = None) -> pd.DataFrame:
        """One row per delivery (columns of raw.delivery)."""
        return self._read(queries.deliveries(programme_code))

    def pending_deliveries(self, programme_code: str) -> pd.DataFrame:
        """One row per delivery that was received and not judged yet, oldest first."""
        return self._read(queries.deliveries(programme_code, "received"))

    def submissions(self, programme_code: str | None = None) -> pd.DataFrame:
        """One row per submission (columns of raw.submission)."""
        return self._read(queries.submissions(programme_code))

    def findings(
        self, programme_code: str | None = None, at: dt.datetime | None = None
    ) -> pd.DataFrame:
        """One row per finding (columns of raw.finding and its flags), with its life.

        Decisions count as they stood `at` that moment, now if none is given; what
        `status` and `life` mean is told in `warehouse.ledger.findings`.
        """
        with self.reading() as connection:
            if at is None:
                return current_findings(connection, programme_code, self._clock())
            return read_findings(connection, programme_code, self._clock(), at)

    def members(self, programme_code: str) -> pd.DataFrame:
        """One row per member of an open code list, with its newest period's name."""
        return self._read(queries.members(programme_code))

    def quarantined(self, programme_code: str) -> pd.DataFrame:
        """One row per value kept out of schema raw; not those a waiver lets in."""
        return self.recorded(programme_code).quarantined

    def kept_counts(self, programme_code: str) -> pd.DataFrame:
        """One row per submission: submission_id, kept_count (values for schema raw)."""
        return self.recorded(programme_code).kept_counts

    def recorded(self, programme_code: str) -> Recorded:
        """What a load writes into schema raw, all of one moment."""
        with self.reading() as connection:
            return read_recorded(connection, programme_code, self._clock())

    def current_counts(self, programme_code: str) -> pd.DataFrame:
        """One row per form, unit and period: the values of its current submission."""
        return self._read(queries.current_counts(programme_code))

    def state_token(self) -> str:
        """Text that changes whenever a build could come out differently.

        With every change of deliveries, judgements, members or decisions, and with
        every waiver that ends because its time is over.
        """
        with self.reading() as connection:
            query = select(LedgerState.ledger_id, LedgerState.revision)
            ledger_id, revision = connection.execute(query).one()
            query = queries.expired_waivers(self._clock())
            expired = connection.execute(query).scalar_one()
        return f"{ledger_id}-{revision}" + (f"-{expired}" if expired else "")

    def decision_token(self) -> str:
        """Text that changes when a person decides and when a waiver's time is over.

        A run that saw another one when it loaded publishes a state that is past.
        """
        with self.reading() as connection:
            decided = connection.execute(queries.decision_count()).scalar_one()
            expired = queries.expired_waivers(self._clock())
            return f"{decided}-{connection.execute(expired).scalar_one()}"

    def _read(self, query: Select[Any]) -> pd.DataFrame:
        with self.reading() as connection:
            return to_frame(connection, query)

    def _note_publication(
        self,
        publication_id: str,
        programme_code: str,
        published_at: dt.datetime,
        as_of_date: dt.date | None,
        reasons: str,
    ) -> None:
        with for_writing(self._engine).begin() as connection:
            connection.execute(
                insert(Publication).values(
                    publication_id=publication_id,
                    programme_code=programme_code,
                    status="refused" if as_of_date is None else "published",
                    published_at=published_at,
                    as_of_date=as_of_date,
                    reasons=reasons,
                )
            )

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that reads: everything in it is of one moment."""
        with for_reading(self._engine).begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Write]:
        """A transaction that writes, alone, all of it or nothing.

        The state token changes when `Write.changes` says that something that a build
        shows became different; what no build shows (replies, alerts) is not counted.
        """
        with for_writing(self._engine).begin() as connection:
            state = select(LedgerState.revision).with_for_update()
            revision = connection.execute(state).scalar_one()
            write = Write(connection, self._clock())
            yield write
            if write.changes:
                connection.execute(update(LedgerState).values(revision=revision + 1))
