"""The whole path as a stranger types it, in seconds against the stated limits."""

from __future__ import annotations

from tests.benchmarks.conftest import Demo, Tell
from tests.benchmarks.measure import limit_line

FIRST_LIMIT_S = 90
SECOND_LIMIT_S = 15


def test_demo_and_second_run(demo: Demo, tell: Tell) -> None:
    tell(limit_line("demo: simulate and first run", demo.first, FIRST_LIMIT_S))
    what = "second run, nothing new"
    if not demo.is_second_idle:
        what = "second run, built again: the checkout was edited"
    tell(limit_line(what, demo.second, SECOND_LIMIT_S))
    assert demo.first.cpu < 10 * FIRST_LIMIT_S
