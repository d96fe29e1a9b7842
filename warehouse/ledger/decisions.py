"""Decisions of people: kept for ever, each with who, why, when and until when."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import pandas as pd
from sqlalchemy import insert

from warehouse.errors import LedgerError
from warehouse.ledger import queries
from warehouse.ledger.models import Decision
from warehouse.ledger.rows import digest, to_frame
from warehouse.ledger.store import Ledger
from warehouse.ledger.write import Write


@dataclass(frozen=True)
class Decisions:
    """The decisions of a ledger: added, never changed, never taken away."""

    ledger: Ledger

    def record(
        self,
        programme_code: str,
        kind: str,
        subject_type: str,
        subject_id: str,
        by: str,
        reason: str,
        until: dt.datetime | None = None,
        observed: str | None = None,
    ) -> str:
        """Notes a decision; gives its id.

        Raises:
            LedgerError: nobody is named, or no reason is given.
        """
        about = (programme_code, kind, subject_type, subject_id)
        with self.ledger.writing() as write:
            return add_decision(write, *about, by, reason, until, observed)

    def latest(
        self, programme_code: str, kind: str, subject_id: str
    ) -> dict[str, Any] | None:
        """The newest decision of this kind about the subject, or None."""
        decided = self.history(programme_code, subject_id)
        decided = decided[decided.kind.eq(kind)].astype(object)
        if decided.empty:
            return None
        newest = decided.where(decided.notna(), None).iloc[-1]
        return {str(name): value for name, value in newest.items()}

    def history(
        self, programme_code: str | None = None, subject_id: str | None = None
    ) -> pd.DataFrame:
        """One row per decision, oldest first (columns of the ledger's decisions)."""
        query = queries.decisions(programme_code)
        if subject_id is not None:
            query = query.where(Decision.subject_id == subject_id)
        with self.ledger.reading() as connection:
            return to_frame(connection, query)


def check_said(by: str, reason: str) -> None:
    """Refuses a decision of nobody, or without a reason.

    Raises:
        LedgerError: says what to give.
    """
    if not by.strip() or not reason.strip():
        raise LedgerError(
            "Quyết định phải có người quyết định và lý do · a decision needs a name "
            "and a reason: auditors read both. Nothing was recorded. Give --reason "
            "(and --by)."
        )


def add_decision(
    write: Write,
    programme_code: str,
    kind: str,
    subject_type: str,
    subject_id: str,
    by: str,
    reason: str,
    until: dt.datetime | None = None,
    observed: str | None = None,
) -> str:
    """Notes a decision in a transaction under way; gives its id.

    A decision comes after those before it, even when the clock was set back meanwhile.

    Raises:
        LedgerError: nobody is named, or no reason is given.
    """
    check_said(by, reason)
    at = write.moment_after(
        Decision.decided_at, Decision.programme_code == programme_code
    )
    about = (programme_code, kind, subject_type, subject_id, observed)
    decision_id = digest(*about, by, reason, at.isoformat(), until)
    write.connection.execute(
        insert(Decision).values(
            decision_id=decision_id,
            programme_code=programme_code,
            kind=kind,
            subject_type=subject_type,
            subject_id=subject_id,
            decided_by=by.strip(),
            reason=reason.strip(),
            decided_at=at,
            valid_until=until,
            observed=observed,
        )
    )
    write.changes += 1
    return decision_id
