"""`nhiemky alerts list|send|test|digest`: what maintainers are told, and by which way.

Addresses come from NHIEMKY_ALERT_URLS alone and are never printed.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from orchestration.alerts.settings import URLS
from orchestration.cli.console import err, out, print_json
from orchestration.cli.errors import EXIT_ERROR
from orchestration.cli.options import HomeOption, JsonOption, ProgrammeOption
from orchestration.settings import Settings

app = typer.Typer(no_args_is_help=True, help="Alerts to maintainers: list, send, test.")

STATES = ("open", "sent", "resolved")
SHOWN = (
    *("alert_id", "severity", "kind", "state", "level", "unit_code", "form_code"),
    *("period_key", "rule_code", "place", "message_vi", "message_en", "remedy_vi"),
    *("remedy_en", "command", "times", "first_seen_at", "last_seen_at", "sent_at"),
    *("tries", "next_try_at", "last_error"),
)
DryRunOption = Annotated[
    bool, typer.Option("--dry-run", help="Print the message and send nothing.")
]


@app.command("list")
def show(
    state: Annotated[
        list[str] | None,
        typer.Option("--state", help="open, sent or resolved \\[open and sent]."),
    ] = None,
    programme: ProgrammeOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Alerts that wait, that were sent and still hold, or that are resolved."""
    from orchestration.steps.context import open_run
    from warehouse.ledger.outbox import Outbox

    chosen = state or ["open", "sent"]
    if unknown := sorted(set(chosen) - set(STATES)):
        raise typer.BadParameter(f"{', '.join(unknown)}: one of {', '.join(STATES)}")
    with open_run(Settings.resolve(programme, home)) as run:
        frame = Outbox(run.ledger).alerts(run.programme.code, chosen)[list(SHOWN)]
    rows = frame.astype(object).where(frame.notna(), None).to_dict("records")
    if as_json:
        print_json(rows)
        return
    table = Table("Mức", "Ở đâu · where", "Việc gì · what", "Lần", "Trạng thái · state")
    for row in rows:
        names = ("unit_code", "form_code", "period_key", "place")
        where = [row[name] for name in names]
        table.add_row(
            row["severity"],
            escape("\n".join(part for part in [*where, row["rule_code"]] if part)),
            escape(f"{row['message_vi']}\n") + f"[dim]{escape(row['command'])}[/]",
            str(row["times"]),
            escape("\n".join(p for p in (row["state"], row["last_error"]) if p)),
        )
    out.print(table)
    out.print(f"{len(rows)} cảnh báo · alerts")


@app.command()
def send(
    dry_run: DryRunOption = False,
    programme: ProgrammeOption = None,
    home: HomeOption = None,
) -> None:
    """Send what waits and may go at this hour; exit 1 when a channel failed."""
    _send(dry_run, is_digest=False, programme=programme, home=home)


@app.command()
def digest(
    dry_run: DryRunOption = False,
    programme: ProgrammeOption = None,
    home: HomeOption = None,
) -> None:
    """Send the day's digest and all that waited for it; once a day."""
    _send(dry_run, is_digest=True, programme=programme, home=home)


@app.command()
def test(programme: ProgrammeOption = None, home: HomeOption = None) -> None:
    """Send one test message to every address; exit 1 and say which ones failed."""
    from orchestration.alerts.channels import open_channels
    from orchestration.alerts.message import compose
    from orchestration.alerts.settings import AlertSettings
    from sources.programme.loader import load_programme
    from warehouse.ledger.notice import Notice, Waiting

    settings = Settings.resolve(programme, home)
    channels = open_channels(AlertSettings.resolve())
    notice = Notice(
        key="test",
        kind="test",
        severity="INFO",
        message_vi="Kênh này nhận được cảnh báo.",
        message_en="This channel receives alerts.",
        remedy_vi="Không cần làm gì.",
        remedy_en="Nothing to do.",
        command="nhiemky alerts test",
    )
    trial = Waiting("", notice, 1, dt.datetime.now(dt.UTC), 0, frozenset())
    message = compose([trial], load_programme(settings.programme))
    failures = 0
    for channel in channels:
        reason = channel.send(message)
        failures += bool(reason)
        mark = "[bold red]✗[/]" if reason else "[green]✓[/]"
        out.print(mark, escape(reason or channel.name), highlight=False)
    if not channels:
        _say_no_channel()
    raise typer.Exit(EXIT_ERROR if failures or not channels else 0)


def _send(
    dry_run: bool,
    is_digest: bool,
    programme: ProgrammeOption,
    home: HomeOption,
) -> None:
    from orchestration.alerts.settings import AlertSettings
    from orchestration.steps.alert import preview, send_digest, send_due
    from orchestration.steps.context import open_run

    with open_run(Settings.resolve(programme, home)) as run:
        if dry_run:
            message = preview(run, is_digest)
            shown = f"{message.subject}\n\n{message.text}" if message else "—"
            out.print(shown, markup=False, highlight=False)
            return
        summary = send_digest(run) if is_digest else send_due(run)
    out.print(
        f"{summary.sent} đã gửi · sent, {summary.failed} chưa gửi được · failed, "
        f"{summary.waiting} còn chờ · waiting"
    )
    for error in summary.errors:
        err.print(f"[bold red]✗[/] {escape(error)}", highlight=False)
    has_no_way = not AlertSettings.resolve().urls and (summary.waiting or is_digest)
    if has_no_way:
        _say_no_channel()
    raise typer.Exit(EXIT_ERROR if summary.errors or has_no_way else 0)


def _say_no_channel() -> None:
    err.print(
        f"Chưa có kênh nào · no channel: đặt · set {URLS}, e.g. "
        "mailto://server:25?from=kho@example.vn&to=truc@example.vn. "
        "Cảnh báo vẫn được giữ · alerts are kept."
    )
