"""Earlier figures: those that stand now, of the forms and periods asked, all units."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from sources.programme.batch import EARLIER_COLUMNS, VERSION_COLUMNS
from sources.programme.figures import figure_digests
from tests.helpers.raw_build import RawBuild, small_build
from warehouse.errors import WarehouseError
from warehouse.history import (
    accepted_submissions,
    earlier_figures,
    earlier_versions,
)
from warehouse.home import Home

Q = [f"civil-2023-Q{number}" for number in range(1, 5)]
KEYS = pd.DataFrame({"form_code": ["F"], "unit_code": ["A"], "period_key": [Q[3]]})


@pytest.fixture
def build() -> RawBuild:
    return small_build()


def earlier(build: RawBuild, folder: Path, **more: object) -> list[tuple[object, ...]]:
    home = Home(folder)
    build.write(home)
    frame = earlier_figures(home, "demo", KEYS, **more)
    assert list(frame.columns) == list(EARLIER_COLUMNS)
    return sorted(frame.itertuples(index=False, name=None))


def test_figures_of_all_units_of_the_form_as_they_stand(build, tmp_path):
    build.correct("A", Q[0], {"m": 1}, {"m": 2})
    build.submit("B", Q[1], {"m": "3.5", "once": 0, "cleared": "n/a"})
    build.submit("C", Q[1], {"m": 9}, status="rejected")
    build.submit("D", Q[1], {"m": 9}, form_code="OTHER")
    build.submit("D", Q[1], {"m": 9}, programme_code="another")
    assert earlier(build, tmp_path) == [
        ("F", "A", Q[0], "m", 2.0, "s1"),
        ("F", "B", Q[1], "m", 3.5, "s2"),
        ("F", "B", Q[1], "once", 0.0, "s2"),
    ]


def test_control_totals_are_no_peers(build, tmp_path):
    build.submit("R", Q[0], {"m": 100}, is_control_total=True)
    assert earlier(build, tmp_path) == []


def test_only_the_newest_periods_that_have_figures(build, tmp_path):
    # nothing came for the third quarter: it takes no place
    for unit, quarter in (("A", 0), ("A", 1), ("B", 1), ("A", 3)):
        build.submit(unit, Q[quarter], {"m": 1})
    found = {row[2] for row in earlier(build, tmp_path, periods=2)}
    assert found == {Q[1], Q[3]}


def test_nothing_is_read_without_forms_or_without_a_build(build, tmp_path):
    home = Home(tmp_path)
    for keys in (KEYS, KEYS.head(0)):
        frame = earlier_figures(home, "demo", keys)
        assert list(frame.columns) == list(EARLIER_COLUMNS)
        assert frame.empty
    assert frame["value"].dtype == "float64"
    home.create()
    with duckdb.connect(str(home.build_db)):
        pass
    assert earlier_figures(home, "demo", KEYS).empty
    submissions, observations = accepted_submissions(home, "demo")
    assert submissions.empty and observations.empty
    home.build_db.write_bytes(b"no database")
    with pytest.raises(WarehouseError):
        earlier_figures(home, "demo", KEYS)


def test_accepted_submissions_have_the_shape_that_gate_1_takes(build, tmp_path):
    home = Home(tmp_path)
    received = dt.datetime(2024, 1, 6, 9)
    build.correct("A", Q[0], {"m": 1}, {"m": "2.5"})
    later = {"received_at": received, "is_simulated": True, "is_control_total": True}
    build.submit("R", Q[0], {"m": 7, "once": "n/a"}, **later)
    build.write(home)
    submissions, observations = accepted_submissions(home, "demo")
    assert list(submissions["submission_id"]) == ["s2", "s1"]
    total = submissions.iloc[0]
    assert total["received_at"] == pd.Timestamp(received, tz="UTC")
    assert (total["is_control_total"], total["is_simulated"]) == (True, True)
    assert not total["is_nil_report"] and total["template_version"] is None
    own = observations[observations["submission_id"].eq("s2")]
    assert list(own["observation_status"]) == ["reported", "not_applicable"]
    assert own["fault"].isna().all()
    (value,) = observations.loc[observations["submission_id"].eq("s1"), "value"]
    assert value == Decimal("2.5") and isinstance(value, Decimal)
    assert observations["row_id"].is_unique


def test_versions_of_the_reports_asked_for_and_what_they_say(build, tmp_path):
    build.correct("A", Q[3], {"m": 1, "once": 2}, {"m": 2, "once": 2})
    build.submit("B", Q[3], {"m": 2, "once": 2})
    home = Home(tmp_path)
    build.write(home)
    found = earlier_versions(home, "demo", KEYS)
    assert list(found.columns) == list(VERSION_COLUMNS)
    assert found.drop(columns="figures").values.tolist() == [
        ["F", "A", Q[3], False],
        ["F", "A", Q[3], True],
    ]
    said = pd.DataFrame({"measure": ["once", "m"], "value": [2.0, 2.0]})
    twice = [pd.Series(text, index=said.index) for text in ("s", "reported")]
    now = figure_digests(twice[0], said["measure"], said["value"], twice[1])["s"]
    assert found.set_index("is_current").figures[True] == now
    assert found.set_index("is_current").figures[False] != now
    assert earlier_versions(Home(tmp_path / "none"), "demo", KEYS).empty
