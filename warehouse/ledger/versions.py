"""Ranking of submissions: which is current, which came before, from when to when.

Within one programme, form, unit and period every submission gets a version by the order
of (received_at, delivery_sha256); the last accepted one is current. The order in which
they reach the ledger plays no part.
"""

from __future__ import annotations

import pandas as pd

ORDER = ["received_at", "delivery_sha256", "sheet", "submission_id"]
RANKED = [
    "version",
    "status",
    "accepted_from",
    "accepted_to",
    "change_reason",
    "is_outdated",
]


def rank_versions(submissions: pd.DataFrame) -> pd.DataFrame:
    """One row per submission given: submission_id and the columns that ranking fills.

    Takes submission_id, version_key, judged_status, received_at, delivery_sha256 and
    sheet; every submission of a version_key must be among them. The accepted interval
    [accepted_from, accepted_to) is empty where two were received at the same moment.
    """
    ranked = submissions.fillna({"sheet": ""}).sort_values(ORDER, ignore_index=True)
    ranked["version"] = ranked.groupby("version_key").cumcount() + 1
    is_accepted = ranked.judged_status.eq("accepted")
    accepted = ranked[is_accepted].groupby("version_key")
    ranked["accepted_from"] = ranked.received_at.where(is_accepted)
    ranked["accepted_to"] = accepted.received_at.shift(-1)
    is_current = is_accepted & ~ranked.index.isin(_not_last(ranked[is_accepted]))
    ranked["status"] = ranked.judged_status.mask(
        is_accepted & ~is_current, "superseded"
    )
    is_first = is_accepted & (accepted.cumcount().reindex(ranked.index) == 0)
    ranked["change_reason"] = ranked.judged_status.mask(is_accepted, "correction").mask(
        is_first, "first_report"
    )
    current = ranked[is_current].set_index("version_key").version
    ranked["is_outdated"] = ranked.version < ranked.version_key.map(current).fillna(0)
    return ranked[["submission_id", *RANKED]]


def _not_last(accepted: pd.DataFrame) -> pd.Index:
    return accepted.index[accepted.duplicated("version_key", keep="last")]
