"""Publishing against a plain copy of the build file, both made durable."""

from __future__ import annotations

import datetime as dt
import itertools
import os
import shutil
from pathlib import Path

from orchestration.steps.context import RunContext
from tests.benchmarks.conftest import Tell
from tests.benchmarks.measure import best, ratio_line
from warehouse.publish import PublishReport, publish

REPEATS = 3
MOST = 500
"""A copy is tens of milliseconds; publishing also writes each mart as Parquet."""


def test_publishing(run: RunContext, tmp_path: Path, tell: Tell) -> None:
    numbers = itertools.count()
    now = dt.datetime.now(dt.UTC)

    def ours() -> PublishReport:
        return publish(run.home, f"bench-{next(numbers)}", now, run.as_of)

    def copy() -> int:
        target = tmp_path / "copy.duckdb"
        shutil.copyfile(run.home.build_db, target)
        with target.open("rb+") as stream:
            os.fsync(stream.fileno())
        return target.stat().st_size

    cost, report = best(REPEATS, ours)
    bound, size = best(REPEATS, copy)
    what = f"publish {len(report.tables)} marts, Parquet too / copy {size >> 20} MB"
    tell(ratio_line(what, cost, bound))
    assert cost.wall < MOST * bound.wall  # a copy costs too few ticks of CPU
