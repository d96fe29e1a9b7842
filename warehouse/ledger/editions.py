"""Editions of closed periods: added, never changed, never taken away.

Numbers of a period run on over both kinds. A final edition ends the period: it is
closed again only with a reason, and never provisionally.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, fields
from typing import Any

import pandas as pd
from sqlalchemy import func, insert, select
from sqlalchemy.engine import Connection

from warehouse.errors import LedgerError
from warehouse.ledger import queries
from warehouse.ledger.models import Edition
from warehouse.ledger.rows import to_frame
from warehouse.ledger.store import Ledger
from warehouse.ledger.write import Write

PROVISIONAL, FINAL = "provisional", "final"
KINDS = {PROVISIONAL: "p", FINAL: "f"}
"""Kinds of an edition, and the letter that ends its code."""


@dataclass(frozen=True)
class Frozen:
    """Rows that were frozen: where their bytes are, and the publication they show."""

    rows_sha256: str
    row_count: int
    publication_id: str
    published_at: dt.datetime
    as_of_date: dt.date


@dataclass(frozen=True)
class Editions:
    """The editions of a ledger."""

    ledger: Ledger

    def add(
        self,
        programme_code: str,
        period_key: str,
        kind: str,
        frozen: Frozen,
        by: str,
        reason: str = "",
    ) -> dict[str, Any]:
        """Records that a period was closed; gives the edition's row.

        Raises:
            LedgerError: nobody is named, a provisional edition is asked for after a
                final one, or another final one without a reason; nothing was recorded.
        """
        with self.ledger.writing() as write:
            _refuse(write.connection, programme_code, period_key, kind, by, reason)
            number = _number(write, programme_code, period_key) + 1
            row = {
                "programme_code": programme_code,
                "edition_code": f"{period_key}.{number}{KINDS[kind]}",
                "period_key": period_key,
                "kind": kind,
                "number": number,
                "closed_at": write.moment_after(
                    Edition.closed_at, Edition.programme_code == programme_code
                ),
                "closed_by": by.strip(),
                "reason": reason.strip(),
                **{field.name: getattr(frozen, field.name) for field in fields(frozen)},
            }
            write.connection.execute(insert(Edition).values(row))
            write.changes += 1
        return row

    def refuse(
        self, programme_code: str, period_key: str, kind: str, by: str, reason: str = ""
    ) -> None:
        """Does nothing where `add` would take the edition.

        Raises:
            LedgerError: as `add` would.
        """
        with self.ledger.reading() as connection:
            _refuse(connection, programme_code, period_key, kind, by, reason)

    def list(
        self, programme_code: str | None = None, period_key: str | None = None
    ) -> pd.DataFrame:
        """One row per edition (columns of the ledger's editions), oldest first."""
        query = queries.editions(programme_code)
        if period_key is not None:
            query = query.where(Edition.period_key == period_key)
        with self.ledger.reading() as connection:
            return to_frame(connection, query)

    def latest(self, programme_code: str, period_key: str) -> dict[str, Any] | None:
        """The newest edition of the period, or None where nobody closed it."""
        closed = self.list(programme_code, period_key)
        if closed.empty:
            return None
        return {str(k): v for k, v in closed.astype(object).iloc[-1].items()}


def _refuse(
    connection: Connection,
    programme_code: str,
    period_key: str,
    kind: str,
    by: str,
    reason: str,
) -> None:
    if not by.strip():
        raise LedgerError(
            "Chốt số liệu phải có người chốt · an edition needs the name of who closes "
            "the period: auditors read it. Nothing was recorded. Give --by."
        )
    final = connection.execute(
        select(Edition.edition_code)
        .where(
            Edition.programme_code == programme_code,
            Edition.period_key == period_key,
            Edition.kind == FINAL,
        )
        .order_by(Edition.number.desc())
        .limit(1)
    ).scalar_one_or_none()
    if final is None:
        return
    if kind == PROVISIONAL:
        raise LedgerError(
            f"Kỳ {period_key} đã chốt chính thức ({final}), không chốt tạm thời được "
            "nữa · the period was closed for good, so no provisional edition can "
            "follow. Nothing was recorded. To state other figures give --final and "
            "--reason."
        )
    if not reason.strip():
        raise LedgerError(
            f"Kỳ {period_key} đã chốt chính thức ({final}), chốt lại phải có lý do · "
            "the period was closed for good; closing it again needs a reason. Nothing "
            "was recorded. Give --reason."
        )


def _number(write: Write, programme_code: str, period_key: str) -> int:
    newest = write.connection.execute(
        select(func.max(Edition.number)).where(
            Edition.programme_code == programme_code, Edition.period_key == period_key
        )
    ).scalar_one()
    return int(newest or 0)
