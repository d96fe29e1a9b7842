"""`nhiemky export`: a published table as a file for Excel, R, pandas or Power BI."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, get_args

import typer
from rich.markup import escape

from orchestration.cli.console import err
from orchestration.cli.options import HomeOption, new_file
from orchestration.settings import Settings

FileKind = Literal["csv", "xlsx", "parquet"]
Style = Literal["plain", "vi"]
_KINDS: tuple[FileKind, ...] = get_args(FileKind)


def export(
    to: Annotated[
        Path,
        typer.Option("--to", help="New file .csv, .xlsx or .parquet."),
    ],
    table: Annotated[
        str, typer.Argument(help="Published table.")
    ] = "rpt_term_scorecard",
    style: Annotated[
        Style,
        typer.Option(
            "--style",
            help="Of CSV: plain (comma, point), or vi (semicolon, decimal comma, "
            "dd/mm/yyyy: a Vietnamese Excel opens it right).",
        ),
    ] = "plain",
    home: HomeOption = None,
) -> None:
    """Write a published table to a new file, all rows and columns."""
    named = to.suffix.removeprefix(".").lower()
    kind = next((kind for kind in _KINDS if kind == named), None)
    if kind is None:
        raise typer.BadParameter(
            f"{to}: cần đuôi · wanted: .csv, .xlsx, .parquet", param_hint="--to"
        )
    from warehouse.export import export_table

    settings = Settings.resolve(None, home)
    with new_file(to, "--to") as file:
        count = export_table(settings.home, table, kind, file, style)
    err.print(
        f"[green]✓[/] {escape(str(to))}  [dim]{count} dòng · rows[/]", highlight=False
    )
