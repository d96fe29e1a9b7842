"""The made-up publication, written and read once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.helpers.scorecard_marts import write_marts
from tests.helpers.scorecard_rows import PROGRAMME
from warehouse.home import Home
from warehouse.report import ScorecardData, scorecard_data


@pytest.fixture(scope="session")
def marts(tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = Home(tmp_path_factory.mktemp("marts"))
    write_marts(home)
    return home


@pytest.fixture(scope="session")
def data(marts: Home) -> ScorecardData:
    return scorecard_data(marts, PROGRAMME)


@pytest.fixture(scope="session")
def frozen(marts: Home) -> ScorecardData:
    return scorecard_data(marts, PROGRAMME, "y2022.2f")


@pytest.fixture(scope="session")
def earlier_data(tmp_path_factory: pytest.TempPathFactory) -> ScorecardData:
    """A publication without grades, readings from the base and editions."""
    home = Home(tmp_path_factory.mktemp("earlier") / Path("home"))
    write_marts(home, today=True)
    return scorecard_data(home, PROGRAMME)
