"""`nhiemky simulate`: the workbooks that officers would send, invented."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from orchestration.cli.console import ConsoleReporter, out
from orchestration.cli.options import (
    AsOfOption,
    HomeOption,
    JsonOption,
    ProgrammeOption,
    as_date,
)
from orchestration.progress import reporting_to, step
from orchestration.settings import Settings, inbox_folder


def simulate(
    inbox: Annotated[
        Path | None,
        typer.Argument(help="Folder for the workbooks [NHIEMKY_INBOX; home's inbox]."),
    ] = None,
    programme: ProgrammeOption = None,
    home: HomeOption = None,
    seed: Annotated[int, typer.Option(help="Same seed, same bytes.")] = 2020,
    as_of: AsOfOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write the workbooks that officers would have sent by now. All say SIMULATED."""
    from orchestration.cli.console import print_json
    from orchestration.steps.context import today
    from sources.programme.loader import load_programme
    from sources.simulator import simulate as write_submissions

    settings = Settings.resolve(programme, home, as_date(as_of))
    loaded = load_programme(settings.programme)
    folder = inbox or inbox_folder(settings.home)
    with reporting_to(ConsoleReporter()), step("Mô phỏng · simulate") as progress:
        report = write_submissions(
            loaded,
            folder,
            seed,
            until=settings.as_of or today(loaded),
            progress=progress.reach,
        )
        progress.summary = f"{report.files} tệp SIMULATED · workbooks"
    if as_json:
        print_json(report.as_dict())
    else:
        out.print(f"SIMULATED → {folder}", highlight=False)
