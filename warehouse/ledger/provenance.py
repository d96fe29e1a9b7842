"""Provenance: where deliveries came from, and who said what they are."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from warehouse.ledger.models import Delivery
from warehouse.ledger.models_sources import DeliveryAssignment
from warehouse.ledger.rows import fetch
from warehouse.ledger.store import Ledger

_DECISION = ("kind", "form_code", "unit_code", "period_key", "decided_by", "reason")


def provenance(
    ledger: Ledger, sha256s: Collection[str]
) -> dict[tuple[str, str], dict[str, Any]]:
    """By programme and SHA-256 of a delivery: its source_code, and who decided on it.

    `decided`: one dict per decision on the delivery, oldest first, with kind, what it
    was said to be, decided_by, decided_at and reason.
    """
    with ledger.reading() as connection:
        deliveries = fetch(connection, Delivery, "delivery_sha256", sha256s)
        decisions = fetch(connection, DeliveryAssignment, "delivery_sha256", sha256s)
    found: dict[tuple[str, str], dict[str, Any]] = {
        _key(row): {"source_code": row["source_code"], "decided": []}
        for row in deliveries
    }
    for row in sorted(decisions, key=lambda r: (r["decided_at"], r["assignment_id"])):
        said = {name: row[name] for name in _DECISION if row[name] is not None}
        found[_key(row)]["decided"].append({**said, "decided_at": row["decided_at"]})
    return found


def _key(row: dict[str, Any]) -> tuple[str, str]:
    return row["programme_code"], row["delivery_sha256"]
