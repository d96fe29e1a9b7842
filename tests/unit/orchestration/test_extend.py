"""`nhiemky extend`: a later deadline silences the alert until its own day is over.

The sample programme's communes owe January 2025 (to 14/01) on 17/01/2025.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
import typer
from rich.console import Console
from typer.testing import CliRunner

from orchestration.alerts.overdue import overdue_reports
from orchestration.alerts.settings import AlertSettings
from orchestration.cli.extend import extend
from orchestration.steps.context import RunContext
from orchestration.steps.extend import ExtensionRefused, extend_deadline
from orchestration.steps.judge import expected_reports
from sources.programme.due import with_extensions
from tests.unit.orchestration.edition_case import opened

FORM, UNIT, PERIOD = "ANTT-T", "MAU.A1", "police-2025-M01"
UNTIL = dt.date(2025, 1, 22)


@pytest.fixture
def run(tmp_path: Path) -> Iterator[RunContext]:
    with opened(tmp_path, is_published=False) as context:
        yield context


def overdue(run: RunContext, day: dt.date) -> dict[str, int]:
    """Days late by unit, of January."""
    missing = overdue_reports(replace(run, as_of=day), AlertSettings())
    january = missing[missing.period_key.eq(PERIOD)]
    return dict(zip(january.unit_code, january.days_late, strict=True))


def test_an_extended_report_is_overdue_only_after_the_new_day(run: RunContext) -> None:
    given = extend_deadline(run, UNIT, FORM, PERIOD, UNTIL, "Lan", "bão số 3")
    assert given["ordinary_due_date"] == dt.date(2025, 1, 17)
    others = {"MAU.A2", "MAU.B1", "MAU.B2"}
    assert set(overdue(run, dt.date(2025, 1, 18))) == others
    assert set(overdue(run, UNTIL)) == others
    late = overdue(run, dt.date(2025, 1, 23))
    assert late == {UNIT: 1, **dict.fromkeys(others, 6)}
    due = expected_reports(run)
    mine = due.period_key.eq(PERIOD) & due.unit_code.eq(UNIT)
    assert due[mine].due_date.tolist() == [UNTIL]
    assert (
        due[~mine & due.period_key.eq(PERIOD)].due_date.tolist()
        == [dt.date(2025, 1, 17)] * 3
    )


@pytest.mark.parametrize(
    ("unit", "form", "period", "told"),
    [
        ("MAU.A9", FORM, PERIOD, "MAU.A1"),
        (UNIT, "ANTT-X", PERIOD, "ANTT-T"),
        (UNIT, FORM, "police-2025-M13", "police-2025-M1"),
        ("MAU.A", FORM, PERIOD, "does not owe"),
        (UNIT, FORM, "police-2025-Q1", "does not owe.*police-2025-M1"),
    ],
)
def test_unknown_codes_and_what_nobody_owes_are_refused_with_what_is_near(
    run: RunContext, unit: str, form: str, period: str, told: str
) -> None:
    with pytest.raises(ExtensionRefused, match=told):
        extend_deadline(run, unit, form, period, UNTIL, "Lan", "bão")
    assert run.extensions.empty


def test_only_a_later_day_replaces_the_ordinary_one() -> None:
    key = {"form_code": "F", "period_key": "p"}
    expected = pd.DataFrame(
        [{**key, "unit_code": unit, "due_date": dt.date(2025, 1, 5)} for unit in "ABC"],
        index=[7, 8, 9],
    )
    days = {"A": dt.date(2025, 1, 9), "B": dt.date(2025, 1, 4)}
    granted = pd.DataFrame(
        [{**key, "unit_code": unit, "due_date": day} for unit, day in days.items()]
    )
    due = with_extensions(expected, granted).due_date
    assert due.to_dict() == {
        7: dt.date(2025, 1, 9),
        8: dt.date(2025, 1, 5),
        9: dt.date(2025, 1, 5),
    }


def test_the_command_records_and_lists(
    tmp_path: Path, run: RunContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("orchestration.cli.extend.out", Console(width=200))
    app = typer.Typer()
    app.command()(extend)
    where = ["--programme", str(run.programme.folder), "--home", str(run.home.path)]

    def cli(*arguments: str) -> str:
        done = CliRunner().invoke(app, [*arguments, *where])
        assert done.exit_code == 0, done.output
        return done.stdout

    given = ("--until", "2025-01-22", "--reason", "[b]bão[/b]", "--by", "Lan")
    assert "17/01/2025 → 22/01/2025" in cli(UNIT, FORM, PERIOD, *given)
    (row,) = json.loads(cli("--list", "--json"))
    assert (row["unit_code"], row["due_date"], row["is_over"]) == (
        UNIT,
        "2025-01-22",
        True,
    )
    assert row["decided_by"] == "Lan"
    listed = cli("--list")
    assert "[b]bão[/b]" in listed
    assert "22/01/2025 (hết hạn · over)" in listed
    assert CliRunner().invoke(app, [UNIT, FORM, *where]).exit_code == 2
