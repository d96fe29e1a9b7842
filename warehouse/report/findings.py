"""The findings page: what was found, in whose submission, at which cell, what to do."""

from __future__ import annotations

from typing import Any

import pandas as pd

from warehouse.report.anchors import findings_anchor
from warehouse.report.data import records
from warehouse.report.page import environment, script

SHOWN = 5_000
SEVERITIES = ("BLOCKER", "ERROR", "WARNING", "INFO")
LIVES = {
    "new": ("mới", "new"),
    "seen": ("đã thấy ở bản trước", "seen before"),
    "reopened": ("mở lại", "reopened"),
    "waived": ("được miễn", "waived"),
}
TIMEZONE = "Asia/Ho_Chi_Minh"
_UNSEEN = r"[\x00-\x1f\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]"
"""Control marks, and those that turn the direction of what follows."""


def render_findings(
    name_vi: str,
    name_en: str,
    frame: pd.DataFrame,
    publication: dict[str, Any],
    timezone: str = TIMEZONE,
    places: pd.DataFrame | None = None,
) -> str:
    """A self-contained HTML page of the rows of fct_finding that are not resolved.

    Heaviest first, one row each; waived ones say by whom, why and until which day of
    `timezone`. What units typed is shown without control and direction marks.
    `places` (`finding_places`) says which figures of a scorecard a finding is about:
    its links lead to the first such row, and with script show those rows alone.
    """
    is_simulated = bool(frame["is_simulated"].eq(True).any())
    is_open, is_waived = (frame["status"].eq(name) for name in ("open", "waived"))
    counts = frame.loc[is_open, "severity"].value_counts()
    unresolved = frame[is_open | is_waived]
    ordered = unresolved.assign(
        _rank=unresolved["severity"].map({s: n for n, s in enumerate(SEVERITIES)}),
        _is_waived=unresolved["status"].eq("waived"),
        last_day=_last_days(unresolved["waived_until"], timezone),
    ).sort_values(
        ["_is_waived", "_rank", "unit_code", "period_key"], na_position="first"
    )
    rows = ordered.head(SHOWN).astype(object).replace(_UNSEEN, " ", regex=True)
    rows = rows.assign(_anchors=_anchors(rows["finding_id"], places))
    code, permission = script("findings.js.j2")
    return (
        environment()
        .get_template("findings.html.j2")
        .render(
            name_vi=name_vi,
            name_en=name_en,
            rows=_with_first(records(rows)),
            counts=[(s, int(counts.get(s, 0))) for s in SEVERITIES],
            lives=LIVES,
            total=int(is_open.sum()),
            waived=int(is_waived.sum()),
            settled=len(frame) - len(unresolved),
            publication=publication,
            is_simulated=is_simulated,
            script=code,
            permission=permission,
        )
    )


def _anchors(finding_ids: pd.Series, places: pd.DataFrame | None) -> pd.Series:
    """Per finding the anchors it belongs to, separated by blanks."""
    if places is None or places.empty:
        return pd.Series("", index=finding_ids.index, dtype=object)
    names = [
        findings_anchor(*pair)
        for pair in zip(places["indicator_code"], places["unit_code"], strict=True)
    ]
    joined = places.assign(_name=names).groupby("finding_id")["_name"].agg(" ".join)
    return finding_ids.map(joined).fillna("")


def _with_first(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows with `new_anchors`: those that no row above has."""
    seen: set[str] = set()
    for row in rows:
        names = str(row["_anchors"]).split()
        row["new_anchors"] = [name for name in names if name not in seen]
        seen.update(names)
    return rows


def _last_days(until: pd.Series, timezone: str) -> pd.Series:
    """`31/12/2025` for a moment at which that day is over; None for none."""
    local = pd.to_datetime(until, utc=True).dt.tz_convert(timezone)
    days = (local - pd.Timedelta(microseconds=1)).dt.strftime("%d/%m/%Y")
    return days.astype(object).where(days.notna(), None)
