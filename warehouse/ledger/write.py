"""One writing transaction: its connection, its moment, and how much it changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pandas as pd
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.engine import Connection

from warehouse.ledger.findings import released_submissions
from warehouse.ledger.models import Submission
from warehouse.ledger.rows import fetch, to_rows, update_rows
from warehouse.ledger.versions import RANKED, rank_versions

_TICK = dt.timedelta(microseconds=1)


@dataclass
class Write:
    """A transaction under way; `changes` counts the rows that became different."""

    connection: Connection
    now: dt.datetime
    changes: int = 0

    def moment_after(self, moments: Any, is_own: ColumnElement[bool]) -> dt.datetime:
        """Now, and after the newest of these moments, also when a clock was set back.

        `moments` is a column of times, `is_own` says which of its rows come before.
        """
        query = select(func.max(moments)).where(is_own)
        newest = self.connection.execute(query).scalar_one()
        return self.now if newest is None else max(self.now, newest + _TICK)

    def rank(self, version_keys: Iterable[str]) -> None:
        """Ranks all submissions of the given form, unit and period keys anew.

        A held submission that a person released ranks as an accepted one.
        """
        rows = fetch(self.connection, Submission, "version_key", version_keys)
        if not rows:
            return
        old = {row["submission_id"]: row for row in rows}
        judged = pd.DataFrame(rows)
        if judged.judged_status.eq("held").any():
            released = released_submissions(self.connection, self.now)
            is_free = judged.submission_id.isin(released)
            judged["judged_status"] = judged.judged_status.mask(is_free, "accepted")
        ranked = to_rows(
            rank_versions(judged),
            Submission,
            ["submission_id", *RANKED],
            "Ranking of versions",
        )
        changed = [
            row
            for row in ranked
            if any(row[name] != old[row["submission_id"]][name] for name in RANKED)
        ]
        update_rows(self.connection, Submission, changed)
        self.changes += len(changed)
