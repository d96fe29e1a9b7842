"""`nhiemky findings`: list, show, waive, close and reopen what the rules found."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from orchestration.cli.console import err, out, print_bullets, print_json
from orchestration.cli.errors import EXIT_ERROR
from orchestration.cli.options import (
    HomeOption,
    JsonOption,
    ProgrammeOption,
    as_date,
    logged_in_user,
)
from orchestration.settings import DAY_FORMATS, Settings

if TYPE_CHECKING:
    import pandas as pd

app = typer.Typer(
    no_args_is_help=True,
    help="Phát hiện · what the rules found, and what became of it.",
)

STYLE = {"BLOCKER": "bold magenta", "ERROR": "bold red", "WARNING": "yellow"}
EFFECT = {
    "silenced": "thôi nhắc · silenced",
    "let_in": "số liệu được nhận · its value is let in",
    "released": "báo cáo được nhận, không hạn · submission released, without an end",
    "closed": "đóng theo quyết định · closed as decided",
    "none": "mở lại · open again",
}
NEXT = "Lần chạy sau sẽ áp dụng · the next run shows it: nhiemky run"


class Status(StrEnum):
    """What became of a finding; `all` chooses every one."""

    OPEN = "open"
    WAIVED = "waived"
    RESOLVED = "resolved"
    ALL = "all"


UnitOption = Annotated[str | None, typer.Option("--unit", help="Unit code.")]
RuleOption = Annotated[str | None, typer.Option("--rule", help="Rule code.")]
ByOption = Annotated[
    str | None, typer.Option("--by", help="Who \\[the user logged in].")
]
ReasonOption = Annotated[str, typer.Option("--reason", help="Why, for the auditor.")]


@app.command("list")
def list_findings(
    unit: UnitOption = None,
    form: Annotated[str | None, typer.Option(help="Form code.")] = None,
    period: Annotated[str | None, typer.Option(help="Period key.")] = None,
    rule: RuleOption = None,
    severity: Annotated[
        str | None, typer.Option(help="BLOCKER, ERROR, WARNING or INFO.")
    ] = None,
    status: Annotated[Status, typer.Option(help="What became of it.")] = Status.OPEN,
    limit: Annotated[int, typer.Option(min=1, help="Rows to show.")] = 50,
    programme: ProgrammeOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """List findings, heaviest first; the open ones unless --status says otherwise."""
    from orchestration.steps.context import open_run
    from orchestration.steps.findings import (
        FINDINGS_SHOWN,
        listed,
        other_programmes,
        plain,
    )

    wanted = {
        "unit_code": unit,
        "form_code": form,
        "period_key": period,
        "rule_code": rule,
        "severity": severity and _severity(severity),
        "status": None if status is Status.ALL else str(status),
    }
    with open_run(Settings.resolve(programme, home)) as run:
        found = listed(run, wanted)
        others = other_programmes(run)
    if others:
        err.print(
            f"Chỉ chương trình {run.programme.code} · this programme alone. Kho còn giữ"
            f" · the home also holds: {', '.join(others)} (--programme).",
            markup=False,
            highlight=False,
        )
    if as_json:
        print_json(plain(found[list(FINDINGS_SHOWN)]))
        return
    out.print(_table(found.head(limit), f"Phát hiện · findings: {len(found)}"))
    if len(found) > limit:
        out.print(f"… {len(found) - limit} nữa · more: --limit, --json")


@app.command()
def show(
    finding: Annotated[str, typer.Argument(metavar="ID", help="Id or its beginning.")],
    programme: ProgrammeOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Everything about one finding: what, where, seen when, decided by whom."""
    from orchestration.steps.context import open_run
    from orchestration.steps.findings import dossier, on_the_clock, one_line

    with open_run(Settings.resolve(programme, home)) as run:
        facts = dossier(run, finding)
        timezone = run.programme.timezone
    if as_json:
        print_json(facts)
        return
    grid = Table(show_header=False, box=None)
    for name, value in on_the_clock(facts["finding"], timezone).items():
        if value is not None:
            grid.add_row(f"[dim]{name}[/]", escape(one_line(value)))
    out.print(grid)
    for key, title in (
        ("sightings", "Đã thấy · seen"),
        ("versions", "Các bản báo cáo · versions"),
        ("decisions", "Quyết định · decisions"),
    ):
        print_bullets(title, [on_the_clock(row, timezone) for row in facts[key]])


@app.command()
def waive(
    reason: ReasonOption,
    findings: Annotated[
        list[str] | None, typer.Argument(metavar="[ID]...", help="Ids.")
    ] = None,
    until: Annotated[
        dt.datetime | None,
        typer.Option(
            formats=DAY_FORMATS, help="Last day it holds [90 days from today]."
        ),
    ] = None,
    by: ByOption = None,
    rule: RuleOption = None,
    unit: UnitOption = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="Waive all that --rule and --unit choose.")
    ] = False,
    programme: ProgrammeOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Waive findings, all or none: silence a doubt, let a value in, release a hold.

    Without ids, --rule or --unit choose among the open ones; --yes does it.
    """
    from orchestration.steps.context import open_run
    from orchestration.steps.findings import listed
    from warehouse.ledger.waivers import waive as record_waiver

    with open_run(Settings.resolve(programme, home)) as run:
        ids: Sequence[str] = findings or []
        if not ids:
            wanted = {"rule_code": rule, "unit_code": unit, "status": "open"}
            chosen = listed(run, wanted)
            if not (rule or unit) or chosen.empty or not yes:
                out.print(_table(chosen.head(50), f"Đã chọn · chosen: {len(chosen)}"))
                out.print(
                    "Chưa ghi gì · nothing recorded. Ghi mã, hoặc --rule/--unit kèm "
                    "--yes · give ids, or --rule/--unit with --yes."
                )
                raise typer.Exit(EXIT_ERROR)
            ids = list(chosen.finding_id)
        rows = record_waiver(
            run.ledger,
            ids,
            logged_in_user() if by is None else by,
            reason,
            as_date(until),
            programme_code=run.programme.code,
            measures=run.measures,
            timezone=run.programme.timezone,
        )
        _tell(rows, run.programme.timezone, as_json)


@app.command()
def close(
    reason: ReasonOption,
    findings: Annotated[list[str], typer.Argument(metavar="ID...", help="Ids.")],
    by: ByOption = None,
    programme: ProgrammeOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Close BLOCKERs that were settled another way, all or none.

    The submission they stop stays out; the same fault found again is a new finding.
    """
    from orchestration.steps.context import open_run
    from warehouse.ledger.waivers import close as record_closing

    with open_run(Settings.resolve(programme, home)) as run:
        rows = record_closing(
            run.ledger,
            findings,
            logged_in_user() if by is None else by,
            reason,
            programme_code=run.programme.code,
        )
        _tell(rows, run.programme.timezone, as_json)


@app.command()
def reopen(
    reason: ReasonOption,
    findings: Annotated[list[str], typer.Argument(metavar="ID...", help="Ids.")],
    by: ByOption = None,
    programme: ProgrammeOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """End waivers before their time, and open what was closed; all or none."""
    from orchestration.steps.context import open_run
    from warehouse.ledger.waivers import reopen as record_reopening

    with open_run(Settings.resolve(programme, home)) as run:
        rows = record_reopening(
            run.ledger,
            findings,
            logged_in_user() if by is None else by,
            reason,
            programme_code=run.programme.code,
        )
        _tell(rows, run.programme.timezone, as_json)


def _severity(text: str) -> str:
    from sources.programme.findings import Severity

    if text.upper() not in list(Severity):
        raise typer.BadParameter(", ".join(Severity), param_hint="--severity")
    return text.upper()


def _table(found: pd.DataFrame, title: str) -> Table:
    from orchestration.steps.findings import one_line

    table = Table(title=title, title_justify="left", show_header=False, box=None)
    table.add_column(no_wrap=True)
    table.add_column(ratio=1, overflow="fold")
    texts = found.astype(object).where(found.notna(), "")
    about = ("unit_code", "form_code", "period_key", "place")
    for row in texts.to_dict("records"):
        style = STYLE.get(row["severity"], "dim")
        place = " · ".join(text for n in about if (text := one_line(row[n])))
        table.add_row(
            f"{row['finding_id'][:8]}\n[{style}]{row['severity']}[/]",
            f"[dim]{escape(place)}[/]\n{escape(one_line(row['message_vi']))}\n",
        )
    return table


def _tell(rows: pd.DataFrame, timezone: str, as_json: bool) -> None:
    """Says what each decision did, and when it shows."""
    from orchestration.steps.findings import last_day, plain

    if as_json:
        shown = ["finding_id", "status", "life", "effect", "waived_until"]
        print_json(plain(rows[shown]))
        return
    for row in rows.to_dict("records"):
        day = last_day(row["waived_until"], timezone)
        until = f" · đến hết · until {day:%d/%m/%Y}" if day else ""
        out.print(
            f"[green]✓[/] {row['finding_id'][:8]} {row['rule_code']}: "
            f"{EFFECT[row['effect']]}{until}",
            highlight=False,
        )
    out.print(NEXT)
