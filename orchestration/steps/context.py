"""What every step of one run shares: programme, home, ledger, the day judged on."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd

from expectations.rulebook import check_rule_book
from orchestration.settings import Settings, inbox_folder
from sources.programme.expansion import expand_measures
from sources.programme.loader import load_programme
from sources.programme.model import Programme
from sources.programme.periods import until_year
from sources.programme.problems import ProgrammeError
from sources.programme.reference import reference_frames
from warehouse.home import Home
from warehouse.landing import Landing
from warehouse.ledger import Ledger
from warehouse.ledger.extensions import Extensions


@dataclass(frozen=True)
class RunContext:
    """The parts of a run; reference frames are made once and kept."""

    settings: Settings
    programme: Programme
    home: Home
    landing: Landing
    ledger: Ledger
    as_of: dt.date

    @property
    def environment(self) -> dict[str, str]:
        """Fills source paths; without NHIEMKY_INBOX it is the home's inbox."""
        return {**os.environ, "NHIEMKY_INBOX": str(inbox_folder(self.home).resolve())}

    @property
    def members(self) -> pd.DataFrame:
        """Members of open code lists seen so far, one row per list and member."""
        return self.ledger.members(self.programme.code)

    @property
    def measures(self) -> pd.DataFrame:
        """One row per measure, breakdown members included (columns of ref_measure)."""
        return expand_measures(self.programme, self.members)

    @property
    def extensions(self) -> pd.DataFrame:
        """One row per report whose deadline was extended, with its new `due_date`."""
        granted = Extensions(self.ledger, self.programme.timezone)
        return granted.current(self.programme.code)

    @cached_property
    def reference(self) -> dict[str, pd.DataFrame]:
        """Reference frames by raw table name, with the members known by now."""
        # up to today even when judging an earlier day: later figures keep their periods
        last_day = max(self.as_of, today(self.programme))
        return reference_frames(
            self.programme, self.members, until_year(self.programme, last_day)
        )


@contextmanager
def open_run(settings: Settings) -> Iterator[RunContext]:
    """Opens a run: loads the programme, creates the home, migrates the ledger.

    Raises:
        ProgrammeError: the programme folder is wrong; lists every problem.
    """
    programme = load_checked(settings.programme)
    settings.home.create()
    if not os.environ.get("NHIEMKY_INBOX"):
        inbox_folder(settings.home).mkdir(exist_ok=True)
    ledger = Ledger.open(settings.home.ledger_url)
    try:
        yield RunContext(
            settings=settings,
            programme=programme,
            home=settings.home,
            landing=Landing(settings.home),
            ledger=ledger,
            as_of=settings.as_of or today(programme),
        )
    finally:
        ledger.close()


def load_checked(folder: Path) -> Programme:
    """The programme of a folder, its rules held against the catalogue as well.

    Raises:
        ProgrammeError: the folder is wrong; lists every problem.
    """
    programme = load_programme(folder)
    if problems := check_rule_book(programme):
        raise ProgrammeError(problems)
    return programme


def today(programme: Programme) -> dt.date:
    """The day it is where the programme reports."""
    return dt.datetime.now(ZoneInfo(programme.timezone)).date()
