"""The outbox: what maintainers should hear of, kept until it was told.

Grain: one row per thing to tell (`Notice.key`), however often it is seen. It is told
once, and again when it grows worse, comes back, or its quiet time is over. A row that
is taken to be sent is leased: a second sender passes it over, and when the first dies
the lease runs out, so that each is told at least once. A row that is resolved before
any channel took it is not told any more.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, fields
from typing import Any

import pandas as pd
from sqlalchemy import ColumnElement, and_, insert, or_, select

from warehouse.ledger.models import Alert, Publication
from warehouse.ledger.notice import Notice, Raised, Waiting, waiting_time, weight
from warehouse.ledger.rows import Row, digest, fetch, to_frame, update_rows
from warehouse.ledger.store import Ledger
from warehouse.ledger.write import Write

REPEAT_AFTER = dt.timedelta(hours=24)
_DONE = "resolved"
_MISSED = re.compile(r"\[([0-9a-f]{8})\]")
_TOLD = tuple(
    f.name for f in fields(Notice) if f.name not in ("key", "repeats", "is_news")
)


class Outbox:
    """Alerts of one ledger; nothing in it changes the ledger's state token."""

    def __init__(self, ledger: Ledger) -> None:
        """Takes an open ledger."""
        self._ledger = ledger

    def raise_alerts(
        self,
        programme_code: str,
        notices: Iterable[Notice],
        now: dt.datetime,
        settles: Collection[str] = (),
        repeat_after: dt.timedelta = REPEAT_AFTER,
    ) -> Raised:
        """Records what was seen; of the kinds in `settles`, the rest becomes resolved.

        Of notices with the same key the last counts, and all of them as seen once.
        """
        wanted = {digest(programme_code, notice.key): notice for notice in notices}
        if not wanted and not self._unresolved(programme_code, settles):
            return Raised()
        with self._ledger.writing() as write:
            rows = fetch(write.connection, Alert, "alert_id", wanted)
            known = {row["alert_id"]: row for row in rows}
            fresh, news, changed = [], 0, []
            for alert_id, notice in wanted.items():
                row = known.get(alert_id)
                if row is None and notice.is_news:
                    fresh.append(_new_row(programme_code, alert_id, notice, now))
                elif row and (row["state"] != _DONE or notice.is_news):
                    seen, is_told = _seen_again(row, notice, now, repeat_after)
                    changed.append(seen)
                    news += is_told
            if fresh:
                write.connection.execute(insert(Alert), fresh)
            update_rows(write.connection, Alert, changed)
            resolved = _resolve(write, programme_code, settles, wanted)
        return Raised(len(fresh) + news, len(changed) - news, resolved)

    def resolve(self, programme_code: str, keys: Collection[str]) -> int:
        """Marks the alerts with these keys as resolved; gives how many were not yet."""
        ids = [digest(programme_code, key) for key in keys]
        with self._ledger.writing() as write:
            rows = fetch(write.connection, Alert, "alert_id", ids, Alert.state != _DONE)
            _mark_resolved(write, (row["alert_id"] for row in rows))
        return len(rows)

    def due(self, programme_code: str, now: dt.datetime) -> list[Waiting]:
        """Alerts that may be sent now, heaviest first; takes nothing."""
        query = select(*Alert.__table__.columns).where(
            Alert.programme_code == programme_code, _is_due(now)
        )
        with self._ledger.reading() as connection:
            rows = [dict(row) for row in connection.execute(query).mappings()]
        return _by_weight(rows)

    def take(
        self, alert_ids: Collection[str], now: dt.datetime, lease: dt.timedelta
    ) -> list[Waiting]:
        """Those of the alerts that are still due; until the lease ends they are ours.

        The transaction is the only writer, so two senders never take the same row.
        """
        if not alert_ids:
            return []
        with self._ledger.writing() as write:
            rows = fetch(write.connection, Alert, "alert_id", alert_ids, _is_due(now))
            leased = [
                {"alert_id": row["alert_id"], "next_try_at": now + lease}
                for row in rows
            ]
            update_rows(write.connection, Alert, leased)
        return _by_weight(rows)

    def mark_sent(self, sent: Sequence[Waiting], now: dt.datetime) -> None:
        """Notes what was told; what grew worse meanwhile stays open and is told too."""
        if not sent:
            return
        with self._ledger.writing() as write:
            told = {one.alert_id: one.notice for one in sent}
            rows = []
            for row in fetch(write.connection, Alert, "alert_id", told):
                notice = told[row["alert_id"]]
                is_worse = _is_worse(row, notice.severity, notice.level)
                rows.append(
                    {
                        "alert_id": row["alert_id"],
                        "state": "sent"
                        if row["state"] == "open" and not is_worse
                        else row["state"],
                        "sent_at": now,
                        "sent_level": notice.level,
                        "next_try_at": None,
                        "tries": 0,
                        "last_error": None,
                    }
                )
            update_rows(write.connection, Alert, rows)

    def mark_failed(
        self,
        alert_ids: Collection[str],
        error: str,
        now: dt.datetime,
        missed: Collection[str] = (),
    ) -> None:
        """Puts alerts off: 30 s, doubling to an hour.

        `missed` are the fingerprints (8 hex digits) of the channels that failed, where
        others took the message; they are kept with the error, which must hold no
        secret.
        """
        if not alert_ids:
            return
        marks = "".join(f"[{name}]" for name in sorted(missed))
        with self._ledger.writing() as write:
            rows = [
                {
                    "alert_id": row["alert_id"],
                    "tries": row["tries"] + 1,
                    "next_try_at": now + waiting_time(row["tries"] + 1),
                    "last_error": f"{marks} {error}".strip(),
                }
                for row in fetch(write.connection, Alert, "alert_id", alert_ids)
            ]
            update_rows(write.connection, Alert, rows)

    def alerts(
        self, programme_code: str, states: Collection[str] = ("open", "sent")
    ) -> pd.DataFrame:
        """One row per alert in these states, newest first (columns of table alert)."""
        query = (
            select(*Alert.__table__.columns)
            .where(Alert.programme_code == programme_code, Alert.state.in_(states))
            .order_by(Alert.last_seen_at.desc(), Alert.alert_key)
        )
        with self._ledger.reading() as connection:
            return to_frame(connection, query)

    def holds(self, programme_code: str, key: str) -> bool:
        """True when an alert of this key was ever raised."""
        query = select(Alert.alert_id).where(
            Alert.alert_id == digest(programme_code, key)
        )
        with self._ledger.reading() as connection:
            return connection.execute(query).first() is not None

    def standing_refusal(self, programme_code: str) -> str | None:
        """Why gate 2 refused, when its newest word on the programme was a refusal."""
        query = (
            select(Publication.status, Publication.reasons)
            .where(Publication.programme_code == programme_code)
            .order_by(Publication.published_at.desc())
            .limit(1)
        )
        with self._ledger.reading() as connection:
            row = connection.execute(query).first()
        return row.reasons if row and row.status == "refused" else None

    def _unresolved(self, programme_code: str, kinds: Collection[str]) -> bool:
        query = select(Alert.alert_id).where(_is_unresolved(programme_code, kinds))
        with self._ledger.reading() as connection:
            return connection.execute(query.limit(1)).first() is not None


def _is_due(now: dt.datetime) -> ColumnElement[bool]:
    return and_(
        Alert.state == "open",
        or_(Alert.next_try_at.is_(None), Alert.next_try_at <= now),
    )


def _is_unresolved(programme_code: str, kinds: Collection[str]) -> ColumnElement[bool]:
    return and_(
        Alert.programme_code == programme_code,
        Alert.kind.in_(kinds),
        Alert.state != _DONE,
    )


def _is_worse(row: Row, severity: str, level: int) -> bool:
    return weight(row["severity"]) > weight(severity) or row["level"] > level


def _new_row(programme: str, alert_id: str, notice: Notice, now: dt.datetime) -> Row:
    return {
        "alert_id": alert_id,
        "programme_code": programme,
        "alert_key": notice.key,
        "times": 1,
        "first_seen_at": now,
        "last_seen_at": now,
        **_told(notice),
        **_OPEN,
    }


_OPEN: Row = {
    "state": "open",
    "sent_level": None,
    "sent_at": None,
    "next_try_at": None,
    "tries": 0,
    "last_error": None,
}


def _told(notice: Notice) -> Row:
    given: dict[str, Any] = asdict(notice)
    return {name: given[name] for name in _TOLD}


def _seen_again(
    row: Row, notice: Notice, now: dt.datetime, repeat_after: dt.timedelta
) -> tuple[Row, bool]:
    """The row as it becomes, and whether that is news."""
    seen = {**row, **_told(notice), "last_seen_at": now, "times": row["times"] + 1}
    if row["state"] == _DONE:
        return {**seen, **_OPEN, "first_seen_at": now, "times": 1}, True
    if row["state"] == "open":
        # what some channels took already is told to all of them when it grows worse
        is_worse = _is_worse(seen, row["severity"], row["level"])
        return {**seen, **({"last_error": None} if is_worse else {})}, False
    is_worse = _is_worse(seen, row["severity"], row["sent_level"])
    is_over = notice.repeats and now - row["sent_at"] >= repeat_after
    if is_worse or is_over:
        seen |= {"state": "open", "next_try_at": None, "tries": 0, "last_error": None}
    return seen, is_worse or is_over


def _resolve(
    write: Write, programme: str, kinds: Collection[str], kept: Collection[str]
) -> int:
    query = select(Alert.alert_id).where(_is_unresolved(programme, kinds))
    gone = set(write.connection.scalars(query)) - set(kept)
    _mark_resolved(write, gone)
    return len(gone)


def _mark_resolved(write: Write, alert_ids: Iterable[str]) -> None:
    done = [{"alert_id": i, "state": _DONE, "next_try_at": None} for i in alert_ids]
    update_rows(write.connection, Alert, done)


def _by_weight(rows: Iterable[Row]) -> list[Waiting]:
    def order(row: Row) -> tuple[Any, ...]:
        return -weight(row["severity"]), -row["level"], row["kind"], row["alert_key"]

    return [
        Waiting(
            alert_id=row["alert_id"],
            notice=Notice(key=row["alert_key"], **{name: row[name] for name in _TOLD}),
            times=row["times"],
            first_seen_at=row["first_seen_at"],
            tries=row["tries"],
            missed=frozenset(_MISSED.findall(row["last_error"] or "")),
        )
        for row in sorted(rows, key=order)
    ]
