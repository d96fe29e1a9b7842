"""Measuring: wall and CPU seconds (children included), and the line that tells them."""

from __future__ import annotations

import os
import resource
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")
U = TypeVar("U")
WHO = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
SANE_RATIO = 50
"""No bench fails below it: times drift, a mistake of an order of magnitude does not."""


@dataclass(frozen=True)
class Cost:
    """Seconds on the clock and seconds of processor, children that ended included."""

    wall: float
    cpu: float

    def __add__(self, other: Cost) -> Cost:
        return Cost(self.wall + other.wall, self.cpu + other.cpu)

    def __str__(self) -> str:
        return f"{self.wall:7.2f} s (cpu {self.cpu:6.2f})"


def cost(work: Callable[[], T]) -> tuple[Cost, T]:
    """What one call cost, and what it gave."""
    cpu, wall = _cpu(), time.perf_counter()
    result = work()
    return Cost(time.perf_counter() - wall, _cpu() - cpu), result


def best(times: int, work: Callable[[], T]) -> tuple[Cost, T]:
    """The least wall and the least CPU of several calls, and the last result."""
    runs = [cost(work) for _ in range(times)]
    least = Cost(min(c.wall for c, _ in runs), min(c.cpu for c, _ in runs))
    return least, runs[-1][1]


def medians(
    times: int, first: Callable[[], T], second: Callable[[], U]
) -> tuple[Cost, T, Cost, U]:
    """Median wall and CPU of two calls in turn, so that load falls on both alike."""
    firsts, seconds = [], []
    for _ in range(times):
        one, first_result = cost(first)
        two, second_result = cost(second)
        firsts.append(one)
        seconds.append(two)
    return _median(firsts), first_result, _median(seconds), second_result


def _median(costs: list[Cost]) -> Cost:
    walls, cpus = [c.wall for c in costs], [c.cpu for c in costs]
    return Cost(statistics.median(walls), statistics.median(cpus))


def ratio_line(what: str, ours: Cost, bound: Cost) -> str:
    """One line: what, ours, the lower bound, both ratios, the load at that moment."""
    return (
        f"{what:<58} ours {ours} | bound {bound} | ratio wall "
        f"{ours.wall / bound.wall:6.1f}, cpu {_cpu_ratio(ours, bound):6.1f} | {load()}"
    )


def limit_line(what: str, ours: Cost, seconds: float) -> str:
    """One line for a stated limit instead of a bound."""
    return (
        f"{what:<58} ours {ours} | limit {seconds:6.2f} s"
        f"              | ratio wall {ours.wall / seconds:6.2f} | {load()}"
    )


def assert_sane(ours: Cost, bound: Cost, most: float = SANE_RATIO) -> None:
    """Fails only on what no busy machine explains; processor time, so load is out."""
    assert _cpu_ratio(ours, bound) < most


def load() -> str:
    """The load average of the last minute, to judge the wall times by."""
    return f"load {os.getloadavg()[0]:.1f}"


def _cpu_ratio(ours: Cost, bound: Cost) -> float:
    return ours.cpu / max(bound.cpu, 0.01)  # the clock of the kernel ticks this coarse


def _cpu() -> float:
    return sum(sum(resource.getrusage(who)[:2]) for who in WHO)
