"""As known on: any past state, whatever order deliveries were processed in.

Random deliveries go through real ledgers, landing and load in several orders; the
answers of the models are held against a plain walk over the deliveries.
"""

from __future__ import annotations

import datetime as dt
import json
import random
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import jinja2
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.helpers.compiled_models import CompiledModels
from tests.helpers.dbt_run import PROJECT
from tests.helpers.warehouse_frames import no_findings, reference, sha, submission
from warehouse.home import Home
from warehouse.landing import Landing
from warehouse.ledger import Ledger
from warehouse.load import sync
from warehouse.raw_schema import OBSERVATION, RECORDED, TABLES

FIRST = dt.datetime(2024, 1, 5, tzinfo=dt.UTC)
MINUTES = 40 * 24 * 60
DAYS_ASKED = 50
AS_OF = dt.date(2024, 6, 1)
UNITS, PERIODS = ("A", "B"), ("civil-2023-Y", "civil-2024-Y")
PROCESSING = {"recorded_at", "first_seen_at", "content_digest"}
"""When we did something, and the digest that knows when a report was judged; all else
must not depend on it."""
EVERYTHING = "9999-12-30 00:00:00"
"""An instant by which all is known: the models are compiled once, for past states."""

Row = tuple[str, str, str, Decimal | None, str]
Answer = set[Row]


@dataclass(frozen=True)
class Seen:
    """A file seen at a time; its bytes say unit, period, status and figures."""

    unit: str
    period: str
    status: str
    figures: tuple[int | None, int | None]
    minute: int

    @property
    def content(self) -> bytes:
        facts = [self.unit, self.period, self.status, *self.figures]
        return json.dumps(facts).encode()

    @property
    def moment(self) -> dt.datetime:
        return FIRST + dt.timedelta(minutes=self.minute)


figures = st.one_of(st.none(), st.integers(0, 3))
seen = st.builds(
    Seen,
    unit=st.sampled_from(UNITS),
    period=st.sampled_from(PERIODS),
    status=st.sampled_from(("accepted", "accepted", "accepted", "rejected", "held")),
    figures=st.tuples(figures, figures),
    # half of the range is five moments, so that many come at the same one
    minute=st.one_of(st.sampled_from((0, 60, 1440, 2880, 9999)), st.integers(0, 50000)),
)


def measured() -> dict[str, pd.DataFrame]:
    """The reference frames, with a second measure `n` like `m`."""
    frames = reference()
    for table in ("ref_measure", "ref_indicator"):
        other = frames[table].assign(indicator_code="n")
        frames[table] = pd.concat([frames[table], other], ignore_index=True)
    return frames


def read(landing: Landing, hashes: Sequence[str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """What a reader and gate 1 make of landed bytes: submissions, observations."""
    submissions, observations = [], []
    for sha256 in hashes:
        unit, period, status, *values = json.loads(landing.get(sha256))
        row = submission("x", unit=unit, period=period, status=status)
        identifier = sha(sha256)[:32]
        row |= {"submission_id": identifier, "delivery_sha256": sha256}
        submissions.append(row)
        observations += [
            {
                "submission_id": identifier,
                "measure_code": measure,
                "value": None if value is None else Decimal(value),
                "observation_status": "missing" if value is None else "reported",
                "qualifier": None,
                "raw_text": str(value),
                "sheet": "Biểu",
                "cell": cell,
            }
            for measure, cell, value in zip("mn", ("B2", "B3"), values, strict=True)
        ]
    frame = pd.DataFrame(observations, dtype=object)
    return pd.DataFrame(submissions), frame.assign(row_id=range(len(frame)))


def replay(folder: Path, empty: Path, runs: Sequence[Sequence[Seen]]) -> Home:
    """Processes the files run by run; gives the home, its schema raw loaded."""
    home = Home(folder)
    home.create()
    shutil.copy(empty, folder / "ledger.sqlite")
    ledger, landing = Ledger.open(home.ledger_url), Landing(home)
    try:
        for files in runs:
            process(ledger, landing, files)
            sync(
                home,
                "demo",
                measured(),
                ledger,
                lambda wanted: read(landing, list(wanted.delivery_sha256))[1],
            )
    finally:
        ledger.close()
    return home


def raw_of(home: Home, tables: Iterable[str] = TABLES) -> dict[str, pd.DataFrame]:
    """Schema raw, or these tables of it."""
    with duckdb.connect(str(home.build_db), read_only=True) as connection:
        return {
            table: pd.DataFrame(
                connection.execute(f"from raw.{table}").fetchall(),
                columns=list(TABLES[table]),
                dtype=object,
            )
            for table in tables
        }


def loaded(home: Home) -> dict[str, list[tuple[Any, ...]]]:
    """All that was loaded of deliveries, without when we did it."""
    frames = raw_of(home, (*RECORDED, *OBSERVATION))
    kept = {t: f.drop(columns=list(PROCESSING & set(f))) for t, f in frames.items()}
    return {
        table: sorted(frame.itertuples(index=False, name=None), key=repr)
        for table, frame in kept.items()
    }


def process(ledger: Ledger, landing: Landing, files: Sequence[Seen]) -> None:
    """Receives the files of one run and judges those that are new."""
    rows = [
        {
            "programme_code": "demo",
            "source_code": "inbox",
            "origin": f"file:///in/{file.minute}-{sha256}.xlsx",
            "file_name": "x.xlsx",
            "size_bytes": len(file.content),
            "modified_at": file.moment,
            "delivery_sha256": sha256,
        }
        for file, sha256 in ((file, landing.put(file.content)[0]) for file in files)
    ]
    ledger.record_deliveries(pd.DataFrame(rows), {}, "demo")
    pending = list(ledger.pending_deliveries("demo").delivery_sha256)
    if pending:
        batch, observations = read(landing, pending)
        nobody = pd.Series([], dtype="int64")
        ledger.record_judgement("demo", batch, no_findings(), observations, nobody)


def oracle(files: Sequence[Seen], moment: dt.datetime) -> Answer:
    """Walks over what was received by then (UTC); no table, no interval."""
    received: dict[bytes, Seen] = {}
    for file in sorted(files, key=lambda f: f.minute):
        received.setdefault(file.content, file)  # the same bytes again are not news
    in_force: dict[tuple[str, str], Seen] = {}
    for file in sorted(received.values(), key=lambda f: (f.minute, sha_of(f))):
        if file.moment.replace(tzinfo=None) <= moment and file.status == "accepted":
            in_force[file.unit, file.period] = file
    return {
        (
            file.unit,
            file.period,
            measure,
            None if value is None else Decimal(value),
            "missing" if value is None else "reported",
        )
        for file in in_force.values()
        for measure, value in zip("mn", file.figures, strict=True)
    }


def sha_of(file: Seen) -> str:
    return sha(file.content.decode())


def as_known_on_statement() -> str:
    """The statement that dbt runs after building the history."""
    text = (PROJECT / "macros" / "dialect.sql").read_text(encoding="utf-8")
    macros: Any = jinja2.Environment(autoescape=False).from_string(text).module
    history = SimpleNamespace(schema="marts", identifier="fct_observation_history")
    statement: str = macros.duckdb__create_as_known_on(history)
    return statement


def answer(
    connection: duckdb.DuckDBPyConnection, relation: str, *values: Any
) -> Answer:
    columns = "unit_code, period_key, indicator_code, value, observation_status"
    rows = connection.execute(f"select {columns} from {relation}", values).fetchall()
    assert len(rows) == len(set(rows))
    return set(rows)


@pytest.fixture(scope="module")
def empty_ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A migrated ledger with nothing in it, to be copied: migrating takes longer."""
    path = tmp_path_factory.mktemp("ledger") / "ledger.sqlite"
    Ledger.open(f"sqlite:///{path}").close()
    yield path


@settings(max_examples=4, suppress_health_check=[HealthCheck.too_slow])
@given(
    files=st.lists(seen, min_size=8, max_size=24),
    chance=st.randoms(use_true_random=False),
    seed=st.integers(0, 2**32),
)
def test_any_order_of_processing_gives_the_same_past(
    compiled: CompiledModels,
    empty_ledger: Path,
    files: list[Seen],
    chance: random.Random,
    seed: int,
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        first = replay(Path(folder, "first"), empty_ledger, [files])
        for name, cut in (("at once", 0), ("in two runs", len(files) // 2)):
            order = chance.sample(files, len(files))
            runs = [part for part in (order[:cut], order[cut:]) if part]
            other = replay(Path(folder, name), empty_ledger, runs)
            assert loaded(other) == loaded(first), name
        raw = raw_of(first)
    dice = random.Random(seed)
    days = [
        FIRST + dt.timedelta(minutes=dice.randint(-60, MINUTES))
        for _ in range(DAYS_ASKED)
    ]
    edges = [f.moment + dt.timedelta(microseconds=m) for f in files for m in (-1, 0)]
    asked = [moment.replace(tzinfo=None) for moment in (*days, *edges)]
    models = ["fct_observation", "fct_observation_history"]
    with compiled.run(raw, models, AS_OF, known_on=EVERYTHING) as connection:
        connection.execute(as_known_on_statement())
        for moment in asked:
            known = answer(connection, "marts.as_known_on(?)", moment)
            assert known == oracle(files, moment), moment
        now = answer(connection, "marts.fct_observation")
        assert now == oracle(files, dt.datetime.max)
    # the models built as known then tell of the same values
    moment = dice.choice(asked)
    with compiled.run(raw, models[:1], AS_OF, known_on=str(moment)) as connection:
        past = answer(connection, "marts.fct_observation")
    assert past == oracle(files, moment)
