"""The same figures judged in the middle of a year."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest


@pytest.fixture(scope="module")
def early(
    tmp_path_factory: pytest.TempPathFactory,
    dbt: Callable[..., list[str]],
    raw_file: Callable[[Path], None],
) -> Path:
    """Built as of 20/07/2024: two quarters closed, the third open."""
    path = tmp_path_factory.mktemp("early") / "build.duckdb"
    raw_file(path)
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            "delete from raw.submission where received_at > '2024-07-20'"
        )
        connection.execute(
            "delete from raw.observation where submission_id not in "
            "(select submission_id from raw.submission)"
        )
    assert dbt("run", path, dt.date(2024, 7, 20)) == []
    return path


def test_an_open_year_is_compared_with_the_same_stretch(early: Path) -> None:
    with duckdb.connect(str(early)) as connection:
        rows = connection.execute(
            "select period_key, verdict, figure_period_key, value, previous_value "
            "from marts.fct_target_progress where target_code = 'CUT' "
            "and unit_code = 'P' order by period_key"
        ).fetchall()
        waiting = connection.execute(
            "select distinct status from marts.fct_submission where version = 0"
        ).fetchall()
        future = connection.execute(
            "select count(*) from marts.fct_indicator_value join marts.dim_period "
            "using (period_key) where not has_begun"
        ).fetchone()
    assert rows == [
        *(
            (f"police-2024-M0{month}", "on_track", "police-2024-Q1", 90, 100)
            for month in (3, 4, 5)
        ),
        *(
            (f"police-2024-M0{month}", "on_track", "police-2024-Q2", 180, 200)
            for month in (6, 7)
        ),
        ("police-2024-Y", "on_track", "police-2024-Q2", 180, 200),
        ("police-2025-Y", "not_due", None, None, None),
    ]
    assert waiting == [("not_due",)]
    assert future == (0,)
