"""What moved, as tables for a person (a few rows each) and as JSON (all of it)."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from rich.markup import escape
from rich.table import Table

from orchestration.cli.console import json_number, out
from orchestration.steps.findings import one_line, plain
from orchestration.steps.show import VERDICT_STYLE
from warehouse.report.page import vietnamese_number

if TYPE_CHECKING:
    import pandas as pd

    from warehouse.moved import Moved

SHOWN = {"verdicts": 10, "ranks": 5, "totals": 5, "observations": 5}
"""Rows that a person is shown of each part."""
SAME = ["unit_code", "indicator_code"]
"""One row of these is shown: a month's figure moves its quarter, year and term too."""
PARTS = {
    "verdicts": "Kết luận · verdicts",
    "ranks": "Thứ hạng · ranks",
    "totals": "Số tổng hợp · totals",
    "observations": "Số liệu · values",
}
REASONS = {
    "first_report": "báo cáo lần đầu · first report",
    "correction": "đính chính · correction",
    "withdrawn": "rút lại · withdrawn",
}
NONE = "–"


def as_plain(moved: Moved) -> dict[str, Any]:
    """Counts and every row, ready for JSON."""
    frames = {name: getattr(moved, name) for name in PARTS}
    counts = {name: len(frame) for name, frame in frames.items()}
    return {"counts": counts, **{n: rows_of(frame) for n, frame in frames.items()}}


def rows_of(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """One dict per row: exact numbers as JSON numbers, instants as text."""
    return [
        {
            name: json_number(value) if isinstance(value, Decimal) else value
            for name, value in row.items()
        }
        for row in plain(frame)
    ]


def print_moved(moved: Moved) -> None:
    """Counts, then the weightiest rows of each part, verdicts first."""
    out.print(_counts(moved))
    for name, draw in (
        ("verdicts", _verdicts),
        ("ranks", _ranks),
        ("totals", _totals),
        ("observations", _observations),
    ):
        frame = getattr(moved, name)
        rows = frame.drop_duplicates(SAME) if name in ("ranks", "totals") else frame
        rows = rows.head(SHOWN[name])
        if len(rows):
            out.print(draw(rows, f"{PARTS[name]}: {_count(len(frame))}"))
        if len(rows) < len(frame):
            out.print(f"… {_count(len(frame) - len(rows))} nữa · more: --json")


def _count(number: int) -> str:
    return f"{number:,}".replace(",", ".")


def findings_table(findings: pd.DataFrame, most: int) -> Table:
    """What the rules would say of a file."""
    table = _table(f"Phát hiện · findings: {len(findings)}", "Mức · ô", "Việc gì")
    for row in _texts(findings.head(most)):
        place = " ".join(text for text in (row["sheet"], row["cell"]) if text)
        table.add_row(
            f"{row['severity']}\n[dim]{escape(one_line(place))}[/]",
            _both(row["message_vi"], row["message_en"]),
        )
    return table


def _counts(moved: Moved) -> Table:
    table = Table(title="Đã đổi · moved", title_justify="left", show_header=False)
    details = {
        "verdicts": f"{int(moved.verdicts.is_scope_unit.sum())} của phạm vi chỉ tiêu "
        "· of the targets' own scope",
        "observations": ", ".join(
            f"{count} {REASONS[str(reason)]}"
            for reason, count in moved.observations.reason.value_counts().items()
        ),
    }
    for name, title in PARTS.items():
        table.add_row(title, _count(len(getattr(moved, name))), details.get(name, ""))
    return table


def _verdicts(rows: pd.DataFrame, title: str) -> Table:
    table = _table(
        title, "Chỉ tiêu · target", "Đơn vị · kỳ", "Kết luận · verdict", "Vì sao · why"
    )
    for row in _texts(rows):
        style = VERDICT_STYLE.get(row["verdict_now"] or "", "dim")
        turned = f"{row['label_before_vi'] or NONE} → "
        turned += f"[{style}]{row['label_now_vi'] or NONE}[/]"
        turned += f"\n[dim]{row['label_before_en'] or NONE} → "
        turned += f"{row['label_now_en'] or NONE}[/]"
        table.add_row(
            f"{row['target_code']}\n" + _both(row["target_name_vi"]),
            _place(row),
            turned + f"\n{_change(row['actual_before'], row['actual_now'])}",
            _both(row["reason_vi"], row["reason_en"]),
        )
    return table


def _ranks(rows: pd.DataFrame, title: str) -> Table:
    table = _table(title, "Đơn vị · kỳ", "Chỉ số · indicator", "Hạng · rank")
    for row in _texts(rows):
        places = (
            f"{row[f'rank_{state}'] or NONE}/{row[f'ranked_{state}']}"
            for state in ("before", "now")
        )
        table.add_row(
            _place(row),
            _both(row["indicator_name_vi"], row["indicator_name_en"]),
            " → ".join(places)
            + f"\n[dim]{_change(row['value_before'], row['value_now'])}[/]",
        )
    return table


def _totals(rows: pd.DataFrame, title: str) -> Table:
    table = _table(title, "Đơn vị · kỳ", "Chỉ số · indicator", "Giá trị · value")
    for row in _texts(rows):
        table.add_row(
            _place(row) + f"\n[dim]{row['boundary']}, {row['cumulation']}[/]",
            _both(row["indicator_name_vi"], row["indicator_name_en"]),
            _change(row["value_before"], row["value_now"]),
        )
    return table


def _observations(rows: pd.DataFrame, title: str) -> Table:
    table = _table(
        title, "Đơn vị · kỳ", "Số liệu · measure", "Giá trị · value", "Vì sao · why"
    )
    for row in _texts(rows):
        places = (row["source_file"], row["source_sheet"], row["source_cell"])
        found = " ".join(one_line(text) for text in places if text)
        table.add_row(
            _place(row),
            _both(row["indicator_name_vi"], row["indicator_name_en"]),
            _change(row["value_before"], row["value_now"]),
            f"{REASONS[row['reason']]}\n[dim]{escape(found)}[/]",
        )
    return table


def _table(title: str, *heads: str) -> Table:
    table = Table(title=title, title_justify="left", expand=True)
    for place, head in enumerate(heads):
        is_last = place == len(heads) - 1
        table.add_column(head, ratio=2 if is_last else 1, overflow="fold")
    return table


def _texts(rows: pd.DataFrame) -> list[dict[str, Any]]:
    texts = rows.astype(object).where(rows.notna(), None)
    return [{str(k): v for k, v in row.items()} for row in texts.to_dict("records")]


def _place(row: dict[str, Any]) -> str:
    name = one_line(row["unit_name_vi"]) or row["unit_code"]
    return f"{escape(name)}\n[dim]{row['unit_code']} · {row['period_key']}[/]"


def _both(vietnamese: object, english: object = None) -> str:
    text = escape(one_line(vietnamese))
    return f"{text}\n[dim]{escape(one_line(english))}[/]" if english else text


def _change(before: object, now: object) -> str:
    return " → ".join(vietnamese_number(value) or NONE for value in (before, now))
