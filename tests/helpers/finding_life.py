"""A ledger whose clock tests turn by hand, and what it says of its findings."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd

from tests.helpers.warehouse_frames import (
    findings,
    no_findings,
    observations,
    origins,
    submission,
)
from warehouse.ledger import Ledger

NOW = dt.datetime(2024, 6, 1, 8, tzinfo=dt.UTC)  # 15:00 in Hà Nội
LAST_DAY = dt.date(2024, 6, 10)
OVER = dt.datetime(2024, 6, 10, 17, tzinfo=dt.UTC)  # midnight in Hà Nội


class Clock:
    """A clock that tests turn by hand."""

    now = NOW

    def __call__(self) -> dt.datetime:
        return self.now


def judge(
    ledger: Ledger,
    content: str,
    hour: int,
    status: str = "accepted",
    quarantined: tuple[int, ...] = (),
    **finding: Any,
) -> str:
    """One submission with one finding of the given words; gives the finding's id."""
    batch = pd.DataFrame([submission(content, status=status)])
    ledger.record_deliveries(origins((content, hour)), {}, "demo")
    found = findings(batch).assign(**finding)
    rows = pd.Series(quarantined, dtype="int64")
    ledger.record_judgement("demo", batch, found, observations(batch), rows)
    return str(found.finding_id[0])


ERROR: dict[str, Any] = {
    "severity": "ERROR",
    "is_quarantining": True,
    "expected": "≥ 9",
}
HOLD: dict[str, Any] = {
    "severity": "BLOCKER",
    "scope": "submission",
    "is_blocking": True,
    "indicator_code": None,
    "cell": None,
    "observed": "1",
    "expected": "8",
}


def life(ledger: Ledger, at: dt.datetime | None = None) -> dict[str, tuple[str, str]]:
    found = ledger.findings("demo", at)
    return {
        i: (s, li)
        for i, s, li in zip(found.finding_id, found.status, found.life, strict=True)
    }


def standing(*seen: tuple[str, str]) -> pd.DataFrame:
    """Findings of a standing check: (unit, observed)."""
    one = findings(pd.DataFrame([submission("x")])).assign(
        submission_id=None, delivery_sha256=None, scope="series", sheet=None, cell=None
    )
    frames = [one.assign(unit_code=u, observed=o) for u, o in seen]
    return pd.concat(frames, ignore_index=True) if frames else no_findings()
