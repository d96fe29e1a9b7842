"""Show: the scorecard and findings as pages, as a workbook, in a terminal."""

from __future__ import annotations

import io
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.markup import escape
from rich.table import Table

from orchestration.progress import step
from orchestration.steps.context import RunContext
from warehouse.export import export_table
from warehouse.files import READABLE, write_durably
from warehouse.read import findings as read_findings
from warehouse.read import publication
from warehouse.report import (
    ScorecardData,
    finding_places,
    render_findings,
    render_scorecard,
    scorecard_data,
    scorecard_workbook,
)
from warehouse.report.cards import Card, cards, words_of
from warehouse.report.page import number_beside
from warehouse.report.words import SIMULATED

VERDICT_STYLE = {
    "met": "bold green",
    "on_track": "green",
    "not_met": "bold red",
    "off_track": "red",
    "cannot_judge": "yellow",
}
SCORECARD_TABLE = "rpt_term_scorecard"


def write_reports(run: RunContext) -> dict[str, Path]:
    """Writes scorecard.html and .xlsx, findings.html and the scorecard's table as CSV.

    All into the reports folder; the table is `rpt_term_scorecard` as published.
    """
    code = run.programme.code
    with step("Báo cáo · reports") as progress:
        paths = _write_scorecard(run.home.reports, scorecard_data(run.home, code))
        findings = render_findings(
            run.programme.name_vi,
            run.programme.name_en,
            read_findings(run.home, code),
            publication(run.home),
            timezone=run.programme.timezone,
            places=finding_places(run.home, code),
        )
        paths["findings"] = run.home.reports / "findings.html"
        _write(paths["findings"], findings.encode())
        table = io.BytesIO()
        export_table(run.home, SCORECARD_TABLE, "csv", table)
        paths["table"] = run.home.reports / f"{SCORECARD_TABLE}.csv"
        _write(paths["table"], table.getvalue())
        progress.summary = ", ".join(path.name for path in paths.values())
    return paths


def write_edition_reports(run: RunContext, edition_code: str) -> dict[str, Path]:
    """Writes an edition's scorecard.html and .xlsx into reports/editions/<its code>.

    Raises:
        ReadError: nothing is published, or the publication has no such edition.
    """
    data = scorecard_data(run.home, run.programme.code, edition_code)
    return _write_scorecard(run.home.reports / "editions" / edition_code, data)


def _write_scorecard(folder: Path, data: ScorecardData) -> dict[str, Path]:
    folder.mkdir(parents=True, exist_ok=True)
    contents = {
        "scorecard": ("scorecard.html", render_scorecard(data).encode()),
        "workbook": ("scorecard.xlsx", scorecard_workbook(data)),
    }
    for name, content in contents.values():
        _write(folder / name, content)
    return {kind: folder / name for kind, (name, _) in contents.items()}


def _write(path: Path, content: bytes) -> None:
    write_durably(path, content, path.parent, READABLE)


def scorecard_table(data: ScorecardData) -> Table:
    """The scorecard in a terminal, one line per target."""
    caption = SIMULATED if data.is_simulated else ""
    table = Table(
        title=f"{data.name_vi}\n[dim]{data.name_en}[/]",
        caption=f"[bold red]{caption}[/]" if caption else None,
        expand=True,
        box=SIMPLE_HEAD,
        pad_edge=False,
        padding=(0, 1, 1, 0),
    )
    if data.edition:
        table.title = f"{table.title}\n{escape(data.edition['edition_code'])}"
    table.add_column("Mã", no_wrap=True)
    table.add_column("Chỉ tiêu · target", ratio=1)
    table.add_column("Thực hiện", justify="right", no_wrap=True)
    table.add_column("Yêu cầu", max_width=14)
    table.add_column("Kết luận", max_width=16)
    table.add_column("Báo\ncáo", justify="right", no_wrap=True)
    for card in cards(data):
        row, target = card.row, card.target
        share = None if row["coverage"] is None else row["coverage"] * 100
        table.add_row(
            escape(card.code),
            escape(target["name_vi"] or "")
            + (
                f"\n[dim]{escape(row['period_label_vi'])}[/]"
                if row["period_label_vi"]
                else ""
            ),
            number_beside(row["actual"], row["required"], target["actual_unit"]),
            escape(target["requirement_vi"] or ""),
            _verdict_lines(card),
            number_beside(share and round(share), None, "%"),
        )
    return table


def _verdict_lines(card: Card) -> str:
    """The verdict, its grade, and how the year still open is going."""
    style = VERDICT_STYLE.get(card.row["verdict"], "dim")
    lines = [f"[{style}]{words_of(card.row)}[/]"]
    if card.row["grade_label_vi"]:
        lines.append(escape(card.row["grade_label_vi"]))
    if card.running is not None:
        running = card.running
        lines.append(
            f"[dim]{escape(running['period_label_vi'])}: {words_of(running)}[/]"
        )
    return "\n".join(lines)
