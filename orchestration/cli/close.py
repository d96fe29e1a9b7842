"""`nhiemky close` and `nhiemky editions`: freeze a period, list what was frozen."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from orchestration.cli.console import err, out, print_json
from orchestration.cli.options import (
    HomeOption,
    JsonOption,
    ProgrammeOption,
    logged_in_user,
)
from orchestration.cli.run import refresh
from orchestration.settings import Settings

KIND = {"provisional": "tạm thời · provisional", "final": "chính thức · final"}
SHOWN = (
    "edition_code",
    "kind",
    "period_key",
    "number",
    "closed_at",
    "as_of_date",
    "publication_id",
    "published_at",
    "closed_by",
    "reason",
    "row_count",
    "rows_sha256",
)


def close(
    period: Annotated[str, typer.Argument(help="Period key, e.g. police-2024-Y.")],
    final: Annotated[
        bool, typer.Option("--final", help="For good; provisional without it.")
    ] = False,
    by: Annotated[
        str | None, typer.Option("--by", help="Who \\[the user logged in].")
    ] = None,
    reason: Annotated[
        str, typer.Option("--reason", help="Why; needed to close again after --final.")
    ] = "",
    programme: ProgrammeOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Freeze a period's published figures as an edition, and publish it.

    Later corrections never change it; they show as revisions against it. Exit codes: 0
    published, 3 frozen but gate 2 refused the build with it, 2 wrong programme, 1
    otherwise.
    """
    import pandas as pd

    from orchestration.steps.context import open_run
    from orchestration.steps.edition import close_period, edition_folder
    from orchestration.steps.findings import plain
    from warehouse.ledger.editions import FINAL, PROVISIONAL

    settings = Settings.resolve(programme, home)
    with open_run(settings) as run, settings.home.run_lock():
        closed = close_period(
            run,
            period,
            FINAL if final else PROVISIONAL,
            logged_in_user() if by is None else by,
            reason,
        )
        folder = edition_folder(run, closed.edition["edition_code"])
    edition = closed.edition
    # on the day of the publication that was frozen: nothing else may change
    day = edition["as_of_date"]
    code = refresh(Settings(settings.programme, settings.home, settings.workers, day))
    if as_json:
        (facts,) = plain(pd.DataFrame([edition])[list(SHOWN)])
        print_json({**facts, "verdicts": closed.verdicts, "reports": folder})
    else:
        out.print(
            f"[green]✓[/] Đã chốt · closed: [bold]{edition['edition_code']}[/] "
            f"({KIND[edition['kind']]}), {edition['row_count']} dòng · rows",
            highlight=False,
        )
        for row in closed.verdicts:
            labels = f"{row['verdict_label_vi']} · {row['verdict_label_en']}"
            out.print(f"  {row['rows']:>6}  {escape(labels)}", highlight=False)
        out.print(f"Báo cáo · reports: {folder}", highlight=False, soft_wrap=True)
    if code:
        err.print(
            "Số liệu đã chốt; lần `nhiemky run` sau sẽ công bố · the edition is on "
            "record and the next `nhiemky run` publishes it."
        )
    raise typer.Exit(code)


def editions(
    programme: ProgrammeOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the editions of the programme, oldest first."""
    from orchestration.steps.context import open_run
    from orchestration.steps.findings import plain
    from warehouse.ledger.editions import Editions

    with open_run(Settings.resolve(programme, home)) as run:
        made = Editions(run.ledger).list(run.programme.code)
        zone = run.programme.timezone
    if as_json:
        print_json(plain(made[list(SHOWN)]))
        return
    table = Table(title=f"Đã chốt · editions: {len(made)}", title_justify="left")
    for title in ("Mã · code", "Loại · kind", "Chốt lúc · closed at"):
        table.add_column(title, overflow="fold")
    table.add_column("Dòng · rows", justify="right")
    table.add_column("Ai · lý do", overflow="fold")
    for row in made.to_dict("records"):
        why = f"\n{row['reason']}" if row["reason"] else ""
        table.add_row(
            row["edition_code"],
            KIND[row["kind"]],
            f"{row['closed_at'].tz_convert(zone):%d/%m/%Y %H:%M}",
            str(row["row_count"]),
            escape(row["closed_by"] + why),
        )
    out.print(table)
