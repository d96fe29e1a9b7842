"""Rebuild: forget everything that landing and ledger can make again."""

from __future__ import annotations

import datetime as dt
import shutil

from orchestration.steps import handover
from orchestration.steps.context import RunContext
from orchestration.steps.load import forget_published


def forget_build(run: RunContext, as_of: dt.date | None) -> dt.date:
    """Deletes the warehouse files; returns the day to judge on.

    The published files go last, when the new ones replace them: readers never miss
    them.
    """
    last = run.ledger.last_publication(run.programme.code)
    handover.clear(run.home.work)
    forget_published(run)
    shutil.rmtree(run.home.build_db.parent, ignore_errors=True)
    run.home.create()
    if as_of:
        return as_of
    return last["as_of_date"] if last else run.as_of
