"""What a correction moves: previewed before it is sent, told by diff afterwards.

The sample programme, one month, four communes; then commune A1 says that the hot spot
it had denied did occur. Target MT-03 allows none.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from typer.testing import CliRunner

from orchestration.cli.app import app
from orchestration.dbt import build
from orchestration.settings import Settings
from orchestration.steps.compare import SELECTED, compare, state_at
from orchestration.steps.context import RunContext, open_run
from orchestration.steps.judge import judge_batch
from orchestration.steps.load import fingerprint, load_raw, remember_published
from orchestration.steps.preview import Preview, preview
from orchestration.steps.pull import pull
from orchestration.steps.read import read_pending
from orchestration.steps.release import publish_build
from orchestration.steps.template import make_templates
from sources.programme.scaffold import init_programme
from sources.template import layout
from warehouse.home import Home
from warehouse.moved import Moved

pytestmark = pytest.mark.slow

UNITS = ("MAU.A1", "MAU.A2", "MAU.B1", "MAU.B2")
FORM, PERIOD = "ANTT-T", "police-2026-M03"
FIGURES = {"crimes": 10, "crimes_solved": 8, "security_hotspots": 0}
SENT = dt.datetime(2026, 3, 16, 9, tzinfo=dt.UTC)
CORRECTED = dt.datetime(2026, 3, 20, 9, tzinfo=dt.UTC)
AS_OF = dt.date(2026, 3, 21)
BEFORE, AFTER = "2026-03-20T15:59:59", "2026-03-20"  # 16:00 is 09:00 UTC


@dataclass
class Place:
    """A home and programme, and files that were not sent yet."""

    settings: Settings
    drafts: Path

    @property
    def home(self) -> Home:
        return self.settings.home

    def workbook(
        self, unit: str, name: str, when: dt.datetime, figures: Mapping[str, int]
    ) -> Path:
        """A filled workbook of one unit, last changed at a given time."""
        written = make_templates(
            self.settings, FORM, PERIOD, [unit], folder=self.drafts
        )
        book = openpyxl.load_workbook(written[0])
        for row in book.worksheets[0].iter_rows(min_row=11):
            code = row[layout.COLUMN_CODE].value
            if code:
                row[layout.COLUMN_VALUE].value = figures.get(str(code), 3)
        path = self.drafts / name
        book.save(path)
        os.utime(path, (when.timestamp(), when.timestamp()))
        return path

    def send(self, path: Path) -> None:
        path.rename(self.home.path / "inbox" / path.name)


def take_in(run: RunContext) -> None:
    """Everything up to the load, as a run does it."""
    pull(run)
    read_pending(run)
    judge_batch(run)
    load_raw(run)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """Four reports are published as of the day."""
    folder = tmp_path_factory.mktemp("compare")
    init_programme(folder / "programme")
    home = Home(folder / "home")
    place = Place(Settings(folder / "programme", home, 1, AS_OF), folder / "drafts")
    with open_run(place.settings) as run:
        for unit in UNITS:
            place.send(place.workbook(unit, f"{unit}.xlsx", SENT, FIGURES))
        take_in(run)
        history = "+fct_observation_history"
        for _ in build(
            home.build_db, home.work / "dbt", AS_OF, select=[*SELECTED, history]
        ):
            pass
        publish_build(run)
        remember_published(run, fingerprint(run))
    return place


@pytest.fixture(scope="module")
def correction(place: Place) -> Path:
    corrected = {**FIGURES, "security_hotspots": 1}
    return place.workbook("MAU.A1", "A1 đính chính.xlsx", CORRECTED, corrected)


@pytest.fixture(scope="module")
def kept(place: Place) -> dict[str, str]:
    return digests(place.home)


@pytest.fixture(scope="module")
def seen(place: Place, kept: dict[str, str], correction: Path) -> Preview:
    with open_run(place.settings) as run:
        return preview(run, correction)


def digests(home: Home) -> dict[str, str]:
    """SHA-256 by file of all that a home keeps."""
    roots = [home.landing, home.published, home.build_db.parent, home.quarantine]
    files = [path for root in roots for path in root.rglob("*") if path.is_file()]
    return {
        str(path.relative_to(home.path)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in [*files, *home.path.glob("ledger*")]
    }


def turned(moved: Moved) -> set[tuple[str, str, str]]:
    rows = moved.verdicts[moved.verdicts.period_key.eq("police-2026-Y")]
    return set(zip(rows.target_code, rows.unit_code, rows.verdict_now, strict=True))


def check_moves(moved: Moved) -> None:
    """One value, the totals above it, the target that allows none."""
    (value,) = moved.observations.to_dict("records")
    assert (value["unit_code"], value["indicator_code"]) == (
        "MAU.A1",
        "security_hotspots",
    )
    assert (value["value_before"], value["value_now"]) == (Decimal(0), Decimal(1))
    assert (value["reason"], value["source_file"]) == (
        "correction",
        "A1 đính chính.xlsx",
    )
    assert value["source_cell"] == "D13"
    months = moved.totals[
        moved.totals.period_key.eq(PERIOD)
        & moved.totals.boundary.eq("as_reported")
        & moved.totals.cumulation.eq("period")
    ]
    assert list(zip(months.unit_code, months.change, strict=True)) == [
        ("MAU", 1),
        ("MAU.A", 1),
    ]
    assert set(moved.totals.indicator_code) == {"security_hotspots"}
    assert turned(moved) == {
        ("MT-03", "MAU", "not_met"),
        ("MT-03", "MAU.A1", "not_met"),
    }
    assert moved.verdicts.iloc[0].unit_code == "MAU"  # the target's own scope first
    assert set(moved.verdicts.target_code) == {"MT-03"}
    # A1 alone had a hot spot: from the tie of all four at the top to the bottom
    places = moved.ranks[
        moved.ranks.period_key.eq(PERIOD) & moved.ranks.level.eq("commune")
    ]
    (rank,) = places.to_dict("records")
    assert (rank["unit_code"], rank["rank_before"], rank["rank_now"]) == (
        "MAU.A1",
        1,
        4,
    )


def test_a_preview_names_what_a_correction_would_turn(seen: Preview) -> None:
    assert seen.status == "accepted"
    (submission,) = seen.submissions.to_dict("records")
    assert (submission["version"], submission["change_reason"]) == (2, "correction")
    assert seen.moved is not None
    check_moves(seen.moved)


def test_a_preview_leaves_everything_as_it_was(
    place: Place, seen: Preview, kept: dict[str, str]
) -> None:
    assert digests(place.home) == kept
    assert not (place.home.work / "scratch").exists()


def test_the_published_file_answers_as_known_on(place: Place, seen: Preview) -> None:
    program = (
        "import duckdb, sys; db = duckdb.connect(sys.argv[1], read_only=True); "
        "ask = 'select count(*), count(distinct unit_code) from marts.as_known_on(?)'; "
        "print([db.execute(ask, [t]).fetchone() for t in sys.argv[2:]]); "
        "print(db.sql('describe from marts.fct_observation').fetchall() == "
        "db.sql(\"describe from marts.as_known_on('2026-03-21')\").fetchall())"
    )
    times = ["2026-03-16 08:59:59", "2026-03-16 09:00:00"]
    done = subprocess.run(
        [sys.executable, "-c", program, str(place.home.published_db), *times],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines() == ["[(0, 0), (16, 4)]", "True"]


def test_a_file_that_would_not_be_taken_moves_nothing(
    place: Place, seen: Preview, kept: dict[str, str]
) -> None:
    torn = place.drafts / "hỏng.xlsx"
    torn.write_bytes(b"PK\x03\x04 torn")
    again = place.home.path / "inbox" / "MAU.A2.xlsx"
    with open_run(place.settings) as run:
        unreadable, repeated = preview(run, torn), preview(run, again)
    assert (unreadable.status, unreadable.moved) == ("unreadable", None)
    assert len(unreadable.findings) == 1
    assert (repeated.status, repeated.moved) == ("repeated", None)
    assert digests(place.home) == kept


def test_diff_tells_afterwards_what_the_preview_told_before(
    place: Place, seen: Preview, correction: Path
) -> None:
    place.send(correction)
    with open_run(place.settings) as run:
        take_in(run)
        zone = run.programme.timezone
        before, after = (state_at(text, zone, AS_OF) for text in (BEFORE, AFTER))
        moved = compare(run, before, after)
    check_moves(moved)
    assert seen.moved is not None
    for name in ("observations", "totals", "ranks", "verdicts"):
        pd.testing.assert_frame_equal(getattr(moved, name), getattr(seen.moved, name))


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["--from", "hôm qua", "--to", "2026-03-20"], "neither a day nor a moment"),
        (["--from", "2026-03-21", "--to", "2026-03-20"], "swap --from and --to"),
    ],
)
def test_what_cannot_be_compared_says_why(
    place: Place, words: list[str], why: str
) -> None:
    places = ["--programme", str(place.settings.programme), "--home"]
    result = CliRunner().invoke(app, ["diff", *words, *places, str(place.home.path)])
    assert why in str(result.exception)


def test_diff_on_the_terminal_and_as_json(
    place: Place, seen: Preview, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both commands print what the steps gave; the builds are not made again."""
    monkeypatch.setattr("orchestration.steps.compare.compare", lambda *_: seen.moved)
    words = ["diff", "--from", BEFORE, "--to", AFTER, "--programme"]
    words += [str(place.settings.programme), "--home", str(place.home.path)]
    shown = CliRunner().invoke(app, words, env={"COLUMNS": "200"})
    assert shown.exit_code == 0, shown.output
    for text in ("đính chính", "A1 đính chính.xlsx Biểu D13", "MT-03", "Không đạt"):
        assert text in shown.output
    answer = CliRunner().invoke(app, [*words, "--json"])
    facts: dict[str, Any] = json.loads(answer.stdout)
    assert facts["counts"]["observations"] == 1
    assert facts["observations"][0]["value_now"] == 1
    assert facts["from"] == {
        "known_on": "2026-03-20 08:59:59+00:00",
        "as_of": "2026-03-20",
    }
    assert facts["to"]["known_on"] == "2026-03-20 16:59:59.999999+00:00"
