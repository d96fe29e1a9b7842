"""`nhiemky run` and `nhiemky rebuild`: the main job, from a terminal or a timer."""

from __future__ import annotations

import typer

from orchestration.cli.console import ConsoleReporter, err
from orchestration.cli.errors import EXIT_ERROR, EXIT_REFUSED
from orchestration.cli.options import AsOfOption, HomeOption, ProgrammeOption, as_date
from orchestration.progress import reporting_to
from orchestration.settings import Settings


def run(
    programme: ProgrammeOption = None,
    home: HomeOption = None,
    as_of: AsOfOption = None,
) -> None:
    """Pull, read, judge, load, build, check and publish all that has arrived.

    Exit codes: 0 published, 3 gate 2 refused, 2 wrong programme, 1 otherwise.
    """
    raise typer.Exit(refresh(Settings.resolve(programme, home, as_date(as_of))))


def rebuild(
    programme: ProgrammeOption = None,
    home: HomeOption = None,
    as_of: AsOfOption = None,
) -> None:
    """Delete the warehouse files and make them again from landing and ledger.

    The same marts come back, row for row: the day judged on is that of the last
    publication unless --as-of says otherwise.
    """
    from orchestration.steps.context import open_run
    from orchestration.steps.rebuild import forget_build

    settings = Settings.resolve(programme, home, as_date(as_of))
    with open_run(settings) as context:
        day = forget_build(context, as_of=settings.as_of)
    settings = Settings(settings.programme, settings.home, settings.workers, day)
    raise typer.Exit(refresh(settings))


def refresh(settings: Settings) -> int:
    """Runs the Dagster job in this process; returns the exit code."""
    # checked before Dagster starts: the error then names file and line, nothing else
    from orchestration.steps.context import open_run
    from orchestration.steps.load import is_up_to_date

    with open_run(settings) as context:
        if is_up_to_date(context):
            err.print("[green]✓[/] Không có gì mới · nothing new since the publication")
            return 0
    with settings.home.run_lock():
        from orchestration.refresh import execute_refresh

        with reporting_to(ConsoleReporter()):
            outcome = execute_refresh(settings)
    if outcome.is_published:
        return 0
    label = "Không công bố · refused" if outcome.is_refused else "Thất bại · failed"
    err.print(f"[bold red]{label}[/]")
    err.print(outcome.reason, markup=False, highlight=False)
    err.print("Bản công bố trước vẫn giữ nguyên · the previous publication stays.")
    return EXIT_REFUSED if outcome.is_refused else EXIT_ERROR
