"""`nhiemky pull`: take what the sources have, or list them; nothing is read."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer
from rich.markup import escape
from rich.table import Table

from orchestration.alerts.settings import AlertSettings
from orchestration.cli.console import ConsoleReporter, err, out, print_json
from orchestration.cli.errors import EXIT_ERROR, EXIT_PROGRAMME
from orchestration.cli.options import HomeOption, JsonOption, ProgrammeOption
from orchestration.cli.run import say_down
from orchestration.progress import reporting_to
from orchestration.settings import Settings

if TYPE_CHECKING:
    from orchestration.steps.context import RunContext
    from orchestration.steps.reach import SourceState


def pull(
    sources: Annotated[
        list[str] | None,
        typer.Argument(help="Codes of sources \\[all of the programme]."),
    ] = None,
    show_list: Annotated[
        bool, typer.Option("--list", help="List the sources instead.")
    ] = False,
    programme: ProgrammeOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Pull from sources: land and record what is new; `nhiemky run` reads it.

    Asks at once, whatever `every_minutes` says. Exit codes: 0 all were reached, 1 one
    was not (the others are pulled), 2 no such source.
    """
    AlertSettings.resolve()
    from orchestration.steps.alert import send_due
    from orchestration.steps.context import open_run
    from orchestration.steps.pull import pull as take

    with open_run(Settings.resolve(programme, home)) as run:
        if show_list:
            _list(run, as_json)
            return
        _check(run, sources or [])
        with run.home.run_lock(), reporting_to(ConsoleReporter()):
            summary = take(run, sources or ())
            send_due(run)
        if as_json:
            print_json(asdict(summary))
        else:
            table = Table("Nguồn · source")
            for title in ("Nhận · files", "Mới · new"):
                table.add_column(title, justify="right")
            for code, count in summary.sources.items():
                is_down = code in summary.unreachable
                table.add_row(
                    f"[red]{code}[/]" if is_down else code,
                    str(count.files),
                    str(count.landed),
                )
            out.print(table)
        if summary.unreachable:
            say_down(run, summary.unreachable)
            raise typer.Exit(EXIT_ERROR)


def _check(run: RunContext, codes: list[str]) -> None:
    """Ends with exit code 2 where a source is named that the programme has not."""
    from sources.programme.problems import nearest

    known = [source.code for source in run.programme.sources]
    unknown = [code for code in codes if code not in known]
    for code in unknown:
        err.print(
            f"[bold red]Không có nguồn · no source[/] {escape(repr(code))}: "
            f"{escape(nearest(code, known))}",
            highlight=False,
        )
    if unknown:
        raise typer.Exit(EXIT_PROGRAMME)


def _list(run: RunContext, as_json: bool) -> None:
    from orchestration.steps.reach import source_states

    states = source_states(run)
    if as_json:
        print_json([asdict(state) for state in states])
    else:
        out.print(source_table(states, ZoneInfo(run.programme.timezone)))


def source_table(states: list[SourceState], zone: ZoneInfo) -> Table:
    """One row per source: when it was pulled last, when next, what is wrong."""
    table = Table(title=f"Nguồn · sources: {len(states)}", title_justify="left")
    for title in ("Nguồn · source", "Loại · kind", "Lần cuối · last pull"):
        table.add_column(title, overflow="fold")
    for title in ("Lần tới · next", "Trạng thái · state"):
        table.add_column(title, overflow="fold")
    for state in states:
        table.add_row(
            state.code,
            state.connector,
            _moment(state.pulled_at, zone) or "chưa · never",
            _moment(state.due_at, zone),
            f"[red]{_moment(state.down.since, zone)}[/] {escape(state.down.reason)}"
            if state.down
            else "",
        )
    return table


def _moment(when: dt.datetime | None, zone: ZoneInfo) -> str:
    return f"{when.astimezone(zone):%d/%m/%Y %H:%M}" if when else ""
