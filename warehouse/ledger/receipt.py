"""Recording what arrived: contents once, every place and time they were seen."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from warehouse.ledger.models import Delivery, DeliveryOrigin, Submission
from warehouse.ledger.models_sources import SourceCursor
from warehouse.ledger.rows import (
    Row,
    apply_difference,
    digest,
    fetch,
    to_rows,
    update_rows,
)
from warehouse.ledger.write import Write

GIVEN = (
    "programme_code",
    "delivery_sha256",
    "source_code",
    "origin",
    "file_name",
    "size_bytes",
    "modified_at",
)


def record_deliveries(write: Write, frame: pd.DataFrame) -> int:
    """Adds the rows seen; gives the number of deliveries that are new.

    A delivery takes origin, name and `received_at` from the earliest place it was seen
    at; when an earlier one turns up its submissions are ranked again.
    """
    seen = to_rows(frame, DeliveryOrigin, GIVEN, "Deliveries")
    for row in seen:
        row["origin_id"] = digest(*(row[n] for n in GIVEN if n != "file_name"))
        row["recorded_at"] = write.now
    hashes = {row["delivery_sha256"] for row in seen}
    known_origins = fetch(write.connection, DeliveryOrigin, "delivery_sha256", hashes)
    known = fetch(write.connection, Delivery, "delivery_sha256", hashes)
    wanted = [
        _delivery(row, write) for row in _earliest([*known_origins, *seen]).values()
    ]
    write.changes += apply_difference(
        write.connection,
        Delivery,
        known,
        wanted,
        keep=("status", "recorded_at", "is_simulated"),
    )
    write.changes += apply_difference(
        write.connection,
        DeliveryOrigin,
        known_origins,
        [*known_origins, *seen],
        keep=("recorded_at",),
    )
    _move_submissions(write, known, wanted)
    return len(wanted) - len(known)


def record_cursors(
    write: Write, programme_code: str, cursors: Mapping[str, str | None]
) -> None:
    """Notes per source that it was pulled now, and how far.

    Does not count as a change: no build shows it.
    """
    known = fetch(
        write.connection,
        SourceCursor,
        "source_code",
        cursors,
        SourceCursor.programme_code == programme_code,
    )
    wanted = [
        {
            "programme_code": programme_code,
            "source_code": source_code,
            "cursor": cursor or "",
            "pulled_at": write.now,
        }
        for source_code, cursor in cursors.items()
    ]
    apply_difference(write.connection, SourceCursor, known, wanted)


def _earliest(seen: list[Row]) -> dict[tuple[str, str], Row]:
    order = ("modified_at", "source_code", "origin", "file_name")
    ordered = sorted(seen, key=lambda row: [row[name] for name in order], reverse=True)
    return {(row["programme_code"], row["delivery_sha256"]): row for row in ordered}


def _delivery(origin: Row, write: Write) -> Row:
    names = ("programme_code", "delivery_sha256", "source_code", "origin", "file_name")
    return {
        **{name: origin[name] for name in names},
        "size_bytes": origin["size_bytes"],
        "status": "received",
        "received_at": origin["modified_at"],
        "recorded_at": write.now,
        "is_simulated": False,
    }


def _move_submissions(write: Write, known: list[Row], wanted: list[Row]) -> None:
    before = {(r["programme_code"], r["delivery_sha256"]): r for r in known}
    moved = {}
    for row in wanted:
        key = (row["programme_code"], row["delivery_sha256"])
        if key in before and before[key]["received_at"] != row["received_at"]:
            moved[key] = row["received_at"]
    rows = [
        {**row, "received_at": moved[row["programme_code"], row["delivery_sha256"]]}
        for row in fetch(
            write.connection,
            Submission,
            "delivery_sha256",
            {sha256 for _, sha256 in moved},
        )
        if (row["programme_code"], row["delivery_sha256"]) in moved
    ]
    update_rows(write.connection, Submission, rows)
    write.rank(row["version_key"] for row in rows)
