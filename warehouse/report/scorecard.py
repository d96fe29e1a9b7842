"""The term scorecard: one row per target, drill-down to units, sparkline per year."""

from __future__ import annotations

from typing import Any

import pandas as pd
from markupsafe import Markup

from warehouse.report.page import environment

WIDTH, HEIGHT, PAD = 120, 30, 3


def render_scorecard(
    name_vi: str, name_en: str, frame: pd.DataFrame, publication: dict[str, Any]
) -> str:
    """A self-contained HTML page from rows of rpt_term_scorecard (target x unit)."""
    rows = frame.astype(object).where(frame.notna(), None)
    targets = []
    for _, group in rows.groupby("target_code", sort=False):
        units = group.to_dict("records")
        head = next((u for u in units if u["is_scope_unit"]), units[0])
        targets.append(
            {
                **head,
                "spark": sparkline(head["yearly_values"]),
                "units": [u for u in units if not u["is_scope_unit"]],
            }
        )
    judged = [t for t in targets if not t["is_commitment"]]
    counts = pd.Series([t["verdict"] for t in judged], dtype=object).value_counts()
    labels = {
        t["verdict"]: (t["verdict_label_vi"], t["verdict_label_en"]) for t in judged
    }
    return (
        environment()
        .get_template("scorecard.html.j2")
        .render(
            name_vi=name_vi,
            name_en=name_en,
            targets=targets,
            counts=[(v, *labels[v], int(n)) for v, n in counts.items()],
            publication=publication,
            is_simulated=bool(len(frame)) and bool(frame["is_simulated"].any()),
        )
    )


def sparkline(series: str | None) -> Markup:
    """`2021:95.2;2022:97` as a small line with its last point marked."""
    points = [p.split(":") for p in (series or "").split(";") if ":" in p]
    pairs = [(int(year), float(value)) for year, value in points if value]
    if not pairs:
        return Markup("")
    values = [value for _, value in pairs]
    low, span = min(values), (max(values) - min(values)) or 1.0
    step = (WIDTH - 2 * PAD) / max(1, len(pairs) - 1)
    xy = [
        (PAD + i * step, HEIGHT - PAD - (value - low) / span * (HEIGHT - 2 * PAD))
        for i, value in enumerate(values)
    ]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in xy)
    label = ", ".join(f"{year}: {value:g}" for year, value in pairs)
    return Markup(
        '<svg class="spark" role="img" viewBox="0 0 {w} {h}" width="{w}" height="{h}">'
        "<title>{label}</title><polyline points='{line}'/>"
        "<circle cx='{x:.1f}' cy='{y:.1f}' r='2.6'/></svg>"
    ).format(w=WIDTH, h=HEIGHT, label=label, line=line, x=xy[-1][0], y=xy[-1][1])
