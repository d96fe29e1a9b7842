"""`nhiemky status` and `scorecard`: what a person or a script asks."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.markup import escape
from rich.table import Table

from orchestration.cli.console import err, out, print_json
from orchestration.cli.options import HomeOption, JsonOption, ProgrammeOption
from orchestration.cli.publish import say_standing
from orchestration.settings import Settings

MISSING_SHOWN = 15


def status(
    programme: ProgrammeOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Who has reported, who has not, what was found, what is published."""
    from orchestration.cli.pull import source_table
    from orchestration.steps.assign import unmatched_count
    from orchestration.steps.context import open_run
    from orchestration.steps.findings import local_time
    from orchestration.steps.reach import source_states
    from orchestration.steps.server import standing
    from warehouse.read import status as read_status

    with open_run(Settings.resolve(programme, home)) as run:
        facts = read_status(run.home, run.ledger)
        facts["unmatched_deliveries"] = unmatched_count(run)
        states = source_states(run)
        server = standing(run)
        zone = ZoneInfo(run.programme.timezone)
    facts["sources"] = [asdict(state) for state in states]
    facts["server"] = asdict(server) if server else None
    if as_json:
        print_json(facts)
        return
    at = facts["published_at"]
    when = local_time(at, zone.key) if at else "chưa · never"
    out.print(f"Công bố · published at: [bold]{when}[/]", highlight=False)
    if server:
        say_standing(server)
    for title, key in (
        ("Báo cáo · submissions", "submissions"),
        ("Phát hiện còn mở · open findings", "open_findings"),
    ):
        table = Table(
            title=title, title_justify="left", show_header=False, min_width=len(title)
        )
        for name, count in facts[key].items():
            table.add_row(name, f"{count:,}".replace(",", "."))
        out.print(table)
    out.print(source_table(states, zone))
    if unmatched := facts["unmatched_deliveries"]:
        out.print(
            f"[yellow]{unmatched} tệp chưa biết của ai · deliveries nobody could place:"
            "[/] nhiemky deliveries list",
            highlight=False,
        )
    missing = facts["missing"]
    table = Table(
        "Đơn vị · unit",
        "Biểu · form",
        "Kỳ · period",
        title=f"Còn thiếu · missing: {len(missing)}",
        title_justify="left",
    )
    for row in missing[:MISSING_SHOWN]:
        table.add_row(row["unit_code"], row["form_code"], row["period_key"])
    out.print(table)
    if len(missing) > MISSING_SHOWN:
        out.print(f"… {len(missing) - MISSING_SHOWN} nữa · more: nhiemky status --json")


def scorecard(
    programme: ProgrammeOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
    edition: Annotated[
        str | None,
        typer.Option("--edition", help="An edition \\[as published now]."),
    ] = None,
    xlsx: Annotated[
        Path | None, typer.Option("--xlsx", help="Write the workbook here.")
    ] = None,
) -> None:
    """The term scorecard of the publication in place, or of an edition."""
    from orchestration.steps.context import open_run
    from orchestration.steps.show import scorecard_table
    from warehouse.read import scorecard as read_scorecard
    from warehouse.report import scorecard_data, scorecard_workbook

    with open_run(Settings.resolve(programme, home)) as run:
        data = scorecard_data(run.home, run.programme.code, edition)
    if xlsx is not None:
        xlsx.write_bytes(scorecard_workbook(data))
        err.print(f"[green]✓[/] {escape(str(xlsx))}", highlight=False)
    if as_json:
        code = run.programme.code
        frame = data.latest if edition else read_scorecard(run.home, code)
        # pandas writes the rows: what is missing becomes null, whole numbers stay whole
        print_json(json.loads(frame.convert_dtypes().to_json(orient="records")))
        return
    out.print(scorecard_table(data))
