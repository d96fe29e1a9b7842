"""`nhiemky extend`: more time for one report of one unit, on record."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from orchestration.cli.console import out, print_json
from orchestration.cli.options import (
    HomeOption,
    JsonOption,
    ProgrammeOption,
    logged_in_user,
)
from orchestration.settings import DAY_FORMATS, Settings


def extend(
    unit: Annotated[str | None, typer.Argument(help="Unit code.")] = None,
    form: Annotated[str | None, typer.Argument(help="Form code.")] = None,
    period: Annotated[str | None, typer.Argument(help="Period key.")] = None,
    until: Annotated[
        dt.datetime | None,
        typer.Option(formats=DAY_FORMATS, help="New last day, after the ordinary."),
    ] = None,
    reason: Annotated[str, typer.Option("--reason", help="Why, for the auditor.")] = "",
    by: Annotated[
        str | None, typer.Option("--by", help="Who \\[the user logged in].")
    ] = None,
    show_list: Annotated[
        bool, typer.Option("--list", help="List extensions instead.")
    ] = False,
    programme: ProgrammeOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Give a unit more time for one report; --list shows who was given it.

    Until that day is over the report is neither late, missing nor overdue.
    """
    settings = Settings.resolve(programme, home)
    if show_list:
        _list(settings, as_json)
        return
    if unit is None or form is None or period is None or until is None:
        raise typer.BadParameter(
            "give UNIT FORM PERIOD --until DATE --reason TEXT, or --list"
        )
    from orchestration.steps.context import open_run
    from orchestration.steps.extend import extend_deadline

    with open_run(settings) as run:
        given = extend_deadline(
            run,
            unit,
            form,
            period,
            until.date(),
            logged_in_user() if by is None else by,
            reason,
        )
    if as_json:
        print_json(given)
        return
    out.print(
        f"[green]✓[/] {unit} · {form} · {period}: {given['ordinary_due_date']:%d/%m/%Y}"
        f" → [bold]{until:%d/%m/%Y}[/]",
        highlight=False,
    )
    out.print("Lần chạy sau sẽ áp dụng · the next run shows it: nhiemky run")


def _list(settings: Settings, as_json: bool) -> None:
    from orchestration.steps.context import open_run
    from orchestration.steps.extend import extensions
    from orchestration.steps.findings import plain

    with open_run(settings) as run:
        held = extensions(run)
    if as_json:
        print_json(plain(held))
        return
    table = Table(title=f"Gia hạn · extensions: {len(held)}", title_justify="left")
    for title in ("Đơn vị · unit", "Biểu · form", "Kỳ · period", "Hạn mới · until"):
        table.add_column(title, overflow="fold")
    table.add_column("Ai · lý do", overflow="fold")
    for row in held.to_dict("records"):
        over = " (hết hạn · over)" if row["is_over"] else ""
        table.add_row(
            row["unit_code"],
            row["form_code"],
            row["period_key"],
            f"{row['due_date']:%d/%m/%Y}{over}",
            escape(f"{row['decided_by']}\n{row['reason']}"),
        )
    out.print(table)
