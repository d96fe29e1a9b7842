"""Deadline extensions: one unit may send one form of one period later, until a day.

A decision like any other: who, why, when. The newest one about a report holds; it ends
with the new deadline's own day, where the programme reports.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import pandas as pd

from warehouse.errors import LedgerError
from warehouse.ledger import queries
from warehouse.ledger.decisions import add_decision
from warehouse.ledger.rows import to_frame
from warehouse.ledger.store import Ledger

MAX_DAYS = 365
_SEPARATOR = "|"
_KEY = ["form_code", "unit_code", "period_key"]
_COLUMNS = ["programme_code", *_KEY, "due_date", "reason", "decided_by", "decided_at"]


@dataclass(frozen=True)
class Extensions:
    """The deadline extensions of a ledger, in one programme's time zone."""

    ledger: Ledger
    timezone: str

    def grant(
        self,
        programme_code: str,
        form_code: str,
        unit_code: str,
        period_key: str,
        ordinary: dt.date,
        until: dt.date,
        by: str,
        reason: str,
    ) -> str:
        """Gives a report until the end of the day `until`; gives the decision's id.

        Args:
            programme_code: The programme.
            form_code: The form, which the unit owes for this period.
            unit_code: The unit.
            period_key: The period.
            ordinary: The day of the deadline without any extension.
            until: The new last day.
            by: Who decides.
            reason: Why.

        Raises:
            LedgerError: the day is not after the ordinary one or lies more than a year
                after it, nobody is named, or no reason is given; nothing was recorded.
        """
        latest = ordinary + dt.timedelta(days=MAX_DAYS)
        if not ordinary < until <= latest:
            raise LedgerError(
                f"Ngày {until:%d/%m/%Y} không gia hạn được: hạn thường là "
                f"{ordinary:%d/%m/%Y} · an extension ends after the ordinary deadline "
                f"({ordinary:%Y-%m-%d}) and at most {MAX_DAYS} days after it "
                f"({latest:%Y-%m-%d}). Nothing was recorded. Give --until YYYY-MM-DD."
            )
        zone = ZoneInfo(self.timezone)
        end = dt.datetime.combine(until + dt.timedelta(days=1), dt.time(), zone)
        with self.ledger.writing() as write:
            return add_decision(
                write,
                programme_code,
                queries.EXTEND_DEADLINE,
                "report",
                _SEPARATOR.join((form_code, unit_code, period_key)),
                by,
                reason,
                end.astimezone(dt.UTC),
                observed=ordinary.isoformat(),
            )

    def history(self, programme_code: str) -> pd.DataFrame:
        """One row per extension granted, oldest first (columns of raw's table)."""
        query = queries.decisions(programme_code, queries.EXTEND_DEADLINE)
        with self.ledger.reading() as connection:
            return extension_rows(to_frame(connection, query), self.timezone)

    def current(self, programme_code: str) -> pd.DataFrame:
        """One row per form, unit and period: the extension that holds, the newest."""
        return self.history(programme_code).drop_duplicates(_KEY, keep="last")


def extension_rows(decisions: pd.DataFrame, timezone: str) -> pd.DataFrame:
    """One row per decision to extend (columns of raw.deadline_extension)."""
    parts = decisions["subject_id"].str.split(_SEPARATOR, expand=True)
    codes = parts.reindex(columns=range(len(_KEY))).set_axis(_KEY, axis=1)
    end = pd.to_datetime(decisions["valid_until"], utc=True).dt.tz_convert(timezone)
    due = (end - pd.Timedelta(days=1)).dt.date
    named = pd.concat([decisions, codes.astype(object)], axis=1)
    return named.assign(due_date=due.astype(object))[_COLUMNS]
