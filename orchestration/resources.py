"""Resources: what assets need from outside, resolved when a run begins.

`RunResource` opens the programme, home and ledger for each step and closes them after.
It holds the home's lock for as long as a run of the UI lasts, so that such a run and a
`nhiemky run` from a terminal wait for each other.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Self

import dagster as dg

from orchestration.alerts.settings import AlertSettings
from orchestration.settings import Settings, publish_url
from orchestration.steps.context import RunContext, open_run

LOCK_WAIT_SECONDS = 1800


class RunResource(dg.ConfigurableResource):
    """Where the programme and the home lie; empty means environment, then default."""

    programme: str = ""
    home: str = ""
    as_of: str = ""
    locks_home: bool = False
    """False where the caller holds the lock already, as `nhiemky run` does."""

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator[Self]:
        """Itself; under the home's lock in a run, without it in a sensor's tick.

        Raises:
            SettingsError: a setting that a run needs at its end cannot be read.
        """
        if context.run is not None:
            AlertSettings.resolve()
            publish_url()
        if not self.locks_home or context.run is None:
            yield self
            return
        with self.settings().home.run_lock(LOCK_WAIT_SECONDS):
            yield self

    def settings(self) -> Settings:
        """Settings resolved now, from these fields and the environment."""
        import datetime as dt

        return Settings.resolve(
            self.programme or None,
            self.home or None,
            dt.date.fromisoformat(self.as_of) if self.as_of else None,
        )

    @contextmanager
    def open(self) -> Iterator[RunContext]:
        """The run context of one step."""
        with open_run(self.settings()) as run:
            yield run
