"""What a person sees while a run works: one line per step, a bar where it is long.

The steps report to the reporter in force; without one (tests, Dagster UI) they are
silent and Dagster's own event log tells the story.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Protocol


class Reporter(Protocol):
    """Receives the progress of named steps."""

    def start(self, label: str, total: int | None) -> None:
        """A step begins; `total` is its number of parts when known."""

    def advance(self, parts: int) -> None:
        """`parts` more are done."""

    def reach(self, done: int, total: int) -> None:
        """`done` of `total` are done, where the total shows only on the way."""

    def finish(self, summary: str) -> None:
        """The step is done; `summary` says what came of it."""


_reporter: ContextVar[Reporter | None] = ContextVar("reporter", default=None)


@contextmanager
def reporting_to(reporter: Reporter) -> Iterator[None]:
    """Sends the progress of everything inside to `reporter`."""
    token = _reporter.set(reporter)
    try:
        yield
    finally:
        _reporter.reset(token)


@contextmanager
def step(label: str, total: int | None = None) -> Iterator[Step]:
    """One step of a run; set `summary` on what it yields before it ends."""
    current = Step(_reporter.get())
    if current.reporter:
        current.reporter.start(label, total)
    yield current
    if current.reporter:
        current.reporter.finish(current.summary)


class Step:
    """Handle of a running step."""

    def __init__(self, reporter: Reporter | None) -> None:
        self.reporter = reporter
        self.summary = ""

    @property
    def advance(self) -> Callable[[int], None]:
        """Callback that moves the bar by a number of parts."""
        return self.reporter.advance if self.reporter else _nothing

    @property
    def reach(self) -> Callable[[int, int], None]:
        """Callback that puts the bar at a number of parts out of a total."""
        return self.reporter.reach if self.reporter else _nothing


def _nothing(*_: int) -> None:
    return None
