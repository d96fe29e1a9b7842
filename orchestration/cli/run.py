"""`nhiemky run` and `nhiemky rebuild`: the main job, from a terminal or a timer."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import typer

from orchestration.alerts.settings import AlertSettings
from orchestration.cli.console import ConsoleReporter, err
from orchestration.cli.errors import EXIT_ERROR, EXIT_REFUSED
from orchestration.cli.options import AsOfOption, HomeOption, ProgrammeOption, as_date
from orchestration.cli.publish import say_unfinished
from orchestration.progress import reporting_to
from orchestration.settings import Settings, publish_url

if TYPE_CHECKING:
    from orchestration.steps.context import RunContext


def run(
    programme: ProgrammeOption = None,
    home: HomeOption = None,
    as_of: AsOfOption = None,
) -> None:
    """Pull, read, judge, load, build, check and publish all that has arrived.

    Exit codes: 0 published, 3 gate 2 refused, 2 wrong programme or setting, 1
    otherwise; also when the figures are out and the BI server, a reply or an alert is
    still owed, or when a source could not be reached.
    """
    from orchestration.steps.context import open_run

    settings = Settings.resolve(programme, home, as_date(as_of))
    code = refresh(settings)
    with open_run(settings) as context:
        is_down = say_down(context)
    raise typer.Exit(code or (EXIT_ERROR if is_down else 0))


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

    AlertSettings.resolve()  # before anything is deleted
    publish_url()
    settings = Settings.resolve(programme, home, as_date(as_of))
    with open_run(settings) as context:
        day = forget_build(context, as_of=settings.as_of)
    settings = Settings(settings.programme, settings.home, settings.workers, day)
    raise typer.Exit(refresh(settings))


def refresh(settings: Settings) -> int:
    """Runs the Dagster job in this process; returns the exit code."""
    # checked before Dagster starts: the error then names file and line, nothing else
    AlertSettings.resolve()
    publish_url()
    from orchestration.steps.context import open_run
    from orchestration.steps.folders import never_read, tell_hidden
    from orchestration.steps.load import is_up_to_date

    with open_run(settings) as context:
        _ask(context)
        if is_up_to_date(context):
            err.print("[green]✓[/] Không có gì mới · nothing new since the publication")
            if hidden := never_read(context):
                err.print(tell_hidden(hidden), markup=False, highlight=False)
            _send_waiting(context)
            return 0
    with settings.home.run_lock():
        from orchestration.refresh import execute_refresh

        with reporting_to(ConsoleReporter()):
            outcome = execute_refresh(settings)
    if outcome.is_published and not outcome.reason:
        return 0
    if outcome.is_published:
        say_unfinished()
        err.print(outcome.reason, markup=False, highlight=False)
        err.print(
            "Số liệu đã công bố; lần chạy sau làm tiếp việc còn lại · the figures are"
            " published; the next run does what is still owed."
        )
        return EXIT_ERROR
    label = "Không công bố · refused" if outcome.is_refused else "Thất bại · failed"
    err.print(f"[bold red]{label}[/]")
    err.print(outcome.reason, markup=False, highlight=False)
    err.print("Bản công bố trước vẫn giữ nguyên · the previous publication stays.")
    return EXIT_REFUSED if outcome.is_refused else EXIT_ERROR


def _ask(context: RunContext) -> None:
    """Asks interfaces and databases: whether they have news, only they can say."""
    from sources.connectors.registry import is_asked

    asked = [source.code for source in context.programme.sources if is_asked(source)]
    if asked:
        from orchestration.steps.pull import pull

        with context.home.run_lock(), reporting_to(ConsoleReporter()):
            pull(context, asked)


def say_down(context: RunContext, only: Collection[str] = ()) -> bool:
    """Says which sources, or which of these, could not be reached, since when and why;
    True for any."""
    from orchestration.steps.reach import source_states

    states = [state for state in source_states(context) if state.down]
    states = [state for state in states if not only or state.code in only]
    zone = ZoneInfo(context.programme.timezone)
    for state in states:
        assert state.down is not None
        since = f"{state.down.since.astimezone(zone):%d/%m/%Y %H:%M}"
        err.print(
            f"[bold red]Nguồn không đọc được · source down[/] {state.code}, "
            f"từ · since {since}",
            highlight=False,
        )
        err.print(state.down.reason, markup=False, highlight=False)
    if states:
        err.print(
            "Không mất gì: lần sau đọc tiếp từ chỗ cũ · nothing is lost: the next run "
            "goes on from the same place."
        )
    return bool(states)


def _send_waiting(context: RunContext) -> None:
    """Sends alerts that a channel did not take before, and says what came of it."""
    from orchestration.steps.alert import send_due

    with reporting_to(ConsoleReporter()):
        send_due(context)
