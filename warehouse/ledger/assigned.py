"""Which decision on a delivery holds: the newest, as SELECTs that others join."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import Select, func, or_, select

from warehouse.ledger.models_sources import DeliveryAssignment


def newest_assignments(at: dt.datetime | None = None) -> Select[Any]:
    """One row per delivery that was decided on: the newest decision, up to `at`."""
    turn = func.row_number().over(
        partition_by=[
            DeliveryAssignment.programme_code,
            DeliveryAssignment.delivery_sha256,
        ],
        order_by=[
            DeliveryAssignment.decided_at.desc(),
            DeliveryAssignment.assignment_id,
        ],
    )
    query = select(*DeliveryAssignment.__table__.columns, turn.label("turn"))
    if at is not None:
        query = query.where(DeliveryAssignment.decided_at <= at)
    ranked = query.subquery()
    columns = [ranked.c[c.name] for c in DeliveryAssignment.__table__.columns]
    return select(*columns).where(ranked.c.turn == 1)


def settled_deliveries(at: dt.datetime | None = None) -> Select[Any]:
    """programme_code and delivery_sha256 of what is nobody's or another programme's."""
    newest = newest_assignments(at).subquery()
    return select(newest.c.programme_code, newest.c.delivery_sha256).where(
        or_(newest.c.kind == "dismiss", newest.c.to_programme_code.is_not(None))
    )
