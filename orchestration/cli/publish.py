"""`nhiemky publish`: lets a build go out that gate 2 refused, on record."""

from __future__ import annotations

from typing import Annotated

import typer

from orchestration.cli.console import ConsoleReporter, err
from orchestration.cli.options import HomeOption, ProgrammeOption, logged_in_user
from orchestration.progress import reporting_to
from orchestration.settings import Settings


def publish_command(
    accept: Annotated[
        str,
        typer.Option("--accept", help="Why the refused build may go out after all."),
    ],
    by: Annotated[
        str | None, typer.Option("--by", help="Who decides \\[the user logged in].")
    ] = None,
    programme: ProgrammeOption = None,
    home: HomeOption = None,
) -> None:
    """Publish the build that gate 2 refused, as somebody's decision.

    It holds for exactly the state that was refused: the next change is judged anew.
    Exit codes: 0 published, 1 nothing to accept or no reason given.
    """
    from orchestration.steps.context import open_run
    from orchestration.steps.release import Acceptance, publish_refused
    from orchestration.steps.show import write_reports

    acceptance = Acceptance(logged_in_user() if by is None else by, accept)
    settings = Settings.resolve(programme, home)
    with (
        open_run(settings) as run,
        settings.home.run_lock(),
        reporting_to(ConsoleReporter()),
    ):
        report = publish_refused(run, acceptance)
        write_reports(run)
    err.print(
        f"[green]✓[/] Đã công bố theo quyết định · published as decided: "
        f"{report.publication_id}",
        highlight=False,
    )
