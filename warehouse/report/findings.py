"""The findings page: what was found, in whose submission, at which cell, what to do."""

from __future__ import annotations

from typing import Any

import pandas as pd

from warehouse.report.page import environment

SHOWN = 2_000
ORDER = {"BLOCKER": 0, "ERROR": 1, "WARNING": 2, "INFO": 3}


def render_findings(
    name_vi: str, name_en: str, frame: pd.DataFrame, publication: dict[str, Any]
) -> str:
    """A self-contained HTML page of the open rows of fct_finding, heaviest first."""
    is_simulated = bool(frame["is_simulated"].eq(True).any())
    is_open = frame["status"].eq("open")
    settled = len(frame) - int(is_open.sum())
    frame = frame[is_open]
    counts = frame["severity"].value_counts()
    ordered = frame.assign(_rank=frame["severity"].map(ORDER)).sort_values(
        ["_rank", "unit_code", "period_key"], na_position="first"
    )
    rows = ordered.head(SHOWN).astype(object)
    return (
        environment()
        .get_template("findings.html.j2")
        .render(
            name_vi=name_vi,
            name_en=name_en,
            rows=rows.where(rows.notna(), None).to_dict("records"),
            counts=[(s, int(counts.get(s, 0))) for s in ORDER],
            total=len(frame),
            settled=settled,
            publication=publication,
            is_simulated=is_simulated,
        )
    )
