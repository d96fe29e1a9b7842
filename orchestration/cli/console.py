"""Consoles and the progress display of the CLI."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)

out = Console(soft_wrap=False)
err = Console(stderr=True)


def print_json(value: Any) -> None:
    """Plain JSON on standard output, for scripts."""
    print(json.dumps(value, ensure_ascii=False, indent=2, default=str))


def print_bullets(title: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """A heading and a line per row with what it holds; nothing without rows."""
    from orchestration.steps.findings import one_line

    if rows:
        out.print(f"\n[bold]{title}[/]")
    for row in rows:
        said = (f"{name}: {one_line(v)}" for name, v in row.items() if v is not None)
        out.print(f"• {escape(' · '.join(said))}", highlight=False)


def json_number(value: Decimal) -> int | float:
    """A decimal as the JSON number it is: whole numbers stay whole."""
    return int(value) if value == value.to_integral_value() else float(value)


class ConsoleReporter:
    """Shows each step as a bar while it works and as one line when it is done."""

    def __init__(self) -> None:
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(bar_width=30),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=err,
            transient=True,
        )
        self._task: TaskID | None = None
        self._label = ""
        self._began = 0.0

    def start(self, label: str, total: int | None) -> None:
        """Opens the bar of a step."""
        self._label, self._began = label, time.monotonic()
        self._progress.start()
        self._task = self._progress.add_task(label, total=total)

    def advance(self, parts: int) -> None:
        """Moves the bar."""
        if self._task is not None:
            self._progress.advance(self._task, parts)

    def reach(self, done: int, total: int) -> None:
        """Puts the bar at `done` of `total`."""
        if self._task is not None:
            self._progress.update(self._task, completed=done, total=total)

    def finish(self, summary: str) -> None:
        """Closes the bar and leaves one line."""
        if self._task is not None:
            self._progress.remove_task(self._task)
            self._task = None
        self._progress.stop()
        seconds = time.monotonic() - self._began
        err.print(
            f"[green]✓[/] {self._label:<34} {escape(summary)}  [dim]{seconds:.1f} s[/]",
            highlight=False,
        )
