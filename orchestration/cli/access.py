"""`nhiemky access apply|show`: who may read the publication on the BI server.

Passwords come from the environment alone and are never printed.
"""

from __future__ import annotations

import os
from dataclasses import asdict
from typing import TYPE_CHECKING

import typer
from rich.markup import escape
from rich.table import Table

from orchestration.cli.console import err, out, print_json
from orchestration.cli.options import (
    HomeOption,
    JsonOption,
    ProgrammeOption,
    ServerOption,
)
from orchestration.settings import Settings

if TYPE_CHECKING:
    from orchestration.steps.access import ReaderLine

app = typer.Typer(no_args_is_help=True, help="Who may read what on the BI server.")

AGREEMENT = {
    "same": "[green]đúng · same[/]",
    "different": "[yellow]khác · different[/]",
    "only_programme": "[yellow]chưa có trên máy chủ · not on the server[/]",
    "only_server": "[yellow]chỉ có trên máy chủ · only on the server[/]",
    "not_asked": "[dim]chưa đặt máy chủ · no server is set[/]",
}
CHANGES = {
    "created": "Tài khoản mới · new logins",
    "given": "Vai trò trao · roles given",
    "taken": "Vai trò thu · roles taken",
    "passwords_set": "Mật khẩu đặt · passwords set",
    "readers_changed": "Dòng khai báo đổi · stated lines changed",
    "rows_added": "Đơn vị thêm · units added",
    "rows_removed": "Đơn vị bớt · units removed",
}
WARNINGS = {
    "without_password": "Không có mật khẩu trong môi trường · no password in the"
    " environment",
    "unknown_members": "Không khai báo mà có vai trò · have a role and are not stated",
    "may_create": "Ai cũng còn quyền · everybody still has the right",
}
SETTLED = ("same", "not_asked")


@app.command("apply")
def apply_command(
    to: ServerOption = None,
    programme: ProgrammeOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make logins and rights on the server what access.yaml states; safe to repeat.

    Passwords are read from the environment variables that access.yaml names. Exit
    codes: 0 done, 2 no access.yaml or no server is set, 1 the server is down or
    refused.
    """
    from orchestration.steps.access import apply
    from orchestration.steps.context import load_checked

    settings = Settings.resolve(programme, home)
    report = apply(load_checked(settings.programme), os.environ, to)
    facts = asdict(report)
    if as_json:
        print_json({**facts, "is_changed": report.is_changed})
        return
    for name, label in CHANGES.items():
        _say(label, facts[name])
    for name, label in WARNINGS.items():
        _say(f"[yellow]{label}[/]", facts[name])
    if not report.is_published:
        out.print(
            "Chưa công bố lên đây · nothing is published here yet: nhiemky publish"
        )
    said = "đã áp dụng · applied" if report.is_changed else "không đổi · nothing to do"
    err.print(f"[green]✓[/] Quyền đọc · access: {said}")


@app.command()
def show(
    to: ServerOption = None,
    programme: ProgrammeOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Logins, what each sees, and whether the server has it so.

    Exit codes: 0 the server agrees or none is set, 1 it does not, is down or refused, 2
    no access.yaml.
    """
    from orchestration.steps.access import reader_lines
    from orchestration.steps.context import load_checked

    settings = Settings.resolve(programme, home)
    lines = reader_lines(load_checked(settings.programme), to)
    if as_json:
        print_json([asdict(line) for line in lines])
    else:
        out.print(_table(lines))
    if any(line.agreement not in SETTLED for line in lines):
        if not as_json:
            err.print("nhiemky access apply")
        raise typer.Exit(1)


def _say(label: str, value: tuple[str, ...] | int) -> None:
    if value:
        shown = str(value) if isinstance(value, int) else ", ".join(value)
        out.print(f"{label}: {escape(shown)}", highlight=False)


def _table(lines: list[ReaderLine]) -> Table:
    table = Table(
        "Tài khoản · login",
        "Thấy · sees",
        "Chỉ tổng · totals",
        "Số nhỏ · small counts",
        "Máy chủ · server",
        title=f"Quyền đọc · readers: {len(lines)}",
        title_justify="left",
    )
    for line in lines:
        table.add_row(
            escape(line.login),
            "tất cả · all" if line.sees_all else escape(", ".join(line.units)),
            escape(", ".join(line.totals)),
            "đủ · all" if line.small_count is None else f"≥ {line.small_count}",
            AGREEMENT[line.agreement],
        )
    return table
