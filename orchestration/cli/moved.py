"""`nhiemky diff` and `preview`: what moved between two days, what a file would move."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

from orchestration.cli.console import ConsoleReporter, out, print_json
from orchestration.cli.options import (
    AsOfOption,
    HomeOption,
    JsonOption,
    ProgrammeOption,
    as_date,
)
from orchestration.progress import reporting_to
from orchestration.settings import Settings

if TYPE_CHECKING:
    from orchestration.steps.compare import State
    from orchestration.steps.preview import Preview

FINDINGS_SHOWN = 10
MEANING = {
    "accepted": "[green]Sẽ được nhận[/] · would be accepted",
    "superseded": "[yellow]Cũ hơn bản đang dùng[/] · older than the version in force",
    "held": "[yellow]Sẽ bị giữ chờ người xem xét[/] · would be held for a person",
    "rejected": "[bold red]Sẽ bị trả lại[/] · would be rejected",
    "mixed": "[yellow]Nhận một phần[/] · some of it would be accepted",
    "repeated": "[yellow]Đã nhận tệp này rồi[/] · these very bytes were received",
    "refused": "[bold red]Bị từ chối vì có dữ liệu cá nhân[/] · personal data: refused",
    "unreadable": "[bold red]Không đọc được báo cáo nào[/] · no report can be read",
}


def diff(
    since: Annotated[
        str,
        typer.Option("--from", help="Day (its end), or day and time, of local time."),
    ],
    until: Annotated[str, typer.Option("--to", help="The same, of the second state.")],
    as_of: AsOfOption = None,
    programme: ProgrammeOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """What changed from one day to another: values, totals, ranks and verdicts.

    Each state is what was known then, judged on that day; --as-of judges both on one
    day, so that only what was learned counts. Exit codes: 0 compared, 2 wrong
    programme, 1 otherwise.
    """
    from orchestration.cli.moved_tables import as_plain, print_moved
    from orchestration.steps.compare import compare, state_at
    from orchestration.steps.context import open_run

    with (
        open_run(Settings.resolve(programme, home)) as run,
        reporting_to(ConsoleReporter()),
    ):
        zone, day = run.programme.timezone, as_date(as_of)
        before, now = state_at(since, zone, day), state_at(until, zone, day)
        moved = compare(run, before, now)
    if as_json:
        print_json({"from": _state(before), "to": _state(now), **as_plain(moved)})
        return
    for label, text, state in (("Từ · from", since, before), ("Đến · to", until, now)):
        judged = f"xét ngày · judged on {state.as_of:%d/%m/%Y}"
        out.print(f"{label} [bold]{escape(text)}[/], {judged}", highlight=False)
    print_moved(moved)


def preview(
    file: Annotated[Path, typer.Argument(help="A workbook that was not sent yet.")],
    source: Annotated[
        str | None,
        typer.Option("--source", help="Source it would come from \\[by its name]."),
    ] = None,
    as_of: AsOfOption = None,
    programme: ProgrammeOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """What a file would do if it were sent now; nothing is recorded.

    Whether it would be accepted, what would be found, and what it would move. Exit
    codes: 0 previewed, whatever would become of it, 2 wrong programme, 1 otherwise.
    """
    from orchestration.cli.moved_tables import as_plain, print_moved, rows_of
    from orchestration.steps.context import open_run
    from orchestration.steps.preview import preview as preview_file

    settings = Settings.resolve(programme, home, as_date(as_of))
    with open_run(settings) as run, reporting_to(ConsoleReporter()):
        seen = preview_file(run, file, source)
    if as_json:
        facts: dict[str, Any] = {
            "status": seen.status,
            "received_at": seen.received_at,
            "as_of": seen.as_of,
            "submissions": rows_of(seen.submissions),
            "findings": rows_of(seen.findings),
        }
        print_json({**facts, **(as_plain(seen.moved) if seen.moved else {})})
        return
    _tell(file, seen)
    if seen.moved:
        print_moved(seen.moved)


def _state(state: State) -> dict[str, Any]:
    return {"known_on": state.known_on, "as_of": state.as_of}


def _tell(file: Path, seen: Preview) -> None:
    """What would become of the file, and why."""
    from orchestration.cli.moved_tables import findings_table

    out.print(f"{escape(file.name)}: {MEANING[seen.status]}", highlight=False)
    for row in seen.submissions.to_dict("records"):
        about = (row["form_code"], row["unit_code"], row["period_key"])
        known = " · ".join(escape(str(text)) for text in about if text)
        out.print(
            f"  {known}: {MEANING[row['status']]}, bản · version {row['version']}, "
            f"{row['observation_count']} số liệu · values",
            highlight=False,
        )
    if len(seen.findings):
        out.print(findings_table(seen.findings, FINDINGS_SHOWN))
