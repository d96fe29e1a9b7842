"""What is foreseen of a batch is what the ledger says once it is recorded."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.helpers.warehouse_frames import (
    moment,
    observations,
    origins,
    record,
    sha,
    submission,
)
from warehouse.foresee import foresee
from warehouse.ledger import Ledger
from warehouse.ledger.recorded import Recorded

COLUMNS = ["submission_id", "version", "status", "accepted_from", "accepted_to"]


def delivery(content: str, hour: int) -> dict[str, Any]:
    return {
        "delivery_sha256": sha(content),
        "programme_code": "demo",
        "source_code": "inbox",
        "origin": "file:///in/x.xlsx",
        "file_name": f"{content}.xlsx",
        "size_bytes": 1,
        "status": "read",
        "received_at": pd.Timestamp(moment(hour)),
        "recorded_at": pd.Timestamp(dt.datetime.now(dt.UTC)),
        "is_simulated": True,
    }


def told(recorded: Recorded) -> tuple[list[Any], ...]:
    """All that a load takes of submissions and values, without when it was recorded."""
    submissions = recorded.submissions[[*COLUMNS, "change_reason", "observation_count"]]
    frames = (
        submissions,
        recorded.quarantined,
        recorded.kept_counts,
        recorded.deliveries[["delivery_sha256", "received_at", "status"]],
    )
    return tuple(
        sorted(
            map(str, f.astype(object).where(f.notna(), None).to_dict("records")),
        )
        for f in frames
    )


@pytest.mark.parametrize(
    ("hour", "status"),
    [
        *((0, "accepted"), (5, "accepted"), (9, "accepted"), (20, "accepted")),
        *((5, "rejected"), (20, "held")),
    ],
)
def test_a_batch_is_ranked_as_the_ledger_would(
    tmp_path: Path, hour: int, status: str
) -> None:
    """Before, between, at the very moment of and after what was accepted."""
    ledger = Ledger.open(f"sqlite:///{tmp_path / 'ledger.sqlite'}")
    known = [
        (submission("first"), 2),
        (submission("second"), 9),
        (submission("b", "B"), 3),
    ]
    known.append((submission("no", status="rejected"), 4))
    record(ledger, known)
    batch = pd.DataFrame([submission("new", status=status)])
    values = observations(batch)
    quarantined = pd.Series([0] if hour == 5 else [], dtype="int64")
    supposed = foresee(
        ledger.recorded("demo"),
        delivery("new", hour),
        batch.assign(observation_count=1),
        values,
        quarantined,
    )
    ledger.record_deliveries(origins(("new", hour)), {}, "demo")
    nothing = pd.DataFrame(columns=list(ledger.findings("demo")))
    nothing = nothing.assign(is_blocking=[], is_quarantining=[])
    ledger.record_judgement("demo", batch, nothing, values, quarantined)
    assert told(supposed) == told(ledger.recorded("demo"))
    ledger.close()
