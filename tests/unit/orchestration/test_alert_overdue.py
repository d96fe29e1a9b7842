"""Which reports are overdue, whose task they are by now, and when they are history.

The sample programme: communes A1, A2 under A and B1, B2 under B owe a form each month
of the police calendar, three days after its end: the month to 14/01/2025 is due on
17/01/2025.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Protocol

import pandas as pd
import pytest

from orchestration.alerts.overdue import overdue_notices, overdue_reports, still_missing
from orchestration.alerts.settings import AlertSettings
from orchestration.settings import Settings
from orchestration.steps.context import RunContext, open_run
from sources.programme.scaffold import init_programme
from warehouse.home import Home
from warehouse.ledger.notice import Notice

USUAL = AlertSettings()


class Opener(Protocol):
    def __call__(self, day: str) -> AbstractContextManager[RunContext]: ...


@pytest.fixture
def on(tmp_path: Path) -> Opener:
    init_programme(tmp_path / "programme")

    @contextmanager
    def opened(day: str) -> Iterator[RunContext]:
        settings = Settings(
            tmp_path / "programme",
            Home(tmp_path / "home"),
            as_of=dt.date.fromisoformat(day),
        )
        with open_run(settings) as run:
            yield run

    return opened


def overdue(run: RunContext) -> tuple[pd.DataFrame, list[Notice]]:
    missing = overdue_reports(run, USUAL)
    return missing, overdue_notices(missing, run.programme, USUAL, run.as_of)


def test_nothing_is_overdue_on_the_day_it_is_due(on: Opener) -> None:
    with on("2025-01-17") as run:
        missing, notices = overdue(run)
    assert missing.empty
    assert notices == []


def test_the_day_after_there_is_one_notice_per_parent_that_lists_its_units(
    on: Opener,
) -> None:
    with on("2025-01-18") as run:
        missing, notices = overdue(run)
    assert len(missing) == 4
    assert set(missing.days_late) == {1}
    assert {n.unit_code for n in notices} == {"MAU.A", "MAU.B"}
    north = next(n for n in notices if n.unit_code == "MAU.A")
    assert (north.form_code, north.period_key) == ("ANTT-T", "police-2025-M01")
    assert (north.level, north.severity) == (0, "WARNING")
    assert "2 đơn vị của Công an khu vực Bắc" in north.message_vi
    assert "MAU.A1, MAU.A2" in north.message_vi
    assert "17/01/2025" in north.message_vi
    assert "1 days late" in north.message_en


@pytest.mark.parametrize(
    ("day", "level", "severity", "told"),
    [
        ("2025-01-19", 0, "WARNING", "MAU.A"),  # 2 days
        ("2025-01-20", 1, "WARNING", "MAU.A"),  # 3
        ("2025-01-26", 1, "WARNING", "MAU.A"),  # 9
        ("2025-01-27", 2, "ERROR", "MAU"),  # 10
        ("2025-02-16", 3, "ERROR", "MAU"),  # 30
    ],
)
def test_it_goes_up_level_by_level(
    on: Opener, day: str, level: int, severity: str, told: str
) -> None:
    with on(day) as run:
        _, notices = overdue(run)
    north = next(n for n in notices if "MAU.A1" in n.message_vi)
    assert (north.level, north.severity, north.unit_code) == (level, severity, told)


def test_the_key_stays_while_it_goes_up(on: Opener) -> None:
    keys = []
    for day in ("2025-01-18", "2025-01-30"):
        with on(day) as run:
            keys.append({notice.key for notice in overdue(run)[1]})
    assert keys[0] == keys[1]


def test_every_open_past_period_is_told(on: Opener) -> None:
    with on("2026-01-31") as run:
        missing, notices = overdue(run)
    assert missing.period_key.nunique() == 13  # M01 of 2025 to M01 of 2026
    assert len(notices) == 26
    assert missing.due_date.is_monotonic_decreasing


EXPECTED = pd.DataFrame(
    [
        ("F", "A", "p1", "commune", dt.date(2024, 1, 10)),
        ("F", "A", "p2", "commune", dt.date(2024, 2, 10)),
        ("F", "B", "p1", "commune", dt.date(2024, 1, 10)),
    ],
    columns=["form_code", "unit_code", "period_key", "level", "due_date"],
)
NOTHING = pd.DataFrame(columns=["form_code", "unit_code", "period_key"])


def pairs(missing: pd.DataFrame) -> set[tuple[str, str]]:
    return set(zip(missing.unit_code, missing.period_key, strict=True))


def test_what_came_is_not_missing() -> None:
    came = EXPECTED[["form_code", "unit_code", "period_key"]].iloc[[0]]
    missing = still_missing(EXPECTED, came, dt.date(2024, 2, 20), 60)
    assert pairs(missing) == {("A", "p2"), ("B", "p1")}
    assert set(missing.days_late) == {10, 41}


def test_a_unit_that_owes_no_more_is_history_60_days_after_its_last_deadline() -> None:
    # B's last deadline was 10/01; 60 days later is 10/03, A's is 10/02 + 60 = 10/04
    def on_day(month: int, day: int) -> set[tuple[str, str]]:
        judged = dt.date(2024, month, day)
        return pairs(still_missing(EXPECTED, NOTHING, judged, 60))

    assert ("B", "p1") in on_day(3, 10)
    assert on_day(3, 11) == {("A", "p1"), ("A", "p2")}
    assert on_day(4, 11) == set()


def test_a_demo_judged_long_after_its_term_does_not_shout(tmp_path: Path) -> None:
    settings = Settings(home=Home(tmp_path), as_of=dt.date(2026, 11, 22))
    with open_run(settings) as run:
        missing, notices = overdue(run)
    assert missing.empty
    assert notices == []
