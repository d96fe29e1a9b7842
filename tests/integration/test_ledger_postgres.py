"""The ledger on Postgres is the ledger on SQLite, and stands writers side by side."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import cast

import pandas as pd
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, Table, inspect

from tests.helpers.warehouse_frames import (
    moment,
    no_findings,
    observations,
    origins,
    record,
    sha,
    submission,
)
from warehouse.errors import LedgerError
from warehouse.ledger import (
    Ledger,
    models_sources,  # noqa: F401 - its tables are compared
)
from warehouse.ledger.base import Base
from warehouse.ledger.engine import open_engine
from warehouse.ledger.models import DeliveryOrigin
from warehouse.ledger.waivers import reopen, waive

NOW = dt.datetime(2025, 3, 1, 7, 30, 15, 123456, tzinfo=dt.UTC)


def clock() -> dt.datetime:
    return NOW


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'ledger.sqlite'}"
    return cast(str, request.getfixturevalue("postgres_url"))


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    opened = open_engine(url)
    yield opened
    opened.dispose()


def play(ledger: Ledger) -> dict[str, pd.DataFrame]:
    """A programme's life: corrections, refusals, a late arrival, a second judgement."""
    first = [
        (submission("a1"), 1),
        (submission("a2"), 4),
        (submission("b1", "B", "rejected"), 2),
        (submission("lost", None, "rejected"), 3),
    ]
    record(ledger, first, quarantined=(1,))
    record(ledger, [(submission("a0"), 0), (submission("b2", "B", "held"), 5)])
    record(ledger, first, quarantined=(1,))
    ledger.record_deliveries(origins(("a2", 2), ("waiting", 9)), {"api": "c1"}, "demo")
    members = pd.DataFrame(
        {
            "programme_code": "demo",
            "code_list": "offence",
            "member_code": ["01", "02", "01"],
            "name": ["Trộm cắp", "Cướp", "Trộm"],
            "period_key": ["police-2023-Y", "police-2023-Y", "police-2022-Y"],
        }
    )
    ledger.record_members(members)
    doubts = ledger.findings("demo")
    doubts = doubts.finding_id[doubts.status.eq("open")]
    waive(ledger, list(doubts[:2]), "Lan", "đúng")
    reopen(ledger, doubts.iloc[1], "Minh", "nhầm")
    ledger.record_publication("p1", "demo", moment(9), dt.date(2025, 1, 1))
    return {
        "deliveries": ledger.deliveries("demo"),
        "pending": ledger.pending_deliveries("demo"),
        "origins": ledger.known_origins("demo"),
        "pulled": ledger.pulled("demo"),
        "submissions": ledger.submissions("demo"),
        "findings": ledger.findings("demo"),
        "quarantined": ledger.quarantined("demo"),
        "kept": ledger.kept_counts("demo").sort_values(
            "submission_id", ignore_index=True
        ),
        "current": ledger.current_counts("demo"),
        "members": ledger.members("demo"),
    }


def test_both_databases_say_the_same(tmp_path: Path, postgres_url: str) -> None:
    one = Ledger.open(f"sqlite:///{tmp_path / 'ledger.sqlite'}", clock)
    other = Ledger.open(postgres_url, clock)
    here, there = play(one), play(other)
    assert one.last_publication() == other.last_publication()
    assert one.state_token().split("-")[1] == other.state_token().split("-")[1]
    one.close()
    other.close()
    assert list(here) == list(there)
    for name, frame in here.items():
        pd.testing.assert_frame_equal(frame, there[name], obj=name)


def test_migrations_make_exactly_the_models(engine: Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_every_column_keeps_instants_with_their_zone(engine: Engine) -> None:
    table = cast(Table, DeliveryOrigin.__table__)
    columns = {c["name"]: c for c in inspect(engine).get_columns(table.name)}
    if engine.dialect.name == "postgresql":
        assert columns["modified_at"]["type"].timezone  # type: ignore[attr-defined]
    ledger = Ledger(engine, clock)
    hanoi = dt.timezone(dt.timedelta(hours=7))
    row = origins(("one", 0)).assign(
        modified_at=dt.datetime(2024, 1, 1, 6, 59, tzinfo=hanoi)
    )
    ledger.record_deliveries(row, {}, "demo")
    (received,) = ledger.deliveries("demo").received_at
    assert received.isoformat() == "2023-12-31T23:59:00+00:00"


def test_many_may_open_a_new_ledger_at_once(url: str) -> None:
    with ThreadPoolExecutor(6) as pool:
        ledgers = list(pool.map(lambda _: Ledger.open(url), range(6)))
    assert len({ledger.state_token() for ledger in ledgers}) == 1
    for ledger in ledgers:
        ledger.close()


def test_writers_side_by_side_lose_nothing_and_rank_rightly(url: str) -> None:
    def work(number: int) -> None:
        ledger = Ledger.open(url)
        for turn in range(4):
            hour = number * 4 + turn
            record(ledger, [(submission(f"file{hour}"), hour)])
        ledger.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    ledger = Ledger.open(url)
    submissions = ledger.submissions("demo")
    token = ledger.state_token()
    ledger.close()
    assert list(submissions.version) == list(range(1, 17))
    assert list(submissions.status) == ["superseded"] * 15 + ["accepted"]
    assert token.endswith("-32")


def test_a_batch_larger_than_one_list_of_parameters_is_recorded(url: str) -> None:
    count = 6_000  # more than one IN list holds
    ledger = Ledger.open(url)
    batch = pd.DataFrame([submission(f"f{n}", f"U{n}") for n in range(count)])
    ledger.record_deliveries(origins(*((f"f{n}", n) for n in range(count))), {}, "demo")
    values = observations(batch)
    ledger.record_judgement("demo", batch, no_findings(), values, values.row_id[:3_000])
    assert len(ledger.submissions("demo")) == count
    assert len(ledger.quarantined("demo")) == 3_000
    ledger.close()


def test_an_unknown_database_is_named_without_the_password(postgres_url: str) -> None:
    wrong = postgres_url.rsplit("/", 1)[0] + "/nowhere"
    password = wrong.split(":")[2].split("@")[0]
    with pytest.raises(LedgerError, match=r"nowhere.*cannot be opened") as caught:
        Ledger.open(wrong)
    assert password not in str(caught.value)


def test_hostile_texts_fit_postgres(postgres_url: str) -> None:
    ledger = Ledger.open(postgres_url)
    record(ledger, [(submission("one", "A\x00" + "x" * 40_000, "rejected"), 0)])
    assert ledger.submissions("demo").unit_code[0].startswith("A\ufffdxx")
    assert list(ledger.deliveries("demo").delivery_sha256) == [sha("one")]
    ledger.close()
