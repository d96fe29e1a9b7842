"""`nhiemky programme check|init`: making and checking a programme folder.

Both take --home as every command does, and leave the home alone.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from orchestration.cli.console import out
from orchestration.cli.options import HomeOption

app = typer.Typer(no_args_is_help=True, help="Make and check a programme folder.")


@app.command()
def check(
    folder: Annotated[Path, typer.Argument(help="Programme folder.")],
    home: HomeOption = None,
) -> None:
    """Check a programme folder; exit 2 with file, line and remedy when it is wrong."""
    from orchestration.steps.context import load_checked

    programme = load_checked(folder)
    units = len({unit.unit_code for unit in programme.units})
    out.print(
        f"[green]✓[/] {programme.code}: {units} đơn vị · units, "
        f"{len(programme.forms)} biểu · forms, {len(programme.measures)} số liệu · "
        f"measures, {len(programme.targets)} chỉ tiêu · targets"
    )


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(help="A new folder.")],
    home: HomeOption = None,
) -> None:
    """Write a small commented programme that runs as it is."""
    from sources.programme.scaffold import init_programme

    for path in init_programme(folder):
        out.print(f"[green]+[/] {path}", highlight=False)
    out.print(f"Tiếp theo · next: nhiemky programme check {folder}")
