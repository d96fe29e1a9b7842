"""Show: the scorecard and findings as pages for people and as a table in a terminal."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from rich.table import Table
from warehouse.read import findings as read_findings
from warehouse.read import publication, scorecard

from orchestration.progress import step
from orchestration.steps.context import RunContext
from sources.programme.model import Programme
from warehouse.report import render_findings, render_scorecard

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
        ),
    }
    paths = {}
    with step("Báo cáo · reports") as progress:
        for name, html in pages.items():
            paths[name] = run.home.reports / f"{name}.html"
            paths[name].write_text(html, encoding="utf-8")
        progress.summary = ", ".join(path.name for path in paths.values())
    return paths


def scorecard_table(programme: Programme, frame: pd.DataFrame) -> Table:
    """The scorecard of the programme's root unit, one line per target."""
    caption = SIMULATED if len(frame) and frame.is_simulated.any() else ""
    table = Table(
        title=f"{programme.name_vi}\n[dim]{programme.name_en}[/]",
        caption=f"[bold red]{caption}[/]" if caption else None,
    )
    for title, justify in (
        ("Mã", "left"),
        ("Mục tiêu · target", "left"),
        ("Kỳ · period", "left"),
        ("Thực hiện · actual", "right"),
        ("Yêu cầu · required", "left"),
        ("Kết luận · verdict", "left"),
        ("Đủ báo cáo · coverage", "right"),
    ):
        table.add_column(title, justify=justify)  # type: ignore[arg-type]
    shown = frame[frame.is_scope_unit] if "is_scope_unit" in frame else frame
    for row in shown.itertuples():
        style = VERDICT_STYLE.get(row.verdict, "dim")
        table.add_row(
            row.target_code,
            row.name_vi,
            row.period_label_vi or "",
            vietnamese(row.actual, row.unit_of_measure),
            row.requirement_vi or "",
            f"[{style}]{row.verdict_label_vi}[/]",
            "" if pd.isna(row.coverage) else f"{float(row.coverage) * 100:.0f} %",
        )
    return table


def vietnamese(value: object, unit: str | None) -> str:
    """A figure in Vietnamese style: dot for thousands, comma for decimals."""
    if value is None or pd.isna(value):  # type: ignore[call-overload]
        return ""
    text = f"{float(value):,.2f}".rstrip("0").rstrip(".")  # type: ignore[arg-type]
    text = text.translate(str.maketrans(",.", ".,"))
    return f"{text} {unit}" if unit else text
