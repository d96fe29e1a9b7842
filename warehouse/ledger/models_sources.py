"""Tables of the ledger about sources: how far each was pulled, what people assigned."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from warehouse.ledger.base import Base


class SourceCursor(Base):
    """One row per source that is asked for what is new: how far it was pulled.

    Written in the transaction that records the deliveries of that pull, so that a
    killed pull is asked for again. What a cursor means, its connector says.
    """

    __tablename__ = "source_cursor"
    programme_code: Mapped[str] = mapped_column(primary_key=True)
    source_code: Mapped[str] = mapped_column(primary_key=True)
    cursor: Mapped[str]
    pulled_at: Mapped[dt.datetime]


class DeliveryAssignment(Base):
    """One row per decision on what an unmatched delivery is; the newest one holds.

    `kind` assign: form, unit and period that its submissions are of, where given, and
    the source whose reader and maps take it. dismiss: nobody's. `to_programme_code`:
    it belongs to another programme of this home.
    """

    __tablename__ = "delivery_assignment"
    __table_args__ = (
        ForeignKeyConstraint(
            ["programme_code", "delivery_sha256"],
            ["delivery.programme_code", "delivery.delivery_sha256"],
        ),
        CheckConstraint("kind IN ('assign', 'dismiss')", name="kind"),
        Index(None, "programme_code", "delivery_sha256"),
    )
    assignment_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    programme_code: Mapped[str]
    delivery_sha256: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(16))
    source_code: Mapped[str | None]
    form_code: Mapped[str | None]
    unit_code: Mapped[str | None]
    period_key: Mapped[str | None]
    to_programme_code: Mapped[str | None]
    decided_by: Mapped[str]
    reason: Mapped[str]
    decided_at: Mapped[dt.datetime]
