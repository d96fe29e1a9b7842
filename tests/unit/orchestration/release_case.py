"""A run over a small loaded build, for the steps between load and publication.

R's own total for 2024 is one more than its communes A and B add up to.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd

from orchestration.settings import Settings
from orchestration.steps.context import RunContext
from sources.programme.model import Programme
from tests.helpers.marts_build import AS_OF, build_from_raw
from tests.helpers.warehouse_frames import observations, record, reference, submission
from warehouse.home import Home
from warehouse.landing import Landing
from warehouse.ledger import Ledger
from warehouse.load import sync

VALUES = {"a24": "20", "b24": "30", "r24": "51"}


def small_programme(folder: Path) -> Programme:
    folder.mkdir(exist_ok=True)
    (folder / "programme.yaml").write_text("code: demo\n", encoding="utf-8")
    return Programme.model_validate(
        {
            "folder": folder,
            "code": "demo",
            "name_vi": "Thử",
            "name_en": "Test",
            "root_unit": "R",
            "term": {"calendar": "civil", "first_year": 2023, "last_year": 2024},
            "reporting_from_year": 2023,
            "levels": [],
            "documents": [],
            "calendars": [],
            "units": [],
            "measures": [],
            "forms": [],
            "sources": [],
        }
    )


@contextmanager
def opened(folder: Path, as_of: dt.date = AS_OF) -> Iterator[RunContext]:
    """A run context whose ledger holds A, B and R's total of 2024."""
    programme, home = small_programme(folder / "programme"), Home(folder / "home")
    home.create()
    ledger = Ledger.open(home.ledger_url)
    try:
        if ledger.submissions("demo").empty:
            record(
                ledger,
                [
                    (submission("a24"), 0),
                    (submission("b24", "B"), 1),
                    (submission("r24", "R", is_control_total=True), 2),
                ],
            )
        yield RunContext(
            settings=Settings(programme.folder, home, 1, as_of),
            programme=programme,
            home=home,
            landing=Landing(home),
            ledger=ledger,
            as_of=as_of,
        )
    finally:
        ledger.close()


def load(run: RunContext) -> None:
    """Schema raw becomes what the ledger says."""

    def read(submissions: pd.DataFrame) -> pd.DataFrame:
        by_id = {
            row.submission_id: VALUES[row.file_name[:-5]]
            for row in submissions.itertuples()
        }
        return observations(submissions, by_id)

    sync(run.home, "demo", reference(), run.ledger, read)


def build(run: RunContext) -> None:
    """Loads and makes the marts."""
    load(run)
    build_from_raw(run.home)
