"""Shared by the benches: one demo run for all of them, and a place to print lines."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest

from orchestration.dbt import manifest_path
from orchestration.settings import SHIPPED_PROGRAMME, Settings
from orchestration.steps.context import RunContext, open_run
from orchestration.steps.read import jobs_of
from sources.readers import ReadResult, read_deliveries
from tests.benchmarks.measure import Cost, cost
from tests.integration.support import nhiemky

WORKERS = 2
NOTHING_NEW = "nothing new"

Tell = Callable[[str], None]


LINES = pytest.StashKey[list[str]]()


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Prints the lines of all benches under one another."""
    for line in config.stash.get(LINES, []):
        terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def tell(pytestconfig: pytest.Config) -> Tell:
    """Keeps one line for the end, under a header: how busy the machine was."""
    loads = " ".join(f"{value:.1f}" for value in os.getloadavg())
    header = (
        f"{os.cpu_count()} cores, shared with others; load average {loads} at the "
        "start. Busy machine: trust the CPU ratio, not the wall. Bound: the least "
        "work for the same answer, measured in this run."
    )
    lines = pytestconfig.stash.setdefault(LINES, ["", header])
    return lines.append


@dataclass(frozen=True)
class Demo:
    """The home that `nhiemky demo` filled, and what it and a second run cost."""

    home: Path
    first: Cost
    second: Cost
    is_second_idle: bool


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """Simulate and first run, then a run with nothing new, each a process of its own.

    `make setup` parses the dbt project before anybody measures; so do we. Somebody who
    edits the checkout meanwhile makes the second run build again: it is then repeated.
    """
    home = tmp_path_factory.mktemp("bench") / "home"
    manifest_path()
    first, _ = cost(lambda: _succeeded(nhiemky("demo", "--home", home)))
    for _ in range(2):
        second, done = cost(lambda: _succeeded(nhiemky("run", "--home", home)))
        is_idle = NOTHING_NEW in done.stdout + done.stderr
        if is_idle:
            break
    return Demo(home, first, second, is_idle)


def _succeeded(
    done: subprocess.CompletedProcess[str],
) -> subprocess.CompletedProcess[str]:
    assert done.returncode == 0, done.stdout + done.stderr
    return done


@pytest.fixture
def run(demo: Demo) -> Iterator[RunContext]:
    """A run over the demo's home, for benches that call single steps."""
    with open_run(Settings.resolve(SHIPPED_PROGRAMME, demo.home)) as context:
        yield context


@pytest.fixture(scope="session")
def demo_batch(demo: Demo) -> ReadResult:
    """Everything that the demo's submissions hold, as the reading step gives it."""
    with open_run(Settings.resolve(SHIPPED_PROGRAMME, demo.home)) as context:
        deliveries = context.ledger.deliveries(context.programme.code)
        kept: pd.DataFrame = deliveries[deliveries.status.ne("refused")]
        return read_deliveries(
            context.programme, jobs_of(context, kept), context.members, workers=WORKERS
        )
