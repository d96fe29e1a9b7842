"""`nhiemky template`: workbooks ready to be filled in, which check themselves."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from orchestration.cli.console import ConsoleReporter, out, print_json
from orchestration.cli.options import HomeOption, JsonOption, ProgrammeOption
from orchestration.progress import reporting_to
from orchestration.settings import Settings

SHOWN = 5


def template(
    form_code: Annotated[str, typer.Argument(metavar="FORM", help="Form code.")],
    period_key: Annotated[
        str, typer.Argument(metavar="PERIOD", help="Period key, e.g. police-2023-Q1.")
    ],
    unit: Annotated[
        list[str] | None,
        typer.Option("--unit", "-u", help="Only this unit; may be given many times."),
    ] = None,
    level: Annotated[
        str | None, typer.Option("--level", help="Only units of this level.")
    ] = None,
    folder: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="Folder to write to \\[home's templates]."),
    ] = None,
    programme: ProgrammeOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write a workbook for every unit that owes a form; it shows its own faults.

    Figures accepted for the period before stand beside the boxes.
    """
    from orchestration.steps.template import make_templates

    settings = Settings.resolve(programme, home)
    with reporting_to(ConsoleReporter()):
        paths = make_templates(
            settings, form_code, period_key, unit or (), level, folder
        )
    if as_json:
        print_json([str(path) for path in paths])
        return
    for path in paths[:SHOWN]:
        out.print(f"[green]+[/] {path}", highlight=False, soft_wrap=True)
    if len(paths) > SHOWN:
        more = len(paths) - SHOWN
        out.print(f"… {more} nữa · more: {paths[0].parent}", soft_wrap=True)
