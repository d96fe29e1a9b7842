"""`nhiemky units`: which units the names in foreign files are; a person decides."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from orchestration.cli.console import out, print_json
from orchestration.cli.options import (
    HomeOption,
    JsonOption,
    ProgrammeOption,
    logged_in_user,
    write_new,
)
from orchestration.settings import Settings

if TYPE_CHECKING:
    from orchestration.steps.context import RunContext
    from orchestration.steps.match_units import Decided, UnknownName

PERIODS_SHOWN = 3
IGNORE, SKIP, QUIT = "i", "s", "q"

app = typer.Typer(
    no_args_is_help=True, help="Tên đơn vị · which units the names in files are."
)


@app.command()
def match(
    source: Annotated[str, typer.Argument(help="Source code.")],
    chosen: Annotated[
        list[str] | None,
        typer.Option("--set", help='"NAME=CODE": the name is this unit; may repeat.'),
    ] = None,
    ignored: Annotated[
        list[str] | None,
        typer.Option("--ignore", help="NAME: no unit, pass its rows over; may repeat."),
    ] = None,
    export: Annotated[
        Path | None, typer.Option("--export", help="A new CSV of names and proposals.")
    ] = None,
    decisions: Annotated[
        Path | None, typer.Option("--import", help="Take the decisions of such a CSV.")
    ] = None,
    by: Annotated[
        str | None, typer.Option("--by", help="Who \\[the user logged in].")
    ] = None,
    note: Annotated[str, typer.Option("--note", help="A remark, kept.")] = "",
    programme: ProgrammeOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Decide which units the names in a source's files are; nearest units first.

    Nothing is taken without a decision, whatever the score. Without --set, --ignore,
    --export, --import or --json it asks name by name.
    """
    from orchestration.steps.context import open_run
    from orchestration.steps.match_file import as_csv, decisions_in
    from orchestration.steps.match_units import decide, unknown_names

    who = logged_in_user() if by is None else by
    with open_run(Settings.resolve(programme, home)) as run:
        said = _said(chosen or (), ignored or ())
        if decisions is not None:
            said = {**decisions_in(decisions), **said}
        names = unknown_names(run, source)
        if export is not None:
            write_new(export, as_csv(names).encode(), "--export")
            out.print(f"[green]✓[/] {escape(str(export))}: {len(names)} tên · names")
        if not (said or export or decisions):
            if as_json:
                print_json([_facts(name) for name in names])
                return
            said = _asked(names, {unit.unit_code for unit in run.programme.units})
        if said:
            _tell(run, decide(run, source, said, who, note, names), names, as_json)


@app.command("list")
def list_names(
    source: Annotated[str | None, typer.Option(help="Source code.")] = None,
    programme: ProgrammeOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Names that people decided on, by whom and when."""
    from orchestration.steps.context import load_checked

    loaded = load_checked(Settings.resolve(programme, home).programme)
    found = [n for n in loaded.unit_names if source in (None, n.source_code)]
    if as_json:
        print_json([name.model_dump(mode="json") for name in found])
        return
    units = {unit.unit_code: unit.name_vi for unit in loaded.units}
    table = Table(
        title=f"Tên đã quyết định · decided: {len(found)}", title_justify="left"
    )
    for title in (
        "Nguồn · source",
        "Tên · name",
        "Đơn vị · unit",
        "Ai, ngày · who, when",
    ):
        table.add_column(title, overflow="fold")
    for name in found:
        code = name.unit_code
        unit = f"{code}\n{units[code]}" if code else "(bỏ qua · passed over)"
        when = f"{name.decided_by}\n{name.decided_on:%d/%m/%Y}"
        table.add_row(*(escape(t) for t in (name.source_code, name.name, unit, when)))
    out.print(table)


def _said(chosen: Any, ignored: Any) -> dict[str, str | None]:
    """What --set and --ignore say, as one unit code per name."""
    said: dict[str, str | None] = {}
    for text in chosen:
        name, sign, code = text.rpartition("=")
        if not (name.strip() and sign and code.strip()):
            raise typer.BadParameter(f'{text!r}: "NAME=CODE"', param_hint="--set")
        said[name.strip()] = code.strip()
    for text in ignored:
        if text.strip() in said:
            raise typer.BadParameter(
                f"{text!r}: --set, --ignore", param_hint="--ignore"
            )
        said[text.strip()] = None
    return said


def _asked(names: list[UnknownName], known: set[str]) -> dict[str, str | None]:
    """What a person answers, name by name; the end of the input is the end."""
    said: dict[str, str | None] = {}
    for no, name in enumerate(names, 1):
        _show(name, f"{no}/{len(names)}")
        try:
            answer = _answer(name, known)
        except (typer.Abort, EOFError, KeyboardInterrupt):
            out.print()
            break
        if answer == QUIT:
            break
        if answer == IGNORE:
            said[name.name] = None
        elif answer != SKIP:
            said[name.name] = answer
    if not names:
        out.print("Mọi tên đều đã được quyết định · every name is decided.")
    elif not said:
        out.print(
            "Chưa ghi gì · nothing written. --set, --ignore, --export/--import: "
            "nhiemky units match --help"
        )
    return said


def _answer(name: UnknownName, known: set[str]) -> str:
    """A unit's code, or i, s, q; asks again until it is one."""
    from sources.programme.problems import nearest

    while True:
        text: str = typer.prompt("số, mã · number, code; i, s, q").strip()
        if text in (IGNORE, SKIP, QUIT) or text in known:
            return text
        if text.isdecimal() and 1 <= int(text) <= len(name.proposals):
            return name.proposals[int(text) - 1].unit_code
        near = nearest(text, sorted(known))
        out.print(f"1 … {len(name.proposals)}; {near}", markup=False, highlight=False)


def _show(name: UnknownName, place: str) -> None:
    from orchestration.steps.findings import one_line
    from orchestration.steps.match_file import about

    shown = ", ".join(name.periods[:PERIODS_SHOWN])
    more = " …" if len(name.periods) > PERIODS_SHOWN else ""
    out.print(
        f"\n[bold]{place}  “{escape(one_line(name.name))}”[/]  [dim]{name.row_count} "
        f"dòng · rows, {len(name.deliveries)} tệp · files; {escape(shown)}{more}[/]",
        highlight=False,
    )
    for no, unit in enumerate(name.proposals, 1):
        doubts = "" if unit.is_alive else "  [yellow]không còn/chưa có · not alive[/]"
        if unit.collides_with:
            others = ", ".join(unit.collides_with[:PERIODS_SHOWN])
            doubts += f"  [yellow]bỏ dấu thì trùng · alike without accents: {others}[/]"
        out.print(
            f"  {no}  {unit.unit_code}  {escape(about(unit.name_vi, unit.parent_name))}"
            f"  {unit.score}{doubts}",
            highlight=False,
        )
    out.print(
        "  [dim]i bỏ qua dòng · no unit, pass over; s để sau · skip; q thôi · quit[/]",
        highlight=False,
    )


def _facts(name: UnknownName) -> dict[str, Any]:
    return {
        "name": name.name,
        "rows": name.row_count,
        "deliveries": name.deliveries,
        "periods": name.periods,
        "proposals": [unit._asdict() for unit in name.proposals],
    }


def _tell(
    run: RunContext, decided: Decided, names: list[UnknownName], as_json: bool
) -> None:
    from orchestration.steps.findings import one_line

    left = len({n.name for n in names} - {n.name for n in decided.names})
    if as_json:
        print_json(
            {
                "decided": [name.model_dump(mode="json") for name in decided.names],
                "deliveries_to_read_again": decided.requeued,
                "undecided": left,
            }
        )
        return
    for name in decided.names:
        unit = name.unit_code or "(bỏ qua · passed over)"
        out.print(
            f"[green]✓[/] {escape(one_line(name.name))} → {unit}", highlight=False
        )
    out.print(
        f"{escape(str(run.programme.folder))}: unit_names.csv; còn · left {left}. "
        f"{decided.requeued} tệp sẽ đọc lại · deliveries to read again: nhiemky run",
        highlight=False,
    )
