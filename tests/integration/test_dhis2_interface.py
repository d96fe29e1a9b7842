"""The good DHIS2 file through an interface: asked for, landed, recorded, read.

Known answers: `data/real/dhis2_datim/README.md` and the file itself.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

from sources.connectors import dhis2
from sources.connectors.fetched import Fetched
from sources.programme.loader import load_programme
from sources.programme.model import Programme
from sources.readers import ReadJob, ReadResult, read_deliveries
from tests.helpers.dhis2_programme import (
    GOOD,
    SOURCE,
    value_rows,
    write_dhis2_programme,
)
from tests.helpers.dhis2_server import DATA_SET, ROOT, Dhis2, Value
from tests.helpers.http_server import Server, serving
from tests.helpers.pulled import Pulls
from warehouse.home import Home
from warehouse.landing import Landing
from warehouse.ledger import Ledger

REPORTED = dt.datetime(2018, 12, 1, tzinfo=dt.UTC)
NAMES_IN_CSV = {
    "measure_column": "dataelement",
    "unit_column": "orgunit",
    "value_column": "value",
    "period_column": "period",
}


@pytest.fixture(scope="module")
def data(shared_data: Path) -> Path:
    folder = shared_data / "real" / "dhis2_datim"
    if not folder.is_dir():
        pytest.skip(f"the DHIS2 files are not in place ({folder})")
    return folder


@pytest.fixture(scope="module")
def place(data: Path) -> Dhis2:
    """The 1,000 values, with the time at which they were reported."""
    return Dhis2(
        [
            Value(
                *(row[key] for key in ("de", "pe", "ou", "value")),
                REPORTED,
                row["coc"],
                row["acoc"],
            )
            for row in value_rows(data / GOOD)
        ],
        REPORTED + dt.timedelta(days=1),
    )


@pytest.fixture(scope="module")
def server(place: Dhis2) -> Iterator[Server]:
    with serving() as running, pytest.MonkeyPatch.context() as environment:
        environment.setenv("NO_PROXY", "127.0.0.1")
        running.answer = place
        yield running


class World:
    """A programme that asks the server, with a landing and a ledger of its own."""

    def __init__(self, programme: Programme, folder: Path) -> None:
        self.programme = programme
        self.landing = Landing(Home(folder / "home"))
        self.ledger = Ledger.open(f"sqlite:///{folder / 'ledger.sqlite'}")
        (source,) = programme.sources
        self.pulls = Pulls(dhis2.fetch, source, {"TOKEN": "d2pat-secret-1"})

    def pull(self) -> list[ReadJob]:
        """Lands and records what the server has, and makes it ready to read."""
        kept = self.pulls.pull()
        rows = [self._recorded(one) for one in kept]
        self.ledger.record_deliveries(pd.DataFrame(rows), {}, self.programme.code)
        return [
            ReadJob(
                self.landing.path(row["delivery_sha256"]),
                row["delivery_sha256"],
                one.name,
                SOURCE,
                one.modified_at,
            )
            for one, row in zip(kept, rows, strict=True)
        ]

    def _recorded(self, one: Fetched) -> dict[str, Any]:
        sha256, _ = self.landing.put(one.content)
        return {
            "programme_code": self.programme.code,
            "source_code": SOURCE,
            "origin": one.origin,
            "file_name": one.name,
            "size_bytes": len(one.content),
            "modified_at": one.modified_at,
            "delivery_sha256": sha256,
        }


def _ask_the_server(path: Path, url: str, kind: str) -> None:
    """Turns the drop folder of the written programme into an interface."""
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    (source,) = document["sources"]
    del source["path"], source["pattern"]
    source |= {
        "connector": "dhis2",
        "url": url,
        "auth": {"kind": "bearer", "scheme": "ApiToken", "token": "${TOKEN}"},
        "pace": {"requests_per_second": 1000},
        "dhis2": {
            "data_sets": [DATA_SET],
            "org_units": [ROOT],
            "start_date": "2014-01-01",
            "format": kind,
            "page_size": 300,
        },
    }
    (table,) = source["maps"]
    table["file"] = r".*\.zip"
    if kind == "json":
        table["records"] = "dataValues"
    else:
        for key, name in NAMES_IN_CSV.items():
            table[key] = {"header": [name]}
        combos = ("catoptcombo", "attroptcombo")
        table["key_columns"] = [{"header": [name]} for name in combos]
    path.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")


@pytest.fixture(scope="module")
def programmes(
    tmp_path_factory: pytest.TempPathFactory, data: Path, server: Server
) -> dict[str, Programme]:
    """The programme that asks for JSON, and the one that asks for CSV."""
    made = {}
    for kind in ("json", "csv"):
        folder = tmp_path_factory.mktemp(kind)
        programme = write_dhis2_programme(folder / "programme", data, folder)
        _ask_the_server(programme / "sources.yaml", server.url, kind)
        made[kind] = load_programme(programme)
    return made


@pytest.fixture
def world_of(
    tmp_path: Path, programmes: dict[str, Programme]
) -> Iterator[Callable[[str], World]]:
    made: list[World] = []

    def make(kind: str) -> World:
        made.append(World(programmes[kind], tmp_path))
        return made[-1]

    yield make
    for world in made:
        world.ledger.close()


def observed(read: ReadResult) -> pd.DataFrame:
    columns = ["submission_id", "form_code", "unit_code", "period_key"]
    return read.observations.merge(read.submissions[columns], on="submission_id")


@pytest.mark.parametrize("kind", ["json", "csv"])
def test_every_value_comes_through_the_interface_as_written(
    world_of: Callable[[str], World], data: Path, kind: str
) -> None:
    world = world_of(kind)
    jobs = world.pull()
    assert len(world.ledger.deliveries(world.programme.code)) == len(jobs) == 1
    read = read_deliveries(world.programme, jobs)
    assert read.findings.empty
    found = observed(read)
    expected = {}
    for row in value_rows(data / GOOD):
        year, part = row["pe"][:4], row["pe"][4:]
        is_october = part == "Oct"  # from October of that year to the next
        period = f"october-{int(year) + 1}-Y" if is_october else f"civil-{year}-{part}"
        measure = f"{row['de']}.{row['coc']}.{row['acoc']}"
        status = "nil" if row["value"] == "0" else "reported"
        expected[row["ou"], measure, period] = (Decimal(row["value"]), status)
    keys = zip(found.unit_code, found.measure_code, found.period_key, strict=True)
    values = zip(found.value, found.observation_status, strict=True)
    assert dict(zip(keys, values, strict=True)) == expected
    assert len(found) == 1_000
    assert found.value.eq(0).sum() == 371
    assert found.form_code.value_counts().to_dict() == {
        "OCTOBER_YEAR": 504,
        "QUARTER": 496,
    }


def test_a_later_pull_brings_the_changed_report_alone(
    world_of: Callable[[str], World], place: Dhis2
) -> None:
    world = world_of("json")
    world.pull()
    key, old = next(iter(place.values.items()))
    report = [one for one in place.values.values() if one.key[1:3] == key[1:3]]
    try:
        place.values[key] = Value(*key[:3], "7", place.clock, *key[3:])
        found = observed(read_deliveries(world.programme, world.pull()))
        assert len(found) == len(report)
        assert found.value.eq(7).any()
        assert found.unit_code.unique().tolist() == [key[2]]
        assert world.pulls.pull() == []
    finally:
        place.values[key] = old
