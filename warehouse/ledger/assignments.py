"""Assignments: what people said that unmatched deliveries are.

Decisions like any other: added, never changed; of each delivery the newest holds. A
delivery that is assigned waits to be read and judged again, as if it had just come.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import pandas as pd
from sqlalchemy import insert, select

from warehouse.errors import LedgerError
from warehouse.ledger.assigned import newest_assignments
from warehouse.ledger.decisions import check_said
from warehouse.ledger.models import Delivery, DeliveryOrigin
from warehouse.ledger.models_sources import DeliveryAssignment
from warehouse.ledger.receipt import GIVEN, record_deliveries
from warehouse.ledger.rows import Row, digest, fetch, to_frame, update_rows
from warehouse.ledger.store import Ledger
from warehouse.ledger.write import Write

GIVES = ("source_code", "form_code", "unit_code", "period_key")
"""What a decision may say of a delivery."""


@dataclass(frozen=True)
class Assignments:
    """The decisions on unmatched deliveries of a ledger."""

    ledger: Ledger

    def current(self, programme_code: str) -> pd.DataFrame:
        """One row per delivery that was decided on: its newest decision."""
        newest = newest_assignments().subquery()
        query = select(newest).where(newest.c.programme_code == programme_code)
        with self.ledger.reading() as connection:
            return to_frame(connection, query)

    def history(self, programme_code: str, delivery_sha256: str) -> pd.DataFrame:
        """One row per decision on a delivery, oldest first."""
        own = DeliveryAssignment
        query = (
            select(*own.__table__.columns)
            .where(
                own.programme_code == programme_code,
                own.delivery_sha256 == delivery_sha256,
            )
            .order_by(own.decided_at, own.assignment_id)
        )
        with self.ledger.reading() as connection:
            return to_frame(connection, query)

    def assign(
        self,
        programme_code: str,
        delivery_sha256: str,
        by: str,
        reason: str,
        **given: str | None,
    ) -> None:
        """Says what the delivery is (`GIVES`); it waits to be judged again.

        Raises:
            LedgerError: the delivery is unknown or was refused, nobody is named, or no
                reason is given; nothing was recorded.
        """
        with self.ledger.writing() as write:
            _requeue(write, programme_code, [delivery_sha256])
            _add(write, programme_code, delivery_sha256, "assign", by, reason, given)

    def dismiss(
        self, programme_code: str, delivery_sha256: str, by: str, reason: str
    ) -> None:
        """Says that the delivery is nobody's: what stopped it is settled.

        Raises:
            LedgerError: the delivery is unknown, nobody is named, or no reason is
                given; nothing was recorded.
        """
        with self.ledger.writing() as write:
            _known(write, programme_code, [delivery_sha256])
            _add(write, programme_code, delivery_sha256, "dismiss", by, reason, {})

    def pass_on(
        self,
        programme_code: str,
        delivery_sha256: str,
        to_programme_code: str,
        by: str,
        reason: str,
        source_code: str,
        **given: str | None,
    ) -> None:
        """Says that the delivery is another programme's, and records it there.

        It comes to `source_code` there with its own places and times, and is settled
        here. What else is `given` (`GIVES`) is decided for the other programme.

        Raises:
            LedgerError: the delivery is unknown or was refused, nobody is named, or no
                reason is given; nothing was recorded.
        """
        about = (delivery_sha256, "assign", by, reason)
        with self.ledger.writing() as write:
            _readable(_known(write, programme_code, [delivery_sha256]))
            seen = pd.DataFrame(
                fetch(
                    write.connection,
                    DeliveryOrigin,
                    "delivery_sha256",
                    [delivery_sha256],
                    DeliveryOrigin.programme_code == programme_code,
                )
            )
            moved = seen.assign(
                programme_code=to_programme_code, source_code=source_code
            )
            record_deliveries(write, moved[list(GIVEN)])
            if any(given.values()):
                _requeue(write, to_programme_code, [delivery_sha256])
                _add(write, to_programme_code, *about, given)
            there = {"to_programme_code": to_programme_code}
            _add(write, programme_code, *about, there)

    def requeue(self, programme_code: str, delivery_sha256s: Collection[str]) -> int:
        """Lets deliveries be read and judged again; gives their number.

        What the ledger says of them holds until then.

        Raises:
            LedgerError: a delivery is unknown or was refused; nothing was changed.
        """
        with self.ledger.writing() as write:
            return _requeue(write, programme_code, delivery_sha256s)


def _known(
    write: Write, programme_code: str, delivery_sha256s: Collection[str]
) -> list[Row]:
    rows = fetch(
        write.connection,
        Delivery,
        "delivery_sha256",
        delivery_sha256s,
        Delivery.programme_code == programme_code,
    )
    strangers = set(delivery_sha256s) - {row["delivery_sha256"] for row in rows}
    if strangers:
        raise LedgerError(
            f"Không có tệp đã nhận nào là · programme {programme_code} has no delivery "
            f"{', '.join(sorted(strangers)[:5])}. Nothing was recorded. "
            "`nhiemky deliveries list --all` liệt kê · lists them."
        )
    return rows


def _readable(rows: list[Row]) -> list[Row]:
    refused = [row["delivery_sha256"] for row in rows if row["status"] == "refused"]
    if refused:
        raise LedgerError(
            f"{', '.join(refused[:5])}: đã bị từ chối vì có dữ liệu cá nhân · refused "
            "as personal data, so it is never read again. Nothing was recorded. Ask "
            "the sender for a file with aggregate figures only."
        )
    return rows


def _requeue(
    write: Write, programme_code: str, delivery_sha256s: Collection[str]
) -> int:
    rows = _readable(_known(write, programme_code, delivery_sha256s))
    waiting = [
        {**row, "status": "received"} for row in rows if row["status"] != "received"
    ]
    update_rows(write.connection, Delivery, waiting)
    write.changes += len(waiting)
    return len(rows)


def _add(
    write: Write,
    programme_code: str,
    delivery_sha256: str,
    kind: str,
    by: str,
    reason: str,
    given: Mapping[str, str | None],
) -> None:
    check_said(by, reason)
    at = write.moment_after(
        DeliveryAssignment.decided_at,
        DeliveryAssignment.programme_code == programme_code,
    )
    about = (programme_code, delivery_sha256, kind, *sorted(given.items()))
    write.connection.execute(
        insert(DeliveryAssignment).values(
            assignment_id=digest(*about, by, reason, at.isoformat()),
            programme_code=programme_code,
            delivery_sha256=delivery_sha256,
            kind=kind,
            decided_by=by.strip(),
            reason=reason.strip(),
            decided_at=at,
            **given,
        )
    )
    write.changes += 1
