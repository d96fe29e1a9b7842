"""`nhiemky publish`: to the BI server, and what gate 2 refused, on record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from orchestration.cli.console import ConsoleReporter, err, out
from orchestration.cli.options import (
    HomeOption,
    ProgrammeOption,
    ServerOption,
    logged_in_user,
)
from orchestration.progress import reporting_to
from orchestration.settings import Settings, publish_url
from warehouse.errors import WarehouseError

if TYPE_CHECKING:
    from orchestration.steps.context import RunContext
    from orchestration.steps.server import Standing


def publish_command(
    to: ServerOption = None,
    accept: Annotated[
        str | None,
        typer.Option("--accept", help="Why the refused build may go out after all."),
    ] = None,
    by: Annotated[
        str | None, typer.Option("--by", help="Who decides \\[the user logged in].")
    ] = None,
    programme: ProgrammeOption = None,
    home: HomeOption = None,
) -> None:
    """Put what is published on disk on the BI server; nothing where it is there.

    With --accept: first publish the build that gate 2 refused, as somebody's decision.
    It holds for exactly the state that was refused: the next change is judged anew.

    Exit codes: 0 the server has it (--accept without a server: published), 2 no or a
    wrong address, 1 otherwise: the server is down or refused, nothing to accept, no
    reason given.
    """
    from orchestration.steps.context import open_run
    from orchestration.steps.server import required_url

    url = publish_url(to) if accept is not None else required_url(to)
    settings = Settings.resolve(programme, home)
    with open_run(settings) as run, reporting_to(ConsoleReporter()):
        if accept is not None:
            _accept(run, accept, logged_in_user() if by is None else by)
        if url is not None:
            _serve(run, url, is_published=accept is not None)


def _accept(run: RunContext, reason: str, by: str) -> None:
    from orchestration.steps.release import Acceptance, publish_refused
    from orchestration.steps.show import write_reports

    with run.home.run_lock():
        report = publish_refused(run, Acceptance(by, reason))
        write_reports(run)
    err.print(
        f"[green]✓[/] Đã công bố theo quyết định · published as decided: "
        f"{report.publication_id}",
        highlight=False,
    )


def _serve(run: RunContext, url: str, is_published: bool) -> None:
    from orchestration.steps.server import serve

    try:
        report = serve(run, url)
    except WarehouseError:
        if is_published:
            say_unfinished()
        raise
    said = "Đã lên máy chủ · published on the server"
    if not report.is_new:
        said = "Máy chủ đã có · the server has it already"
    err.print(f"[green]✓[/] {said}: {report.publication_id}", highlight=False)


def say_unfinished() -> None:
    """The figures are out and something after them is not."""
    err.print("[bold red]Đã công bố, nhưng chưa xong · published, yet not done[/]")


def say_standing(server: Standing) -> None:
    """One line: whether the server has the publication, and what to do if not."""
    if server.error is not None:
        said = f"[bold red]không hỏi được · cannot be asked[/] {escape(server.error)}"
    elif server.is_current:
        said = "[green]đã có bản này · has this publication[/]"
    else:
        has = server.publication_id or "chưa có gì · nothing"
        said = f"[yellow]chưa kịp · behind[/], {escape(has)}: nhiemky publish"
    out.print(f"Máy chủ BI · server: {escape(server.server)} {said}", highlight=False)
