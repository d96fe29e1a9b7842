"""Foresee: the ledger's records as they would be with one more batch in them.

For previews: the same ranking of versions as the ledger's, and nothing is written.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd

from warehouse.ledger.recorded import Recorded
from warehouse.ledger.versions import RANKED, rank_versions

_KEY = ["form_code", "unit_code", "period_key"]
_PLACE = ["submission_id", "measure_code", "sheet", "cell"]


def foresee(
    recorded: Recorded,
    delivery: dict[str, Any],
    submissions: pd.DataFrame,
    observations: pd.DataFrame,
    quarantined: pd.Series,
) -> Recorded:
    """The records with one delivery more, judged as given.

    Args:
        recorded: What the ledger holds of the programme.
        delivery: One row of raw.delivery.
        submissions: Its submissions with `status` and `observation_count`.
        observations: All that was read of them.
        quarantined: The `row_id`s that gate 1 keeps out.
    """
    is_out = observations.row_id.isin(quarantined)
    is_kept = ~is_out & observations.observation_status.ne("missing")
    counts = is_kept.groupby(observations.submission_id).sum().rename("kept_count")
    arrived = submissions.assign(
        received_at=delivery["received_at"],
        recorded_at=delivery["recorded_at"],
        finding_count=0,
        version=0,
        change_reason="",
        accepted_from=None,
        accepted_to=None,
    )
    return replace(
        recorded,
        deliveries=_with(recorded.deliveries, pd.DataFrame([delivery])),
        submissions=_ranked(_with(recorded.submissions, arrived), arrived),
        quarantined=_with(recorded.quarantined, observations.loc[is_out, _PLACE]),
        kept_counts=_with(recorded.kept_counts, counts.reset_index()),
    )


def _with(rows: pd.DataFrame, more: pd.DataFrame) -> pd.DataFrame:
    """Both, in the columns of the first."""
    more = more.reindex(columns=rows.columns).astype(object)
    frames = [frame for frame in (rows.astype(object), more) if len(frame)]
    return pd.concat(frames, ignore_index=True) if frames else rows


def _ranked(submissions: pd.DataFrame, arrived: pd.DataFrame) -> pd.DataFrame:
    """The submissions with those ranked anew that share a key with what arrived."""
    keys = arrived[_KEY].dropna().drop_duplicates()
    touched = submissions.merge(keys, on=_KEY)
    judged = touched.assign(
        version_key=touched[_KEY].agg("\x1f".join, axis="columns"),
        judged_status=touched.status.replace("superseded", "accepted"),
        received_at=pd.to_datetime(touched.received_at, utc=True),
    )
    ranked = rank_versions(judged).set_index("submission_id")
    shown = [name for name in RANKED if name in submissions]
    result = submissions.set_index("submission_id")
    result.loc[ranked.index, shown] = ranked[shown].astype(object)
    return result.reset_index()[list(submissions.columns)]
