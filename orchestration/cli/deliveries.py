"""`nhiemky deliveries`: the inbox of what nobody could place, and decisions on it."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from orchestration.cli.console import out, print_bullets, print_json
from orchestration.cli.options import (
    HomeOption,
    JsonOption,
    ProgrammeOption,
    logged_in_user,
    write_new,
)
from orchestration.settings import Settings

NEXT = "Lần chạy sau sẽ đọc lại · the next run reads it again: nhiemky run"

app = typer.Typer(
    no_args_is_help=True,
    help="Tệp đã nhận · what was received, and what nobody could place.",
)

DeliveryArgument = Annotated[
    str, typer.Argument(metavar="SHA", help="SHA-256 or its beginning.")
]
ByOption = Annotated[
    str | None, typer.Option("--by", help="Who \\[the user logged in].")
]
ReasonOption = Annotated[str, typer.Option("--reason", help="Why, for the auditor.")]


@app.command("list")
def list_deliveries(
    unmatched: Annotated[
        bool,
        typer.Option("--unmatched/--all", help="Only what nobody could place, or all."),
    ] = True,
    source: Annotated[str | None, typer.Option(help="Source code.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="Rows to show.")] = 50,
    programme: ProgrammeOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """List deliveries that nobody could place, the newest first; --all lists all."""
    from orchestration.steps.assign import inbox
    from orchestration.steps.context import open_run
    from orchestration.steps.findings import on_the_clock, one_line, plain

    with open_run(Settings.resolve(programme, home)) as run:
        found = inbox(run)
        timezone = run.programme.timezone
    if unmatched:
        found = found[found.is_unmatched]
    if source is not None:
        found = found[found.source_code.eq(source)]
    if as_json:
        print_json(plain(found))
        return
    title = (
        "chưa biết của ai · nobody could place" if unmatched else "đã nhận · received"
    )
    table = Table(title=f"Tệp {title}: {len(found)}", title_justify="left", box=None)
    table.add_column("SHA", no_wrap=True)
    table.add_column("Tệp · file, vì sao · why", ratio=1, overflow="fold")
    for each in plain(found.head(limit)):
        row = on_the_clock(each, timezone)
        why = ", ".join(row["rules"]) or row["status"]
        about = " · ".join((row["source_code"], row["received_at"], why))
        if row["decision"]:
            about += f" · {row['decision']} ({one_line(row['decided_by'])})"
        name = escape(one_line(row["file_name"]))
        table.add_row(row["delivery_sha256"][:12], f"{name}\n[dim]{escape(about)}[/]")
    out.print(table)
    if len(found) > limit:
        out.print(f"… {len(found) - limit} nữa · more: --limit, --json")


@app.command()
def show(
    delivery: DeliveryArgument,
    programme: ProgrammeOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Everything about one delivery: where from, what was found, its first cells."""
    from orchestration.steps.context import open_run
    from orchestration.steps.findings import on_the_clock, one_line
    from orchestration.steps.inspect_delivery import dossier

    with open_run(Settings.resolve(programme, home)) as run:
        facts = dossier(run, delivery)
        timezone = run.programme.timezone
    if as_json:
        print_json(facts)
        return
    grid = Table(show_header=False, box=None)
    for name, value in on_the_clock(facts["delivery"], timezone).items():
        grid.add_row(f"[dim]{name}[/]", escape(one_line(value)))
    out.print(grid)
    for key, title in (
        ("origins", "Đã thấy ở · seen at"),
        ("submissions", "Báo cáo · submissions"),
        ("findings", "Phát hiện · findings"),
        ("decisions", "Quyết định · decisions"),
    ):
        print_bullets(title, [on_the_clock(row, timezone) for row in facts[key]])
    for sheet in facts["sheets"]:
        out.print(f"\n[bold]{escape(sheet['name'])}[/] [dim]{sheet['state']}[/]")
        told = (f"{at} {text}" for at, text in sheet["cells"].items())
        out.print(escape(" · ".join(told)), highlight=False)


@app.command()
def assign(
    delivery: DeliveryArgument,
    reason: ReasonOption,
    form: Annotated[str | None, typer.Option(help="Form code.")] = None,
    unit: Annotated[str | None, typer.Option(help="Unit code.")] = None,
    period: Annotated[str | None, typer.Option(help="Period key.")] = None,
    source: Annotated[
        str | None, typer.Option(help="Source whose reader and maps take it.")
    ] = None,
    to: Annotated[
        str | None,
        typer.Option("--to-programme", help="Code or folder of the one it belongs to."),
    ] = None,
    by: ByOption = None,
    programme: ProgrammeOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what a delivery is, where it does not say so; the next run reads it again.

    Fills in what is missing or unknown, and overrides nothing that the file says.
    """
    from orchestration.steps import assign as step
    from orchestration.steps.context import open_run
    from orchestration.steps.findings import one_line

    given = {
        "form_code": form,
        "unit_code": unit,
        "period_key": period,
        "source_code": source,
    }
    who = logged_in_user() if by is None else by
    with open_run(Settings.resolve(programme, home)) as run:
        if to is None:
            row = step.assign(run, delivery, given, who, reason)
        else:
            row = step.pass_on(run, delivery, to, given, who, reason)
    if as_json:
        print_json(row)
        return
    said = " · ".join(
        f"{name}: {row[name]}" for name in ("programme_code", *given) if row.get(name)
    )
    _done(f"{row['delivery_sha256'][:12]} {one_line(row['file_name'])} → {said}")
    if to is not None:
        folder = shlex.quote(row["programme_folder"])
        out.print(
            f"Chương trình kia · the other one: nhiemky run --programme {folder}",
            soft_wrap=True,
            markup=False,
            highlight=False,
        )


@app.command()
def dismiss(
    delivery: DeliveryArgument,
    reason: ReasonOption,
    by: ByOption = None,
    programme: ProgrammeOption = None,
    home: HomeOption = None,
) -> None:
    """Say that what could not be placed is nobody's; it leaves the inbox, on record."""
    from orchestration.steps import assign as step
    from orchestration.steps.context import open_run
    from orchestration.steps.findings import one_line

    who = logged_in_user() if by is None else by
    with open_run(Settings.resolve(programme, home)) as run:
        row = step.dismiss(run, delivery, who, reason)
    out.print(
        f"[green]✓[/] {row['delivery_sha256'][:12]} "
        f"{escape(one_line(row['file_name']))}: không của ai · nobody's",
        highlight=False,
    )


@app.command()
def retry(
    deliveries: Annotated[
        list[str], typer.Argument(metavar="SHA...", help="SHA-256s or beginnings.")
    ],
    programme: ProgrammeOption = None,
    home: HomeOption = None,
) -> None:
    """Read and judge deliveries again, for example after a map was added."""
    from orchestration.steps import assign as step
    from orchestration.steps.context import open_run
    from orchestration.steps.findings import one_line

    with open_run(Settings.resolve(programme, home)) as run:
        rows = step.retry(run, deliveries)
    for row in rows:
        name = one_line(row["file_name"])
        out.print(f"[green]✓[/] {row['delivery_sha256'][:12]} {escape(name)}")
    out.print(NEXT)


@app.command()
def save(
    delivery: DeliveryArgument,
    to: Annotated[Path, typer.Option("--out", help="A new file.")],
    programme: ProgrammeOption = None,
    home: HomeOption = None,
) -> None:
    """Write a delivery's bytes to a new file, unchanged, for a look."""
    from orchestration.steps.assign import find_delivery
    from orchestration.steps.context import open_run

    with open_run(Settings.resolve(programme, home)) as run:
        data = run.landing.get(find_delivery(run, delivery)["delivery_sha256"])
    write_new(to, data, "--out")
    out.print(f"[green]✓[/] {escape(str(to))}: {len(data)} byte", highlight=False)


def _done(text: str) -> None:
    out.print(f"[green]✓[/] {escape(text)}", highlight=False)
    out.print(NEXT)
