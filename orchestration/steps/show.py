"""Show: the scorecard and findings as pages for people and as a table in a terminal."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from rich.table import Table

from orchestration.progress import step
from orchestration.steps.context import RunContext
from sources.programme.model import Programme
from warehouse.read import findings as read_findings
from warehouse.read import publication, scorecard
from warehouse.report import render_findings, render_scorecard
from warehouse.report.page import vietnamese_number

VERDICT_STYLE = {
    "met": "bold green",
    "on_track": "green",
    "not_met": "bold red",
    "off_track": "red",
    "cannot_judge": "yellow",
}
SIMULATED = "SỐ LIỆU MÔ PHỎNG · SIMULATED DATA"


def write_reports(run: RunContext) -> dict[str, Path]:
    """Writes scorecard.html and findings.html into the home's reports folder."""
    published = publication(run.home)
    pages = {
        "scorecard": render_scorecard(
            run.programme.name_vi,
            run.programme.name_en,
            scorecard(run.home, run.programme.code),
            published,
        ),
        "findings": render_findings(
            run.programme.name_vi,
            run.programme.name_en,
            read_findings(run.home, run.programme.code),
            published,
            timezone=run.programme.timezone,
        ),
    }
    paths = {}
    with step("Báo cáo · reports") as progress:
        for name, html in pages.items():
            paths[name] = run.home.reports / f"{name}.html"
            paths[name].write_text(html, encoding="utf-8")
        progress.summary = ", ".join(path.name for path in paths.values())
    return paths


def write_edition_reports(run: RunContext, edition_code: str) -> dict[str, Path]:
    """Writes scorecard.html and .xlsx of an edition; gives their paths by name."""
    return {}


def scorecard_table(programme: Programme, frame: pd.DataFrame) -> Table:
    """The scorecard of the programme's root unit, one line per target."""
    caption = SIMULATED if len(frame) and frame.is_simulated.any() else ""
    table = Table(
        title=f"{programme.name_vi}\n[dim]{programme.name_en}[/]",
        caption=f"[bold red]{caption}[/]" if caption else None,
        expand=True,
    )
    table.add_column("Mã", no_wrap=True)
    table.add_column("Mục tiêu · target", ratio=1, min_width=24)
    table.add_column("Thực hiện", justify="right", no_wrap=True)
    table.add_column("Yêu cầu", max_width=16)
    table.add_column("Kết luận", max_width=14)
    table.add_column("Báo\ncáo", justify="right", no_wrap=True)
    shown = frame[frame.is_scope_unit]
    texts = shown.astype(object).where(shown.notna(), None)
    for row in texts.to_dict("records"):
        style = VERDICT_STYLE.get(row["verdict"], "dim")
        verdict = "Cam kết" if row["is_commitment"] else row["verdict_label_vi"]
        period = row["period_label_vi"]
        share = None if row["coverage"] is None else row["coverage"] * 100
        table.add_row(
            row["target_code"],
            row["name_vi"] + (f"\n[dim]{period}[/]" if period else ""),
            with_unit(row["actual"], row["actual_unit"]),
            row["requirement_vi"] or "",
            f"[{style}]{verdict}[/]",
            with_unit(share, "%", decimals=0),
        )
    return table


def with_unit(value: object, unit: str | None, decimals: int = 2) -> str:
    """A figure as the pages write it, and its unit; nothing for a missing value."""
    text = vietnamese_number(value, decimals)
    return f"{text} {unit}" if text and unit else text
