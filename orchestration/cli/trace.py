"""`nhiemky trace`: from a published figure, or any published row, to its cells."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from orchestration.cli.console import err, json_number, out, print_bullets, print_json
from orchestration.cli.options import HomeOption, JsonOption, ProgrammeOption
from orchestration.settings import Settings

CELLS_SHOWN = 60
LINES_SHOWN = 10
_WORDS = 3
_ROLES = {"numerator": "", "denominator": "mẫu số · denominator"}


def trace(
    asked: Annotated[
        list[str],
        typer.Argument(
            metavar="UNIT INDICATOR PERIOD | TABLE COLUMN=VALUE...",
            help="A figure by its codes, or rows of a published table.",
        ),
    ],
    home: HomeOption = None,
    programme: ProgrammeOption = None,
    as_json: JsonOption = False,
) -> None:
    """From a published figure, or any row of any table, to the cells it rests on.

    A row of a dimension leads to the lines of the programme folder. COLUMN= alone asks
    for rows without a value there. Exit 1 where nothing is led to; it says why.
    """
    settings = Settings.resolve(programme, home)
    words, tests = asked[1:], [word.partition("=") for word in asked[1:]]
    if all(equals for _, equals, _ in tests):
        columns = {name: value for name, _, value in tests}
        _trace_table(settings, asked[0], columns, as_json)
    elif len(asked) == _WORDS and not any("=" in word for word in words):
        _trace_figure(settings, (asked[0], asked[1], asked[2]), as_json)
    else:
        raise typer.BadParameter(
            "cần · wanted: UNIT INDICATOR PERIOD, or TABLE COLUMN=VALUE …"
        )


def _trace_table(
    settings: Settings, table: str, columns: Mapping[str, str], as_json: bool
) -> None:
    from orchestration.steps.context import open_run
    from orchestration.steps.trace import leads_anywhere, traced_rows

    with open_run(settings) as run:
        rows = traced_rows(run, table, columns)
    if as_json:
        print_json({"table": table, "rows": _plain(rows)})
    else:
        for row in rows:
            _show(table, row)
    if not leads_anywhere(rows):
        raise typer.Exit(1)


def _trace_figure(
    settings: Settings, asked: tuple[str, str, str], as_json: bool
) -> None:
    from orchestration.steps.context import open_run
    from orchestration.steps.trace import with_origins
    from warehouse.read import trace as read_trace
    from warehouse.read import trace_absence

    rows = read_trace(settings.home, *asked)
    if rows:
        with open_run(settings) as run:
            with_origins(run, rows)
    if as_json:
        print_json(_plain(rows))
    if not rows:
        said = ", ".join(trace_absence(settings.home, *asked))
        err.print(
            f"Không có số · no figure: báo cáo ghi · the report says {said}"
            if said
            else "Không có số · no figure: chưa có báo cáo nào được nhận có số này"
            " · not reported, or not accepted (nhiemky status)",
            highlight=False,
        )
        raise typer.Exit(1)
    if not as_json:
        _show_cells(" · ".join(asked), rows)


def _show(table: str, traced: Mapping[str, Any]) -> None:
    """One row: what it is, what there is to say of it, its lines, reports and cells."""
    keys = (
        f"{name}={value}"
        for name, value in traced["row"].items()
        if name.endswith(("_code", "_key", "_id", "version")) and value is not None
    )
    out.print(f"\n[bold]{escape(table)}[/]  {escape(' '.join(keys))}", highlight=False)
    for reason in traced["reasons"]:
        out.print(f"• {escape(reason['vi'])}\n  [dim]{escape(reason['en'])}[/]")
    for place in traced["programme"]:
        at = f"{place['file']}:{place['line']}" if place["line"] else place["part"]
        out.print(f"→ {escape(at)}  [dim]{escape(place['codes'])}[/]", highlight=False)
    _bullets("Đã nhắc · reminded", traced["reminded"])
    _bullets("Báo cáo còn thiếu · reports that are missing", traced["missing"])
    _bullets("Phát hiện · findings", [_brief(found) for found in traced["findings"]])
    if traced["cells"]:
        _show_cells("", traced["cells"])


def _brief(finding: Mapping[str, Any]) -> dict[str, Any]:
    names = ("severity", "rule_code", "status", "message_vi", "message_en")
    return {name: finding[name] for name in names}


def _bullets(title: str, rows: Sequence[Mapping[str, Any]]) -> None:
    if not rows:
        return
    print_bullets(f"{title}: {len(rows)}", _plain(rows[:LINES_SHOWN]))
    if len(rows) > LINES_SHOWN:
        out.print(f"… {len(rows) - LINES_SHOWN} nữa · more: --json")


def _show_cells(title: str, cells: Sequence[Mapping[str, Any]]) -> None:
    table = Table(title=title or None)
    for heading in ("Đơn vị · kỳ", "Số liệu", "Giá trị", "Nguồn, tệp · trang · ô"):
        table.add_column(heading, overflow="fold")
    for cell in cells[:CELLS_SHOWN]:
        table.add_row(
            escape(f"{cell['unit_code'] or ''}\n{cell['period_key'] or ''}"),
            escape("\n".join(filter(None, _what(cell)))),
            f"{_value(cell)}\n[dim]{escape(str(cell['raw_text'] or ''))}[/]",
            escape("\n".join(filter(None, _where(cell)))),
        )
    out.print(table)
    more = len(cells) - CELLS_SHOWN
    rest = f", còn {more} ô · {more} more: --json" if more > 0 else ""
    out.print(f"{len(cells)} ô · cells{rest}")


def _what(cell: Mapping[str, Any]) -> tuple[str, ...]:
    """The measure, what its figure is for, and its part in it."""
    purpose = f"{cell['for_vi']} · {cell['for']}" if "for" in cell else ""
    return (
        cell["measure_code"] or "",
        cell.get("part", ""),
        purpose,
        _ROLES.get(cell.get("role", ""), ""),
    )


def _value(cell: Mapping[str, Any]) -> str:
    value, share = cell["value"], cell.get("share", 1)
    text = cell.get("observation_status") or ""
    if value is not None:
        text = str(json_number(value))
    if share is None:
        return f"{text} × ?"
    return text if share == 1 else f"{text} × {share.normalize():f}"


def _where(cell: Mapping[str, Any]) -> tuple[str, ...]:
    """Source, file, sheet, cell; SHA-256 and time of the delivery; who decided what."""
    spot = " ".join(p for p in (cell["sheet"], cell["cell"]) if p)
    sha, received = (cell["delivery_sha256"] or "?")[:12], cell["received_at"]
    return (
        f"{cell['source_code'] or '?'}: {cell['file']}",
        f"{spot} ({sha})".strip(),
        f"nhận · received {received:%d/%m/%Y %H:%M} UTC" if received else "",
        *(
            f"{d['kind']}: {d.get('decided_by')}, {d.get('reason')}"
            for d in cell["decided"]
        ),
        *(
            f"cho qua · waived {w['rule_code']}: {w['waived_by']}, {w['waived_reason']}"
            for w in cell["waived"]
        ),
    )


def _plain(value: Any) -> Any:
    """Ready for JSON: numbers as numbers, instants in UTC and ISO."""
    if isinstance(value, Mapping):
        return {name: _plain(held) for name, held in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(held) for held in value]
    if isinstance(value, Decimal):
        return json_number(value)
    if isinstance(value, dt.datetime):
        moment = value if value.tzinfo else value.replace(tzinfo=dt.UTC)
        return moment.isoformat()
    return value.isoformat() if isinstance(value, dt.date) else value
