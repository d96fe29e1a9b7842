"""Replies: which deliveries are to be answered with a marked workbook, and which were.

What is noted here changes no figure, so the ledger's state token stays as it is.
"""

from __future__ import annotations

from typing import Final

import pandas as pd
from sqlalchemy import select

from warehouse.ledger.endings import ENDING_COLUMNS, SETTLED, endings
from warehouse.ledger.models import Reply
from warehouse.ledger.rows import apply_difference, digest, fetch, to_frame, to_rows
from warehouse.ledger.store import Ledger

HEAVY: Final = ("BLOCKER", "ERROR", "WARNING")
"""Severities that a sender must hear of; INFO alone is no reason for a reply."""

DUE_COLUMNS: Final = (
    "delivery_sha256",
    "state_digest",
    "finding_count",
    "is_settled",
    *ENDING_COLUMNS[1:],
)
_STATE: Final = ("finding_id", "severity", "status", "message_vi", "message_en")
_NOTED: Final = (
    "programme_code",
    "delivery_sha256",
    "path",
    "state_digest",
    "finding_count",
)


class Replies:
    """The answered deliveries of one ledger."""

    def __init__(self, ledger: Ledger) -> None:
        """Takes an open ledger."""
        self._ledger = ledger

    def written(self, programme_code: str) -> pd.DataFrame:
        """One row per answered delivery: delivery_sha256, path, state_digest, ..."""
        query = (
            select(
                Reply.delivery_sha256,
                Reply.path,
                Reply.state_digest,
                Reply.finding_count,
                Reply.written_at,
            )
            .where(Reply.programme_code == programme_code)
            .order_by(Reply.written_at, Reply.delivery_sha256)
        )
        with self._ledger.reading() as connection:
            return to_frame(connection, query)

    def due(self, programme_code: str, findings: pd.DataFrame) -> pd.DataFrame:
        """One row per delivery to answer (again): DUE_COLUMNS.

        `findings` are those of `Ledger.findings`. Due is a delivery with an open
        finding of WARNING or heavier that has no reply, or one that shows other
        findings; and, as settled, one whose reply still lies in its place though
        nothing heavy is open any more, with its `ending`: taken, or put away.
        """
        own = findings[findings.delivery_sha256.notna()]
        is_heavy = own.severity.isin(HEAVY) & own.status.eq("open")
        heavy = own.delivery_sha256[is_heavy]
        states = _states(own[own.delivery_sha256.isin(heavy)])
        states = states.assign(is_settled=False, ending="", ending_word="")
        written = self.written(programme_code)
        in_place = written.drop_duplicates("path", keep="last").delivery_sha256
        with self._ledger.reading() as connection:
            settled = endings(
                connection,
                programme_code,
                in_place[~in_place.isin(heavy)],
                own[own.severity.isin(HEAVY)],
            )
        settled["state_digest"] = [
            digest(SETTLED) if ending == SETTLED else digest(ending, word)
            for ending, word in zip(settled.ending, settled.ending_word, strict=True)
        ]
        settled = settled.assign(finding_count=0, is_settled=True)
        every = pd.concat([f for f in (states, settled) if len(f)] or [states])
        noted = written.set_index("delivery_sha256").state_digest
        is_new = every.delivery_sha256.map(noted).ne(every.state_digest)
        return every.loc[is_new, list(DUE_COLUMNS)].reset_index(drop=True)

    def record(self, programme_code: str, replies: pd.DataFrame) -> None:
        """Notes replies that lie in place: DUE_COLUMNS and `path`, one row each."""
        given = replies.assign(programme_code=programme_code)
        rows = to_rows(given, Reply, _NOTED, "Replies")
        for row in rows:
            row["reply_id"] = digest(programme_code, row["delivery_sha256"])
        with self._ledger.writing() as write:
            for row in rows:
                row["written_at"] = write.now
            ids = (row["reply_id"] for row in rows)
            known = fetch(write.connection, Reply, "reply_id", ids)
            apply_difference(write.connection, Reply, known, rows)


def _states(findings: pd.DataFrame) -> pd.DataFrame:
    """One row per delivery: a digest over all its findings, and how many they are."""
    ordered = findings.sort_values(["delivery_sha256", "finding_id"])
    texts = ordered[list(_STATE)].astype("object").fillna("").astype(str)
    lines = texts[_STATE[0]].str.cat(texts[list(_STATE[1:])], sep="\x1f")
    grouped = lines.groupby(ordered.delivery_sha256, sort=True)
    frame = grouped.agg(["\x1e".join, "size"]).reset_index()
    frame.columns = pd.Index(DUE_COLUMNS[:3])
    frame["state_digest"] = frame.state_digest.map(digest)
    return frame
