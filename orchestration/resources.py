"""Resources: what assets need from outside, resolved when a run begins.

`RunResource` opens the programme, home and ledger for each step and closes them after.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg

from orchestration.settings import Settings
from orchestration.steps.context import RunContext, open_run


class RunResource(dg.ConfigurableResource):
    """Where the programme and the home lie; empty means environment, then default."""

    programme: str = ""
    home: str = ""
    as_of: str = ""

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
